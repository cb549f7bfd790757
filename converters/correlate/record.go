package correlate

import (
	"slices"
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
	dead     // decommissioned or uninstalled
	approved // managed by the RMM
	whole15  // the name has exactly the length that NetBIOS leaves
)

// A record is what is kept of a machine record. Its identifiers lie side by side in the arena: external id, serials, MACs, name, cut name.
type record struct {
	ref           Ref
	key           uint64 // hash of the record's key
	ids           uint32
	links         uint32 // where what its links lead to begins in targets
	customer      uint32 // index in customers, 0 for none
	before        uint32 // derived key of the last run, noKey for none
	created, seen uint32 // Unix seconds, 0 = not known
	serials, macs uint8
	match         uint8 // which of its serials or MACs links it, set by solving
	flags         flags
	channel       channel
	method        method
	confidence    confidence
}

func (r *record) has(f flags) bool { return r.flags&f != 0 }

// identifiers is a view of the arena; 0 stands for an identifier that turned out to be junk. Of all but serials and MACs there is one or none.
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

// most is the largest number of serials or MACs that is kept of a record.
const most = 32

// addMachine keeps what a machine record says of its identity.
func (c *Correlator) addMachine(e *graph.Element, ref Ref, ch channel) {
	r := record{
		ref: ref, key: hash(string(e.Key)), channel: ch, before: noKey,
		created: seconds(e.Get("createdOn")), seen: seconds(e.Get("lastSeenOn")),
	}
	if _, twice := c.index.find(r.key, c.keyHash); twice {
		return
	}
	var external uint64
	switch ch {
	case agents:
		if v := e.Get("uuid"); !v.IsAbsent() {
			external = hash("sentinelone", v.Text())
		}
		r.customer = c.customerOf(e, "sentinelone_site", "siteId")
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
	}
	c.keep(e, &r, external)
	c.enter(r.key, c.records.push(r))
}

// keep puts the identifiers of a record into the arena.
func (c *Correlator) keep(e *graph.Element, r *record, external uint64) {
	buffer := c.buffer[:0]
	if external != 0 {
		buffer = append(buffer, external)
		r.flags |= hasExternal
	}
	start := len(buffer)
	buffer = c.appendSerials(buffer, e)
	r.serials = uint8(len(buffer) - start)
	start = len(buffer)
	buffer = c.appendMACs(buffer, e)
	r.macs = uint8(len(buffer) - start)
	if name := machineName(e); name != "" {
		buffer = append(buffer, hash(name))
		r.flags |= hasName
		if cut := cutName(name); cut != "" {
			buffer = append(buffer, hash("cut", cut))
			r.flags |= hasCut
			if len(name) == netBIOSLength {
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
