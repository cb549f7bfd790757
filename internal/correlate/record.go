package correlate

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A channel is one way in which an instance sees machines, an index in Correlator.channels. A machine has one live
// record in each.
type channel uint16

// A channelInfo is what a channel stands for. What an instance merely sees from elsewhere (a hypervisor's guests,
// monitored targets) is a channel of its own: a virtual machine with an agent is in both, and that is no contradiction.
type channelInfo struct {
	instance string
	role     *role
	observed bool

	linksRead bool // all links of its records were read this time
}

// channelOf returns the channel of an element's record. There are few.
func (c *Correlator) channelOf(e *graph.Element, r *role, observed bool) channel {
	for n := range c.channels {
		if ch := &c.channels[n]; ch.role == r && ch.observed == observed && ch.instance == e.Instance {
			return channel(n)
		}
	}
	c.channels = append(c.channels, channelInfo{instance: strings.Clone(e.Instance), role: r, observed: observed})
	return channel(len(c.channels) - 1)
}

// roleOf returns what the type of a record is.
func (c *Correlator) roleOf(r *record) *role { return c.channels[r.channel].role }

// flags say which identifiers a record has in the arena and what it tells for the device.
type flags uint16

const (
	hasExternal flags = 1 << iota
	hasName
	hasCut
	dead         // the record's state is Gone
	live         // the record's state is Live: the machine has the tool
	whole15      // the name has exactly the length that NetBIOS leaves
	generic      // the name says what the machine is, and not which one
	virtual      // it is a virtual machine
	linkedBefore // the last run followed a link of it
	tellsWork    // it tells whether the tool does its work: without ailments it does
	ownSerial    // a serial number is one that a known maker has given to this machine alone
)

// A record is what is kept of a machine record. Its identifiers lie side by side in the arena: external id, serials,
// MACs, name, cut name.
type record struct {
	ref           Ref
	key           uint64 // hash of the record's key
	content       uint64 // hash of what it tells, see contentOf; 0 for not known
	user          uint64 // hash of the e-mail address of the machine's user, 0 for none
	lastSeen      int64  // Unix milliseconds, or never
	ids           uint32
	links         uint32 // where what its links lead to begins in targets
	customer      uint32 // index in customers, 0 for none
	before        uint32 // derived key of the last run, noKey for none
	created, seen uint32 // Unix seconds, 0 = not known
	serials, macs uint8
	match         uint8 // which of its serials or MACs links it, set by solving
	flags         flags
	channel       channel
	belief        converters.Belief
	ailments      converters.Ailments // that it shows itself; of live records
	method        method
	confidence    confidence
}

func (r *record) has(f flags) bool { return r.flags&f != 0 }

// identifiers is a view of the arena; 0 stands for an identifier that turned out to be junk. Of all but serials and
// MACs there is one or none.
type identifiers struct {
	external, serials, macs, name, cut []uint64
}

func (c *Correlator) identifiers(r *record) identifiers {
	n := int(r.serials) + int(r.macs)
	for f := hasExternal; f <= hasCut; f <<= 1 {
		if r.has(f) {
			n++
		}
	}
	if n == 0 {
		return identifiers{}
	}
	list := c.arena.slice(r.ids, n)
	take := func(n int) (head []uint64) {
		head, list = list[:n:n], list[n:]
		return head
	}
	one := func(f flags) []uint64 { return take(count1(r.has(f))) }
	return identifiers{
		external: one(hasExternal), serials: take(int(r.serials)), macs: take(int(r.macs)),
		name: one(hasName), cut: one(hasCut),
	}
}

// placeOf says which of the serials or MACs of a record has the value, so that matchOf finds it again; 0 for none.
func (c *Correlator) placeOf(r *record, m method, h uint64) uint8 {
	ids := c.identifiers(r)
	switch m {
	case methodSerial:
		return uint8(slices.Index(ids.serials, h) + 1)
	case methodMAC:
		return uint8(slices.Index(ids.macs, h) + 1)
	default:
		return 0
	}
}

// matchOf returns the serial number or MAC that links a record, 0 for none.
func (c *Correlator) matchOf(r *record) uint64 {
	ids := c.identifiers(r)
	switch {
	case r.match == 0:
		return 0
	case r.method == methodSerial:
		return ids.serials[r.match-1]
	}
	return ids.macs[r.match-1]
}

// never is when a machine was last seen of which that is not known.
const never = math.MinInt64

// most is the largest number of serials or MACs that is kept of a record.
const most = 32

// addMachine keeps what a machine record says of its identity.
func (c *Correlator) addMachine(e *graph.Element, ref Ref, role *role, state converters.State) {
	m := role.Machine
	r := record{
		ref: ref, key: hash(string(e.Key)), before: noKey, belief: m.BeliefIn(state),
		created: seconds(m.Created.Get(e)), seen: seconds(m.LastSeen.Get(e)), lastSeen: never,
	}
	if _, twice := c.index.find(r.key, c.keyHash); twice {
		return
	}
	r.channel = c.channelOf(e, role, state == converters.Observed)
	r.customer = c.customerOf(e, m)
	r.content = role.contentOf(e)
	if v := m.LastSeen.Get(e); v.Kind() == graph.Time {
		r.lastSeen = v.UnixMilli()
	}
	if email := m.User.Get(e).Text(); email != "" {
		r.user = hash(email)
	} else if login := m.Owner.Get(e).Text(); login != "" {
		r.user = loginOf(e, login)
	}
	switch state {
	case converters.Gone:
		r.flags |= dead
	case converters.Live:
		r.flags |= live
		if m.Symptoms != nil {
			symptoms, known := m.Symptoms(e)
			r.ailments = converters.AilmentsOf(symptoms)
			if known {
				r.flags |= tellsWork
			}
		}
	case converters.NoMachine, converters.Waiting, converters.Observed:
	}
	var external uint64
	if v := m.External.Get(e); !v.IsAbsent() {
		external = within(e.Instance, hash(v.Text()))
	}
	c.keep(e, &r, role, external)
	c.enter(r.key, c.records.push(r))
}

// keep puts the identifiers of a record into the arena.
func (c *Correlator) keep(e *graph.Element, r *record, role *role, external uint64) {
	buffer := c.buffer[:0]
	if external != 0 {
		buffer = append(buffer, external)
		r.flags |= hasExternal
	}
	start := len(buffer)
	kind := c.hardwareOf(role.Machine.Make.Get(e).Text(), role.Machine.Model.Get(e).Text())
	buffer, kind = c.appendSerials(buffer, e, role.Machine, kind)
	r.serials = uint8(len(buffer) - start)
	start = len(buffer)
	buffer = c.appendMACs(buffer, e, role.Machine)
	r.macs = uint8(len(buffer) - start)
	switch {
	case kind == makersSerial:
		r.flags |= ownSerial
	case kind == virtualHardware, kind == unknownHardware && isGuestByAddress(buffer[start:]):
		r.flags |= virtual
	}
	if name := machineName(e, role.Machine); name != "" {
		buffer = append(buffer, hash(name))
		r.flags |= hasName
		if genericName(name) {
			r.flags |= generic
		}
		if cut := cutName(name); cut != "" {
			buffer = append(buffer, hash("cut", cut))
			r.flags |= hasCut
			if cut == name {
				r.flags |= whole15
			}
		}
	}
	c.buffer = buffer
	r.ids = c.arena.place(len(buffer))
	for _, h := range buffer {
		c.arena.add(h)
	}
}

// appendSerials also takes from the serial numbers what the hardware is.
func (c *Correlator) appendSerials(
	b []uint64, e *graph.Element, m *converters.Machine, kind hardware,
) ([]uint64, hardware) {
	start := len(b)
	for _, f := range m.Serials {
		text := f.Get(e).Text()
		if s := c.trustedSerial(text); s != "" {
			if h := hash("serial", s); !slices.Contains(b[start:], h) {
				b = append(b, h)
			}
			switch {
			case kind == namedHardware && isMakersSerial(text):
				kind = makersSerial
			case kind == unknownHardware && isVirtualSerial(s):
				kind = virtualHardware
			}
		}
	}
	return b, kind
}

// appendMACs keeps the telling addresses first, where there are too many.
func (c *Correlator) appendMACs(b []uint64, e *graph.Element, m *converters.Machine) []uint64 {
	start := len(b)
	for _, text := range m.MACs.Get(e).List() {
		if mac := macNumber(text); !junkMAC(mac) && !c.isJunk(text) {
			if c.uses(ruleWeakMACs) {
				mac = rateAddress(mac)
			}
			b = append(b, mac)
		}
	}
	if len(b)-start > 1 {
		slices.SortStableFunc(b[start:], func(x, y uint64) int { return cmp.Compare(worth(x), worth(y)) })
	}
	return b[:min(len(b), start+most)]
}

// worth orders addresses, the most telling first.
func worth(mac uint64) int { return count1(isPooled(mac)) + 2*count1(isWeak(mac)) }

// isGuestByAddress reports whether all addresses that tell anything were made by a hypervisor.
func isGuestByAddress(macs []uint64) bool {
	return len(macs) > 0 && isPooled(macs[0]) // the most telling one
}

// seconds returns a time as Unix seconds, 0 for none.
func seconds(v graph.Value) uint32 {
	s := v.UnixMilli() / int64(time.Second/time.Millisecond)
	return uint32(min(max(s, 0), 1<<32-1))
}
