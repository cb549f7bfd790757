// Package ninjarmm turns the records of a NinjaOne (formerly NinjaRMM) tenant into entities and relationships.
package ninjarmm

import "assetgraph/graph"

// Integration is the value of _integration of everything that New's converter produces.
const Integration = "ninjarmm"

// types are the declared types of the provider.
type types struct {
	organization, location, device, user *graph.Type

	organizationHasLocation, organizationHasDevice, organizationHasUser *graph.Type
	locationHasDevice, deviceHostsDevice                                *graph.Type
}

func newTypes() *types {
	relationship := func(from, verb, to string) *graph.Type {
		return graph.NewRelationshipType(Integration, "ninjarmm_"+from, verb, "ninjarmm_"+to)
	}
	return &types{
		organization: graph.NewEntityType("ninjarmm_organization", Integration, "/v2/organizations", []string{"Organization"},
			graph.Property{Name: "nodeApprovalMode", Kind: graph.Text, Doc: "what happens to new agents: AUTOMATIC, MANUAL or REJECT"},
			graph.Property{Name: "description", Kind: graph.Text},
		),
		location: graph.NewEntityType("ninjarmm_location", Integration, "/v2/locations", []string{"Site"},
			graph.Property{Name: "organizationId", Kind: graph.Text},
			graph.Property{Name: "location", Kind: graph.Text, Doc: "postal address, free text"},
			graph.Property{Name: "description", Kind: graph.Text},
		),
		device:                  newDeviceType(),
		user:                    newUserType(),
		organizationHasLocation: relationship("organization", "HAS", "location"),
		organizationHasDevice:   relationship("organization", "HAS", "device"),
		organizationHasUser:     relationship("organization", "HAS", "user"),
		locationHasDevice:       relationship("location", "HAS", "device"),
		deviceHostsDevice:       relationship("device", "HOSTS", "device"),
	}
}

func newDeviceType() *graph.Type {
	return graph.NewEntityType("ninjarmm_device", Integration, "/v2/devices-detailed", []string{"Device", "Host"},
		graph.Property{Name: "uid", Kind: graph.Text, Doc: "absent on servers of before 2025"},
		graph.Property{Name: "nodeClass", Kind: graph.Text, Doc: "WINDOWS_SERVER, MAC, NMS_SWITCH, …"},
		graph.Property{Name: "deviceType", Kind: graph.Text, Doc: "AgentDevice, MdmDevice, VMHost, VMGuest, NMSTarget, …"},
		graph.Property{Name: "category", Kind: graph.Text, Doc: "from nodeClass: server, workstation, laptop, mobile, network, printer, phone, vm-host, virtual-machine, endpoint or other"},
		graph.Property{Name: "approvalStatus", Kind: graph.Text, Doc: "APPROVED or PENDING"},
		graph.Property{Name: "organizationId", Kind: graph.Text},
		graph.Property{Name: "locationId", Kind: graph.Text},
		graph.Property{Name: "roleName", Kind: graph.Text},
		graph.Property{Name: "policyName", Kind: graph.Text, Doc: "of the policy in force: the device's own, else its role's"},
		graph.Property{Name: "hostname", Kind: graph.Text},
		graph.Property{Name: "fqdn", Kind: graph.Texts},
		graph.Property{Name: "netbiosName", Kind: graph.Text},
		graph.Property{Name: "domain", Kind: graph.Text, Doc: "DNS domains only"},
		graph.Property{Name: "serial", Kind: graph.Text, Doc: "as the provider gives it; the service tag of a VM host"},
		graph.Property{Name: "biosSerial", Kind: graph.Text},
		graph.Property{Name: "deviceId", Kind: graph.Texts, Doc: "the uid"},
		graph.Property{Name: "make", Kind: graph.Text},
		graph.Property{Name: "model", Kind: graph.Text},
		graph.Property{Name: "chassisType", Kind: graph.Text, Doc: "DESKTOP also for many virtual machines: see isVirtual"},
		graph.Property{Name: "isVirtual", Kind: graph.Bool},
		graph.Property{Name: "osName", Kind: graph.Text},
		graph.Property{Name: "osType", Kind: graph.Text},
		graph.Property{Name: "osVersion", Kind: graph.Text, Doc: "release, such as 21H2"},
		graph.Property{Name: "osDetails", Kind: graph.Text},
		graph.Property{Name: "osBuild", Kind: graph.Text},
		graph.Property{Name: "osArchitecture", Kind: graph.Text},
		graph.Property{Name: "needsReboot", Kind: graph.Bool},
		graph.Property{Name: "memoryBytes", Kind: graph.Int},
		graph.Property{Name: "cpuName", Kind: graph.Text},
		graph.Property{Name: "cpuCores", Kind: graph.Int, Doc: "of all processors"},
		graph.Property{Name: "ipv4Addresses", Kind: graph.Texts},
		graph.Property{Name: "ipv6Addresses", Kind: graph.Texts},
		graph.Property{Name: "macAddresses", Kind: graph.Texts},
		graph.Property{Name: "publicIpAddresses", Kind: graph.Texts, Doc: "among them that of the site's router"},
		graph.Property{Name: "privateIpAddresses", Kind: graph.Texts},
		graph.Property{Name: "lastLoggedInUser", Kind: graph.Text, Volatile: true},
		graph.Property{Name: "active", Kind: graph.Bool, Volatile: true, Doc: "online now"},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "lastBootOn", Kind: graph.Time},
		graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true, Doc: "last contact"},
	)
}

func newUserType() *graph.Type {
	return graph.NewEntityType("ninjarmm_user", Integration, "/v2/users", []string{"User"},
		graph.Property{Name: "uid", Kind: graph.Text},
		graph.Property{Name: "username", Kind: graph.Texts, Doc: "the e-mail address, with which users sign in"},
		graph.Property{Name: "email", Kind: graph.Texts},
		graph.Property{Name: "firstName", Kind: graph.Text},
		graph.Property{Name: "lastName", Kind: graph.Text},
		graph.Property{Name: "shortLoginId", Kind: graph.Texts},
		graph.Property{Name: "userType", Kind: graph.Text, Doc: "TECHNICIAN or END_USER"},
		graph.Property{Name: "isAdmin", Kind: graph.Bool},
		graph.Property{Name: "isMfaEnabled", Kind: graph.Bool},
		graph.Property{Name: "isActive", Kind: graph.Bool},
		graph.Property{Name: "organizationId", Kind: graph.Text, Doc: "end users only"},
	)
}

// all returns the types, entities first.
func (t *types) all() []*graph.Type {
	return []*graph.Type{
		t.organization, t.location, t.device, t.user,
		t.organizationHasLocation, t.organizationHasDevice, t.organizationHasUser, t.locationHasDevice, t.deviceHostsDevice,
	}
}
