package report

import (
	"context"
	"slices"
	"strings"

	"assetgraph/graph"
)

// identifying lists the properties that Explain looks at, those that a type declares.
func identifying() []string {
	return []string{"id", "name", "displayName", "hostname", "fqdn", "netbiosName", "serial", "biosSerial", "macAddresses", "uuid", "uid", "deviceId", "email", "username"}
}

// scan calls f with every entity of a type and its identifying properties.
func (x *explainer) scan(ctx context.Context, t *graph.Type, f func(key, name string, row []any, properties []string)) error {
	properties := slices.DeleteFunc(identifying(), func(p string) bool { return t.Property(p) == nil })
	display := slices.Index(properties, "displayName")
	return x.eachEntity(ctx, t.Name, append([]string{"_key"}, properties...), func(row []any) {
		f(textOf(row[0]), textOf(row[1+display]), row[1:], properties)
	})
}

// byKey is how a key matches.
const byKey = "key"

// wanted is a text in the spellings in which an identifier may have it.
type wanted struct {
	text   string // as given
	folded string // lower case
	bare   string // letters and digits alone, lower case
	mac    string // of a MAC address, with colons; "" for what is none
}

func wantedOf(text string) wanted {
	text = strings.TrimSpace(text)
	w := wanted{text: text, folded: strings.ToLower(text), bare: bare(text)}
	const digits = 12
	separated := strings.Trim(w.folded, "0123456789abcdef:-. ") == ""
	if len(w.bare) == digits && separated {
		var b strings.Builder
		for i := 0; i < digits; i += 2 {
			if i > 0 {
				b.WriteByte(':')
			}
			b.WriteString(w.bare[i : i+2])
		}
		w.mac = b.String()
	}
	return w
}

// bare returns the ASCII letters and digits of s in lower case.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// match says by what an entity is named by the text: the first identifying property that fits, "" for none. exact is true for its key.
func (w wanted) match(key string, properties []string, row []any) (how string, exact bool) {
	if key == w.text {
		return byKey, true
	}
	for i, p := range properties {
		if slices.ContainsFunc(textsOf(row[i]), func(v string) bool { return w.is(p, v) }) {
			return p, false
		}
	}
	return "", false
}

func (w wanted) is(property, value string) bool {
	switch property {
	case "id":
		return value == w.text
	case "macAddresses":
		return w.mac != "" && value == w.mac
	case "serial", "biosSerial", "uuid", "uid", "deviceId":
		return w.bare != "" && bare(value) == w.bare
	}
	return strings.EqualFold(value, w.text)
}
