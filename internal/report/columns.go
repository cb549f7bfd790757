package report

import (
	"bytes"
	"encoding/json"

	"assetgraph/converters"
)

// OrganizationColumns returns the names of the columns of an OrganizationCoverage: one for each tool before the last.
// They are a contract.
func OrganizationColumns(tools []*converters.Tool) []string {
	columns := []string{"organization", "devices"}
	for _, t := range tools {
		columns = append(columns, t.Name)
	}
	return append(columns, "complete")
}

// Figures returns what stands in the columns behind the first.
func (o *OrganizationCoverage) Figures() []int {
	list := []int{o.Devices}
	for _, t := range o.Tools {
		list = append(list, t.Machines)
	}
	return append(list, o.Complete)
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
	b.WriteByte('}')
	return b.Bytes(), err
}
