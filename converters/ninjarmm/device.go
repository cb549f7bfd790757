package ninjarmm

import (
	"strings"

	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/graph"
)

func (t *types) convertDevice(d *provider.Device, id string, f *converters.Fragment) {
	organization, location := idText(d.OrganizationID.N), idText(d.LocationID.N)
	e := f.Entity(t.device, id)
	e.Set("name", text(d.DisplayName, d.SystemName, d.DNSName, d.NetbiosName, d.Name, d.System.Name))
	e.Set("webLink", f.WebLink(d.Console, "/#/", page(d), "/", id, "/overview"))
	e.Set("uid", graph.TextOf(string(d.UID)))
	e.Set("nodeClass", graph.TextOf(string(d.NodeClass)))
	e.Set("deviceType", graph.TextOf(string(d.DeviceType)))
	e.Set("category", graph.TextOf(category(d)))
	e.Set("approvalStatus", graph.TextOf(string(d.ApprovalStatus)))
	e.Set("organizationId", graph.TextOf(organization))
	e.Set("locationId", graph.TextOf(location))
	e.Set("roleName", graph.TextOf(d.RoleName))
	e.Set("policyName", graph.TextOf(d.PolicyName))
	e.Set("lastLoggedInUser", graph.TextOf(string(d.LastLoggedInUser)))
	e.Set("active", converters.Bool(!d.Offline.B, d.Offline.Set))
	e.Set("createdOn", graph.TimeOf(d.Created.Time))
	e.Set("lastSeenOn", graph.TimeOf(d.LastContact.Time))
	setNames(e, d)
	setHardware(e, d)
	setSystem(e, d)
	setNetwork(e, d, f.Addresses())
	f.Relate(t.organizationHasDevice, organization, id)
	f.Relate(t.locationHasDevice, location, id)
	if isGuest(d) { // the parent of anything else is what monitors it, not what it runs on
		f.Relate(t.deviceHostsDevice, idText(d.ParentDeviceID.N), id)
	}
}

func setNames(e *graph.Element, d *provider.Device) {
	e.Set("hostname", hostname(d))
	e.Set("fqdn", converters.FQDNs(string(d.DNSName), string(d.SystemName), string(d.Name)))
	e.Set("netbiosName", graph.TextOf(string(d.NetbiosName)))
	e.Set("domain", graph.TextOf(converters.DNSDomain(string(d.System.Domain))))
}

// hostname prefers dnsName, since systemName is cut to 15 characters on Windows, unless it names another machine or is
// an address.
func hostname(d *provider.Device) graph.Value {
	full, system := converters.Hostname(string(d.DNSName)), converters.Hostname(string(d.SystemName))
	if !full.IsAbsent() && hasPrefixFold(full.Text(), system.Text()) {
		return full
	}
	if !system.IsAbsent() {
		return system
	}
	for _, name := range [...]string{string(d.NetbiosName), string(d.System.Name), string(d.Name)} {
		if v := converters.Hostname(name); !v.IsAbsent() {
			return v
		}
	}
	return graph.Value{}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func setHardware(e *graph.Element, d *provider.Device) {
	e.Set("serial", text(d.System.SerialNumber, d.ServiceTag))
	e.Set("biosSerial", graph.TextOf(string(d.System.BIOSSerialNumber)))
	e.Set("deviceId", graph.TextsOf(string(d.UID)))
	e.Set("make", text(d.System.Manufacturer, d.Vendor))
	e.Set("model", text(d.System.Model, d.Model))
	if !strings.EqualFold(string(d.System.ChassisType), "UNKNOWN") {
		e.Set("chassisType", graph.TextOf(string(d.System.ChassisType)))
	}
	virtual := isGuest(d) || d.NodeClass == "NMS_VIRTUAL_MACHINE"
	e.Set("isVirtual", converters.Bool(virtual || d.System.VirtualMachine.B, virtual || d.System.VirtualMachine.Set))
	e.Set("memoryBytes", positive(d.Memory.Capacity.N, d.System.TotalPhysicalMemory.N, d.MemorySize.N))
	name, cores := string(d.CPUModel), d.CPUCores.N
	if len(d.Processors) > 0 {
		name, cores = processors(d.Processors)
	}
	e.Set("cpuName", graph.TextOf(name))
	e.Set("cpuCores", positive(cores))
}

// processors returns the first name in alphabetical order, since the order of the list is not promised, and the sum of the
// cores.
func processors(list []provider.Processor) (name string, cores int64) {
	for _, p := range list {
		if n := string(p.Name); n != "" && (name == "" || n < name) {
			name = n
		}
		cores += p.NumCores.N
	}
	return name, cores
}

// positive returns the first number above zero.
func positive(numbers ...int64) graph.Value {
	for _, n := range numbers {
		if n > 0 {
			return graph.IntOf(n)
		}
	}
	return graph.Value{}
}

func setSystem(e *graph.Element, d *provider.Device) {
	e.Set("osName", osName(d))
	e.Set("osType", osType(d))
	e.Set("osVersion", text(d.OS.ReleaseID, d.Version))
	e.Set("osDetails", osDetails(d))
	e.Set("osBuild", text(d.OS.BuildNumber, d.BuildNumber, d.System.Build))
	e.Set("osArchitecture", graph.TextOf(string(d.OS.Architecture)))
	e.Set("needsReboot", converters.Bool(d.OS.NeedsReboot.B, d.OS.NeedsReboot.Set))
	boot := d.OS.LastBootTime.Time
	if boot.IsZero() {
		boot = d.LastBootTime.Time
	}
	e.Set("lastBootOn", graph.TimeOf(boot))
}

// osName returns the name without version. A VM host gives both in one: "VMware ESXi 8.0.1 build-21813344".
func osName(d *provider.Device) graph.Value {
	release := string(d.ReleaseName)
	if d.Version != "" {
		release, _, _ = strings.Cut(release, " "+string(d.Version))
	}
	return text(string(d.OS.Name), string(d.GuestOSFullName), release)
}

func osDetails(d *provider.Device) graph.Value {
	if d.OS.Name == "" {
		return text(d.ReleaseName, d.GuestOSFullName)
	}
	var room [128]byte
	details := append(room[:0], d.OS.Name...)
	if d.OS.ReleaseID != "" {
		details = append(append(details, ' '), d.OS.ReleaseID...)
	}
	if d.OS.BuildNumber != "" {
		details = append(append(append(details, " (build "...), d.OS.BuildNumber...), ')')
	}
	return graph.TextOf(string(details))
}

func setNetwork(e *graph.Element, d *provider.Device, a *converters.Addresses) {
	a.Add(d.IPAddresses...)
	a.Add(string(d.DNSName), string(d.SystemName)) // those of VM hosts and monitored devices are often addresses
	a.AddPublic(d.PublicIP...)
	a.SetOn(e)
	e.Set("macAddresses", converters.MACs(d.MACAddresses...))
}
