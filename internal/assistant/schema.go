package assistant

import (
	"context"
	"slices"

	"assetgraph/internal/modeldoc"
	"assetgraph/internal/report"
)

type schemaArguments struct {
	Types []string `json:"types,omitempty" jsonschema:"types or globs, such as device or *_is_device, of which to list the properties; by default all types without theirs"`
	pages
}

type schemaData struct {
	Types []modeldoc.Type `json:"types" jsonschema:"entities first, then relationships"`
}

func (s *server) addSchema() {
	add(s, "schema", "Types and properties of the graph",
		"The types of entities and relationships; with types, their properties too. Every element has _key, _type, _class, "+
			"_integration (product), _instance, _createdOn and _updatedOn as well.",
		s.schema)
}

func (s *server) schema(_ context.Context, in schemaArguments) (out answer[schemaData], err error) {
	names, err := report.ChosenTypes(s.Source.Schema, in.Types)
	if err != nil {
		return out, err
	}
	m := modeldoc.Of(s.Source.Schema)
	list := slices.Concat(m.Entities, m.Relationships)
	if names != nil {
		list = slices.DeleteFunc(list, func(t modeldoc.Type) bool { return !slices.Contains(names, t.Type) })
	} else {
		for i := range list {
			list[i].Properties = []modeldoc.Property{}
		}
	}
	out.Data.Types, out.Page, err = cut(list, in.pages)
	return out, err
}
