package simulator

import (
	"strconv"
	"strings"
)

// A deviceFilter is what a df expression asks for.
type deviceFilter struct {
	key     string
	pending bool // status = PENDING; else APPROVED, which is implied
	nobody  bool // a status that no device has
	wants   []func(f *fleet, slot int) bool
}

// filtered lists the devices that df leaves.
func (n *ninja) filtered(c *call) []uint32 {
	q := c.deviceFilter()
	c.f.mu.RLock()
	defer c.f.mu.RUnlock()
	return c.f.view("devices?"+q.key, deviceSlots, func(slot int) bool {
		if q.nobody || !c.f.hasDevice(slot) || c.f.pendingDevice(slot) != q.pending {
			return false
		}
		for _, want := range q.wants {
			if !want(c.f, slot) {
				return false
			}
		}
		return true
	})
}

// deviceFilter reads df (docs/providers/ninjarmm-api.md, "Device filter"). A clause that is not understood is dropped
// silently, as in life.
func (c *call) deviceFilter() deviceFilter {
	q := deviceFilter{key: c.query.Get("df")}
	expression := strings.NewReplacer("&&", "\x00", " AND ", "\x00", " and ", "\x00").Replace(q.key)
	for clause := range strings.SplitSeq(expression, "\x00") {
		if clause = strings.TrimSpace(clause); clause != "" {
			c.clause(&q, clause)
		}
	}
	return q
}

// clause adds one clause to the filter.
func (c *call) clause(q *deviceFilter, text string) {
	if text == "online" || text == "offline" {
		q.wants = append(q.wants, func(f *fleet, slot int) bool { return f.deviceOnline(slot) == (text == "online") })
		return
	}
	if key, list, ok := strings.Cut(text, " in "); ok {
		c.inClause(q, text, strings.TrimSpace(key), strings.TrimSpace(list))
		return
	}
	key, value, ok := strings.Cut(text, "=")
	if !ok {
		key, value, _ = strings.Cut(text, " eq ")
	}
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	number, err := strconv.Atoi(value)
	switch {
	case key == "status":
		q.pending = value == "PENDING"
		q.nobody = value != "PENDING" && value != "APPROVED"
	case key == "class" && value != "":
		q.wants = append(q.wants, func(f *fleet, slot int) bool { return f.nodeClass(slot) == value })
	case (key == "org" || key == "organization") && err == nil:
		q.wants = append(q.wants, func(f *fleet, slot int) bool { return orgID(f.orgOf(slot/deviceSlots)) == number })
	case (key == "loc" || key == "location") && err == nil:
		q.wants = append(q.wants, func(f *fleet, slot int) bool { return f.deviceLocation(slot) == number })
	case key == "id" && err == nil:
		q.wants = append(q.wants, func(f *fleet, slot int) bool { return f.deviceID(slot) == number })
	default:
		c.mistake("clause of df that is not honoured: %s", text)
	}
}

// inClause adds a clause with a list of organizations: org in (1, 2).
func (c *call) inClause(q *deviceFilter, text, key, list string) {
	inner, opened := strings.CutPrefix(list, "(")
	inner, closed := strings.CutSuffix(inner, ")")
	wanted := make(map[int]bool)
	for id := range strings.SplitSeq(inner, ",") {
		number, err := strconv.Atoi(strings.TrimSpace(id))
		opened = opened && err == nil
		wanted[number] = true
	}
	if !opened || !closed || key != "org" && key != "organization" {
		c.mistake("clause of df that is not honoured: %s", text)
		return
	}
	q.wants = append(q.wants, func(f *fleet, slot int) bool { return wanted[orgID(f.orgOf(slot/deviceSlots))] })
}

// deviceLocation is the id of the device's location.
func (f *fleet) deviceLocation(slot int) int {
	i := slot / deviceSlots
	return locationID(f.orgOf(i), f.locationOf(i))
}

// deviceOnline reports whether the device is connected.
func (f *fleet) deviceOnline(slot int) bool { return f.online(slot/deviceSlots, StaleRMM) }

// nodeClass is NinjaRMM's word for the kind.
func (f *fleet) nodeClass(slot int) string {
	i := slot / deviceSlots
	if slot%deviceSlots == 1 {
		return [...]string{"VMWARE_VM_GUEST", "HYPERV_VMM_GUEST"}[digit(f.hyperV(i))]
	}
	switch k := f.states[i].kind; {
	case k == Laptop || k == Desktop:
		return "WINDOWS_WORKSTATION"
	case k == WindowsServer || k == WindowsVM:
		return "WINDOWS_SERVER"
	case k == LinuxServer || k == LinuxVM:
		return "LINUX_SERVER"
	case k == Mac:
		return "MAC"
	case k == Mobile:
		return "APPLE_IOS"
	case k == NetworkDevice:
		return f.words.devices[i%len(f.words.devices)]
	case k == CloudMonitor:
		return "CLOUD_MONITOR_TARGET"
	default:
		return [...]string{"VMWARE_VM_HOST", "HYPERV_VMM_HOST"}[digit(f.hyperV(i))]
	}
}

// deviceType is the discriminator of a device's shape.
func (f *fleet) deviceType(slot int) string {
	if slot%deviceSlots == 1 {
		return "VMGuest"
	}
	switch f.states[slot/deviceSlots].kind {
	case Hypervisor:
		return "VMHost"
	case Mobile:
		return "MdmDevice"
	case NetworkDevice:
		return "NMSTarget"
	case CloudMonitor:
		return "CloudMonitorPing"
	default:
		return "AgentDevice"
	}
}

// nodeClasses lists the classes that occur; a role and a policy exist for each.
func nodeClasses() []string {
	return []string{
		"WINDOWS_WORKSTATION", "WINDOWS_SERVER", "LINUX_SERVER", "MAC", "APPLE_IOS", "NMS_SWITCH", "NMS_PRINTER",
		"NMS_FIREWALL",
		"NMS_WAP", "CLOUD_MONITOR_TARGET", "VMWARE_VM_HOST", "HYPERV_VMM_HOST", "VMWARE_VM_GUEST", "HYPERV_VMM_GUEST",
	}
}
