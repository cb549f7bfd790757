package view

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// A customer is what its page says beside its tables.
type customer struct {
	Name, Key, Sentence string
	Find                string // address of what the graph holds of the customer itself
	Changes, Findings   string
	FindingNotes        []string
}

// customer shows the name of a customer, which leads to its page. Of several that have one name each has its key below.
func (f *fleet) customer(name string, key graph.Key) cell {
	c := cell{Text: cmp.Or(name, noCustomer), Link: address("/customer", "key", string(key))}
	if f.shared[name] {
		c.Sub = string(key)
	}
	return c
}

// customerPage shows the machines of one customer and what is wrong with them. The address has its key: several may have
// one name. A name does where one alone has it.
func (v *View) customerPage(r *http.Request) (*content, error) {
	f, err := v.fleet(r.Context())
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	if name := q.Get("name"); !q.Has("key") && f.shared[name] {
		return &content{redirect: address("/coverage", "organization", name)}, nil
	}
	o, err := f.customerAt(q)
	if err != nil {
		return nil, err
	}
	b, err := v.findings(r.Context(), f)
	if err != nil {
		return nil, err
	}
	name := o.Organization
	c := customer{Name: cmp.Or(name, noCustomer), Key: string(o.Customer), FindingNotes: b.list.Notes}
	c.Sentence = counted(o.Devices, "machine") + ", " + humanize.Comma(int64(o.Complete)) + " (" +
		share(o.Complete, o.Devices) + ") lack nothing."
	if o.Customer != "" {
		c.Find, c.Changes = explained(c.Key), address("/changes", "customer", name)
		c.Findings = address("/findings", "customer", name, "state", allStates)
	}
	machines := v.machinesTable(f, f.of[o.Customer])
	machines.name, machines.caption = "machines", "Machines of "+c.Name
	machines.without("organization")
	rows := b.ofCustomer(f, o.Customer)
	found := v.findingsTable(f, b, rows, b.anyAccepted(rows))
	found.name, found.caption = "findings", "What is wrong with them, and since when"
	found.none = "Nothing was found wrong with its machines that still is."
	found.without("organization")
	return &content{title: c.Name, template: "customer", data: c, tables: []*table{machines, found}}, nil
}

// customerAt returns the row of the customer that an address names.
func (f *fleet) customerAt(q url.Values) (*report.OrganizationCoverage, error) {
	list := f.coverage.Organizations
	names := make([]string, len(list))
	for i := range list {
		o := &list[i]
		if q.Has("key") && string(o.Customer) == q.Get("key") || !q.Has("key") && o.Organization == q.Get("name") {
			return o, nil
		}
		names[i] = o.Organization
	}
	name := cmp.Or(q.Get("name"), q.Get("key"))
	return nil, &report.UnknownError{Kind: "customer with machines", Name: name, Near: report.Nearest(name, names)}
}
