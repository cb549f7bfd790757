package ninjarmm

import (
	"strings"

	"assetgraph/converters"
	"assetgraph/graph"
)

// roles says what devices, organizations and users are to correlation and reports.
func (t *types) roles() []converters.Role {
	device, organization, user := t.device.Type.Field, t.organization.Type.Field, t.user.Type.Field
	class, kind, approval := device("nodeClass"), device("deviceType"), device("approvalStatus")
	userType := user("userType")
	return []converters.Role{
		{Type: t.device.Type, Machine: &converters.Machine{
			Tool: &converters.Tool{Name: "rmm", Title: "RMM", Product: "NinjaRMM", Noun: "device"},
			Verb: "IS", Belief: converters.Managing,
			State: func(e *graph.Element) converters.State {
				return state(class.Get(e).Text(), kind.Get(e).Text(), approval.Get(e).Text())
			},
			Reads: []graph.Field{approval, class, kind},
			Remark: func(e *graph.Element) string {
				if approval.Get(e).Text() == "PENDING" {
					return "pending"
				}
				return ""
			},
			External: device("id"),
			Serials:  []graph.Field{device("serial"), device("biosSerial")}, MACs: device("macAddresses"),
			Names: []graph.Field{device("systemName"), device("hostname")}, Make: device("make"),
			Model: device("model"), Build: device("osBuild"),
			Customer: device("organizationId"), CustomerOf: t.organization.Type,
			Owner:   device("assignedOwnerUid"),
			Posture: map[string]graph.Field{"pendingReboot": device("needsReboot")},
			Created: device("createdOn"), LastSeen: device("lastSeenOn"),
			Kinds: []graph.Field{class, kind}, Tags: device("tags"),
		}},
		{
			Type:     t.organization.Type,
			Customer: &converters.Customer{Belief: converters.Managing, Name: organization("name")},
		},
		{Type: t.user.Type, Human: &converters.Human{
			Belief: converters.Service, Email: user("email"), FirstName: user("firstName"), LastName: user("lastName"),
			Login:   user("uid"),
			Console: func(e *graph.Element) bool { return userType.Get(e).Text() != "END_USER" },
			Reads:   []graph.Field{userType}, Active: user("isActive"), MFA: user("isMfaEnabled"),
		}},
	}
}

// state sorts classes of devices: network gear, printers and phones on desks, cloud monitors and entries made by hand
// are assets, but no machines that other products could know.
func state(class, kind, approval string) converters.State {
	switch class {
	case "NMS_SERVER", "NMS_COMPUTER", "NMS_VM_HOST", "NMS_VIRTUAL_MACHINE", "VMWARE_VM_GUEST", "HYPERV_VMM_GUEST":
		return converters.Observed
	case "CLOUD_MONITOR_TARGET", "UNMANAGED_DEVICE":
		return converters.NoMachine
	}
	switch {
	case strings.HasPrefix(class, "NMS_"):
		return converters.NoMachine
	case kind == "VMGuest":
		return converters.Observed
	case approval != "APPROVED":
		return converters.Waiting
	}
	return converters.Live
}
