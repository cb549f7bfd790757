package sentinelone

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

// convertAgent makes the entity and its one relationship. An agent whose group is not in the graph hangs on nothing:
// no group is made up from the names that an agent carries.
func (t *types) convertAgent(a *sentinelone.Agent, id string, f *converters.Fragment) {
	e := f.Entity(t.agent, id)
	e.Set("function", t.function)
	e.Set("version", text(a.AgentVersion))
	e.Set("siteId", text(a.SiteID))
	e.Set("groupId", text(a.GroupID))
	e.Set("accountId", text(a.AccountID))
	e.Set("tags", tags(a.Tags))
	e.Set("createdOn", graph.TimeOf(a.CreatedAt.Time))
	e.Set("updatedOn", graph.TimeOf(a.UpdatedAt.Time))
	e.Set("registeredOn", graph.TimeOf(a.RegisteredAt.Time))
	e.Set("lastSeenOn", graph.TimeOf(a.LastActiveDate.Time))
	setMachine(e, a)
	setNetwork(e, a, f.Addresses())
	setProtection(e, a)
	f.Relate(t.groupHasAgent, text(a.GroupID).Text(), id)
}

// setMachine sets what the agent says of the machine that it runs on.
func setMachine(e *graph.Element, a *sentinelone.Agent) {
	e.Set("name", text(a.ComputerName))
	e.Set("hostname", converters.Hostname(string(a.ComputerName)))
	e.Set("domain", graph.TextOf(converters.DNSDomain(string(a.Domain))))
	e.Set("uuid", graph.TextOf(plainUUID(string(a.UUID))))
	e.Set("serial", text(a.SerialNumber))
	e.Set("machineType", text(a.MachineType))
	e.Set("osName", text(a.OSName))
	e.Set("osType", converters.OSType(string(a.OSType), string(a.OSName)))
	e.Set("osVersion", text(a.OSRevision))
	e.Set("osDetails", joined(string(a.OSName), string(a.OSRevision), string(a.OSArch)))
	vendor, model := makeAndModel(string(a.ModelName))
	e.Set("make", graph.TextOf(vendor))
	e.Set("model", graph.TextOf(model))
	provider, instance := cloud(a.CloudProviders)
	e.Set("cloudProvider", graph.TextOf(provider))
	e.Set("cloudInstanceId", graph.TextOf(instance))
	e.Set("lastLoggedInUser", text(a.LastLoggedInUserName))
}

// setNetwork sets addresses. The gateway's MAC address is not among them, nor is groupIp, which is the external address
// with its last part masked.
func setNetwork(e *graph.Element, a *sentinelone.Agent, addresses *converters.Addresses) {
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
	addresses.SetOn(e)
	e.Set("macAddresses", converters.MACs(macs...))
}

// setProtection sets how the agent does.
func setProtection(e *graph.Element, a *sentinelone.Agent) {
	e.Set("active", converters.Bool(a.IsActive.B, a.IsActive.Set))
	e.Set("infected", converters.Bool(a.Infected.B, a.Infected.Set))
	e.Set("activeThreats", converters.Int(a.ActiveThreats.N, a.ActiveThreats.Set))
	e.Set("isDecommissioned", converters.Bool(a.IsDecommissioned.B, a.IsDecommissioned.Set))
	e.Set("isUninstalled", converters.Bool(a.IsUninstalled.B, a.IsUninstalled.Set))
	e.Set("isUpToDate", converters.Bool(a.IsUpToDate.B, a.IsUpToDate.Set))
	e.Set("networkStatus", text(a.NetworkStatus))
	e.Set("mitigationMode", text(a.MitigationMode))
	e.Set("scanStatus", text(a.ScanStatus))
	scanned := a.LastSuccessfulScanDate.Time // older consoles lack it
	if scanned.IsZero() {
		scanned = a.ScanFinishedAt.Time
	}
	e.Set("lastScanOn", graph.TimeOf(scanned))
}

// makeAndModel splits "vendor - model"; what has no such hyphen is a model alone.
func makeAndModel(name string) (vendor, model string) {
	if before, after, ok := strings.Cut(name, " - "); ok && strings.TrimSpace(before) != "" && strings.TrimSpace(after) != "" {
		return before, after
	}
	return "", name
}

// cloud returns the provider and instance of a machine. Of several providers the first by name that gives an instance
// counts, else the first by name: a Kubernetes node is its cloud's instance as well.
func cloud(providers map[string]sentinelone.CloudProvider) (provider, instance string) {
	if len(providers) == 0 {
		return "", ""
	}
	for _, name := range slices.Sorted(maps.Keys(providers)) {
		id := strings.TrimSpace(string(providers[name].CloudInstanceID))
		if id != "" {
			return name, id
		}
		if provider == "" {
			provider = name
		}
	}
	return provider, ""
}

func tags(list sentinelone.Tags) graph.Value {
	if len(list) == 0 {
		return graph.Value{}
	}
	texts := make([]string, 0, len(list))
	for _, tag := range list {
		if key := strings.TrimSpace(string(tag.Key)); key != "" {
			texts = append(texts, key+":"+strings.TrimSpace(string(tag.Value)))
		}
	}
	return graph.TextsIn(texts)
}

// joined puts the parts that say something behind each other.
func joined(parts ...string) graph.Value {
	var room [128]byte
	b := room[:0]
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			b = append(append(b, ' '), part...)
		}
	}
	return graph.TextOf(string(bytes.TrimPrefix(b, []byte(" "))))
}
