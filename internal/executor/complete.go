package executor

import (
	"fmt"
	"slices"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/graph"
)

// desired returns the scopes of one instance: for each type that its converter may produce, whether what was read
// is all there is. A type is complete when every step whose records produce it is complete, and every step that such
// a step needs; a relationship type when its ends are complete as well.
func desired(in *Instance, reports []StepReport) []differ.Desired {
	steps := in.Collector.Steps()
	why := reasons(steps, reports)
	byType := make(map[string]string)
	var scopes []differ.Desired
	for _, t := range in.Converter.Types { // entities first
		w := typeReason(in.Converter, steps, why, t)
		for _, end := range []string{t.From, t.To} {
			if w == "" && end != "" {
				w = byType[end]
			}
		}
		byType[t.Name] = w
		scopes = append(scopes, differ.Desired{Type: t, Instance: in.Name, Complete: w == "", Why: w})
	}
	return scopes
}

// reasons returns by step why it is not complete, "" when it is.
func reasons(steps []collectors.Step, reports []StepReport) map[string]string {
	why := make(map[string]string, len(steps))
	for _, s := range steps {
		why[s.Name] = "step " + s.Name + " was not run"
		for _, r := range reports {
			if r.Step == s.Name {
				why[s.Name] = reason(r)
			}
		}
	}
	return why
}

func reason(r StepReport) string {
	if r.Status == StatusComplete {
		return ""
	}
	if r.LeftOut() {
		return "step " + r.Step + byChoice
	}
	if r.Status == StatusUnavailable {
		return "step " + r.Step + notAvailable
	}
	return fmt.Sprintf("step %s is %s: %s", r.Step, r.Status, r.Error)
}

// linksRead returns the entity types of an instance of which all links were read.
func linksRead(in *Instance, reports []StepReport) []*graph.Type {
	why := reasons(in.Collector.Steps(), reports)
	var types []*graph.Type
	for _, k := range in.Converter.Kinds {
		if k.Links != nil &&
			stepsReason(in.Collector.Steps(), why, func(kind string) bool { return kind == k.Name }) == "" {
			types = append(types, k.Links)
		}
	}
	return types
}

func typeReason(c *converters.Converter, steps []collectors.Step, why map[string]string, t *graph.Type) string {
	return stepsReason(steps, why, func(kind string) bool { return produces(c, kind, t) })
}

// stepsReason returns why the records of the given kinds are not complete: "" when every step that yields one of them
// is, and every step that such a step needs.
func stepsReason(steps []collectors.Step, why map[string]string, of func(kind string) bool) string {
	read := false
	for _, s := range steps {
		if !slices.ContainsFunc(s.Kinds, of) {
			continue
		}
		read = true
		for _, name := range append([]string{s.Name}, s.Needs...) {
			if w := why[name]; w != "" {
				return w
			}
		}
	}
	if !read {
		return "no step reads it"
	}
	return ""
}

func produces(c *converters.Converter, kind string, t *graph.Type) bool {
	k := c.Kind(kind)
	return k != nil && slices.Contains(k.Produces, t)
}
