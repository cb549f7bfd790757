package immybot

import (
	"strings"

	"assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/graph"
)

func (t *types) convertComputer(v *immybot.Computer, id string, f *converters.Fragment) {
	e := f.Entity(t.computer, id)
	tenant := reference(v.TenantID.N, v.TenantID.Set)
	e.Set("tenantId", graph.TextOf(tenant))
	e.Set("webLink", f.WebLink(v.Console, "/computers/", id))
	setNames(e, v)
	setHardware(e, v)
	setNetwork(e, v, f.Addresses())
	setSystem(e, v)
	e.Set("onboardingStatus", graph.TextOf(v.Onboarding()))
	e.Set("licensed", converters.Bool(v.Licensed.B, v.Licensed.Set))
	e.Set("excludedFromMaintenance", converters.Bool(v.ExcludeFromMaintenance.B, v.ExcludeFromMaintenance.Set))
	e.Set("hasPendingReboot", converters.Bool(v.HasPendingReboot.B, v.HasPendingReboot.Set))
	if emails := converters.Emails(string(v.PrimaryUserEmail)).List(); len(emails) > 0 {
		e.Set("primaryUserEmail", graph.TextOf(emails[0]))
	}
	e.Set("lastLoggedInUser", text(v.LastLoggedOnUser))
	e.Set("active", converters.Bool(v.IsOnline.B, v.IsOnline.Set))
	e.Set("createdOn", graph.TimeOf(v.CreatedDate.Time))
	e.Set("lastBootOn", graph.TimeOf(v.LastBootTimeUTC.Time))
	e.Set("lastSeenOn", graph.TimeOf(v.LastProviderAgentEventDateUTC.Time))
	f.Relate(t.tenantHasComputer, tenant, id)
	f.Relate(t.personUsesComputer, reference(v.PrimaryPersonID.N, v.PrimaryPersonID.Set), id)
	t.linkAgents(v, id, f)
}

func setNames(e *graph.Element, v *immybot.Computer) {
	name, domain := strings.TrimSpace(string(v.ComputerName)), string(v.Domain)
	e.Set("name", graph.TextOf(name))
	e.Set("hostname", converters.Hostname(name))
	e.Set("fqdn", converters.FQDNs(converters.JoinFQDN(name, domain)))
	e.Set("domain", graph.TextOf(converters.DNSDomain(domain)))
}

func setHardware(e *graph.Element, v *immybot.Computer) {
	e.Set("serial", serial(v))
	e.Set("deviceId", graph.TextsOf(smbiosUUID(string(v.DeviceID))))
	e.Set("make", text(v.Manufacturer))
	e.Set("model", text(v.Model))
	e.Set("category", graph.TextOf(category(v)))
}

func setNetwork(e *graph.Element, v *immybot.Computer, a *converters.Addresses) {
	a.Add(string(v.InternalIPAddress))
	a.AddPublic(string(v.ExternalIPAddress))
	a.SetOn(e)
}

func setSystem(e *graph.Element, v *immybot.Computer) {
	name := string(v.OperatingSystem)
	e.Set("osName", graph.TextOf(name))
	e.Set("osType", converters.OSType(name))
	e.Set("osVersion", graph.TextOf(osVersion(name)))
}

// serial returns the computer's serial number, else that of its first agent that tells one.
func serial(v *immybot.Computer) graph.Value {
	value := text(v.SerialNumber)
	for i := range v.Agents {
		value = first(value, text(v.Agents[i].Serial))
	}
	return value
}

// smbiosUUID returns a UUID in lower case; "" for what is none, and for all zeros and all ones, which firmware without a UUID
// tells.
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
func category(v *immybot.Computer) string {
	if v.DomainRole.Set && v.DomainRole.N >= 2 && v.DomainRole.N <= 5 { // Win32_ComputerSystem.DomainRole: servers and domain controllers
		return "server"
	}
	if strings.Contains(strings.ToLower(string(v.OperatingSystem)), "windows server") {
		return "server"
	}
	for _, c := range v.ChassisTypes {
		if k := chassis(c.N); c.Set && k != "" {
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

// osVersion returns the version in a system's name: "11" of "Microsoft Windows 11 Pro", "2012 R2" of "… Server 2012 R2 …".
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
