package settings

import "strings"

// A Setting declares one environment variable.
type Setting struct {
	Env      string // name of the variable
	Field    string // field of the provider's Config that it fills; "" for the program's own
	Required bool
	Instead  string // another variable that will do in place of this one; "" for none
	Fallback string // variable that is read when this one is absent; "" for none
	Secret   bool   // its value is never shown
	Default  string // what holds when it is absent, for people
	Example  string // a value to copy, made up
	Help     string // what it is
	Where    string // how to get it at the provider, click by click; "" for nothing to say

	List   bool // several values with commas between them
	Filter bool // narrows what is read of an account
	Path   bool // names a file or folder, in a configuration file from that file's own folder

	Check func(value string) error // says why a value can't be used; nil = whoever reads it does
}

// An Environment holds variables by name. Values are used without surrounding white space; one that is empty then
// counts as absent.
type Environment map[string]string

// FromList reads "NAME=value" texts as os.Environ gives them; of a name that comes twice the last one stands.
func FromList(list []string) Environment {
	e := make(Environment, len(list))
	for _, s := range list {
		if name, value, ok := strings.Cut(s, "="); ok {
			e[name] = value
		}
	}
	return e
}

// Get returns the value of a variable, "" when it is absent.
func (e Environment) Get(name string) string { return strings.TrimSpace(e[name]) }

// Value returns the value of the setting, or of its fallback, "" when both are absent.
func (e Environment) Value(s Setting) string {
	if v := e.Get(s.Env); v != "" || s.Fallback == "" {
		return v
	}
	return e.Get(s.Fallback)
}

// Set returns the names of those of the settings that have a value, in their order.
func (e Environment) Set(settings []Setting) []string {
	var names []string
	for _, s := range settings {
		if e.Get(s.Env) != "" {
			names = append(names, s.Env)
		}
	}
	return names
}
