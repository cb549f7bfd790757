package simulator

import (
	"fmt"
	"strings"
	"time"
)

// renderAgent writes one agent with the keys of the vendor's 2026 document
// (docs/providers/sentinelone-api.md, "Agents").
func (f *fleet) renderAgent(license string) func(*jsonWriter, int) {
	return func(w *jsonWriter, slot int) {
		w.begin('{')
		f.agentPlace(w, slot)
		f.agentDirectory(w, slot)
		f.agentProtection(w, slot, license)
		f.agentTimes(w, slot)
		f.agentSystem(w, slot)
		f.agentHardware(w, slot)
		f.agentNetwork(w, slot)
		f.agentScan(w, slot)
		f.agentRest(w, slot)
		w.end('}')
	}
}

// agentPlace writes ids, names and the place in the tree.
func (f *fleet) agentPlace(w *jsonWriter, slot int) {
	i := slot / agentSlots
	c := &f.customers[f.states[i].customer]
	site, group := f.siteOf(i), f.groupOf(i)
	w.id("id", f.agentID(slot))
	w.str("uuid", f.agentUUID(slot))
	w.str("computerName", f.nameInEDR(slot))
	w.id("accountId", f.accountID(c.account))
	w.str("accountName", f.accountName(c.account))
	w.id("siteId", f.siteID(site))
	w.str("siteName", c.siteName(site%sitesPerCustomer))
	w.id("groupId", f.groupID(group))
	w.str("groupName", groupName(group))
	switch {
	case f.states[i].kind == Mac:
		w.nulls("domain")
	case f.states[i].kind == LinuxServer || f.states[i].kind == LinuxVM:
		w.str("domain", "unknown")
	default:
		w.str("domain", c.domain())
	}
}

// agentDirectory writes what Active Directory knows.
func (f *fleet) agentDirectory(w *jsonWriter, slot int) {
	i := slot / agentSlots
	c := &f.customers[f.states[i].customer]
	w.open("activeDirectory", '{')
	if c.directory == workgroup || !f.states[i].kind.Windows() {
		w.nulls("computerDistinguishedName", "lastUserDistinguishedName", "userPrincipalName", "mail")
		w.raw("computerMemberOf", "[]")
		w.raw("lastUserMemberOf", "[]")
		w.end('}')
		return
	}
	base := "DC=" + strings.ReplaceAll(c.domain(), ".", ",DC=")
	department := f.words.departments[f.pick(i, topicDetail, len(f.words.departments))]
	w.str("computerDistinguishedName", "CN="+f.hostname(i)+",OU="+department+",OU=Computers,"+base)
	w.list("computerMemberOf", "CN="+department+" computers,OU=Groups,"+base, "CN=Managed computers,OU=Groups,"+base,
		"CN=Domain Computers,CN=Users,"+base)
	if person := f.states[i].person; person != none {
		h := f.person(int(person))
		w.str("lastUserDistinguishedName", "CN="+h.full()+",OU="+department+",OU=Users,"+base)
		w.list("lastUserMemberOf", "CN=VPN users,OU=Groups,"+base, "CN="+department+",OU=Groups,"+base,
			"CN=Domain Users,CN=Users,"+base)
		w.str("mail", h.email)
		w.str("userPrincipalName", h.email)
	} else {
		w.nulls("lastUserDistinguishedName", "lastUserMemberOf", "mail", "userPrincipalName")
	}
	w.end('}')
}

// agentProtection writes the state of the agent and its policy.
func (f *fleet) agentProtection(w *jsonWriter, slot int, license string) {
	i := slot / agentSlots
	s := &f.states[i]
	threats := f.threats(slot)
	decommissioned, uninstalled := f.gone(slot)
	current := f.pick(i, topicHardware, 4) != 0
	w.num("activeThreats", threats)
	w.flag("infected", threats > 0)
	w.flag("isActive", f.activeAgent(slot))
	w.flag("isDecommissioned", decommissioned)
	w.flag("isUninstalled", uninstalled)
	w.flag("isPendingUninstall", f.uninstalling(i))
	if s.traits.Has(OddTypes) {
		w.str("isUpToDate", [...]string{"False", "True"}[digit(current)])
	} else {
		w.flag("isUpToDate", current)
	}
	f.agentPosture(w, i, current)
	w.str("agentVersion", fmt.Sprintf("24.%d.%d.%d", 1+digit(current), i%4, 250+int(s.edits)))
	w.str("installerType",
		[...]string{".msi", ".pkg", ".deb"}[digit(s.kind == Mac)+2*digit(s.kind == LinuxServer || s.kind == LinuxVM)])
	w.str("licenseKey", license)
	malicious, suspicious := f.mitigationModes(i)
	w.str("mitigationMode", malicious)
	w.str("mitigationModeSuspicious", suspicious)
	w.str("networkStatus", [...]string{"connected", "disconnected"}[digit(i%97 == 0)])
	w.flag("networkQuarantineEnabled", i%97 == 0)
	if s.traits.Has(OddTypes) {
		w.num("operationalStateExpiration", 0)
	} else {
		w.nulls("operationalStateExpiration")
	}
	w.str("appsVulnerabilityStatus", [...]string{"up_to_date", "patch_required", "not_applicable"}[i%3])
	w.str("consoleMigrationStatus", [...]string{"N/A", "Migrated"}[digit(f.migrated(i))])
	w.raw("activeProtection", `["edr"]`)
}

// agentPosture writes how the machine does; old consoles do not tell.
func (f *fleet) agentPosture(w *jsonWriter, i int, current bool) {
	switch {
	case !f.tellsPosture(i):
		w.nulls("firewallEnabled", "userActionsNeeded", "threatRebootRequired", "encryptedApplications",
			"operationalState", "detectionState", "missingPermissions")
		return
	case f.states[i].traits.Has(OddTypes):
		w.str("firewallEnabled", [...]string{"False", "True"}[digit(f.firewalled(i))])
	default:
		w.flag("firewallEnabled", f.firewalled(i))
	}
	w.list("userActionsNeeded", f.userActions(i, current)...)
	w.flag("threatRebootRequired", f.threatWaits(i))
	w.flag("encryptedApplications", f.encrypted(i))
	w.str("operationalState", f.operationalState(i))
	w.str("detectionState", [...]string{"full_mode", "partial"}[digit(f.detectsPartly(i))])
	w.list("missingPermissions", f.missingPermissions(i)...)
}

// agentTimes writes times in the spellings that each field has.
func (f *fleet) agentTimes(w *jsonWriter, slot int) {
	created, seen := f.agentCreated(slot), f.agentSeen(slot)
	sparse := f.states[slot/agentSlots].traits.Has(Sparse)
	w.at("createdAt", created, microLayout)
	w.at("registeredAt", created.Add(-6*time.Millisecond), microLayout)
	w.at("updatedAt", f.agentUpdated(slot), microLayout)
	w.at("lastActiveDate", seen, microLayout)
	w.at("osStartTime", f.booted(slot/agentSlots), wholeLayout)
	w.at("groupUpdatedAt", created.Add(time.Minute), microLayout)
	w.at("firstFullModeTime", created.Add(time.Hour), milliLayout)
	if sparse {
		w.nulls("policyUpdatedAt", "remoteProfilingStateExpiration")
		return
	}
	w.at("policyUpdatedAt", created.Add(time.Minute), microLayout)
	w.nulls("remoteProfilingStateExpiration")
}

// booted is when the machine started last; a check-in alone does not move it.
func (f *fleet) booted(i int) time.Time {
	s := &f.states[i]
	if s.born > 0 {
		return f.created(i)
	}
	base := f.start.Add(-20 * 24 * time.Hour)
	if s.traits.Has(Stale) {
		base = f.start.Add(-401 * 24 * time.Hour)
	}
	return base.Add(-f.spread(i, topicOnline, 0, 15*24*time.Hour)).Truncate(time.Second)
}

// agentSystem writes the operating system.
func (f *fleet) agentSystem(w *jsonWriter, slot int) {
	i := slot / agentSlots
	system := f.system(i)
	w.str("osName", system.edr)
	w.str("osRevision", system.revision)
	w.str("osArch", [...]string{"64 bit", "ARM64"}[digit(f.states[i].kind == Mac)])
	w.str("osType", system.edrType)
	domain, user := f.user(i)
	w.strOrNull("osUsername", user)
	if domain == "" {
		user = ""
	}
	w.str("lastLoggedInUserName", user)
	w.str("machineType", f.states[i].kind.machineType())
	if f.states[i].kind.Windows() && !f.states[i].traits.Has(Sparse) {
		a := f.roll(int(f.states[i].origin), topicBoard)
		w.str("machineSid", fmt.Sprintf("S-1-5-21-%d-%d-%d", uint32(a>>32), uint32(a), uint32(mix(a))))
	} else if f.states[i].kind.Windows() {
		w.nulls("machineSid")
	}
}

// machineType is SentinelOne's word for the kind.
func (k MachineKind) machineType() string {
	switch {
	case k == Laptop || k == Mac:
		return "laptop"
	case k == Desktop:
		return "desktop"
	default:
		return "server"
	}
}

// agentHardware writes make, serial and size.
func (f *fleet) agentHardware(w *jsonWriter, slot int) {
	i := slot / agentSlots
	s, m := &f.states[i], f.model(i)
	switch {
	case s.traits.Has(Sparse) && i%3 == 0:
		w.nulls("serialNumber")
	case s.traits.Has(Sparse) && i%3 == 1:
		w.str("serialNumber", "")
	case s.traits.Has(Sparse): // absent, as on old consoles
	default:
		w.str("serialNumber", f.serial(i))
	}
	w.str("modelName", m.maker+" - "+m.name)
	w.str("cpuId", "13th Gen Intel(R) Core(TM) i7-1365U")
	w.num("cpuCount", 1)
	w.num("coreCount", f.cores(i))
	if s.traits.Has(Sparse) {
		w.nulls("totalMemory")
	} else {
		w.long("totalMemory", f.memory(i)-77)
	}
	w.nulls("storageName", "storageType")
	if s.traits.Has(OddTypes) {
		w.num("externalId", 7000+i)
	} else {
		w.str("externalId", "")
	}
}
