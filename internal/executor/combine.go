package executor

import (
	"maps"
	"slices"

	"assetgraph/collectors"
	"assetgraph/internal/plaintext"
)

// Combine makes one report of those of several runs of one process, in their order: counts add up, lists follow one another,
// the status is that of one run that did all of it, phases are those of all runs together, coverage is the last that any of them has, and so are the
// findings that there are. The
// identity is that of info; times are the caller's.
func Combine(info RunInfo, reports []*Report) *Report {
	out := &Report{
		Run: info, Entities: map[string]Counts{}, Relationships: map[string]Counts{}, Steps: []StepReport{},
		Instances: []InstanceReport{}, Withheld: []Withheld{}, Warnings: []string{},
	}
	out.Run.Verified = len(reports) > 0
	for _, r := range reports {
		out.Totals = out.Totals.plus(r.Totals)
		summary := RunSummary{
			ID: r.Run.ID, StartedAt: r.Run.StartedAt, FinishedAt: r.Run.FinishedAt, Status: r.Run.Status,
			Totals: r.Totals,
		}
		for _, in := range r.Instances {
			summary.Instance = in.Instance
		}
		out.Runs = append(out.Runs, summary)
		add(out.Entities, r.Entities)
		add(out.Relationships, r.Relationships)
		out.Steps = append(out.Steps, r.Steps...)
		out.Instances = append(out.Instances, r.Instances...)
		out.Withheld = append(out.Withheld, r.Withheld...)
		out.Refused = append(out.Refused, r.Refused...)
		for _, w := range r.Warnings {
			if !slices.Contains(out.Warnings, w) {
				out.Warnings = append(out.Warnings, w)
			}
		}
		out.Phases.Collect += r.Phases.Collect
		out.Phases.Compare += r.Phases.Compare
		out.Phases.Apply += r.Phases.Apply
		out.Phases.Correlate += r.Phases.Correlate
		out.Phases.Findings += r.Phases.Findings
		if r.Coverage != nil {
			out.Coverage = r.Coverage
		}
		out.Findings = r.Findings.After(out.Findings)
		out.Run.Verified = out.Run.Verified && r.Run.Verified
	}
	out.Run.Status = runStatus(out, nil)
	return out
}

func add(to, from map[string]Counts) {
	for name := range maps.Keys(from) {
		to[name] = to[name].plus(from[name])
	}
}

// Unread returns the report of a run of one instance that could not begin, such as by its settings.
func Unread(info RunInfo, instance string, err error) *Report {
	info.Status, info.FinishedAt = StatusFailed, info.StartedAt
	out := Combine(info, nil)
	out.Run = info
	out.Instances = append(out.Instances, InstanceReport{
		Instance: instance, Status: StatusFailed, Error: plaintext.Clip(err.Error(), plaintext.Message),
		Requests: requestsOf(collectors.TrafficCounts{}),
	})
	return out
}
