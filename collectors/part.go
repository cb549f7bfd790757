package collectors

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Part is what an instance tells beside its machines, customers and people, and what is read or not as people choose:
// its step has the same name.
type Part struct {
	Name    string // "alerts"
	Doc     string // what it gives, for people
	Default bool   // read where people choose nothing: it costs about one request for a thousand machines, or less
}

// Words of a Collect that stand for parts.
const (
	collectDefault = "default"
	collectAll     = "all"
	collectNone    = "none"
)

// Collect says which parts people choose. The zero Collect chooses those that are read by default.
type Collect struct {
	Setting string   // what people set, for advice: "ACME_COLLECT"; "" = no advice
	Names   []string // as they wrote them, in lower case; nil = they said nothing
}

// ParseCollect reads names of parts that are separated by commas; "default", "all" and "none" stand for those.
func ParseCollect(setting, text string) Collect {
	return Collect{Setting: setting, Names: ParseSkip(setting, text).Names}
}

// Check returns a *SettingError unless all names are among the parts or stand for some of them.
func (c Collect) Check(parts []Part) error {
	for _, name := range c.Names {
		if name == collectNone && len(c.Names) > 1 {
			return &SettingError{Setting: "Collect", Err: errors.New("none can't stand beside others")}
		}
		if slices.Contains([]string{collectDefault, collectAll, collectNone}, name) ||
			slices.ContainsFunc(parts, func(p Part) bool { return p.Name == name }) {
			continue
		}
		known := make([]string, len(parts))
		for i, p := range parts {
			known[i] = p.Name
		}
		return &SettingError{Setting: "Collect", Err: fmt.Errorf("there is no part %q; there are %s, and %s, %s, %s",
			cut(name), strings.Join(known, ", "), collectDefault, collectAll, collectNone)}
	}
	return nil
}

// Has reports whether a part is read.
func (c Collect) Has(p Part) bool {
	if len(c.Names) == 0 {
		return p.Default
	}
	return slices.ContainsFunc(c.Names, func(name string) bool {
		return name == p.Name || name == collectAll || name == collectDefault && p.Default
	})
}

// Mark returns the step that reads a part: marked as skipped when people did not choose the part, and otherwise with
// the advice to leave it out where it can't be had.
func (c Collect) Mark(p Part, step Step) Step {
	step.Part = p.Name
	step.Skipped = !c.Has(p)
	if step.Skipped {
		names := c.Names
		if len(names) == 0 {
			names = []string{collectDefault}
		}
		if names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == collectNone }); c.Setting != "" {
			step.Choose = c.Setting + "=" + strings.Join(append(names, p.Name), ",")
		}
	}
	return step
}

// An UnavailableError says that the provider refuses a part to these credentials, by the role or by what is licensed:
// what the graph holds of it stays as it is, and the run is none the less complete.
type UnavailableError struct{ Err error }

// Unavailable makes the refusal of a whole part an *UnavailableError. It is for the errors of the part's first request
// that will come again, never for credentials that are no longer good, an outage or a time-out.
func Unavailable(err error) error { return &UnavailableError{Err: err} }

// Error says what was refused.
func (e *UnavailableError) Error() string { return "not available: " + e.Err.Error() }

// Unwrap returns the refusal.
func (e *UnavailableError) Unwrap() error { return e.Err }

// IsUnavailable reports whether an error says that a part is refused to these credentials.
func IsUnavailable(err error) bool {
	_, ok := errors.AsType[*UnavailableError](err)
	return ok
}
