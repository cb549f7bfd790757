package ninjarmm_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters/internal/convertertest"
	"assetgraph/graph"
)

// device converts one device and returns its entity and the names of its relationships.
func device(t *testing.T, raw string) (*graph.Element, []string) {
	t.Helper()
	elements := convert(t, record(t, provider.KindDevice, []byte(raw)))
	var related []string
	for _, e := range elements[1:] {
		related = append(related, e.Type.Name)
	}
	return elements[0], related
}

// What people call a machine says nothing of what it calls itself.
func TestSystemName(t *testing.T) {
	for raw, want := range map[string]string{
		`{"id":1,"displayName":"Front desk","systemName":"ACME_PC_01"}`:                 "ACME_PC_01",
		`{"id":1,"displayName":"Front desk","systemName":"MÜLLER-PC","dnsName":"m.de"}`: "MÜLLER-PC",
		`{"id":1,"displayName":"iPad","system":{"name":"Anna's iPad"}}`:                 "Anna's iPad",
		`{"id":1,"displayName":"Host","name":"esxi_03"}`:                                "esxi_03",
		`{"id":1,"displayName":"core-sw"}`:                                              "",
	} {
		e, _ := device(t, raw)
		require.Equal(t, want, e.Get("systemName").Text(), raw)
	}
}

func TestHostname(t *testing.T) {
	for name, x := range map[string]struct{ raw, want string }{
		"systemName is cut to 15 characters": {`{"id":1,"systemName":"ACCOUNTING-LAPT","dnsName":"accounting-laptop-07.corp.example.com"}`, "accounting-laptop-07"},
		"without a domain":                   {`{"id":1,"systemName":"ACCOUNTING-LAPT","dnsName":"Accounting-Laptop-07"}`, "Accounting-Laptop-07"},
		"dnsName is of another machine":      {`{"id":1,"systemName":"web01","dnsName":"static-21.isp.example.net"}`, "web01"},
		"dnsName is shorter":                 {`{"id":1,"systemName":"web01","dnsName":"web.example.net"}`, "web01"},
		"dnsName is an address":              {`{"id":1,"systemName":"esxi03.example.com","dnsName":"192.168.50.43"}`, "esxi03"},
		"only dnsName":                       {`{"id":1,"dnsName":"web01.example.com"}`, "web01"},
		"both are addresses":                 {`{"id":1,"systemName":"10.0.0.2","dnsName":"10.0.0.2"}`, ""},
		"only netbiosName":                   {`{"id":1,"systemName":"DC01 (old)","netbiosName":"DC01"}`, "DC01"},
		"only system.name":                   {`{"id":1,"system":{"name":"iPhone-of-max"}}`, "iPhone-of-max"},
		"displayName is free text":           {`{"id":1,"displayName":"core-sw"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := device(t, x.raw)
			require.Equal(t, x.want, e.Get("hostname").Text())
		})
	}
}

func TestName(t *testing.T) {
	for raw, want := range map[string]string{
		`{"id":1,"displayName":"Front desk","systemName":"PC1"}`: "Front desk",
		`{"id":1,"displayName":" ","systemName":"PC1"}`:          "PC1",
		`{"id":1,"dnsName":"pc1.example.com"}`:                   "pc1.example.com",
		`{"id":1}`:                                               "1",
	} {
		e, _ := device(t, raw)
		require.Equal(t, want, e.Get("name").Text(), raw)
		require.Equal(t, want, e.Get("displayName").Text(), raw)
	}
}

func TestOnlyAHypervisorHostsADevice(t *testing.T) {
	const hosts = "ninjarmm_device_hosts_device"
	for raw, want := range map[string]bool{
		`{"id":1,"parentDeviceId":7,"nodeClass":"VMWARE_VM_GUEST"}`:                           true,
		`{"id":1,"parentDeviceId":7,"nodeClass":"HYPERV_VMM_GUEST"}`:                          true,
		`{"id":1,"parentDeviceId":7,"deviceType":"VMGuest"}`:                                  true,
		`{"id":1,"nodeClass":"VMWARE_VM_GUEST"}`:                                              false,
		`{"id":1,"parentDeviceId":null,"nodeClass":"VMWARE_VM_GUEST"}`:                        false,
		`{"id":1,"parentDeviceId":7,"nodeClass":"NMS_SWITCH","deviceType":"NMSTarget"}`:       false, // a probe
		`{"id":1,"parentDeviceId":6,"nodeClass":"VMWARE_VM_HOST","deviceType":"VMHost"}`:      false, // the agent that watches it
		`{"id":1,"parentDeviceId":6,"nodeClass":"WINDOWS_SERVER","deviceType":"AgentDevice"}`: false,
	} {
		_, related := device(t, raw)
		if want {
			require.Contains(t, related, hosts, raw)
		} else {
			require.NotContains(t, related, hosts, raw)
		}
	}
}

func TestReferencesToNothing(t *testing.T) {
	for _, raw := range []string{`{"id":1}`, `{"id":1,"organizationId":null,"locationId":0}`} {
		e, related := device(t, raw)
		require.Empty(t, related)
		require.True(t, e.Get("organizationId").IsAbsent())
		require.True(t, e.Get("locationId").IsAbsent())
	}
}

func TestUserOfAnOrganization(t *testing.T) {
	for raw, want := range map[string]int{
		`{"id":1,"userType":"END_USER","organizationId":2}`:    2,
		`{"id":1,"userType":"END_USER","organizationId":null}`: 1,
		`{"id":1,"userType":"TECHNICIAN","organizationId":2}`:  1,
		`{"id":1,"organizationId":2}`:                          1,
	} {
		require.Len(t, convert(t, record(t, provider.KindUser, []byte(raw))), want, raw)
	}
}

func TestAddressesInAllSpellings(t *testing.T) {
	for name, raw := range map[string]string{
		"list":           `{"id":1,"ipAddresses":["10.0.0.5","fe80::1%12"],"macAddresses":["AA:BB:CC:00:00:05","aa-bb-cc-00-00-05"]}`,
		"joined":         `{"id":1,"ipAddresses":"10.0.0.5|fe80::1","macAddresses":"AA:BB:CC:00:00:05|00:00:00:00:00:00"}`,
		"joined members": `{"id":1,"ipAddresses":["10.0.0.5|fe80::1",null],"macAddresses":["AABB.CC00.0005|ff:ff:ff:ff:ff:ff"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := device(t, raw)
			require.Equal(t, []string{"10.0.0.5"}, e.Get("ipv4Addresses").List())
			require.Equal(t, []string{"fe80::1"}, e.Get("ipv6Addresses").List())
			require.Equal(t, []string{"10.0.0.5"}, e.Get("privateIpAddresses").List())
			require.Equal(t, []string{"aa:bb:cc:00:00:05"}, e.Get("macAddresses").List())
		})
	}
}

func TestOrderOfListsIsNoChange(t *testing.T) {
	a, _ := device(t, `{"id":1,"ipAddresses":["10.0.0.5","10.0.0.6"],"macAddresses":["aa:bb:cc:00:00:05","aa:bb:cc:00:00:06"],"processors":[{"name":"A","numCores":2},{"name":"B","numCores":4}]}`)
	b, _ := device(t, `{"id":1,"ipAddresses":["10.0.0.6","10.0.0.5"],"macAddresses":["AA:BB:CC:00:00:06","aa:bb:cc:00:00:05"],"processors":[{"name":"B","numCores":4},{"name":"A","numCores":2}]}`)
	require.Equal(t, a.Digest, b.Digest)
}

func TestWhatChangesByItselfIsNoUpdate(t *testing.T) {
	a, _ := device(t, `{"id":1,"offline":false,"lastContact":1759136775.9,"lastLoggedInUser":"A\\b"}`)
	b, _ := device(t, `{"id":1,"offline":true,"lastContact":1759137775.9,"lastLoggedInUser":"A\\c","lastUpdate":1759137775.9}`)
	require.Equal(t, a.Digest, b.Digest)
	require.NotEqual(t, a.Volatile, b.Volatile)
	c, _ := device(t, `{"id":1,"offline":true,"os":{"needsReboot":true}}`)
	require.NotEqual(t, a.Digest, c.Digest)
}

func TestActiveIsAbsentWhereNotTold(t *testing.T) {
	e, _ := device(t, `{"id":1}`)
	require.True(t, e.Get("active").IsAbsent())
	e, _ = device(t, `{"id":1,"offline":true}`)
	require.Equal(t, graph.BoolOf(false), e.Get("active"))
}

func TestClasses(t *testing.T) {
	for class, want := range map[string]struct{ category, osType string }{
		"WINDOWS_SERVER": {"server", "windows"}, "WINDOWS_WORKSTATION": {"workstation", "windows"},
		"LINUX_SERVER": {"server", "linux"}, "LINUX_WORKSTATION": {"workstation", "linux"},
		"MAC": {"workstation", "darwin"}, "MAC_SERVER": {"server", "darwin"},
		"ANDROID": {"mobile", "android"}, "APPLE_IOS": {"mobile", "ios"}, "APPLE_IPADOS": {"mobile", "ios"},
		"VMWARE_VM_HOST": {"vm-host", "other"}, "HYPERV_VMM_HOST": {"vm-host", "windows"}, "NMS_VM_HOST": {"vm-host", ""},
		"VMWARE_VM_GUEST": {"virtual-machine", ""}, "HYPERV_VMM_GUEST": {"virtual-machine", ""}, "NMS_VIRTUAL_MACHINE": {"virtual-machine", ""},
		"NMS_SWITCH": {"network", ""}, "NMS_ROUTER": {"network", ""}, "NMS_FIREWALL": {"network", ""}, "NMS_WAP": {"network", ""},
		"NMS_PRIVATE_NETWORK_GATEWAY": {"network", ""}, "NMS_DIAL_MANAGER": {"network", ""}, "NMS_IPSLA": {"network", ""},
		"NMS_NETWORK_MANAGEMENT_AGENT": {"network", ""}, "NMS_PRINTER": {"printer", ""}, "NMS_SCANNER": {"printer", ""},
		"NMS_COMPUTER": {"endpoint", ""}, "NMS_SERVER": {"server", ""}, "NMS_PHONE": {"phone", ""},
		"NMS_APPLIANCE": {"other", ""}, "NMS_OTHER": {"other", ""}, "CLOUD_MONITOR_TARGET": {"other", ""},
		"UNMANAGED_DEVICE": {"", ""}, "MANAGED_DEVICE": {"", ""}, "SOMETHING_NEW": {"", ""},
	} {
		e, _ := device(t, `{"id":1,"nodeClass":"`+class+`"}`)
		require.Equal(t, want.category, e.Get("category").Text(), class)
		require.Equal(t, want.osType, e.Get("osType").Text(), class)
		require.Equal(t, class, e.Get("nodeClass").Text())
	}
}

func TestAVirtualMachineIsNoLaptop(t *testing.T) {
	for raw, want := range map[string]string{
		`{"id":1,"nodeClass":"MAC","system":{"chassisType":"LAPTOP"}}`:                                       "laptop",
		`{"id":1,"nodeClass":"WINDOWS_WORKSTATION","system":{"chassisType":"Notebook"}}`:                     "laptop",
		`{"id":1,"nodeClass":"WINDOWS_WORKSTATION","system":{"chassisType":"LAPTOP","virtualMachine":true}}`: "workstation",
		`{"id":1,"nodeClass":"WINDOWS_SERVER","system":{"chassisType":"LAPTOP"}}`:                            "server",
	} {
		e, _ := device(t, raw)
		require.Equal(t, want, e.Get("category").Text(), raw)
	}
}

func TestSecretsStayOut(t *testing.T) {
	e, _ := device(t, `{"id":1,"displayName":"a","notes":[{"text":"canary"}],"userData":{"k":"canary"},"fields":{"k":"canary"},"target":"https://u:canary@example.com","references":{"x":"canary"}}`)
	text, err := json.Marshal(convertertest.Render([]*graph.Element{e}))
	require.NoError(t, err)
	require.NotContains(t, string(text), "canary")
}
