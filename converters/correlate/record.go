package correlate

import (
	"strings"
	"time"

	"assetgraph/graph"
)

// A channel is a way in which a product sees machines. A machine has one live record in each.
type channel uint8

// NinjaRMM has two: devices that it manages, and what it merely sees from elsewhere (a hypervisor's guests, monitored targets). A virtual
// machine with an agent is in both, and that is no contradiction.
const (
	agents channel = iota
	devices
	observed
	computers
	channels
)

// flags say which identifiers a record has in the arena and what it tells for the device.
type flags uint8

const (
	hasExternal flags = 1 << iota
	hasName
	hasCut
	hasEmail
	dead     // decommissioned or uninstalled
	approved // managed by the RMM
	whole15  // the name has exactly the length that NetBIOS leaves
)

// A record is what is kept of a machine record. Its identifiers lie side by side in the arena: external id, serials, MACs, name, cut name,
// e-mail.
type record struct {
	ref           Ref
	key           uint64 // hash of the record's key
	match         uint64 // the identifier that links it, set by solving
	ids           uint32
	customer      uint32 // index in customers, 0 for none
	created, seen uint32 // Unix seconds, 0 = not known
	serials, macs uint8
	flags         flags
	channel       channel
	method        method
	confidence    confidence
}

func (r *record) has(f flags) bool { return r.flags&f != 0 }

// identifiers is a view of the arena; 0 stands for an identifier that turned out to be junk. Of all but serials and MACs there is one or none.
type identifiers struct {
	external, serials, macs, name, cut, email []uint64
}

func (c *Correlator) identifiers(r *record) identifiers {
	n := int(r.serials) + int(r.macs)
	for f := hasExternal; f <= hasEmail; f <<= 1 {
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
		name: one(hasName), cut: one(hasCut), email: one(hasEmail),
	}
}

// most is the largest number of serials or MACs that is kept of a record.
const most = 32

// addMachine keeps what a machine record says of its identity.
func (c *Correlator) addMachine(e *graph.Element, ref Ref, ch channel) {
	r := record{
		ref: ref, key: hash(string(e.Key)), channel: ch,
		created: seconds(e.Get("createdOn")), seen: seconds(e.Get("lastSeenOn")),
	}
	var external, email uint64
	switch ch {
	case agents:
		external = hash("sentinelone", e.Get("uuid").Text())
		r.customer = c.customerOf(e, "sentinelone_site", "siteId")
		if e.Get("uuid").IsAbsent() {
			external = 0
		}
		if e.Get("isDecommissioned").Bool() || e.Get("isUninstalled").Bool() {
			r.flags |= dead
		}
	case devices, observed:
		external = hash("ninjarmm", e.Get("id").Text())
		r.customer = c.customerOf(e, "ninjarmm_organization", "organizationId")
		if ch == devices && e.Get("approvalStatus").Text() == "APPROVED" {
			r.flags |= approved
		}
	case computers, channels:
		r.customer = c.customerOf(e, "immybot_tenant", "tenantId")
		if v := e.Get("primaryUserEmail"); !v.IsAbsent() {
			email = hash(v.Text())
		}
	}
	c.keep(e, &r, external, email)
	c.records.place(1)
	c.records.add(r)
}

// keep puts the identifiers of a record into the arena.
func (c *Correlator) keep(e *graph.Element, r *record, external, email uint64) {
	buffer := c.buffer[:0]
	push := func(f flags, h uint64) {
		if h != 0 {
			buffer = append(buffer, h)
			r.flags |= f
		}
	}
	push(hasExternal, external)
	start := len(buffer)
	buffer = c.appendSerials(buffer, e)
	r.serials = uint8(len(buffer) - start)
	start = len(buffer)
	buffer = c.appendMACs(buffer, e)
	r.macs = uint8(len(buffer) - start)
	if name := machineName(e); name != "" {
		push(hasName, hash(name))
		if cut := cutName(name); cut != "" {
			push(hasCut, hash("cut", cut))
			if len(name) == netBIOSLength {
				r.flags |= whole15
			}
		}
	}
	push(hasEmail, email)
	c.buffer = buffer
	r.ids = c.arena.place(len(buffer))
	for _, h := range buffer {
		c.arena.add(h)
	}
}

func (c *Correlator) appendSerials(b []uint64, e *graph.Element) []uint64 {
	first := c.trustedSerial(e.Get("serial").Text())
	if first != "" {
		b = append(b, hash("serial", first))
	}
	if second := c.trustedSerial(e.Get("biosSerial").Text()); second != "" && second != first {
		b = append(b, hash("serial", second))
	}
	return b
}

func (c *Correlator) appendMACs(b []uint64, e *graph.Element) []uint64 {
	n := 0
	for _, text := range e.Get("macAddresses").List() {
		if mac := macNumber(text); !junkMAC(mac) && !c.isJunk(text) && n < most {
			b = append(b, mac)
			n++
		}
	}
	return b
}

// seconds returns a time as Unix seconds, 0 for none.
func seconds(v graph.Value) uint32 {
	s := v.UnixMilli() / int64(time.Second/time.Millisecond)
	return uint32(min(max(s, 0), 1<<32-1))
}

// channelOf says how the product sees the machine; false for records of what is no machine.
func channelOf(e *graph.Element) (channel, bool) {
	switch e.Type.Name {
	case "sentinelone_agent":
		switch strings.ToLower(e.Get("machineType").Text()) {
		case "kubernetes pod", "kubernetes helper", "ecs task": // parts of a machine's load
			return 0, false
		}
		return agents, true
	case "ninjarmm_device":
		return deviceChannel(e.Get("nodeClass").Text(), e.Get("deviceType").Text())
	case "immybot_computer":
		return computers, true
	}
	return 0, false
}

// deviceChannel sorts NinjaRMM's classes: network gear, printers and phones on desks, cloud monitors and entries made by hand are assets,
// but no machines that other products could know.
func deviceChannel(class, kind string) (channel, bool) {
	switch class {
	case "NMS_SERVER", "NMS_COMPUTER", "NMS_VM_HOST", "NMS_VIRTUAL_MACHINE", "VMWARE_VM_GUEST", "HYPERV_VMM_GUEST":
		return observed, true
	case "CLOUD_MONITOR_TARGET", "UNMANAGED_DEVICE":
		return 0, false
	}
	switch {
	case strings.HasPrefix(class, "NMS_"):
		return 0, false
	case kind == "VMGuest":
		return observed, true
	}
	return devices, true
}
