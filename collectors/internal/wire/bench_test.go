package wire_test

import (
	"bytes"
	"fmt"
	"testing"

	"assetgraph/collectors/internal/wire"

	"github.com/stretchr/testify/require"
)

// A machine is a wire type with the mix of fields that an agent of an endpoint product has.
type machine struct {
	ID                wire.Text `json:"id"`
	UUID              wire.Text `json:"uuid"`
	AccountID         wire.Text `json:"accountId"`
	AccountName       wire.Text `json:"accountName"`
	SiteID            wire.Text `json:"siteId"`
	SiteName          wire.Text `json:"siteName"`
	GroupID           wire.Text `json:"groupId"`
	GroupName         wire.Text `json:"groupName"`
	ComputerName      wire.Text `json:"computerName"`
	Domain            wire.Text `json:"domain"`
	SerialNumber      wire.Text `json:"serialNumber"`
	ExternalIP        wire.Text `json:"externalIp"`
	LastIP            wire.Text `json:"lastIpToMgmt"`
	OsName            wire.Text `json:"osName"`
	OsType            wire.Text `json:"osType"`
	OsRevision        wire.Text `json:"osRevision"`
	OsArch            wire.Text `json:"osArch"`
	ModelName         wire.Text `json:"modelName"`
	MachineType       wire.Text `json:"machineType"`
	AgentVersion      wire.Text `json:"agentVersion"`
	NetworkStatus     wire.Text `json:"networkStatus"`
	MitigationMode    wire.Text `json:"mitigationMode"`
	ScanStatus        wire.Text `json:"scanStatus"`
	LastUser          wire.Text `json:"lastLoggedInUserName"`
	CPUID             wire.Text `json:"cpuId"`
	CPUCount          wire.Int  `json:"cpuCount"`
	CoreCount         wire.Int  `json:"coreCount"`
	TotalMemory       wire.Int  `json:"totalMemory"`
	ActiveThreats     wire.Int  `json:"activeThreats"`
	IsActive          wire.Bool `json:"isActive"`
	IsDecommissioned  wire.Bool `json:"isDecommissioned"`
	IsUninstalled     wire.Bool `json:"isUninstalled"`
	IsUpToDate        wire.Bool `json:"isUpToDate"`
	Infected          wire.Bool `json:"infected"`
	FirewallEnabled   wire.Bool `json:"firewallEnabled"`
	CreatedAt         wire.Time `json:"createdAt"`
	UpdatedAt         wire.Time `json:"updatedAt"`
	RegisteredAt      wire.Time `json:"registeredAt"`
	LastActiveDate    wire.Time `json:"lastActiveDate"`
	ScanFinishedAt    wire.Time `json:"scanFinishedAt"`
	NetworkInterfaces []struct {
		ID       wire.Text  `json:"id"`
		Name     wire.Text  `json:"name"`
		Physical wire.Text  `json:"physical"`
		Inet     wire.Texts `json:"inet"`
		Inet6    wire.Texts `json:"inet6"`
	} `json:"networkInterfaces"`
	UserActionsNeeded wire.Texts `json:"userActionsNeeded"`
}

// machineJSON is one record of about 4 kB with 62 members, of which machine knows 42.
func machineJSON(i int) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"id":"18451747604703%05d","uuid":"ff819e70af13be381993075eb0ce%05d","accountId":"1100055","accountName":"Contoso Managed Services","siteId":"2200%03d","siteName":"Contoso / North branch","groupId":"3300%03d","groupName":"Default Group","computerName":"CONTOSO-WS-%05d","domain":"CONTOSO","serialNumber":"5CG%07d","externalIp":"203.0.113.%d","lastIpToMgmt":"10.1.%d.%d",`, i, i, i%100, i%100, i, i, i%250, i%250, i%200)
	b.WriteString(`"osName":"Windows 11 Pro","osType":"windows","osRevision":"22631","osArch":"64 bit","osStartTime":"2026-09-30T06:12:44Z","osUsername":null,"modelName":"HP - HP EliteBook 840 14 inch G10 Notebook PC","machineType":"laptop","machineSid":null,"agentVersion":"24.1.4.257","networkStatus":"connected","mitigationMode":"protect","mitigationModeSuspicious":"detect","scanStatus":"finished","scanStartedAt":"2026-08-01T09:12:11.123456Z","scanFinishedAt":"2026-08-01T11:40:00.654321Z","scanAbortedAt":null,"lastLoggedInUserName":"jane.doe","cpuId":"13th Gen Intel(R) Core(TM) i7-1365U","cpuCount":1,"coreCount":12,"totalMemory":16039,"activeThreats":0,"isActive":true,"isDecommissioned":false,"isUninstalled":false,"isPendingUninstall":false,"isUpToDate":true,"infected":false,"firewallEnabled":true,"encryptedApplications":true,"locationEnabled":true,"locationType":"fallback","inRemoteShellSession":false,"allowRemoteShell":false,"appsVulnerabilityStatus":"patch_required","consoleMigrationStatus":"N/A","createdAt":"2025-01-14T08:01:02.000001Z","updatedAt":"2026-10-02T13:14:15.161718Z","registeredAt":"2025-01-14T08:01:01.999999Z","lastActiveDate":"2026-10-02T13:10:00.000000Z","groupUpdatedAt":null,"policyUpdatedAt":null,"detectionState":null,"firstFullModeTime":null,"fullDiskScanLastUpdatedAt":"2026-08-01T11:40:00.654321Z","installerType":".msi","licenseKey":"","operationalState":"na","rangerStatus":"NotApplicable","rangerVersion":null,"remoteProfilingState":"disabled","storageName":null,"threatRebootRequired":false,"userActionsNeeded":["reboot_needed"],`)
	b.WriteString(`"activeDirectory":{"computerDistinguishedName":"CN=CONTOSO-WS,OU=Laptops,OU=North,DC=contoso,DC=example","computerMemberOf":["CN=Wifi,OU=Groups,DC=contoso,DC=example","CN=Bitlocker,OU=Groups,DC=contoso,DC=example"],"lastUserDistinguishedName":"CN=Jane Doe,OU=People,DC=contoso,DC=example","lastUserMemberOf":["CN=Sales,OU=Groups,DC=contoso,DC=example"],"mail":null,"userPrincipalName":"jane.doe@contoso.example"},"locations":[{"id":"629380164464502476","name":"Fallback","scope":"global"}],"tags":{"sentinelone":[{"assignedAt":"2026-02-03T04:05:06Z","assignedBy":"admin","assignedById":"77","id":"88","key":"Owner","value":"Field sales"}]},"proxyStates":{"console":false,"deepVisibility":false},`)
	b.WriteString(`"networkInterfaces":[{"gatewayIp":"10.1.1.1","gatewayMacAddress":"00:00:5e:00:01:01","id":"901","inet":["10.1.1.17"],"inet6":["fe80::1c2d:3e4f:5a6b:7c8d"],"name":"Ethernet 2","physical":"a4:bb:6d:01:02:03"},{"gatewayIp":"10.2.1.1","gatewayMacAddress":"00:00:5e:00:01:02","id":"902","inet":["10.2.1.99","169.254.10.20"],"inet6":["fe80::aaaa:bbbb:cccc:dddd","2001:db8:1::17"],"name":"Wi-Fi","physical":"a4:bb:6d:01:02:04"},{"gatewayIp":null,"gatewayMacAddress":null,"id":"903","inet":["192.168.56.1"],"inet6":[],"name":"VirtualBox Host-Only Network","physical":"0a:00:27:00:00:0d"}]}`)
	return b.String()
}

func machinePage(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"data":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(machineJSON(i))
	}
	b.WriteString(`],"pagination":{"nextCursor":"YWdlbnRfaWQ6NTgwMjkzODE%3D","totalItems":1000}}`)
	return b.Bytes()
}

func BenchmarkRecords(b *testing.B) {
	page := machinePage(1000)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		records, err := wire.Records(page, "machine", "id", func(m *machine) string { return string(m.ID) }, "data")
		require.NoError(b, err)
		require.Len(b, records, 1000)
	}
}

func BenchmarkElementsDecode(b *testing.B) {
	page := machinePage(1000)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		for raw, err := range wire.Elements(page, "data") {
			require.NoError(b, err)
			_, err = wire.Decode[machine](raw, "machine", "id")
			require.NoError(b, err)
		}
	}
}

func BenchmarkElements(b *testing.B) {
	page := machinePage(1000)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range wire.Elements(page, "data") {
			require.NoError(b, err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	page := machinePage(1000)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		var p struct {
			NextCursor wire.Text `json:"nextCursor"`
		}
		_, err := wire.Get(page, &p, "pagination")
		require.NoError(b, err)
	}
}
