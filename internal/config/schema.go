package config

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/invopop/jsonschema"

	"assetgraph/internal/notify"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// Schema returns a JSON Schema of the configuration file, made from what the providers declare, so that editors complete
// and check. What it accepts Load accepts, but for what only the whole file can tell.
func Schema(list providers.List) ([]byte, error) {
	root := object("assetgraph", "Configuration of assetgraph; docs/configuration.md")
	root.Version = jsonschema.Version
	root.Definitions = jsonschema.Definitions{"value": valueSchema(), "every": everySchema(), "labels": labelsSchema()}
	graphKeys := object("", "Where the graph lies, with user name and password")
	for _, key := range slices.Sorted(maps.Keys(graphSettings())) {
		graphKeys.Properties.Set(key, described("value", graphSettings()[key]))
	}
	root.Properties.Set("graph", &jsonschema.Schema{
		Description: settings.Graph()[0].Help, AnyOf: []*jsonschema.Schema{ref("value"), graphKeys},
	})
	for _, key := range slices.Sorted(maps.Keys(ProgramSettings())) {
		root.Properties.Set(key, described("value", ProgramSettings()[key]))
	}
	root.Properties.Set("include", texts("Other files with instances, as patterns such as conf.d/*.yaml, from this file's folder"))
	root.Properties.Set("age", texts("Public keys (age1…) to which `config encrypt` encrypts"))
	root.Properties.Set("notify", notifySchema())
	defaults := object("", "What holds for all instances that say nothing else")
	defaults.Properties.Set("every", ref("every"))
	defaults.Properties.Set("labels", ref("labels"))
	instance := &jsonschema.Schema{Description: "One account of a product"}
	for _, p := range list {
		defaults.Properties.Set(p.Name, providerSchema(p, false))
		instance.OneOf = append(instance.OneOf, providerSchema(p, true))
	}
	root.Properties.Set("defaults", defaults)
	root.Properties.Set("instances", &jsonschema.Schema{
		Type: "array", Items: instance, Description: "The accounts that are read, any number of each product",
	})
	return json.MarshalIndent(root, "", "  ")
}

// providerSchema is the settings of a provider, of a whole instance or as defaults.
func providerSchema(p providers.Provider, whole bool) *jsonschema.Schema {
	s := object(p.Title, p.Guide)
	if whole {
		s.Properties.Set("name", &jsonschema.Schema{
			Type: "string", Pattern: "^[a-z0-9][a-z0-9._-]{0,62}$",
			Description: "Name of the instance: keys in the graph, locks and reports go by it",
		})
		s.Properties.Set("provider", &jsonschema.Schema{Const: p.Name})
		s.Properties.Set("every", ref("every"))
		s.Properties.Set("labels", ref("labels"))
		s.Required = []string{"name", "provider"}
	}
	for _, one := range p.Settings {
		key := KeyOf(one, p.Family.Prefix)
		property := described("value", one)
		if one.List {
			property = &jsonschema.Schema{
				Description: one.Help, AnyOf: []*jsonschema.Schema{ref("value"), texts("")},
			}
		}
		s.Properties.Set(key, property)
		if whole && one.Required && one.Instead == "" {
			s.Required = append(s.Required, key)
		}
	}
	return s
}

func object(title, description string) *jsonschema.Schema {
	return &jsonschema.Schema{
		Title: title, Description: description, Type: "object", Properties: jsonschema.NewProperties(),
		AdditionalProperties: jsonschema.FalseSchema,
	}
}

func ref(name string) *jsonschema.Schema { return &jsonschema.Schema{Ref: "#/$defs/" + name} }

func described(name string, s settings.Setting) *jsonschema.Schema {
	out := ref(name)
	out.Description = s.Help
	return out
}

func texts(description string) *jsonschema.Schema {
	text := &jsonschema.Schema{Type: "string"}
	return &jsonschema.Schema{
		Description: description, AnyOf: []*jsonschema.Schema{text, {Type: "array", Items: text}},
	}
}

// valueSchema is a text, or where one is to be had.
func valueSchema() *jsonschema.Schema {
	one := func(key, description string, s *jsonschema.Schema) *jsonschema.Schema {
		o := object("", description)
		s.Description = description
		o.Properties.Set(key, s)
		o.Required = []string{key}
		return o
	}
	least := uint64(1)
	return &jsonschema.Schema{
		Description: "A text, in which ${NAME} stands for an environment variable, or where the text is to be had",
		AnyOf: []*jsonschema.Schema{
			{Type: "string"}, {Type: "number"}, {Type: "boolean"},
			one("file", "A file that holds the value", &jsonschema.Schema{Type: "string"}),
			one("command", "A program and its arguments that print the value; no shell reads them",
				&jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}, MinItems: &least}),
			one("age", "The value as config encrypt wrote it", &jsonschema.Schema{Type: "string"}),
		},
	}
}

func everySchema() *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "string", Pattern: `^[0-9][0-9.hmsdw]*$`, Description: "How often it is due: 30m, 1h, 1d",
	}
}

func labelsSchema() *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "object", Description: "What people call it, such as {region: emea}",
		AdditionalProperties: &jsonschema.Schema{
			AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}},
		},
	}
}

func notifySchema() *jsonschema.Schema {
	target := object("", "Whom to tell what happens")
	target.Properties.Set("url", ref("value"))
	target.Properties.Set("secret", ref("value"))
	target.Properties.Set("format", &jsonschema.Schema{Enum: anys(notify.Formats())})
	event := &jsonschema.Schema{Enum: anys(notify.Kinds())}
	target.Properties.Set("on", &jsonschema.Schema{
		AnyOf: []*jsonschema.Schema{event, {Type: "array", Items: event}},
	})
	target.Required = []string{"url"}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{target, {Type: "array", Items: target}}}
}

func anys(texts []string) (out []any) {
	for _, t := range texts {
		out = append(out, t)
	}
	return out
}
