package settings

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Family is the variables of one product, or of the program, by the prefix that they share.
type Family struct {
	Prefix  string
	Aliases []string // prefixes that people write in its place, longer ones before what they begin with
	Shared  bool     // others have variables with the prefix too
}

// GraphFamilies are the variables of the graph.
func GraphFamilies() []Family {
	return []Family{{Prefix: "GRAPH_DB_", Aliases: []string{"GRAPHDB_", "GRAPH_"}}, {Prefix: "NEO4J_", Shared: true}}
}

// synonyms are what people call the end of a name, by what it is called here.
func synonyms() map[string][]string {
	return map[string][]string{
		"URL": {
			"HOST", "HOSTNAME", "BASEURL", "APIURL", "CONSOLE", "CONSOLEURL", "MANAGEMENTURL", "ENDPOINT", "INSTANCE",
			"INSTANCEURL", "REGION", "SERVER", "ADDRESS",
		},
		"API_TOKEN": {"TOKEN", "KEY", "APIKEY", "API", "ACCESSTOKEN"},
		"CLIENT_ID": {"ID", "CLIENT", "APPID", "APPLICATIONID", "APICLIENTID", "KEYID"},
		"CLIENT_SECRET": {
			"SECRET", "APISECRET", "APPSECRET", "KEY", "APIKEY", "TOKEN", "SECRETKEY", "CLIENTKEY", "APICLIENTSECRET",
		},
		"TENANT_ID":     {"TENANT", "AZURETENANTID", "AZURETENANT", "ENTRATENANTID", "DIRECTORYID"},
		"REFRESH_TOKEN": {"REFRESH"},
		"AUTHORITY_URL": {"AUTHORITY"},
		"SKIP":          {"EXCLUDE", "IGNORE", "SKIPPED"},
		"ACCOUNTS":      {"ACCOUNTIDS", "ACCOUNTNAMES", "ACCOUNTFILTER"},
		"SITES":         {"SITEIDS", "SITENAMES", "SITEFILTER"},
		"ORGANIZATIONS": {"ORG", "ORGS", "ORGANISATION", "ORGANISATIONS", "ORGANIZATIONIDS", "CUSTOMERS", "CLIENTS"},
		"TENANTS":       {"TENANTIDS", "TENANTNAMES", "TENANTFILTER", "CUSTOMERS"},
		"ENDPOINT":      {"URI", "URL", "HOST", "ADDRESS"},
		"USERNAME":      {"USER"},
		"PASSWORD":      {"PASS", "PASSWD", "SECRET"},
		"DATABASE":      {"NAME", "DB"},
		"URI":           {"URL", "HOST", "ENDPOINT"},
	}
}

// LookAlikes says which variables look like settings and are not read, and which values look as if they were not what
// was meant. What it returns names variables and holds no value. known are all settings, families those of which people
// may have meant one.
func (e Environment) LookAlikes(known []Setting, families []Family) []string {
	names, filters := make(map[string]bool), make(map[string]bool)
	for _, s := range known {
		names[s.Env], filters[s.Env] = true, s.Filter
		if s.Fallback != "" {
			names[s.Fallback] = true
		}
	}
	var notes []string
	for name, value := range e {
		switch {
		case names[name]:
			if why := Odd(name, value, filters[name]); why != "" {
				notes = append(notes, fmt.Sprintf("the value of %s %s", name, why))
			}
		default:
			if meant := e.meant(name, names, families); meant != "" {
				notes = append(notes, fmt.Sprintf("%s is not read: %s", shown(name), meant))
			}
		}
	}
	slices.Sort(notes)
	return notes
}

// Odd says what is strange about the value of a variable, or of one that narrows what is read, "" for nothing.
func Odd(name, value string, filter bool) string {
	value = strings.TrimSpace(value)
	switch {
	case filter && value == "":
		return "is empty: nothing is left out"
	case strings.HasPrefix(value, name+"="):
		return "begins with the variable's own name: leave that out"
	case filter && strings.HasPrefix(value, `"`): // in a list of names one that has a comma is quoted
	case value != "" && quoted(value):
		return "has quotation marks around it, which are taken for a part of it: leave them out"
	}
	return Unseen(value)
}

// Unseen says that a value holds what can't be seen, "" when it does not.
func Unseen(value string) string {
	if strings.ContainsFunc(value, invisible) {
		return "holds a character that can't be seen: type it again instead of pasting it"
	}
	return ""
}

// quoted reports whether a value begins and ends with quotation marks, or has the typographic ones, which no program
// takes for such.
func quoted(value string) bool {
	r := []rune(value)
	first, last := r[0], r[len(r)-1]
	return len(r) > 1 && first == last && strings.ContainsRune("'\"`", first) || strings.ContainsRune("“”„‘’", first) ||
		strings.ContainsRune("“”‘’", last)
}

// invisible reports whether a character takes no room, or looks like a space and is none.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || r != ' ' && unicode.IsSpace(r)
}

// meant says what somebody who set a variable of that name wanted, "" when it has nothing to do with us.
func (e Environment) meant(name string, names map[string]bool, families []Family) string {
	plain := plainName(name)
	if names[plain] {
		return "write it " + plain + "=…, and nothing before or around it"
	}
	for _, f := range families {
		for _, prefix := range append([]string{f.Prefix}, f.Aliases...) {
			end, ok := strings.CutPrefix(plain, prefix)
			if !ok || end == "" {
				continue
			}
			own := prefix == f.Prefix
			end, numbered := withoutNumber(end)
			best := f.nearest(end, names)
			switch {
			case best != "" && numbered:
				return fmt.Sprintf("there is one instance of each product, whose variable is %s; more than one go into a configuration file", best)
			case best != "" && (own || e.Get(best) == ""):
				return fmt.Sprintf("did you mean %s?", best)
			case own && !f.Shared:
				return "known are " + strings.Join(f.members(names), ", ")
			}
			return ""
		}
	}
	for _, one := range sorted(names) {
		if oneEdit(squeeze(plain), squeeze(one)) && len(one) > 7 {
			return fmt.Sprintf("did you mean %s?", one)
		}
	}
	return ""
}

// plainName is a name in capitals, without what belongs to a shell, and without what can't be seen.
func plainName(name string) string {
	name = strings.ToUpper(strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("'\"`“”‘’", r), r != ' ' && invisible(r):
			return -1
		case r == '-' || r == '.':
			return '_'
		}
		return r
	}, name))
	for _, word := range []string{"SET ", "SETX ", "EXPORT ", "$ENV:", "ENV:", "ENV "} {
		name = strings.TrimSpace(strings.TrimPrefix(name, word))
	}
	return name
}

// withoutNumber cuts the number off that people give a second instance: "2_URL", "URL_2", "URL2".
func withoutNumber(end string) (string, bool) {
	out := strings.Trim(strings.Trim(end, "0123456789"), "_")
	return out, out != end && out != ""
}

// nearest returns the variable of the family whose name ends nearly like that, "" when none does.
func (f Family) nearest(end string, names map[string]bool) string {
	end = squeeze(end)
	for _, alike := range []func(name, known string) bool{
		func(a, b string) bool { return a == squeeze(b) },
		func(a, b string) bool { return slices.Contains(synonyms()[b], a) },
		func(a, b string) bool { return oneEdit(a, squeeze(b)) },
	} {
		for _, name := range f.members(names) {
			if alike(end, strings.TrimPrefix(name, f.Prefix)) {
				return name
			}
		}
	}
	return ""
}

// members returns the variables of the family in alphabetical order.
func (f Family) members(names map[string]bool) []string {
	return slices.DeleteFunc(sorted(names), func(name string) bool { return !strings.HasPrefix(name, f.Prefix) })
}

func sorted(names map[string]bool) []string {
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// squeeze leaves out the underscores, which people put in other places.
func squeeze(name string) string { return strings.ReplaceAll(name, "_", "") }

// oneEdit reports whether one letter put in, left out or replaced, or two that changed places, make the one of the
// other.
func oneEdit(a, b string) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}

// shown is a name as it may be printed.
func shown(name string) string {
	const most = 60
	if r := []rune(name); len(r) > most {
		name = string(r[:most]) + "…"
	}
	if strings.ContainsFunc(name, func(r rune) bool { return invisible(r) || r == ' ' }) {
		return fmt.Sprintf("%q", name)
	}
	return name
}
