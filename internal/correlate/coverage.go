package correlate

import "iter"

// A Machine is what coverage counts of a device.
type Machine struct {
	Organization string // name of the customer, "" for none

	tools, works, fails, products uint64 // sets of indexes in Model.Tools and Model.Products
}

// Has reports whether the machine has the tool at an index of Model.Tools.
func (m Machine) Has(tool int) bool { return m.tools>>tool&1 == 1 }

// Works reports whether a tool that the machine has does its work there; fails that it is known not to. Neither is so
// where nobody knows.
func (m Machine) Works(tool int) (does, fails bool) {
	return m.works>>tool&1 == 1, m.fails>>tool&1 == 1
}

// SeenBy reports whether the product at an index of Model.Products has a record of the machine.
func (m Machine) SeenBy(product int) bool { return m.products>>product&1 == 1 }

// Products returns the integrations of the products, as the property sources names them.
func (m *Model) Products() []string {
	list := make([]string, len(m.products))
	for i := range list {
		list[i] = m.products[i].integration
	}
	return list
}

// Machines yields every device that was decided, whether Resolve yielded it or not. It reads no elements. It is
// complete when Resolve's stream has ended without error.
func (c *Correlator) Machines() iter.Seq[Machine] {
	return func(yield func(Machine) bool) {
		w := newWriter(c, nil, nil)
		for _, machine := range c.machines() {
			w.gather(machine)
			m := Machine{Organization: c.organizations[w.organizationOf()].name}
			for _, s := range w.sources {
				m.products |= 1 << s.role.product
				if s.record.has(live) {
					m.tools |= 1 << s.role.tool
				}
			}
			for tool := range c.model.tools {
				switch of := w.workOf(tool); {
				case of.does:
					m.works |= 1 << tool
				case of.ailments != 0:
					m.fails |= 1 << tool
				}
			}
			if !yield(m) {
				return
			}
		}
	}
}
