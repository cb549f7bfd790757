package metrics

import (
	"strconv"
	"time"

	"assetgraph/internal/executor"
)

// Of returns the metrics of a run or plan that began.
func Of(r *executor.Report) []Section {
	sections := []Section{ofRun(r)}
	for i := range r.Instances {
		sections = append(sections, ofInstance(&r.Instances[i], r))
	}
	if r.Coverage != nil {
		sections = append(sections, ofDerived(r))
	}
	return sections
}

// Failed returns the metrics of a run that failed at that time, before it began.
func Failed(at time.Time) []Section {
	return []Section{ofRun(&executor.Report{
		Run: executor.RunInfo{Status: executor.StatusFailed, StartedAt: at, FinishedAt: at},
	})}
}

func ofRun(r *executor.Report) (s Section) {
	s.choose("assetgraph_run_status", r.Run.Status, statuses())
	s.set("assetgraph_run_plan", truth(r.Run.Plan))
	s.set("assetgraph_run_start_timestamp_seconds", timestamp(r.Run.StartedAt))
	s.set("assetgraph_run_end_timestamp_seconds", timestamp(r.Run.FinishedAt))
	for phase, seconds := range map[string]float64{
		"collect": r.Phases.Collect, "compare": r.Phases.Compare, "correlate": r.Phases.Correlate,
		"apply": r.Phases.Apply, "findings": r.Phases.Findings,
	} {
		s.set("assetgraph_run_phase_duration_seconds", seconds, phase)
	}
	for _, types := range []map[string]executor.Counts{r.Entities, r.Relationships} {
		for name, c := range types {
			s.set("assetgraph_run_changes", float64(c.Created), name, "created")
			s.set("assetgraph_run_changes", float64(c.Updated), name, "updated")
			s.set("assetgraph_run_changes", float64(c.Refreshed), name, "refreshed")
			s.set("assetgraph_run_changes", float64(c.Deleted), name, "deleted")
		}
	}
	s.set("assetgraph_run_warnings", float64(len(r.Warnings)))
	return s
}

func ofInstance(in *executor.InstanceReport, r *executor.Report) Section {
	name := in.Instance
	s := Section{about: name, open: in.LastSuccessfulAt == nil}
	if in.Vendor != "" {
		s.set("assetgraph_instance_info", 1, name, in.Vendor)
	}
	s.choose("assetgraph_instance_status", in.Status, statuses(), name)
	if in.LastSuccessfulAt != nil {
		s.set("assetgraph_instance_last_success_timestamp_seconds", timestamp(*in.LastSuccessfulAt), name)
	}
	s.steps(name, r.Steps)
	s.withheld(name, r)
	for status, n := range in.Requests.Answers {
		text := "none"
		if status != 0 {
			text = strconv.Itoa(status)
		}
		s.set("assetgraph_instance_requests", float64(n), name, text)
	}
	s.set("assetgraph_instance_request_retries", float64(in.Requests.Retries), name)
	s.set("assetgraph_instance_request_wait_seconds", in.Requests.WaitedSeconds, name, "retry")
	s.set("assetgraph_instance_request_wait_seconds", in.Requests.PacedSeconds, name, "pace")
	return s
}

func (s *Section) steps(instance string, steps []executor.StepReport) {
	incomplete := 0
	for _, step := range steps {
		if step.Instance != instance || step.Excused() {
			continue
		}
		complete := step.Status == executor.StatusComplete
		if !complete {
			incomplete++
		}
		s.set("assetgraph_step_records", float64(step.Records), instance, step.Step)
		s.set("assetgraph_step_complete", truth(complete), instance, step.Step)
		s.set("assetgraph_step_duration_seconds", step.Seconds, instance, step.Step)
	}
	s.set("assetgraph_instance_incomplete_steps", float64(incomplete), instance)
}

func (s *Section) withheld(instance string, r *executor.Report) {
	for _, w := range r.Waiting(instance) {
		s.set("assetgraph_instance_withheld_deletes", float64(w.Deletes), instance, w.Type)
	}
}

// ofDerived tells of what is derived from all instances.
func ofDerived(r *executor.Report) Section {
	s := Section{about: derived}
	s.withheld(derived, r)
	for _, c := range r.Coverage.ByCustomer {
		s.set("assetgraph_coverage_machines", float64(c.Machines), c.Organization)
		for tool, n := range c.With {
			s.set("assetgraph_coverage_machines_with", float64(n), c.Organization, tool)
		}
	}
	for i := range r.Coverage.Gaps {
		g := &r.Coverage.Gaps[i]
		s.set("assetgraph_coverage_gaps", float64(g.Missing), g.Tool)
		if w := g.Work; w != nil {
			s.set("assetgraph_coverage_failing_machines", float64(w.Failing), g.Tool)
			s.set("assetgraph_coverage_unknown_machines", float64(w.Unknown), g.Tool)
		}
	}
	s.set("assetgraph_coverage_complete_machines", float64(r.Coverage.Complete))
	return s
}

// timestamp is a time as Prometheus has it.
func timestamp(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
