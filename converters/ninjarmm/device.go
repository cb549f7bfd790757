package ninjarmm

import (
	"strings"
	"time"

	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/graph"
)

// A device is a record, and what several members of it tell together.
type device struct {
	*provider.Device
	organization, location string // ids
	webLink                graph.Value
	addresses              converters.AddressSets
}

func devices() *converters.Table[device] {
	t := converters.Declare[device]("ninjarmm_device", Integration, "/v2/devices-detailed", "Device", "Host")
	t.Name(func(d *device) string {
		return converters.FirstText(d.DisplayName, d.SystemName, d.DNSName, d.NetbiosName, d.Name, d.System.Name)
	})
	t.WebLink(func(d *device) graph.Value { return d.webLink })
	t.Text("uid", "absent on servers of before 2025", func(d *device) string { return string(d.UID) })
	t.Text("nodeClass", "WINDOWS_SERVER, MAC, NMS_SWITCH, …", func(d *device) string { return string(d.NodeClass) })
	t.Text("deviceType", "AgentDevice, MdmDevice, VMHost, VMGuest, NMSTarget, …",
		func(d *device) string { return string(d.DeviceType) })
	t.Text("category", "from nodeClass: server, workstation, laptop, mobile, network, printer, phone, vm-host, "+
		"virtual-machine, endpoint or other",
		func(d *device) string { return category(d.Device) })
	t.Text("approvalStatus", "APPROVED or PENDING", func(d *device) string { return string(d.ApprovalStatus) })
	t.Text("organizationId", "", func(d *device) string { return d.organization })
	t.Text("locationId", "", func(d *device) string { return d.location })
	t.Text("roleName", "", func(d *device) string { return d.RoleName })
	t.Text("policyName", "of the policy in force: the device's own, else its role's",
		func(d *device) string { return d.PolicyName })
	t.Texts("tags", "", func(d *device) graph.Value { return graph.TextsOf(d.Tags...) })
	t.Text("systemName", "what the machine calls itself, whatever the characters; Windows cuts it to 15",
		func(d *device) string { return converters.FirstText(d.SystemName, d.System.Name, d.Name) })
	t.Text("hostname", "a DNS label; absent where no name is one", (*device).hostname)
	t.Texts("fqdn", "", func(d *device) graph.Value {
		return converters.FQDNs(string(d.DNSName), string(d.SystemName), string(d.Name))
	})
	t.Text("netbiosName", "", func(d *device) string { return string(d.NetbiosName) })
	t.Text("domain", "DNS domains only",
		func(d *device) string { return converters.DNSDomain(string(d.System.Domain)) })
	t.Text("serial", "as the provider gives it, no placeholder; the service tag of a VM host",
		func(d *device) string { return converters.FirstSerial(d.System.SerialNumber, d.ServiceTag) })
	t.Text("biosSerial", "", func(d *device) string { return converters.FirstSerial(d.System.BIOSSerialNumber) })
	t.Texts("deviceId", "the uid", func(d *device) graph.Value { return graph.TextsOf(string(d.UID)) })
	t.Text("make", "", func(d *device) string { return converters.FirstReal(d.System.Manufacturer, d.Vendor) })
	t.Text("model", "", func(d *device) string { return converters.FirstReal(d.System.Model, d.Model) })
	t.Text("chassisType", "DESKTOP also for many virtual machines: see isVirtual", (*device).chassis)
	t.Bool("isVirtual", "", (*device).virtual)
	t.Text("osName", "", (*device).osName)
	t.Text("osType", "", func(d *device) string { return osType(d.Device).Text() })
	t.Text("osVersion", "release, such as 21H2",
		func(d *device) string { return converters.FirstText(d.OS.ReleaseID, d.Version) })
	t.Text("osDetails", "", (*device).osDetails)
	t.Text("osBuild", "", func(d *device) string {
		return converters.FirstText(d.OS.BuildNumber, d.BuildNumber, d.System.Build)
	})
	t.Text("osArchitecture", "", func(d *device) string { return string(d.OS.Architecture) })
	t.Bool("needsReboot", "", func(d *device) (bool, bool) { return d.OS.NeedsReboot.B, d.OS.NeedsReboot.Set })
	t.Text("assignedOwnerUid", "uid of the user whose device it is",
		func(d *device) string { return string(d.AssignedOwnerUID) })
	t.Text("maintenanceStatus", "PENDING, IN_MAINTENANCE or FAILED; absent where no maintenance is set",
		func(d *device) string { return string(d.Maintenance.Status) })
	t.Time("maintenanceStartsOn", "", func(d *device) time.Time { return d.Maintenance.Start.Time })
	t.Time("maintenanceEndsOn", "absent where it is open", func(d *device) time.Time { return d.Maintenance.End.Time })
	t.Time("warrantyStartedOn", "", func(d *device) time.Time { return d.References.Warranty.StartDate.Time })
	t.Time("warrantyEndsOn", "absent where nobody has told NinjaOne",
		func(d *device) time.Time { return d.References.Warranty.EndDate.Time })
	t.Int("memoryBytes", "", func(d *device) (int64, bool) {
		return positive(d.Memory.Capacity.N, d.System.TotalPhysicalMemory.N, d.MemorySize.N)
	})
	t.Text("cpuName", "", (*device).cpuName)
	t.Int("cpuCores", "of all processors", (*device).cpuCores)
	t.Texts("ipv4Addresses", "", func(d *device) graph.Value { return d.addresses.IPv4 })
	t.Texts("ipv6Addresses", "", func(d *device) graph.Value { return d.addresses.IPv6 })
	t.Texts("macAddresses", "", func(d *device) graph.Value { return converters.MACs(d.MACAddresses...) })
	t.Texts("publicIpAddresses", "among them that of the site's router",
		func(d *device) graph.Value { return d.addresses.Public })
	t.Texts("privateIpAddresses", "", func(d *device) graph.Value { return d.addresses.Private })
	t.Volatile().Text("lastLoggedInUser", "", func(d *device) string { return string(d.LastLoggedInUser) })
	t.Volatile().Bool("active", "online now", func(d *device) (bool, bool) { return !d.Offline.B, d.Offline.Set })
	t.Time("createdOn", "", func(d *device) time.Time { return d.Created.Time })
	t.Time("lastBootOn", "", (*device).lastBoot)
	t.Volatile().Time("lastSeenOn", "last contact", func(d *device) time.Time { return d.LastContact.Time })
	posture(t)
	return t
}

func (t *types) convertDevice(record *provider.Device, id string, f *converters.Fragment) {
	d := &device{Device: record, organization: idText(record.OrganizationID.N), location: idText(record.LocationID.N)}
	d.webLink = f.WebLink(d.Console, "/#/", page(record), "/", id, "/overview")
	d.readAddresses(f.Addresses())
	t.device.Fill(f, id, d)
	f.Relate(t.organizationHasDevice, d.organization, id)
	f.Relate(t.locationHasDevice, d.location, id)
	if isGuest(record) { // the parent of anything else is what monitors it, not what it runs on
		f.Relate(t.deviceHostsDevice, idText(d.ParentDeviceID.N), id)
	}
}

func (d *device) readAddresses(a *converters.Addresses) {
	a.Add(d.IPAddresses...)
	a.Add(string(d.DNSName), string(d.SystemName)) // those of VM hosts and monitored devices are often addresses
	a.AddPublic(d.PublicIP...)
	d.addresses = a.Sets()
}

// hostname prefers dnsName, since systemName is cut to 15 characters on Windows, unless it names another machine or is
// an address.
func (d *device) hostname() string {
	full, system := converters.Hostname(string(d.DNSName)), converters.Hostname(string(d.SystemName))
	if full != "" && hasPrefixFold(full, system) {
		return full
	}
	if system != "" {
		return system
	}
	for _, name := range [...]string{string(d.NetbiosName), string(d.System.Name), string(d.Name)} {
		if label := converters.Hostname(name); label != "" {
			return label
		}
	}
	return ""
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func (d *device) chassis() string {
	if strings.EqualFold(string(d.System.ChassisType), "UNKNOWN") {
		return ""
	}
	return string(d.System.ChassisType)
}

func (d *device) virtual() (virtual, given bool) {
	virtual = isGuest(d.Device) || d.NodeClass == "NMS_VIRTUAL_MACHINE"
	return virtual || d.System.VirtualMachine.B, virtual || d.System.VirtualMachine.Set
}

// cpuName returns the first name in alphabetical order, since the order of the list is not promised.
func (d *device) cpuName() string {
	if len(d.Processors) == 0 {
		return string(d.CPUModel)
	}
	name := ""
	for _, p := range d.Processors {
		if n := string(p.Name); n != "" && (name == "" || n < name) {
			name = n
		}
	}
	return name
}

func (d *device) cpuCores() (n int64, given bool) {
	if len(d.Processors) == 0 {
		return positive(d.CPUCores.N)
	}
	for _, p := range d.Processors {
		n += p.NumCores.N
	}
	return positive(n)
}

// positive returns the first number above zero.
func positive(numbers ...int64) (n int64, given bool) {
	for _, n := range numbers {
		if n > 0 {
			return n, true
		}
	}
	return 0, false
}

func (d *device) lastBoot() time.Time {
	if d.OS.LastBootTime.IsZero() {
		return d.LastBootTime.Time
	}
	return d.OS.LastBootTime.Time
}

// osName returns the name without version. A VM host gives both in one: "VMware ESXi 8.0.1 build-21813344".
func (d *device) osName() string {
	release := string(d.ReleaseName)
	if d.Version != "" {
		release, _, _ = strings.Cut(release, " "+string(d.Version))
	}
	return converters.FirstText(string(d.OS.Name), string(d.GuestOSFullName), release)
}

func (d *device) osDetails() string {
	if d.OS.Name == "" {
		return converters.FirstText(d.ReleaseName, d.GuestOSFullName)
	}
	var room [128]byte
	details := append(room[:0], d.OS.Name...)
	if d.OS.ReleaseID != "" {
		details = append(append(details, ' '), d.OS.ReleaseID...)
	}
	if d.OS.BuildNumber != "" {
		details = append(append(append(details, " (build "...), d.OS.BuildNumber...), ')')
	}
	return string(details)
}
