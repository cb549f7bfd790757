package immybot

import (
	"strings"
	"time"

	"assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/graph"
)

// A computer is a record, and what several members of it tell together.
type computer struct {
	*immybot.Computer
	tenant    string // its id
	webLink   graph.Value
	addresses converters.AddressSets
}

func computers() *converters.Table[computer] {
	t := converters.Declare[computer]("immybot_computer", Integration, "GET /api/v1/computers/paged", "Device", "Host")
	t.Name(func(c *computer) string { return string(c.ComputerName) })
	t.WebLink(func(c *computer) graph.Value { return c.webLink })
	t.Text("tenantId", "", func(c *computer) string { return c.tenant })
	t.Text("hostname", "", func(c *computer) string { return converters.Hostname(string(c.ComputerName)) })
	t.Texts("fqdn", "", func(c *computer) graph.Value {
		return converters.FQDNs(converters.JoinFQDN(strings.TrimSpace(string(c.ComputerName)), string(c.Domain)))
	})
	t.Text("domain", "DNS domain; workgroups are left out",
		func(c *computer) string { return converters.DNSDomain(string(c.Domain)) })
	t.Text("serial", "else the one that an agent on it tells; no placeholder", (*computer).serial)
	t.Texts("deviceId", "SMBIOS UUID; ImmyBot makes one up for machines whose own is known to be bad",
		func(c *computer) graph.Value { return graph.TextsOf(smbiosUUID(string(c.DeviceID))) })
	t.Text("make", "", func(c *computer) string { return converters.FirstReal(c.Manufacturer) })
	t.Text("model", "", func(c *computer) string { return converters.FirstReal(c.Model) })
	t.Text("category", "server, laptop, desktop or mobile, from the domain role, the system's name and the chassis",
		(*computer).category)
	t.Text("osName", "", func(c *computer) string { return string(c.OperatingSystem) })
	t.Text("osType", "", func(c *computer) string { return converters.OSType(string(c.OperatingSystem)) })
	t.Text("osVersion", "as the system's name tells it: 11, 2012 R2; the list gives no build",
		func(c *computer) string { return osVersion(string(c.OperatingSystem)) })
	t.Text("osDetails", "always absent: the list tells the system's name alone", func(*computer) string { return "" })
	t.Texts("privateIpAddresses", "", func(c *computer) graph.Value { return c.addresses.Private })
	t.Texts("publicIpAddresses", "", func(c *computer) graph.Value { return c.addresses.Public })
	t.Texts("ipv4Addresses", "", func(c *computer) graph.Value { return c.addresses.IPv4 })
	t.Texts("ipv6Addresses", "", func(c *computer) graph.Value { return c.addresses.IPv6 })
	t.Texts("macAddresses", "always absent: the list does not give them",
		func(*computer) graph.Value { return graph.Value{} })
	t.Text("onboardingStatus", "NeedsOnboarding, Onboarding or Onboarded",
		func(c *computer) string { return c.Onboarding() })
	t.Bool("licensed", "", func(c *computer) (bool, bool) { return c.Licensed.B, c.Licensed.Set })
	t.Bool("excludedFromMaintenance", "",
		func(c *computer) (bool, bool) { return c.ExcludeFromMaintenance.B, c.ExcludeFromMaintenance.Set })
	t.Bool("hasPendingReboot", "",
		func(c *computer) (bool, bool) { return c.HasPendingReboot.B, c.HasPendingReboot.Set })
	t.Bool("isSandbox", "for trying things out, and no machine of the customer's",
		func(c *computer) (bool, bool) { return c.IsSandbox.B, c.IsSandbox.Set })
	t.Bool("isDevLab", "lent by ImmyBot for development",
		func(c *computer) (bool, bool) { return c.IsDevLab.B, c.IsDevLab.Set })
	t.Part("maintenance").Text("lastMaintenanceStatus",
		"how its last session went: Passed, PartialPassed, Failed, Missed, Cancelled, Postponed or PendingConnectivity",
		func(c *computer) string { return c.LastMaintenance.Status })
	t.Part("maintenance").Volatile().Time("lastMaintenanceOn", "when that was begun",
		func(c *computer) time.Time { return c.LastMaintenance.On })
	t.Part("actions").Volatile().Int("nonCompliantDeployments",
		"whose newest action within eight days found a deviation that it did not mend",
		func(c *computer) (int64, bool) { return c.Deployments.NonCompliant, c.Deployments.Known })
	t.Part("actions").Volatile().Int("failedDeployments", "whose newest action within eight days failed",
		func(c *computer) (int64, bool) { return c.Deployments.Failed, c.Deployments.Known })
	t.Text("primaryUserEmail", "", (*computer).primaryUser)
	t.Volatile().Text("lastLoggedInUser", "", func(c *computer) string { return string(c.LastLoggedOnUser) })
	t.Volatile().Bool("active", "an enabled integration sees it online; those of SentinelOne always do",
		func(c *computer) (bool, bool) { return c.IsOnline.B, c.IsOnline.Set })
	t.Time("createdOn", "when ImmyBot first saw it", func(c *computer) time.Time { return c.CreatedDate.Time })
	t.Time("lastBootOn", "", func(c *computer) time.Time { return c.LastBootTimeUTC.Time })
	t.Volatile().Time("lastSeenOn", "last event of an agent on it",
		func(c *computer) time.Time { return c.LastProviderAgentEventDateUTC.Time })
	return t
}

func (t *types) convertComputer(record *immybot.Computer, id string, f *converters.Fragment) {
	c := &computer{Computer: record, tenant: reference(record.TenantID.N, record.TenantID.Set)}
	c.webLink = f.WebLink(c.Console, "/computers/", id)
	c.readAddresses(f.Addresses())
	t.computer.Fill(f, id, c)
	f.Relate(t.tenantHasComputer, c.tenant, id)
	f.Relate(t.personUsesComputer, reference(c.PrimaryPersonID.N, c.PrimaryPersonID.Set), id)
	t.linkAgents(record, id, f)
}

func (c *computer) readAddresses(a *converters.Addresses) {
	a.Add(string(c.InternalIPAddress))
	a.AddPublic(string(c.ExternalIPAddress))
	c.addresses = a.Sets()
}

// serial returns the computer's serial number, else that of its first agent that tells one.
func (c *computer) serial() string {
	serial := converters.FirstSerial(c.SerialNumber)
	for i := range c.Agents {
		serial = converters.FirstSerial(serial, string(c.Agents[i].Serial))
	}
	return serial
}

func (c *computer) primaryUser() string {
	if emails := converters.Emails(string(c.PrimaryUserEmail)).List(); len(emails) > 0 {
		return emails[0]
	}
	return ""
}

// smbiosUUID returns a UUID in lower case; "" for what is none, and for all zeros and all ones, which firmware without
// a UUID tells.
func smbiosUUID(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if !isUUID(s) || strings.Trim(s, "0-") == "" || strings.Trim(s, "f-") == "" {
		return ""
	}
	return s
}

// isUUID reports whether s is 32 lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

// category says what kind of machine it is; "" where nothing tells, as for virtual workstations.
func (c *computer) category() string {
	if c.DomainRole.Set && c.DomainRole.N >= 2 && c.DomainRole.N <= 5 { // Win32_ComputerSystem.DomainRole: servers and domain controllers
		return "server"
	}
	if strings.Contains(strings.ToLower(string(c.OperatingSystem)), "windows server") {
		return "server"
	}
	for _, code := range c.ChassisTypes {
		if k := chassis(code.N); code.Set && k != "" {
			return k
		}
	}
	return ""
}

// chassis names the System Enclosure or Chassis Types of the SMBIOS specification (DSP0134, §7.4.1).
func chassis(n int64) string {
	switch n {
	case 3, 4, 5, 6, 7, 13, 15, 16, 24, 34, 35, 36:
		return "desktop"
	case 8, 9, 10, 14, 30, 31, 32: // tablets and convertibles among them
		return "laptop"
	case 11: // hand held
		return "mobile"
	case 17, 23, 25, 28, 29:
		return "server"
	}
	return ""
}

// osVersion returns the version in a system's name: "11" of "Microsoft Windows 11 Pro", "2012 R2" of "… Server 2012 R2
// …".
func osVersion(name string) string {
	version := ""
	for word := range strings.FieldsSeq(name) {
		switch {
		case version != "" && word == "R2":
			return version + " R2"
		case version != "":
			return version
		case isVersion(word):
			version = word
		}
	}
	return version
}

// isVersion reports whether s is numbers with dots between.
func isVersion(s string) bool {
	dot := true // where none may stand
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			dot = false
		case c == '.' && !dot:
			dot = true
		default:
			return false
		}
	}
	return !dot
}
