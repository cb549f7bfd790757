package main

import (
	"fmt"
	"slices"
	"strings"

	"assetgraph/converters"
	"assetgraph/internal/report"
)

// tools returns what machines should have, by the providers that the program knows.
func (a *app) tools() []*converters.Tool { return a.providers.Model().Tools() }

// toolNames returns how flags name the tools.
func (a *app) toolNames() []string {
	list := make([]string, len(a.tools()))
	for i, t := range a.tools() {
		list[i] = t.Name
	}
	return list
}

// toolTitle returns a tool as sentences write it.
func (a *app) toolTitle(name string) string {
	for _, t := range a.tools() {
		if t.Name == name {
			return t.Title
		}
	}
	return name
}

// toolWorks returns what a tool does on a machine, as sentences write it.
func (a *app) toolWorks(name string) string {
	for _, t := range a.tools() {
		if t.Name == name {
			return t.Works
		}
	}
	return ""
}

// coverageHelp is the whole help of `report coverage`.
func (a *app) coverageHelp() string {
	var tools, kinds []string
	for _, t := range a.tools() {
		tools = append(tools, fmt.Sprintf("%s (%s)", t.Title, t.Product))
	}
	for _, p := range a.providers {
		for _, r := range p.Converter().Roles {
			if r.Machine == nil {
				continue
			}
			for _, f := range r.Machine.Kinds {
				if name := f.Property().Name; name != "category" && !slices.Contains(kinds, name) {
					kinds = append(kinds, name)
				}
			}
		}
	}
	return "Says which machines lack " + report.List(tools) + ".\n" +
		strings.NewReplacer("KINDS", strings.Join(kinds, ", "), "WORK", workHelp(a.tools())).Replace(coverageHelp)
}

// workHelp names the words for tools that are on a machine and do not do their work.
func workHelp(tools []*converters.Tool) string {
	var list []string
	for _, t := range tools {
		if !t.Tells() {
			continue
		}
		var words []string
		for _, word := range converters.AllAilments.Words() {
			words = append(words, t.Name+"-"+word)
		}
		list = append(list, fmt.Sprintf("What keeps %s from it is listed as\n%s;\n--missing %s-%s stands for all of them.",
			t.Title, and(words), t.Name, t.Fails))
	}
	return strings.Join(list, "\n")
}

// where says on which systems tools can run that can't run everywhere.
func where(tools []*converters.Tool) string {
	var list []string
	for _, t := range tools {
		if t.Systems == nil {
			continue
		}
		var names []string
		for _, s := range t.Systems {
			names = append(names, systemName(s))
		}
		list = append(list, t.Title+" on "+and(names))
	}
	return strings.Join(list, ", ")
}

// systemName returns a value of osType as its maker writes it.
func systemName(osType string) string {
	names := map[string]string{
		"windows": "Windows", "darwin": "macOS", "linux": "Linux", "ios": "iOS", "android": "Android",
	}
	if name, ok := names[osType]; ok {
		return name
	}
	return osType
}

// titles returns the products that the program reads, as their makers write them.
func (a *app) titles() []string {
	list := make([]string, len(a.providers))
	for i, p := range a.providers {
		list[i] = p.Title
	}
	return list
}

// and joins names as sentences do: "a, b and c".
func and(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// example returns the name of an instance for examples in help.
func (a *app) example(i int) string { return a.providers[min(i, len(a.providers)-1)].Name }
