package notify

import (
	"fmt"
	"slices"
	"strings"

	"assetgraph/internal/executor"
	"assetgraph/internal/plaintext"
)

// A Finding is something that people have to know for as long as it lasts.
type Finding struct {
	ID      string   `json:"id"`   // the same for as long as it lasts, and when it comes back
	Kind    string   `json:"kind"` // one of Kinds
	Subject string   `json:"subject"`
	Title   string   `json:"title"`
	Details []string `json:"details"`
	Command string   `json:"command"` // that does something about it; "" for none
	Mark    string   `json:"mark"`    // another one means that the finding has changed
}

// A verdict is what a run says of the findings about one thing: those that are there, and of which ids it could tell
// that they are not.
type verdict struct {
	open   []Finding
	closed []string
}

// say notes whether a finding is there. Where known is false the run can't tell that it is not.
func (v *verdict) say(f Finding, there, known bool) {
	switch {
	case there:
		v.open = append(v.open, f)
	case known:
		v.closed = append(v.closed, f.ID)
	}
}

// ofInstance judges an instance. A run that could not read it says nothing of what is withheld, and one that read a part
// can't tell that nothing is.
func ofInstance(in *executor.InstanceReport, r *executor.Report, approve func([]string) string) (v verdict) {
	whole := in.Status == executor.StatusComplete || in.Status == executor.StatusWithheld
	v.say(Finding{
		ID: Failed + ":" + in.Instance, Kind: Failed, Subject: in.Instance,
		Title: in.Instance + " can't be read", Details: []string{in.Error},
	}, in.Status == executor.StatusFailed, true)
	v.say(incomplete(in.Instance, r.Steps), in.Status == executor.StatusIncomplete, whole)
	f := withheld(in.Instance, r.Waiting(in.Instance), approve)
	v.say(f, len(f.Details) > 0, whole)
	return v
}

// incomplete changes with the lists that are, not with what their errors say: texts of providers hold times and ids.
func incomplete(instance string, steps []executor.StepReport) Finding {
	f := Finding{ID: Incomplete + ":" + instance, Kind: Incomplete, Subject: instance}
	var names []string
	for _, s := range steps {
		if s.Instance == instance && s.Status != executor.StatusComplete && !s.Excused() {
			names = append(names, s.Step)
			f.Details = append(f.Details, s.Step+": "+s.Error)
		}
	}
	f.Title = fmt.Sprintf("%s of %s not read to the end: nothing of it is deleted", count(len(names), "list"), instance)
	slices.Sort(names)
	f.Mark = strings.Join(names, " ")
	return f
}

// withheld changes with the sets of deletes that wait.
func withheld(instance string, list []executor.Withheld, approve func([]string) string) Finding {
	f := Finding{ID: Withheld + ":" + instance, Kind: Withheld, Subject: instance}
	total := 0
	var approvals, marks []string
	for i := range list {
		w := &list[i]
		total += w.Deletes
		f.Details = append(f.Details, waiting(w))
		marks = append(marks, fmt.Sprintf("%s %d %s", w.Type, w.Deletes, w.Approval))
		if w.Approval != "" && !slices.Contains(approvals, w.Approval) {
			approvals = append(approvals, w.Approval)
		}
	}
	f.Title = fmt.Sprintf("%s of %s withheld", count(total, "delete"), instance)
	if len(approvals) > 0 {
		f.Title += ": they wait for approval"
		f.Command = approve(approvals)
	}
	slices.Sort(marks)
	f.Mark = strings.Join(marks, "; ")
	return f
}

// waiting says which deletes of one type wait, why, and whose they are.
func waiting(w *executor.Withheld) string {
	text := fmt.Sprintf("%s: %d", w.Type, w.Deletes)
	if w.Population > 0 {
		text += fmt.Sprintf(" of %d", w.Population)
	}
	text += " (" + plaintext.Clip(w.Reason, plaintext.Part) + ")"
	var customers []string
	for _, c := range w.Customers {
		name := c.Organization
		if name == "" {
			name = "no customer"
		}
		customers = append(customers, fmt.Sprintf("%s %d", name, c.Machines))
	}
	if len(customers) > 0 {
		text += ": " + strings.Join(customers, ", ")
	}
	return text
}

// neverBegan is what stands for a run that could not begin, or could not use its graph.
func neverBegan(err error) Finding {
	return Finding{
		ID: Failed + ":run", Kind: Failed, Subject: "run", Title: "Runs of assetgraph can't begin, or can't use the graph",
		Details: []string{plaintext.Clip(err.Error(), plaintext.Message)},
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
