package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

func (l *loader) listInstances(e entry) {
	n := actual(e.value)
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.SequenceNode {
		l.fault(n, e, "expected a list: each instance begins with - name:")
		return
	}
	for _, item := range n.Content {
		l.nodes = append(l.nodes, instanceNode{l.file, actual(item)})
	}
}

// instances reads all that were found, now that the defaults are known.
func (l *loader) instances() {
	first := make(map[string]Place)
	for _, one := range l.nodes {
		l.file = one.file
		in, ok := l.instance(one.node)
		if before, twice := first[in.Name]; twice && in.Name != "" {
			l.fault(one.node, entry{instance: in.Name}, "there are two instances of this name; the other one is at "+before.String())
			continue
		}
		first[in.Name] = in.Place
		if ok {
			l.config.Instances = append(l.config.Instances, in)
		}
	}
	l.sameAccount(l.config.Instances)
}

// instance reads one instance; ok is false when it can't be used.
func (l *loader) instance(n *yaml.Node) (in Instance, ok bool) {
	in.Place = l.place(n)
	if n.Kind != yaml.MappingNode {
		l.fault(n, entry{}, "expected an instance: name, provider and its settings")
		return in, false
	}
	before := len(l.problems)
	in.Name = actual(valueOf(n, "name")).Value
	at := entry{instance: in.Name, value: n}
	entries := l.entries(n, at)
	var provider *entry
	for i, e := range entries {
		switch value := actual(e.value); e.key.Value {
		case "name":
			in.Place = l.place(value)
			if err := providers.CheckName(value.Value); value.Kind != yaml.ScalarNode || err != nil {
				l.fault(value, entry{}, cause(err, "expected a text"))
			}
		case "provider":
			provider = &entries[i]
		case "every":
			in.Every = l.every(e)
		case "labels":
			in.Labels = l.labels(e)
		}
	}
	if in.Name == "" {
		l.fault(n, at, "name is missing: keys in the graph, locks and reports go by it")
	}
	if provider == nil {
		l.fault(n, at, "provider is missing: one of "+strings.Join(l.providerNames(), ", "))
		return in, false
	}
	i := l.provider(actual(provider.value).Value)
	if i < 0 {
		l.fault(provider.value, *provider, l.unknownProvider(actual(provider.value).Value))
		return in, false
	}
	in.Provider = l.providers[i]
	in.Values = l.settings(in.Provider, at, entries, []string{"name", "provider", "every", "labels"})
	l.inherit(&in)
	l.complete(&in, n, at, entries)
	return in, len(l.problems) == before || !l.problems[before:].Fatal()
}

// inherit takes from the defaults what the instance does not say.
func (l *loader) inherit(in *Instance) {
	if in.Every.Interval == 0 {
		in.Every = l.defaults.every
	}
	labels := maps.Clone(l.defaults.labels)
	if labels == nil {
		labels = map[string]Label{}
	}
	maps.Copy(labels, in.Labels)
	in.Labels = labels
	for env, v := range l.defaults.provider[in.Provider.Name] {
		if _, ok := in.Values[env]; !ok {
			in.Values[env] = v
		}
	}
}

// valueOf returns the value of a key, an empty node where there is none.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return &yaml.Node{}
}

func (l *loader) providerNames() (names []string) {
	for _, p := range l.providers {
		names = append(names, p.Name)
	}
	return names
}

// aliased returns the provider that people call so, "" for none.
func (l *loader) aliased(name string) string {
	for _, p := range l.providers {
		for _, alias := range append([]string{p.Title, p.Family.Prefix}, p.Family.Aliases...) {
			if plain(alias) == plain(name) {
				return p.Name
			}
		}
	}
	return ""
}

func (l *loader) unknownProvider(name string) string {
	if p := l.aliased(name); p != "" {
		return fmt.Sprintf("%q is no provider; did you mean %s?", name, p)
	}
	return fmt.Sprintf("%q is no provider; known are %s", name, strings.Join(l.providerNames(), ", "))
}

// complete says what is missing, and notes where each setting stands.
func (l *loader) complete(in *Instance, n *yaml.Node, at entry, entries []entry) {
	prefix := in.Provider.Family.Prefix
	in.origins = make(map[string]string)
	given := func(key string) bool { // also when what is given can't be used: that was said already
		return slices.ContainsFunc(entries, func(e entry) bool {
			return plain(e.key.Value) == plain(key) || plain(e.key.Value) == plain(prefix+key)
		})
	}
	for _, s := range in.Provider.Settings {
		v, ok := in.Values[s.Env]
		if ok {
			in.origins[s.Env] = fmt.Sprintf("%s (%s)", KeyOf(s, prefix), v.Place)
			continue
		}
		in.origins[s.Env] = KeyOf(s, prefix)
		if !s.Required || given(KeyOf(s, prefix)) {
			continue
		}
		missing := KeyOf(s, prefix) + " is missing"
		if s.Instead != "" {
			if _, ok := in.Values[s.Instead]; ok || given(KeyOf(settings.Setting{Env: s.Instead}, prefix)) {
				continue
			}
			missing = fmt.Sprintf("%s (or %s) is missing", KeyOf(s, prefix),
				KeyOf(settings.Setting{Env: s.Instead}, prefix))
		}
		l.fault(n, at, missing+": "+s.Help)
	}
}

func cause(err error, otherwise string) string {
	if err != nil {
		return err.Error()
	}
	return otherwise
}
