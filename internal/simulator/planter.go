package simulator

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// A habit is a way in which real fleets are not tidy.
type habit struct {
	name     string
	practice string // what happens in real life, and where that is known from
	plant    func(p *planter)
}

// plant adds what the named habits say, a number of machines that have several, and laptops that share docks.
func (f *fleet) plant(names []string, foreign, docked int) error {
	known := habits()
	for _, name := range names {
		if !slices.ContainsFunc(known, func(h habit) bool { return h.name == name }) {
			return fmt.Errorf("no habit is called %q", name)
		}
	}
	if len(names) == 0 && foreign == 0 && docked == 0 {
		return nil
	}
	const fewestCustomers = 2 // that all products know: some habits are about two
	if usable := slices.DeleteFunc(slices.Clone(f.customers),
		func(c customer) bool { return !c.hasSite || !c.hasTenant }); len(usable) < fewestCustomers {
		return errors.New("habits take two customers that all products know")
	}
	f.customers = slices.Grow(f.customers, mostPlantedCustomers)
	f.cards, f.planted.people = map[int]*card{}, map[int]map[string]any{}
	for _, h := range known { // in this order, whatever the order of names
		if slices.Contains(names, h.name) {
			h.plant(f.planter(h.name))
		}
	}
	if foreign > 0 {
		f.planter(foreignHabit).foreign(foreign)
	}
	if docked > 0 {
		f.planter(dockedHabit).docked(docked)
	}
	return nil
}

// mostPlantedCustomers is how many customers all habits plant together.
const mostPlantedCustomers = 64

// A planter draws what one habit plants. What it draws depends on the seed and the habit alone.
type planter struct {
	f     *fleet
	r     *rand.Rand
	habit string
	names int // given so far
}

func (f *fleet) planter(habit string) *planter {
	h := fnv.New64a()
	_, _ = h.Write([]byte(habit)) // never fails
	return &planter{f: f, habit: habit, r: rand.New(rand.NewPCG(mix(f.seed), h.Sum64()))}
}

// times calls fn between low and high times.
func (p *planter) times(low, high int, fn func(n int)) {
	for n := range low + p.r.IntN(high-low+1) {
		fn(n)
	}
}

func (p *planter) chance(percent int) bool { return p.r.IntN(100) < percent }

func pickOne[T any](p *planter, list ...T) T { return list[p.r.IntN(len(list))] }

func (p *planter) digits(n int) string { return p.letters("0123456789", n) }
func (p *planter) letter(n int) string { return p.letters("ABCDEFGHJKLMNPQRSTUVWXYZ", n) }
func (p *planter) either(n int) string { return p.letters("0123456789BCDFGHJKLMNPQRSTVWXYZ", n) }
func (p *planter) hexits(n int) string { return p.letters("0123456789abcdef", n) }
func (p *planter) letters(of string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = of[p.r.IntN(len(of))]
	}
	return string(b)
}

// mac draws an address behind a maker's three bytes.
func (p *planter) mac(oui string) string {
	x := p.r.Uint32N(1<<24-512) + 256 // not of all zeros or ones
	return oui + ":" + address(x).text(":")[9:]
}

// daysAgo is a time of day so many days before the fleet's start.
func (p *planter) daysAgo(days int) time.Time {
	return p.f.start.AddDate(0, 0, -days).Add(time.Duration(p.r.IntN(40_000)) * -time.Millisecond)
}

// somewhere draws an ordinary customer that all products know.
func (p *planter) somewhere() int {
	for {
		if c := p.r.IntN(p.f.ordinary); p.f.customers[c].hasSite && p.f.customers[c].hasTenant {
			return c
		}
	}
}

// elsewhere draws another customer than those.
func (p *planter) elsewhere(than ...int) int {
	for {
		if c := p.somewhere(); !slices.Contains(than, c) {
			return c
		}
	}
}

// A machine is a real one, of which cards tell.
type machine struct {
	p          *planter
	number     int
	kind       MachineKind
	customer   int
	maker      maker
	model      model
	name       string
	serial     string
	wire, wifi string
	born, seen int // days ago
}

// machine makes up a physical Windows machine, as bought: no two have a name, a serial number or an address in common.
func (p *planter) machine(customer int) *machine {
	m := &machine{
		p: p, number: p.f.planted.next(), kind: pickOne(p, Laptop, Laptop, Desktop), customer: customer,
		maker: pickOne(p, makers()...),
	}
	m.born, m.seen = 60+p.r.IntN(900), 0
	m.model = model{maker: m.maker.name, name: pickOne(p, m.maker.models...)}
	m.serial, m.name = m.maker.serial(p), p.name(customer)
	m.wire, m.wifi = p.mac(pickOne(p, m.maker.wired...)), p.mac(pickOne(p, wireless()...))
	return m
}

// white makes up a physical machine of a maker that writes no serial numbers.
func (p *planter) white(customer int) *machine {
	m := p.machine(customer)
	m.kind = Desktop
	m.model = model{name: "B" + p.digits(3) + "M-" + p.letter(2),
		maker: pickOne(p, "ASRock", "Gigabyte Technology Co., Ltd.",
			"BIOSTAR Group", "INTEL Corporation", "Shuttle Inc.")}
	m.wire, m.wifi, m.serial = p.mac(pickOne(p, "1c:1b:0d", "b4:2e:99", "70:85:c2", "a8:a1:59", "94:c6:91")), "", ""
	return m
}

// virtual makes up a virtual Windows server.
func (p *planter) virtual(customer int, on hypervisor) *machine {
	m := p.machine(customer)
	m.kind, m.model, m.wifi = WindowsVM, on.model, ""
	m.serial, m.wire = on.serial(p), p.mac(pickOne(p, on.ouis...))
	return m
}

// name draws a host name as the people of some customer give them.
func (p *planter) name(customer int) string {
	p.names++
	code := p.f.customers[customer].code
	switch p.r.IntN(7) {
	case 0:
		return "DESKTOP-" + p.either(7)
	case 1:
		return "LAPTOP-" + p.either(8)
	case 2:
		return fmt.Sprintf("%s-NB-%03d%s", code, p.r.IntN(1000), p.letter(2))
	case 3:
		return fmt.Sprintf("PC%05d", 10000+p.r.IntN(90000))
	case 4:
		return fmt.Sprintf("w%d-%s%02d", 10+p.r.IntN(2), strings.ToLower(p.letter(4)), p.r.IntN(100))
	case 5:
		return fmt.Sprintf("%s%s%04d", pickOne(p, "BER", "MUC", "LON", "NYC", "PAR"), pickOne(p, "D", "L", "W"),
			p.r.IntN(10000))
	default:
		return fmt.Sprintf("%s-%s", code, p.either(6))
	}
}
