package ninjarmm_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Links lead to the page on which the console shows a device of that class.
func TestPagesOfTheConsole(t *testing.T) {
	for page, classes := range map[string][]string{
		"deviceDashboard":          {"WINDOWS_SERVER", "WINDOWS_WORKSTATION", "LINUX_SERVER", "LINUX_WORKSTATION", "MAC", "MAC_SERVER", "MANAGED_DEVICE", "SOMETHING_NEW", ""},
		"mobileDashboard":          {"ANDROID", "AOSP", "APPLE_IOS", "APPLE_IPADOS", "CHROMEOS"},
		"vmDashboard":              {"VMWARE_VM_HOST", "HYPERV_VMM_HOST"},
		"vmGuestDashboard":         {"VMWARE_VM_GUEST", "HYPERV_VMM_GUEST"},
		"cloudMonitorDashboard":    {"CLOUD_MONITOR_TARGET"},
		"unmanagedDeviceDashboard": {"UNMANAGED_DEVICE"},
		"nmsDashboard": {"NMS_SWITCH", "NMS_ROUTER", "NMS_FIREWALL", "NMS_PRIVATE_NETWORK_GATEWAY", "NMS_PRINTER", "NMS_SCANNER", "NMS_DIAL_MANAGER", "NMS_WAP",
			"NMS_IPSLA", "NMS_COMPUTER", "NMS_VM_HOST", "NMS_APPLIANCE", "NMS_OTHER", "NMS_SERVER", "NMS_PHONE", "NMS_VIRTUAL_MACHINE", "NMS_NETWORK_MANAGEMENT_AGENT", "NMS_NEW"},
	} {
		for _, class := range classes {
			e, _ := device(t, `{"id":17,"nodeClass":"`+class+`"}`)
			require.Equal(t, "https://eu.ninjarmm.com/#/"+page+"/17/overview", e.Get("webLink").Text(), class)
		}
	}
}

// Of a class that is not known yet, the type of device decides.
func TestUnknownClassIsReadByItsType(t *testing.T) {
	for deviceType, want := range map[string]struct{ category, page string }{
		"AgentDevice": {"", "deviceDashboard"}, "MdmDevice": {"mobile", "mobileDashboard"}, "VMHost": {"vm-host", "vmDashboard"},
		"VMGuest": {"virtual-machine", "vmGuestDashboard"}, "NMSServer": {"", "nmsDashboard"}, "NMSTarget": {"", "nmsDashboard"},
		"UnmanagedDevice": {"", "unmanagedDeviceDashboard"}, "CloudMonitorPing": {"other", "cloudMonitorDashboard"},
		"CloudMonitorHTTP": {"other", "cloudMonitorDashboard"}, "SomethingNew": {"", "deviceDashboard"}, "": {"", "deviceDashboard"},
	} {
		for _, class := range []string{"", "SOMETHING_NEW"} {
			e, _ := device(t, `{"id":17,"nodeClass":"`+class+`","deviceType":"`+deviceType+`"}`)
			require.Equal(t, want.category, e.Get("category").Text(), deviceType)
			require.Equal(t, "https://eu.ninjarmm.com/#/"+want.page+"/17/overview", e.Get("webLink").Text(), deviceType)
		}
	}
	for raw, want := range map[string][2]string{
		`{"id":1,"nodeClass":"CHROMEOS","deviceType":"MdmDevice","os":{"name":"ChromeOS"}}`:     {"mobile", "other"},
		`{"id":1,"nodeClass":"AOSP","deviceType":"MdmDevice"}`:                                  {"mobile", "android"},
		`{"id":1,"nodeClass":"VISIONOS","deviceType":"MdmDevice"}`:                              {"mobile", ""},
		`{"id":1,"nodeClass":"TIZEN","deviceType":"MdmDevice","os":{"name":"Android 14"}}`:      {"mobile", "android"},
		`{"id":1,"nodeClass":"MAC","deviceType":"MdmDevice","system":{"chassisType":"LAPTOP"}}`: {"laptop", "darwin"},
		`{"id":1,"nodeClass":"MANAGED_DEVICE","deviceType":"UnmanagedDevice"}`:                  {"", ""},
		`{"id":1,"nodeClass":"WINDOWS_WORKSTATION","system":{"chassisType":"CONVERTIBLE"}}`:     {"laptop", "windows"},
		`{"id":1,"nodeClass":"WINDOWS_WORKSTATION","system":{"chassisType":"DETACHABLE"}}`:      {"laptop", "windows"},
		`{"id":1,"nodeClass":"WINDOWS_WORKSTATION","system":{"chassisType":"Tablet"}}`:          {"laptop", "windows"},
		`{"id":1,"nodeClass":"WINDOWS_WORKSTATION","system":{"chassisType":"DESKTOP"}}`:         {"workstation", "windows"},
		`{"id":1,"nodeClass":"WINDOWS_SERVER","system":{"chassisType":"TABLET"}}`:               {"server", "windows"},
	} {
		e, _ := device(t, raw)
		require.Equal(t, want, [2]string{e.Get("category").Text(), e.Get("osType").Text()}, raw)
	}
}
