package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"assetgraph/internal/notify"
	"assetgraph/internal/settings"
)

// notify reads whom to tell what.
func (l *loader) notify(e entry) {
	n := actual(e.value)
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		item = actual(item)
		if item.Kind != yaml.MappingNode {
			l.fault(item, e, "expected {url: …, format: …, on: […]}")
			continue
		}
		target := Notify{Place: l.place(item), Format: "json"}
		var url bool
		for _, one := range l.entries(item, e) {
			switch one.key.Value {
			case "url":
				target.URL, url = l.value(one.value, one, false)
			case "format":
				if target.Format = actual(one.value).Value; !slices.Contains(notify.Formats(), target.Format) {
					l.fault(one.value, one, "expected one of "+strings.Join(notify.Formats(), ", "))
				}
			case "secret":
				if v, ok := l.value(one.value, one, false); ok {
					l.secretInFile(settings.Setting{Secret: true}, one, v)
					target.Secret = &v
				}
			case "on":
				for _, event := range l.texts(one) {
					if !slices.Contains(notify.Kinds(), event.Value) {
						l.fault(event, one, "expected some of "+strings.Join(notify.Kinds(), ", "))
					}
					target.On = append(target.On, event.Value)
				}
			default:
				l.fault(one.key, e, one.key.Value+" "+unknown(one.key.Value, []string{"url", "format", "secret", "on"}))
			}
		}
		if !url {
			l.fault(item, e, "url is missing")
			continue
		}
		l.config.Notify = append(l.config.Notify, target)
	}
}
