package metrics

import "assetgraph/internal/correlate"

// A Family declares the metrics of one name.
type Family struct {
	Name   string
	Labels []string
	Help   string
}

// instanceLabel names the configured instance that a metric is about. Prometheus keeps `instance` for what it scrapes.
const instanceLabel = "provider_instance"

// derived is the instance that owns what is derived from all others.
const derived = correlate.Integration

// Families returns the declarations of all metrics, in the order in which documentation shows them.
func Families() []Family {
	of := func(labels ...string) []string { return append([]string{instanceLabel}, labels...) }
	return []Family{
		{"assetgraph_run_status", []string{"status"}, "1 for how the last run ended (complete, incomplete, withheld, failed), 0 for each other way. A run that failed before it began, such as by its settings, is failed."},
		{"assetgraph_run_plan", nil, "1 when the figures are of a plan, which writes nothing, else 0."},
		{"assetgraph_run_start_timestamp_seconds", nil, "When the last run began."},
		{"assetgraph_run_end_timestamp_seconds", nil, "When the last run ended, however it did."},
		{"assetgraph_run_phase_duration_seconds", []string{"phase"}, "How long each phase of the last run took: collect, compare, correlate, apply, findings."},
		{"assetgraph_run_changes", []string{"type", "change"}, "Entities and relationships of a type that the last run changed in the graph: created, updated, refreshed (times alone moved), deleted."},
		{"assetgraph_run_warnings", nil, "Warnings of the last run."},

		{"assetgraph_instance_info", of("vendor"), "1 for each instance that the last run worked on, with its product."},
		{"assetgraph_instance_status", of("status"), "1 for how the last run went for the instance (complete, incomplete, withheld, failed), 0 for each other way."},
		{"assetgraph_instance_last_success_timestamp_seconds", of(), "When a run last ended that read all of the instance, as the graph knows it. Absent until one has."},
		{"assetgraph_instance_incomplete_steps", of(), "Lists of the instance that the last run did not read to their end, the sign-in among them. Lists that people leave out do not count."},
		{"assetgraph_instance_withheld_deletes", of("type"), "Deletes of a type that the last run kept back and that somebody has to look at; not those that only wait for their list to be read whole. Those of what is derived are of the instance assetgraph."},
		{"assetgraph_instance_requests", of("status"), "Requests of the last run to the instance by HTTP status of the answer, none for those without one; requests for tokens as well."},
		{"assetgraph_instance_request_retries", of(), "Requests of the last run that were sent again, since asking once more might help."},
		{"assetgraph_instance_request_wait_seconds", of("reason"), "What requests of the last run waited, summed over all of them: retry before they were sent again, pace for their turn under the provider's limits."},
		{"assetgraph_step_records", of("step"), "Records that the last run read of a list."},
		{"assetgraph_step_complete", of("step"), "1 when the last run read the list to its end, else 0. Absent for lists that people leave out."},
		{"assetgraph_step_duration_seconds", of("step"), "How long reading the list took."},

		{"assetgraph_coverage_machines", []string{"customer"}, "Machines of a customer that the graph holds; customer is empty for machines of none."},
		{"assetgraph_coverage_machines_with", []string{"customer", "tool"}, "Machines of a customer that have a tool."},
		{"assetgraph_coverage_gaps", []string{"tool"}, "Machines of all customers that lack a tool."},
		{"assetgraph_coverage_failing_machines", []string{"tool"}, "Machines of all customers that have a tool which is known not to do its work there. Absent for tools of which no product tells."},
		{"assetgraph_coverage_unknown_machines", []string{"tool"}, "Machines of all customers that have a tool of which nobody knows whether it does its work there."},
		{"assetgraph_coverage_complete_machines", nil, "Machines of all customers that lack no tool, and on which none is known not to do its work."},
	}
}
