package correlate

import (
	"assetgraph/converters"
	"assetgraph/graph"
)

// A work is whether a tool that is on a machine does its work there. The zero work is that nobody knows, or that the
// machine does not have the tool.
type work struct {
	does     bool
	ailments converters.Ailments // why it does not, where it is known not to
}

// workFields are the properties of device that tell of a tool's work; zero for a tool of which no product tells.
type workFields struct{ works, ailments graph.Field }

// setWork says of each tool whether it does its work on the device at hand.
func (w *writer) setWork() {
	for tool, f := range w.c.model.device.work {
		switch of := w.workOf(tool); {
		case of.does:
			f.works.Set(w.e, graph.BoolOf(true))
		case of.ailments != 0:
			f.works.Set(w.e, graph.BoolOf(false))
			f.ailments.Set(w.e, graph.TextsOf(of.ailments.Words()...))
		}
	}
}

// workOf returns whether a tool does its work on the machine at hand: where one live record says so it does, and else it
// does not for the reasons of all that tell any.
func (w *writer) workOf(tool int) (found work) {
	if !w.c.model.tools[tool].Tells() {
		return work{}
	}
	for i := range w.sources {
		s := &w.sources[i]
		if s.role.tool != tool || s.role.Machine.Symptoms == nil || !s.record.has(live) {
			continue
		}
		ailments := s.record.ailments | w.c.ailmentsOfCustomer(s.record.customer)
		if ailments == 0 && s.record.has(tellsWork) {
			return work{does: true}
		}
		found.ailments |= ailments
	}
	return found
}

// ailmentsOfCustomer returns what keeps tools from their work on all machines of a customer, or of its account.
func (c *Correlator) ailmentsOfCustomer(i uint32) converters.Ailments {
	u := &c.customers[i]
	return u.ailments | c.accounts[u.account].ailments
}
