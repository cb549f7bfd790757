package providers

import (
	"fmt"
	"strings"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/settings"
)

// A Provider is one product that the program reads.
type Provider struct {
	Name     string // "sentinelone"; also of the instance that the environment's variables configure
	Title    string // as the vendor writes it
	Guide    string // what people prepare at the provider
	Last     string // what is left to do there once all settings are known, where people go wrong; "" for nothing
	Settings []settings.Setting
	Family   settings.Family // of the names of Settings

	// New makes the collector of one instance without contacting it. Its error is a *collectors.SettingError when a
	// setting can't be used.
	New func(instance string, e settings.Environment, o collectors.Options) (Collector, error)

	// Converter returns the table that turns the provider's records into elements.
	Converter func() *converters.Converter
}

// A Collector is a collector that tells which host it reads.
type Collector interface {
	collectors.Collector
	Host() string
}

// skipField is the setting of every provider that is no field of its Config but of its Options.
const skipField = "Skip"

// collectField is that of the parts that people choose, likewise.
const collectField = "Collect"

// partsHelp is the help of a setting that chooses what is read beside machines, customers and people.
func partsHelp(parts []collectors.Part) string {
	var b strings.Builder
	b.WriteString("What is read beside machines, customers and people: names with commas between them, or default, all, none. ")
	for i, p := range parts {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(p.Name)
		if p.Default {
			b.WriteString(" (default)")
		}
		b.WriteString(": " + p.Doc)
	}
	return b.String() + ". What the graph holds of a list that is not chosen stays; properties of machines that come from one are absent."
}

// filterHelp is the help of a setting that narrows what is read to some customers of a list.
func filterHelp(list string) string {
	return "Only these " + list + " are read, and what belongs to them: ids or exact names, with commas between them, a name that has a comma itself in double quotes. What the graph holds of others stays until somebody approves."
}

// A List is the providers that a program knows, in the order in which they are shown. It is made once and not changed.
type List []Provider

// All returns every provider.
func All() List {
	return List{sentinelOne(), ninjaRMM(), immyBot()}
}

// EveryPart returns the settings by which every instance is read with all its parts.
func (l List) EveryPart() settings.Environment {
	e := settings.Environment{}
	for _, p := range l {
		for _, s := range p.Settings {
			if s.Field == collectField {
				e[s.Env] = "all"
			}
		}
	}
	return e
}

// A PartialError says that some but not all of what a provider needs is set.
type PartialError struct {
	Provider string
	Missing  []string // "IMMYBOT_URL (or IMMYBOT_SUBDOMAIN)"
	Set      []string // names of the variables that are set
}

// Error names what is missing.
func (e *PartialError) Error() string {
	return fmt.Sprintf("%s is configured in part: %s %s missing (%s %s set)", e.Provider,
		strings.Join(e.Missing, ", "), verb(e.Missing), strings.Join(e.Set, ", "), verb(e.Set))
}

func verb(list []string) string {
	if len(list) == 1 {
		return "is"
	}
	return "are"
}

// Enabled reports whether the provider is configured: nothing of it set means no, everything that it needs means yes,
// and anything between is a *PartialError.
func (p Provider) Enabled(e settings.Environment) (bool, error) {
	set := e.Set(p.Settings)
	if len(set) == 0 {
		return false, nil
	}
	var missing []string
	for _, s := range p.Settings {
		switch {
		case !s.Required || e.Get(s.Env) != "":
		case s.Instead == "":
			missing = append(missing, s.Env)
		case e.Get(s.Instead) == "":
			missing = append(missing, fmt.Sprintf("%s (or %s)", s.Env, s.Instead))
		}
	}
	if len(missing) > 0 {
		return false, &PartialError{Provider: p.Title, Missing: missing, Set: set}
	}
	return true, nil
}

// Model returns what is derived from the records of all these providers.
func (l List) Model() *correlate.Model {
	var list []*converters.Converter
	for _, p := range l {
		list = append(list, p.Converter())
	}
	return correlate.NewModel(list...)
}

// Schema returns every type that the program may write: what the providers give, what is derived from them, and the
// program's own.
func (l List) Schema() (*graph.Schema, error) {
	var types []*graph.Type
	for _, p := range l {
		types = append(types, p.Converter().Types...)
	}
	types = append(types, l.Model().Types()...)
	types = append(types, converters.IntegrationType())
	schema, err := graph.NewSchema(types...)
	if err != nil {
		return nil, fmt.Errorf("schema of all providers: %w", err)
	}
	return schema, nil
}
