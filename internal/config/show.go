package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/internal/settings"
)

// A Shown is one thing that is in force, and where it comes from.
type Shown struct {
	Instance string `json:"instance,omitempty"` // "" = for all
	Key      string `json:"key"`
	Value    string `json:"value"` // *** for a secret
	From     string `json:"from"`  // place in a file, with what stands there when that is no value; "environment"
}

// masked stands for a secret.
const masked = "***"

// Show returns what is in force after defaults and includes, in the order of the files, secrets masked. Values that
// commands give are not asked for.
func (c *Config) Show() (list []Shown) {
	for _, all := range [][]settings.Setting{settings.Graph(), settings.Program()} {
		for _, s := range all {
			v, ok := c.Global[s.Env]
			switch set := c.env.Value(s); {
			case set != "":
				list = append(list, Shown{Key: globalKey(s), Value: mask(s, set), From: "environment, " + s.Env})
			case ok:
				list = append(list, c.shown("", globalKey(s), s, v))
			}
		}
	}
	for _, n := range c.Notify {
		list = append(list, c.shown("", "notify.url", settings.Setting{Secret: true}, n.URL))
	}
	for i := range c.Instances {
		list = append(list, c.showInstance(&c.Instances[i])...)
	}
	return list
}

func (c *Config) showInstance(in *Instance) (list []Shown) {
	at := in.String()
	list = append(list, Shown{in.Name, "provider", in.Provider.Name, at})
	for _, s := range in.Provider.Settings {
		if v, ok := in.Values[s.Env]; ok {
			list = append(list, c.shown(in.Name, KeyOf(s, in.Provider.Family.Prefix), s, v))
		}
	}
	if in.Every.Interval > 0 {
		list = append(list, Shown{in.Name, "every", short(in.Every.Interval), in.Every.String()})
	}
	for _, name := range slices.Sorted(maps.Keys(in.Labels)) {
		list = append(list, Shown{in.Name, "labels." + name, in.Labels[name].Text, in.Labels[name].String()})
	}
	return list
}

func (c *Config) shown(instance, key string, s settings.Setting, v Value) Shown {
	out := Shown{Instance: instance, Key: key, From: v.String()}
	if origin := v.Origin(); origin != "" {
		out.From += ", " + origin
	}
	if v.file != "" || v.command != nil || v.age != "" {
		out.Value = masked
		return out
	}
	text, _ := v.expanded(c.env) // what is missing shows as nothing
	out.Value = mask(s, text)
	return out
}

func mask(s settings.Setting, text string) string {
	if s.Secret && text != "" {
		return masked
	}
	return text
}

// short is a time without the parts that are nothing: 1h in place of 1h0m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
