package ninjarmm

import (
	"slices"
	"strings"

	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/graph"
)

// A class is what a nodeClass, or where that is not known a deviceType, tells of a device.
type class struct {
	category string // in the words of the class Device; "" for one that says nothing
	osType   string // "" where the names of the operating system decide
	page     string // of the console on which the device is shown
}

// Pages of the console. Those of all but agents have a name of their own.
const (
	agentPage     = "deviceDashboard"
	mobilePage    = "mobileDashboard"
	hostPage      = "vmDashboard"
	guestPage     = "vmGuestDashboard"
	networkPage   = "nmsDashboard"
	cloudPage     = "cloudMonitorDashboard"
	unmanagedPage = "unmanagedDeviceDashboard"
)

// classOf takes the nodeClass at its word. NinjaOne adds classes: of one that is not known, such as the next kind of
// device under mobile management, the deviceType, which has been the same for years, says what it is.
func classOf(d *provider.Device) class {
	switch d.NodeClass {
	case "WINDOWS_SERVER":
		return class{"server", "windows", agentPage}
	case "LINUX_SERVER":
		return class{"server", "linux", agentPage}
	case "MAC_SERVER":
		return class{"server", "darwin", agentPage}
	case "WINDOWS_WORKSTATION":
		return class{"workstation", "windows", agentPage}
	case "LINUX_WORKSTATION":
		return class{"workstation", "linux", agentPage}
	case "MAC":
		return class{"workstation", "darwin", agentPage}
	case "ANDROID", "AOSP": // AOSP: Android without Google's services, on scanners and headsets
		return class{"mobile", "android", mobilePage}
	case "APPLE_IOS", "APPLE_IPADOS":
		return class{"mobile", "ios", mobilePage}
	case "CHROMEOS":
		return class{"mobile", "other", mobilePage}
	case "VMWARE_VM_HOST":
		return class{"vm-host", "other", hostPage}
	case "HYPERV_VMM_HOST":
		return class{"vm-host", "windows", hostPage}
	case "VMWARE_VM_GUEST", "HYPERV_VMM_GUEST":
		return class{"virtual-machine", "", guestPage}
	case "CLOUD_MONITOR_TARGET":
		return class{"other", "", cloudPage}
	case "MANAGED_DEVICE": // the counterpart of the next one: neither says what kind of thing it is
		return class{"", "", agentPage}
	case "UNMANAGED_DEVICE": // only listed: no agent, no monitoring
		return class{"", "", unmanagedPage}
	}
	if strings.HasPrefix(string(d.NodeClass), "NMS_") {
		return class{networkCategory(d), "", networkPage}
	}
	return classOfType(string(d.DeviceType))
}

// networkCategory is the category of what network monitoring has found.
func networkCategory(d *provider.Device) string {
	switch d.NodeClass {
	case "NMS_SERVER":
		return "server"
	case "NMS_VM_HOST":
		return "vm-host"
	case "NMS_VIRTUAL_MACHINE":
		return "virtual-machine"
	case "NMS_SWITCH", "NMS_ROUTER", "NMS_FIREWALL", "NMS_PRIVATE_NETWORK_GATEWAY", "NMS_DIAL_MANAGER", "NMS_WAP",
		"NMS_IPSLA", "NMS_NETWORK_MANAGEMENT_AGENT":
		return "network"
	case "NMS_PRINTER", "NMS_SCANNER":
		return "printer"
	case "NMS_PHONE":
		return "phone"
	case "NMS_COMPUTER":
		return "endpoint"
	case "NMS_APPLIANCE", "NMS_OTHER":
		return "other"
	}
	return ""
}

// classOfType tells by the deviceType what a device of an unknown nodeClass is.
func classOfType(deviceType string) class {
	switch deviceType {
	case "MdmDevice":
		return class{"mobile", "", mobilePage}
	case "VMHost":
		return class{"vm-host", "", hostPage}
	case "VMGuest":
		return class{"virtual-machine", "", guestPage}
	case "NMSServer", "NMSTarget":
		return class{"", "", networkPage}
	case "UnmanagedDevice":
		return class{"", "", unmanagedPage}
	}
	if strings.HasPrefix(deviceType, "CloudMonitor") { // one type for each protocol
		return class{"other", "", cloudPage}
	}
	return class{"", "", agentPage}
}

// category says in the words of the class Device what a device is; "" where nothing tells.
func category(d *provider.Device) string {
	c := classOf(d).category
	if c == "workstation" && isLaptop(d) {
		return "laptop"
	}
	return c
}

// page is the page of the console on which a device is shown.
func page(d *provider.Device) string { return classOf(d).page }

// isLaptop reports whether the chassis is that of a portable machine (SMBIOS 7.4.1: tablets, convertibles and
// detachables among them). A virtual machine may be told to have any.
func isLaptop(d *provider.Device) bool {
	chassis := strings.ToUpper(string(d.System.ChassisType))
	return !d.System.VirtualMachine.B &&
		slices.ContainsFunc([]string{"LAPTOP", "NOTEBOOK", "PORTABLE", "CONVERTIBLE", "DETACHABLE", "TABLET"},
			func(word string) bool { return strings.Contains(chassis, word) })
}

// isGuest reports whether the device is a virtual machine as its hypervisor sees it.
func isGuest(d *provider.Device) bool {
	return d.DeviceType == "VMGuest" || d.NodeClass == "VMWARE_VM_GUEST" || d.NodeClass == "HYPERV_VMM_GUEST"
}

// osType takes the class at its word, since the names of operating systems are in many spellings.
func osType(d *provider.Device) graph.Value {
	if system := classOf(d).osType; system != "" {
		return graph.TextOf(system)
	}
	return graph.TextOf(converters.OSType(string(d.OS.Name), string(d.GuestOSFullName), string(d.GuestOSFamily),
		string(d.ReleaseName)))
}
