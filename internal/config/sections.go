package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// graph reads where the graph lies.
func (l *loader) graph(e entry) {
	n := actual(e.value)
	if n.Kind != yaml.MappingNode {
		if v, ok := l.value(n, e, false); ok {
			l.checkGraph(n, e, v)
			l.config.Global[settings.GraphEndpoint] = v
		}
		return
	}
	known := graphSettings()
	for _, one := range l.entries(n, e) {
		s, ok := known[one.key.Value]
		if !ok {
			l.fault(one.key, e, one.key.Value+" "+unknown(one.key.Value, slices.Collect(maps.Keys(known))))
			continue
		}
		if v, ok := l.value(one.value, one, false); ok {
			if s.Env == settings.GraphEndpoint {
				l.checkGraph(one.value, e, v)
			}
			l.secretInFile(s, one, v)
			l.config.Global[s.Env] = v
		}
	}
}

// checkGraph finds an address that is none.
func (l *loader) checkGraph(n *yaml.Node, e entry, v Value) {
	if !v.literal() {
		return
	}
	if _, err := settings.ParseEndpoint(v.text, settings.Environment{}); err != nil {
		l.fault(n, e, err.Error())
	}
}

func (l *loader) global(s settings.Setting, e entry) {
	v, ok := l.value(e.value, e, s.List)
	if !ok {
		return
	}
	l.secretInFile(s, e, v)
	if s.Path && v.literal() && !filepath.IsAbs(v.text) {
		v.text = filepath.Join(filepath.Dir(l.file), v.text)
	}
	if s.Check != nil && v.literal() {
		if err := s.Check(v.text); err != nil {
			l.fault(e.value, e, err.Error())
		}
	}
	l.config.Global[s.Env] = v
}

// secretInFile warns of a secret that every user of the machine may read.
func (l *loader) secretInFile(s settings.Setting, e entry, v Value) {
	if !s.Secret || !v.literal() || runtime.GOOS == "windows" {
		return
	}
	info, err := os.Stat(l.file)
	if err != nil || info.Mode().Perm()&0o044 == 0 {
		return
	}
	l.warn(e.value, e, fmt.Sprintf("a secret stands here, and others than the owner may read %s (mode %04o): chmod 600 %s, or `config encrypt`, or {file: …}", l.file, info.Mode().Perm(), l.file))
}

func (l *loader) readDefaults(e entry) {
	l.defaults.provider = map[string]map[string]Value{}
	known := []string{"every", "labels"}
	for _, p := range l.providers {
		known = append(known, p.Name)
	}
	for _, one := range l.mapping(e, "every, labels, or the name of a provider") {
		switch i := l.provider(one.key.Value); {
		case one.key.Value == "every":
			l.defaults.every = l.every(one)
		case one.key.Value == "labels":
			l.defaults.labels = l.labels(one)
		case i >= 0:
			l.defaults.provider[one.key.Value] = l.settings(l.providers[i], one, l.mapping(one, "settings of "+l.providers[i].Title), nil)
		default:
			l.fault(one.key, e, l.unknownDefault(one.key.Value, known))
		}
	}
}

// unknownDefault knows what people call the products.
func (l *loader) unknownDefault(key string, known []string) string {
	if p := l.aliased(key); p != "" {
		return key + " is no key here; did you mean " + p + "?"
	}
	return key + " " + unknown(key, known)
}

func (l *loader) provider(name string) int {
	return slices.IndexFunc(l.providers, func(p providers.Provider) bool { return p.Name == name })
}

// mapping returns the entries of a value that has to be a mapping.
func (l *loader) mapping(e entry, what string) []entry {
	if n := actual(e.value); n.Kind != yaml.MappingNode {
		l.fault(n, e, "expected "+what)
		return nil
	}
	return l.entries(e.value, e)
}

// settings reads the settings of a provider among the entries of a mapping, and passes over the keys in beside.
func (l *loader) settings(p providers.Provider, e entry, entries []entry, beside []string) map[string]Value {
	out := make(map[string]Value)
	known := settingsOf(p)
	for _, one := range entries {
		if slices.Contains(beside, one.key.Value) {
			continue
		}
		s, ok := known[one.key.Value]
		if !ok {
			names := append(slices.Collect(maps.Keys(known)), beside...)
			l.fault(one.key, entry{instance: e.instance}, one.key.Value+" "+unknownSetting(one.key.Value, names, p))
			continue
		}
		if v, ok := l.value(one.value, one, s.List); ok {
			l.secretInFile(s, one, v)
			out[s.Env] = v
		}
	}
	return out
}

// unknownSetting knows the names of variables too.
func unknownSetting(key string, known []string, p providers.Provider) string {
	for _, s := range p.Settings {
		if strings.EqualFold(key, s.Env) {
			return "is the name of a variable; the key is " + KeyOf(s, p.Family.Prefix)
		}
	}
	for _, prefix := range append([]string{p.Family.Prefix}, p.Family.Aliases...) {
		if rest, ok := strings.CutPrefix(plain(key), plain(prefix)); ok && rest != "" {
			key = rest
			break
		}
	}
	return unknown(key, known)
}

// every reads how often something is due.
func (l *loader) every(e entry) Due {
	n := actual(e.value)
	if err := CheckEvery(n.Value); n.Kind != yaml.ScalarNode || err != nil {
		l.fault(n, e, cause(err, errNoTime.Error()))
	}
	d, _ := settings.ParseDuration(n.Value) // it was checked
	return Due{l.place(n), d}
}

var errNoTime = errors.New("expected a time such as 30m, 1h or 1d")

// CheckEvery says why a text is not how often something can be due, nil when it is.
func CheckEvery(text string) error {
	d, err := settings.ParseDuration(text)
	switch {
	case err != nil:
		return errNoTime
	case d < time.Minute:
		return errors.New("must be at least 1m")
	}
	return nil
}

// labels reads the words that people give an instance.
func (l *loader) labels(e entry) map[string]Label {
	out := make(map[string]Label)
	for _, one := range l.mapping(e, "names and texts, such as {region: emea}") {
		v := actual(one.value)
		switch {
		case !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,62}$`).MatchString(one.key.Value):
			l.fault(one.key, e, fmt.Sprintf("the name of a label has up to 63 letters, digits, dots, hyphens and underscores, and begins with a letter; %q has not", one.key.Value))
		case v.Kind != yaml.ScalarNode:
			l.fault(v, e, "label "+one.key.Value+": expected a text")
		default:
			out[one.key.Value] = Label{l.place(v), v.Value}
		}
	}
	return out
}

func (l *loader) recipients(e entry) {
	for _, item := range l.texts(e) {
		if err := checkRecipient(item.Value); err != nil {
			l.fault(item, e, err.Error())
			continue
		}
		l.config.Age = append(l.config.Age, item.Value)
	}
}
