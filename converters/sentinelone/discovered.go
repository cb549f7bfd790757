package sentinelone

import (
	"strings"
	"time"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

// A discovered device is a record, and what several members of it tell together.
type discovered struct {
	*sentinelone.DiscoveredDevice
	addresses converters.AddressSets
	gateways  graph.Value
}

func discoveredDevices() *converters.Table[discovered] {
	t := converters.Declare[discovered]("sentinelone_discovered_device", integration,
		"GET /web/api/v2.1/ranger/table-view where Network Discovery is licensed, else /rogues/table-view", "Device")
	none := func(*discovered) string { return "" }
	t.Name((*discovered).name)
	t.Text("category", "what the console takes it for, in lower case: printer, laptop, …", func(d *discovered) string {
		return strings.ToLower(known(d.DeviceType))
	})
	t.Text("hostname", "", func(d *discovered) string { return converters.Hostname(d.name()) })
	t.Texts("fqdn", "", func(d *discovered) graph.Value { return converters.FQDNs(d.Hostnames...) })
	t.Text("serial", "never told", none)
	t.Texts("deviceId", "never told", func(*discovered) graph.Value { return graph.Value{} })
	t.Text("make", "", func(d *discovered) string { return converters.FirstReal(string(d.Manufacturer)) })
	t.Text("model", "never told", none)
	t.Text("osName", "", func(d *discovered) string { return known(d.OSName) })
	t.Text("osType", "windows, darwin, linux or other",
		func(d *discovered) string { return converters.OSType(known(d.OSType), known(d.OSName)) })
	t.Text("osVersion", "", func(d *discovered) string { return string(d.OSVersion) })
	t.Text("osDetails", "name and version", func(d *discovered) string { return joined(known(d.OSName), string(d.OSVersion)) })
	t.Texts("ipv4Addresses", "", func(d *discovered) graph.Value { return d.addresses.IPv4 })
	t.Texts("ipv6Addresses", "", func(d *discovered) graph.Value { return d.addresses.IPv6 })
	t.Texts("macAddresses", "may be that of the router behind which it is, see gatewayMacAddresses",
		func(d *discovered) graph.Value { return converters.MACs(string(d.MACAddress)) })
	t.Texts("gatewayMacAddresses", "of the routers of its networks", func(d *discovered) graph.Value { return d.gateways })
	t.Texts("publicIpAddresses", "", func(d *discovered) graph.Value { return d.addresses.Public })
	t.Texts("privateIpAddresses", "", func(d *discovered) graph.Value { return d.addresses.Private })
	t.Text("managedState", "managed, unmanaged, …: whether an agent is on it",
		func(d *discovered) string { return strings.ToLower(string(d.ManagedState)) })
	t.Text("agentId", "of one that is managed", func(d *discovered) string { return string(d.AgentID) })
	t.Text("deviceFunction", "what the console takes it for, more closely",
		func(d *discovered) string { return string(d.DeviceFunction) })
	t.Text("networkName", "", func(d *discovered) string { return string(d.NetworkName) })
	t.Text("siteId", "of the site whose agents have seen it", func(d *discovered) string { return d.SiteID })
	t.Time("firstSeenOn", "", func(d *discovered) time.Time { return d.FirstSeen.Time })
	t.Volatile().Time("lastSeenOn", "", func(d *discovered) time.Time { return d.LastSeen.Time })
	return t
}

func (d *discovered) name() string {
	for _, name := range d.Hostnames {
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return string(d.LocalIP)
}

// known returns what the console says, "" where it says that it does not know.
func known[S ~string](s S) string {
	text := strings.ToLower(strings.TrimSpace(string(s)))
	if text == "unknown" {
		return ""
	}
	return string(s)
}

// convertDiscovered makes the entity, and the relationship from the site.
func (t *types) convertDiscovered(record *sentinelone.DiscoveredDevice, id string, f *converters.Fragment) {
	d := &discovered{DiscoveredDevice: record}
	addresses := f.Addresses()
	addresses.Add(string(d.LocalIP))
	addresses.Add(d.IPAddresses...)
	addresses.AddPublic(string(d.ExternalIP))
	gateways := []string{string(d.GatewayMAC)}
	for _, n := range d.Networks {
		gateways = append(gateways, string(n.GatewayMAC))
	}
	d.addresses, d.gateways = addresses.Sets(), converters.MACs(gateways...)
	t.discovered.Fill(f, id, d)
	f.Relate(t.siteHasDiscovered, record.SiteID, id)
}
