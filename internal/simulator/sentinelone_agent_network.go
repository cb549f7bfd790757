package simulator

import (
	"strings"
	"time"
)

// agentNetwork writes addresses and interfaces.
func (f *fleet) agentNetwork(w *jsonWriter, slot int) {
	i := slot / agentSlots
	t := f.states[i].traits
	public := f.publicIP(i)
	if t.Has(Sparse) && i%2 == 0 {
		w.nulls("externalIp", "lastIpToMgmt")
	} else {
		w.str("externalIp", public)
		w.str("lastIpToMgmt", f.privateIP(i))
	}
	w.str("groupIp", public[:strings.LastIndexByte(public, '.')]+".x")
	w.open("networkInterfaces", '[')
	f.nic(w, slot, 0, "Ethernet", f.mac(i), true)
	if t.Has(SharedMAC) {
		f.nic(w, slot, 1, "Ethernet 2 (dock)", f.dockMAC(i), false)
	}
	if f.states[i].kind == Mac {
		f.nic(w, slot, 2, "stf0", 0, false)
	}
	w.end(']')
}

// nic writes an interface; the spelling of MACs differs between agents.
func (f *fleet) nic(w *jsonWriter, slot, n int, name string, mac address, main bool) {
	i := slot / agentSlots
	spell := address.upper
	switch i % 3 {
	case 1:
		spell = func(a address) string { return a.text(":") }
	case 2:
		spell = func(a address) string { return a.text("-") }
	}
	w.begin('{')
	w.id("id", f.agentID(slot)+uint64(n)+1)
	w.str("name", name)
	w.str("physical", spell(mac))
	if mac == 0 {
		w.list("inet", "127.0.0.1")
		w.list("inet6", "::1")
	} else {
		w.open("inet", '[')
		if main {
			w.item(f.privateIP(i))
		}
		w.end(']')
		w.open("inet6", '[')
		if main {
			w.item(f.linkLocal(i))
		}
		w.end(']')
	}
	switch {
	case main:
		w.str("gatewayIp", f.gatewayIP(i))
		w.str("gatewayMacAddress", spell(f.gatewayMAC(i)))
	case n == 1:
		w.nulls("gatewayIp", "gatewayMacAddress")
	}
	w.end('}')
}

// agentScan writes the disk scans.
func (f *fleet) agentScan(w *jsonWriter, slot int) {
	created := f.agentCreated(slot)
	w.str("scanStatus", "finished")
	w.at("scanStartedAt", created.Add(2*time.Minute), microLayout)
	w.at("scanFinishedAt", created.Add(40*time.Minute), microLayout)
	w.nulls("scanAbortedAt")
	if f.states[slot/agentSlots].traits.Has(Sparse) {
		return
	}
	w.at("lastSuccessfulScanDate", created.Add(40*time.Minute), microLayout)
	w.at("fullDiskScanLastUpdatedAt", created.Add(40*time.Minute), microLayout)
}

// agentRest writes what is left.
func (f *fleet) agentRest(w *jsonWriter, slot int) {
	i := slot / agentSlots
	w.flag("allowRemoteShell", true)
	w.flag("inRemoteShellSession", false)
	w.str("remoteProfilingState", "disabled")
	if f.states[i].traits.Has(Sparse) {
		w.nulls("locations", "proxyStates", "containerizedWorkloadCounts", "isHyperAutomate")
		w.str("locationType", "not_supported")
	} else {
		w.raw("locations", `[{"id":"1300000000000000001","name":"Fallback","scope":"global"}]`)
		w.str("locationType", "fallback")
		w.raw("proxyStates", `{"console":false,"deepVisibility":false,"pacFileUsage":false,"proxyMethod":null,"consoleProxyAddress":null,"deepVisibilityProxyAddress":null}`)
		w.raw("containerizedWorkloadCounts", "null")
		w.nulls("isHyperAutomate")
	}
	w.flag("locationEnabled", true)
	w.str("rangerStatus", "Enabled")
	w.str("rangerVersion", "23.4.0.9")
	w.flag("showAlertIcon", false)
	w.flag("hasContainerizedWorkload", false)
	w.flag("isAdConnector", false)
	f.agentCloud(w, i)
	f.agentTags(w, slot)
}

// agentCloud writes the cloud that some of the virtual machines without a hypervisor run in.
func (f *fleet) agentCloud(w *jsonWriter, i int) {
	s := &f.states[i]
	w.open("cloudProviders", '{')
	if s.kind.Virtual() && s.host == none && !f.hyperV(i) && i%2 == 0 {
		w.open("AWS", '{')
		w.str("cloudAccount", "123456789012")
		w.str("cloudInstanceId", "i-0"+strings.ReplaceAll(f.guid(i, topicBoard), "-", "")[:16])
		w.str("cloudInstanceSize", "t3.medium")
		w.str("cloudLocation", "eu-central-1")
		w.raw("cloudTags", "[]")
		w.end('}')
	}
	w.end('}')
}

// agentTags writes the console's tags.
func (f *fleet) agentTags(w *jsonWriter, slot int) {
	i := slot / agentSlots
	if f.states[i].traits.Has(Sparse) {
		return
	}
	w.open("tags", '{')
	w.open("sentinelone", '[')
	if i%5 == 0 {
		w.begin('{')
		w.at("assignedAt", f.agentCreated(slot).Add(time.Hour), microLayout)
		w.str("assignedBy", "Example Administrator")
		w.id("assignedById", userBase)
		w.id("id", groupBase+2)
		w.str("key", "environment")
		w.str("value", "production")
		w.end('}')
	}
	w.end(']')
	w.end('}')
}
