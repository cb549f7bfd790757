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
	why := make(map[string]string, len(steps)) // by step, "" when complete
	for _, s := range steps {
		why[s.Name] = "step " + s.Name + " was not run"
		for _, r := range reports {
			if r.Step == s.Name {
				why[s.Name] = reason(r)
			}
		}
	}
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

func reason(r StepReport) string {
	if r.Status == StatusComplete {
		return ""
	}
	return fmt.Sprintf("step %s is %s: %s", r.Step, r.Status, r.Error)
}

func typeReason(c *converters.Converter, steps []collectors.Step, why map[string]string, t *graph.Type) string {
	read := false
	for _, s := range steps {
		if !slices.ContainsFunc(s.Kinds, func(kind string) bool { return produces(c, kind, t) }) {
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
