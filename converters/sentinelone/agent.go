package sentinelone

import (
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

// An agent is a record, and what several members of it tell together.
type agent struct {
	*sentinelone.Agent
	addresses     converters.AddressSets
	macAddresses  graph.Value
	make, model   string
	cloudProvider string
	cloud         sentinelone.CloudProvider
}

func agents() *converters.Table[agent] {
	t := converters.Declare[agent]("sentinelone_agent", integration,
		"GET /web/api/v2.1/agents, decommissioned and uninstalled ones too", "HostAgent")
	function := graph.TextsOf("anti-malware", "endpoint-protection")
	t.Name(func(a *agent) string { return string(a.ComputerName) })
	t.Texts("function", "", func(*agent) graph.Value { return function })
	t.Text("uuid", "made on the machine; lower case without dashes",
		func(a *agent) string { return plainUUID(string(a.UUID)) })
	t.Text("hostname", "", func(a *agent) string { return converters.Hostname(string(a.ComputerName)) })
	t.Text("domain", "DNS domains only", func(a *agent) string { return converters.DNSDomain(string(a.Domain)) })
	t.Text("serial", "no placeholder", func(a *agent) string { return converters.FirstSerial(a.SerialNumber) })
	t.Texts("ipv4Addresses", "", func(a *agent) graph.Value { return a.addresses.IPv4 })
	t.Texts("ipv6Addresses", "", func(a *agent) graph.Value { return a.addresses.IPv6 })
	t.Texts("macAddresses", "", func(a *agent) graph.Value { return a.macAddresses })
	t.Texts("publicIpAddresses", "", func(a *agent) graph.Value { return a.addresses.Public })
	t.Texts("privateIpAddresses", "", func(a *agent) graph.Value { return a.addresses.Private })
	t.Text("osName", "", func(a *agent) string { return string(a.OSName) })
	t.Text("osType", "windows, darwin, linux or other",
		func(a *agent) string { return converters.OSType(string(a.OSType), string(a.OSName)) })
	t.Text("osVersion", "build, or distribution and kernel", func(a *agent) string { return string(a.OSRevision) })
	t.Text("osDetails", "name, version and architecture",
		func(a *agent) string { return joined(string(a.OSName), string(a.OSRevision), string(a.OSArch)) })
	t.Text("make", "absent where the model does not tell it apart",
		func(a *agent) string { return converters.FirstReal(a.make) })
	t.Text("model", "", func(a *agent) string { return converters.FirstReal(a.model) })
	t.Text("version", "of the agent", func(a *agent) string { return string(a.AgentVersion) })
	t.Text("machineType", "desktop, laptop, server, kubernetes node, …",
		func(a *agent) string { return string(a.MachineType) })
	t.Text("siteId", "", func(a *agent) string { return string(a.SiteID) })
	t.Text("groupId", "", func(a *agent) string { return string(a.GroupID) })
	t.Text("accountId", "", func(a *agent) string { return string(a.AccountID) })
	t.Text("siteName", "as the agent tells it; sites have their own entity",
		func(a *agent) string { return string(a.SiteName) })
	t.Text("groupName", "", func(a *agent) string { return string(a.GroupName) })
	t.Text("accountName", "", func(a *agent) string { return string(a.AccountName) })
	t.Text("distinguishedName", "of the computer, in Active Directory",
		func(a *agent) string { return string(a.ActiveDirectory.ComputerDistinguishedName) })
	t.Text("cpuName", "", func(a *agent) string { return string(a.CPUID) })
	t.Int("cpuCores", "", func(a *agent) (int64, bool) { return a.CoreCount.N, a.CoreCount.N > 0 })
	t.Int("memoryBytes", "", (*agent).memory)
	t.Volatile().Bool("active", "online now", func(a *agent) (bool, bool) { return a.IsActive.B, a.IsActive.Set })
	t.Bool("infected", "", func(a *agent) (bool, bool) { return a.Infected.B, a.Infected.Set })
	t.Volatile().Int("activeThreats", "that are not mitigated",
		func(a *agent) (int64, bool) { return a.ActiveThreats.N, a.ActiveThreats.Set })
	t.Bool("isDecommissioned", "",
		func(a *agent) (bool, bool) { return a.IsDecommissioned.B, a.IsDecommissioned.Set })
	t.Bool("isUninstalled", "", func(a *agent) (bool, bool) { return a.IsUninstalled.B, a.IsUninstalled.Set })
	t.Bool("isUpToDate", "of the agent's version",
		func(a *agent) (bool, bool) { return a.IsUpToDate.B, a.IsUpToDate.Set })
	t.Text("networkStatus", "of the network quarantine, not online or offline",
		func(a *agent) string { return string(a.NetworkStatus) })
	t.Bool("isolated", "the network quarantine is in force", (*agent).isolated)
	t.Bool("encrypted", "its disks; absent on Linux where the console says no, which may mean that it does not know",
		(*agent).encrypted)
	t.Bool("firewallEnabled", "of the system",
		func(a *agent) (bool, bool) { return a.FirewallEnabled.B, a.FirewallEnabled.Set })
	t.Bool("pendingReboot", "the agent, its update or the mitigation of a threat waits for a restart",
		(*agent).pendingReboot)
	t.Texts("userActionsNeeded", "reboot_needed, upgrade_needed, unprotected, user_action_needed, incompatible_os, …",
		func(a *agent) graph.Value { return graph.TextsOf(a.UserActionsNeeded...) })
	t.Texts("missingPermissions", "that macOS has not given to the agent",
		func(a *agent) graph.Value { return graph.TextsOf(a.MissingPermissions...) })
	t.Text("patchStatus", "of applications: up_to_date, patch_required or not_applicable",
		func(a *agent) string { return string(a.AppsVulnerability) })
	t.Text("operationalState", "na for an agent that works, else why it is disabled",
		func(a *agent) string { return string(a.OperationalState) })
	t.Bool("agentDisabled", "its operational state is another than na", (*agent).disabled)
	t.Text("detectionState", "full_mode, or less of it", func(a *agent) string { return string(a.DetectionState) })
	t.Bool("pendingUninstall", "",
		func(a *agent) (bool, bool) { return a.IsPendingUninstall.B, a.IsPendingUninstall.Set })
	t.Text("consoleMigrationStatus", "Pending, Migrated or Failed; absent for N/A", (*agent).migration)
	t.Text("mitigationMode", "detect or protect, by the policy in force", func(a *agent) string { return string(a.MitigationMode) })
	t.Text("mitigationModeSuspicious", "the same for what is suspicious alone",
		func(a *agent) string { return string(a.MitigationModeSuspicious) })
	t.Text("scanStatus", "none, started, aborted or finished", func(a *agent) string { return string(a.ScanStatus) })
	t.Volatile().Time("lastScanOn", "end of the last scan that finished", (*agent).lastScan)
	t.Volatile().Text("lastLoggedInUser", "", func(a *agent) string { return string(a.LastLoggedInUserName) })
	t.Texts("tags", "key:value, or the key alone", func(a *agent) graph.Value { return tags(a.Tags) })
	t.Text("cloudProvider", "such as AWS, Azure or GCP", func(a *agent) string { return a.cloudProvider })
	t.Text("cloudInstanceId", "", func(a *agent) string { return string(a.cloud.CloudInstanceID) })
	t.Text("cloudAccountId", "", func(a *agent) string { return string(a.cloud.CloudAccount) })
	t.Text("cloudRegion", "or zone, as the cloud's metadata tell it",
		func(a *agent) string { return string(a.cloud.CloudLocation) })
	t.Time("createdOn", "", func(a *agent) time.Time { return a.CreatedAt.Time })
	t.Volatile().Time("updatedOn", "moves with every check-in", func(a *agent) time.Time { return a.UpdatedAt.Time })
	t.Time("registeredOn", "", func(a *agent) time.Time { return a.RegisteredAt.Time })
	t.Volatile().Time("lastBootOn", "", func(a *agent) time.Time { return a.OSStartTime.Time })
	t.Volatile().Time("lastSeenOn", "last check-in", func(a *agent) time.Time { return a.LastActiveDate.Time })
	return t
}

// convertAgent makes the entity and its one relationship. An agent whose group is not in the graph hangs on nothing:
// no group is made up from the names that an agent carries.
func (t *types) convertAgent(record *sentinelone.Agent, id string, f *converters.Fragment) {
	a := &agent{Agent: record}
	a.readInterfaces(f.Addresses())
	a.make, a.model = makeAndModel(string(a.ModelName))
	a.cloudProvider, a.cloud = cloud(a.CloudProviders)
	t.agent.Fill(f, id, a)
	f.Relate(t.groupHasAgent, trimmed(a.GroupID), id)
}

// readInterfaces takes all addresses. The gateway's MAC address is not among them, nor is groupIp, which is the
// external address with its last part masked.
func (a *agent) readInterfaces(addresses *converters.Addresses) {
	var room [8]string
	macs := room[:0]
	for i := range a.NetworkInterfaces {
		n := &a.NetworkInterfaces[i]
		macs = append(macs, string(n.Physical))
		addresses.Add(n.Inet...)
		addresses.Add(n.Inet6...)
	}
	addresses.Add(string(a.LastIPToMgmt))
	addresses.AddPublic(string(a.ExternalIP))
	a.addresses, a.macAddresses = addresses.Sets(), converters.MACs(macs...)
}

// lastScan returns when the last scan ended. Older consoles lack the date of the last successful one.
func (a *agent) lastScan() time.Time {
	if a.LastSuccessfulScanDate.IsZero() {
		return a.ScanFinishedAt.Time
	}
	return a.LastSuccessfulScanDate.Time
}

// makeAndModel splits "vendor - model"; what has no such hyphen is a model alone.
func makeAndModel(name string) (vendor, model string) {
	if before, after, ok := strings.Cut(name, " - "); ok && strings.TrimSpace(before) != "" &&
		strings.TrimSpace(after) != "" {
		return before, after
	}
	return "", name
}

// cloud returns the provider of a machine and what it says of it. Of several providers the first by name that gives an instance
// counts, else the first by name: a Kubernetes node is its cloud's instance as well.
func cloud(providers map[string]sentinelone.CloudProvider) (provider string, found sentinelone.CloudProvider) {
	if len(providers) == 0 {
		return "", found
	}
	for _, name := range slices.Sorted(maps.Keys(providers)) {
		one := providers[name]
		if trimmed(one.CloudInstanceID) != "" {
			return name, one
		}
		if provider == "" {
			provider, found = name, one
		}
	}
	return provider, found
}

func tags(list sentinelone.Tags) graph.Value {
	if len(list) == 0 {
		return graph.Value{}
	}
	texts := make([]string, 0, len(list))
	for _, tag := range list {
		key, value := trimmed(tag.Key), trimmed(tag.Value)
		switch {
		case key == "":
		case value == "":
			texts = append(texts, key)
		default:
			texts = append(texts, key+":"+value)
		}
	}
	return graph.TextsIn(texts)
}

// joined puts the parts that say something behind each other.
func joined(parts ...string) string {
	var room [128]byte
	b := room[:0]
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			if len(b) > 0 {
				b = append(b, ' ')
			}
			b = append(b, part...)
		}
	}
	return string(b)
}
