package report

import (
	"bytes"
	"encoding/json"
	"strings"

	"assetgraph/converters"
)

// OrganizationColumns returns the names of the columns of an OrganizationCoverage: one for each tool, and behind
// "complete" two for each of which a product tells whether it does its work. They are a contract.
func OrganizationColumns(tools []*converters.Tool) []string {
	columns := []string{"organization", "devices"}
	for _, t := range tools {
		columns = append(columns, t.Name)
	}
	columns = append(columns, "complete")
	for _, t := range tools {
		if t.Tells() {
			columns = append(columns, failingColumn(t.Name, t.Fails), unknownColumn(t.Name))
		}
	}
	return columns
}

func failingColumn(tool, fails string) string { return tool + strings.ToUpper(fails[:1]) + fails[1:] }
func unknownColumn(tool string) string        { return tool + "Unknown" }

// Figures returns what stands in the columns behind the first.
func (o *OrganizationCoverage) Figures() []int {
	list := []int{o.Devices}
	for _, t := range o.Tools {
		list = append(list, t.Machines)
	}
	list = append(list, o.Complete)
	for _, t := range o.Tools {
		if t.Work != nil {
			list = append(list, t.Work.Failing, t.Work.Unknown)
		}
	}
	return list
}

// MarshalJSON writes an object whose members are the columns, in their order.
func (o OrganizationCoverage) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // whoever wants it escapes what this returns
	var err error
	member := func(separator, name string, value any) {
		for _, part := range []any{name, value} {
			b.WriteString(separator)
			if err == nil {
				err = e.Encode(part)
			}
			separator = ":"
		}
	}
	member("{", "organization", o.Organization)
	member(",", "devices", o.Devices)
	for _, t := range o.Tools {
		member(",", t.Tool, t.Machines)
	}
	member(",", "complete", o.Complete)
	for _, t := range o.Tools {
		if w := t.Work; w != nil {
			member(",", failingColumn(t.Tool, w.Fails), w.Failing)
			member(",", unknownColumn(t.Tool), w.Unknown)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), err
}
