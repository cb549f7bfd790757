package ninjarmm

import (
	"strings"

	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/graph"
)

// category says in the words of the class Device what a nodeClass (API.md §3) is; "" for those that say nothing, and for
// ones that are not known.
func category(d *provider.Device) string {
	switch d.NodeClass {
	case "WINDOWS_SERVER", "LINUX_SERVER", "MAC_SERVER", "NMS_SERVER":
		return "server"
	case "WINDOWS_WORKSTATION", "LINUX_WORKSTATION", "MAC":
		if isLaptop(d) {
			return "laptop"
		}
		return "workstation"
	case "ANDROID", "APPLE_IOS", "APPLE_IPADOS":
		return "mobile"
	case "VMWARE_VM_HOST", "HYPERV_VMM_HOST", "NMS_VM_HOST":
		return "vm-host"
	case "VMWARE_VM_GUEST", "HYPERV_VMM_GUEST", "NMS_VIRTUAL_MACHINE":
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
	case "NMS_APPLIANCE", "NMS_OTHER", "CLOUD_MONITOR_TARGET":
		return "other"
	}
	return ""
}

// isLaptop reports whether the chassis is that of a portable machine. A virtual machine may be told to have any.
func isLaptop(d *provider.Device) bool {
	chassis := strings.ToUpper(string(d.System.ChassisType))
	return !d.System.VirtualMachine.B && (strings.Contains(chassis, "LAPTOP") || strings.Contains(chassis, "NOTEBOOK"))
}

// isGuest reports whether the device is a virtual machine as its hypervisor sees it.
func isGuest(d *provider.Device) bool {
	return d.DeviceType == "VMGuest" || d.NodeClass == "VMWARE_VM_GUEST" || d.NodeClass == "HYPERV_VMM_GUEST"
}

// osType takes the class at its word, since the names of operating systems are in many spellings.
func osType(d *provider.Device) graph.Value {
	switch d.NodeClass {
	case "WINDOWS_SERVER", "WINDOWS_WORKSTATION", "HYPERV_VMM_HOST":
		return graph.TextOf("windows")
	case "LINUX_SERVER", "LINUX_WORKSTATION":
		return graph.TextOf("linux")
	case "MAC", "MAC_SERVER":
		return graph.TextOf("darwin")
	case "APPLE_IOS", "APPLE_IPADOS":
		return graph.TextOf("ios")
	case "ANDROID":
		return graph.TextOf("android")
	case "VMWARE_VM_HOST":
		return graph.TextOf("other")
	}
	return graph.TextOf(converters.OSType(string(d.OS.Name), string(d.GuestOSFullName), string(d.GuestOSFamily), string(d.ReleaseName)))
}
