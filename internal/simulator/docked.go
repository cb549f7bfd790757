package simulator

import (
	"fmt"
	"slices"
)

// dockedHabit names laptops that share docks.
const dockedHabit = "docked"

// docked plants n laptops of one customer, each with an adapter of its own and the address of the dock of its row, and
// every second one with that of the next row's too. So each dock is shown by twenty-four records, of twelve laptops,
// and all of them hang together by addresses. SentinelOne's agents show no serial number. Names, serial numbers and
// addresses are numbered, since those that are drawn repeat themselves among so many.
func (p *planter) docked(n int) {
	const row = 8
	customer := p.somewhere()
	numbered := func(oui string, i int) string { return oui + ":" + address(i).text(":")[9:] }
	for i := range n {
		m := p.machine(customer)
		m.kind, m.name = Laptop, fmt.Sprintf("%s-NB-%05d", p.f.customers[customer].code, i)
		m.serial, m.wire = fmt.Sprintf("5CG%07d", i), numbered("3c:52:82", i+1)
		a, d, _ := m.all()
		docks := slices.Compact([]string{numbered("c8:f7:50", i/row), numbered("c8:f7:50", (i+row/2)/row)})
		a.serials("").sees(docks...)
		d.sees(docks...)
	}
}
