package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// discoveredSlots is the room that what is seen beside one machine takes in the numbering.
const discoveredSlots = 4

// What is seen on the networks of a site.
const (
	seenMachine = iota // the machine itself
	seenPrinter        // what no product knows
	seenBehind         // something behind the router, with the router's address
	seenOnce           // a telephone that came weeks ago and never again
)

// routes of the lists of devices on networks.
const (
	rangerRoute = "/ranger/table-view"
	roguesRoute = "/rogues/table-view"
)

// isDiscovered reports whether agents have seen what the row stands for.
func (f *fleet) isDiscovered(row int) bool {
	i := row / discoveredSlots
	s := &f.states[i]
	if f.cards[i] != nil || !f.alive(i) || !f.customers[s.customer].hasSite || !f.sees(int(s.customer)) {
		return false
	}
	switch row % discoveredSlots {
	case seenMachine:
		return s.kind != CloudMonitor && i%2 == 0
	case seenPrinter:
		return i%11 == 3
	case seenBehind:
		return i%17 == 5
	}
	return i%19 == 6
}

// isManaged reports whether an agent is on it.
func (f *fleet) isManaged(row int) bool {
	slot := row/discoveredSlots*agentSlots + 1
	return row%discoveredSlots == seenMachine && f.hasAgent(slot) && !f.goneAgent(slot)
}

func (f *fleet) discoveredID(row int) uint64 { return f.longID(discoveredBase, row) }

// discoveredSeen is when it was last seen: most of it in this hour, some a few days ago, when a scanner slept.
func (f *fleet) discoveredSeen(row int) time.Time {
	age := time.Duration(row%50) * time.Minute
	switch {
	case row%discoveredSlots == seenOnce:
		age = 40 * 24 * time.Hour
	case row/discoveredSlots%5 == 4:
		age = 3 * 24 * time.Hour
	}
	return f.start.Add(-age)
}

func (f *fleet) discoveredMAC(row int) address {
	i := row / discoveredSlots
	switch row % discoveredSlots {
	case seenMachine:
		return f.mac(i)
	case seenBehind:
		return f.gatewayMAC(i)
	}
	return address(0x9CAED3<<24 | f.roll(row, topicMAC)&0xffffff)
}

// A Discovered is what is true of something that SentinelOne has seen on a network.
type Discovered struct {
	ID       string
	Site     string
	Machine  int // the number of the machine that it is; -1 for what no other product knows
	MAC      string
	Managed  bool // an agent is on it
	Licensed bool // its account has Network Discovery, which says so
	LastSeen time.Time
}

// Discovered gives everything that is seen in sites, by id.
func (s *Simulator) Discovered() []Discovered {
	f := s.fleet
	f.mu.RLock()
	defer f.mu.RUnlock()
	var list []Discovered
	for _, row := range f.discoveredList() {
		row := int(row)
		site := f.siteOf(row / discoveredSlots)
		d := Discovered{
			ID: strconv.FormatUint(f.discoveredID(row), 10), Site: strconv.FormatUint(f.siteID(site), 10), Machine: -1,
			MAC: f.discoveredMAC(row).text(":"), Managed: f.isManaged(row),
			Licensed: f.discoversNetworks(f.customers[site/sitesPerCustomer].account), LastSeen: f.discoveredSeen(row),
		}
		if row%discoveredSlots == seenMachine {
			d.Machine = row / discoveredSlots
		}
		list = append(list, d)
	}
	return list
}

func (f *fleet) discoveredList() []uint32 {
	return f.view("discovered", discoveredSlots, f.isDiscovered)
}

// periods are what /ranger/table-view may be asked for.
func periods() map[string]time.Duration {
	const day = 24 * time.Hour
	return map[string]time.Duration{
		"latest": day / 24, "last12h": day / 2, "last24h": day, "last3d": 3 * day, "last7d": 7 * day,
	}
}

// discoversNetworks reports whether Network Discovery is licensed for an account.
func (f *fleet) discoversNetworks(account int) bool { return account%2 == 0 }

// listDiscovered is GET /rogues/table-view, which knows all that has no agent, and GET /ranger/table-view, which takes
// one site or account at a time and shows what was seen within a period.
func (e *sentinelOne) listDiscovered(c *call, route string) {
	most, params := 500, []string{"siteIds", "accountIds"}
	since := time.Time{}
	var bad refusals
	if route == rangerRoute {
		most, params = 1, append(params, "period")
		if c.query.Has("siteIds") == c.query.Has("accountIds") {
			c.mistake("not one of siteIds and accountIds")
			bad.note("siteIds: Exactly one scope must be given.")
		}
		period := c.query.Get("period")
		if period == "" || period == "latest" {
			c.mistake("what a scanner that sleeps has seen is missing in the latest scan")
			period = "latest"
		}
		length, known := periods()[period]
		if !known {
			bad.note("period: Not a valid choice.")
		}
		since = c.s.Now().Add(-length)
	} else if !c.query.Has("siteIds") && c.query.Get("countOnly") != "true" {
		c.mistake("rows do not say of which site they are")
	}
	sites, accounts := bad.ids(c.ids("siteIds", most)), bad.ids(c.ids("accountIds", most))
	if len(bad) > 0 {
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", strings.Join(bad, " "))
		return
	}
	var rows []uint32
	licensed := true
	c.read(func() {
		for _, site := range c.f.siteList() {
			account := c.f.customers[site/sitesPerCustomer].account
			if sites(c.f.siteID(int(site))) && accounts(c.f.accountID(account)) {
				licensed = licensed && c.f.discoversNetworks(account)
			}
		}
		rows = slices.DeleteFunc(slices.Clone(c.f.discoveredList()), func(row uint32) bool {
			i := int(row) / discoveredSlots
			return route == roguesRoute && c.f.isManaged(int(row)) || c.f.discoveredSeen(int(row)).Before(since) ||
				!sites(c.f.siteID(c.f.siteOf(i))) || !accounts(c.f.accountID(c.f.customers[c.f.states[i].customer].account))
		})
	})
	if route == rangerRoute && !licensed {
		e.fail(c, http.StatusForbidden, 4030010, "Insufficient permissions", "This scope does not have Network Discovery enabled.")
		return
	}
	e.serve(c, edrList{
		column: "DeviceView.id", most: 1000, params: params, array: `"data":[`, close: "]",
		id: func(row int) uint64 { return c.f.discoveredID(row) }, render: c.f.renderDiscovered(route == rangerRoute),
	}, rows)
}

func (f *fleet) renderDiscovered(ranger bool) func(*jsonWriter, int) {
	return func(w *jsonWriter, row int) {
		i, sort := row/discoveredSlots, row%discoveredSlots
		ip, kind, function := f.privateIP(i), "Laptop", "Workstation"
		name := f.hostname(i)
		if sort != seenMachine {
			name = ""
			ip = ip[:strings.LastIndexByte(ip, '.')] + "." + strconv.Itoa(250+sort)
			kind = [...]string{"", "Printer", "Unknown", "Mobile"}[sort]
			function = [...]string{"", "Printer", "", "Phone"}[sort]
		}
		w.begin('{')
		w.id("id", f.discoveredID(row))
		w.str("localIp", ip)
		w.str("externalIp", f.publicIP(i))
		w.str("macAddress", f.discoveredMAC(row).upper())
		w.str("manufacturer", [...]string{f.model(i).maker, "Example Printers", "", ""}[sort])
		if name == "" {
			w.raw("hostnames", "[]")
		} else {
			w.list("hostnames", name)
		}
		w.str("osType", [...]string{f.system(i).edrType, "unknown", "unknown", "unknown"}[sort])
		w.str("osName", [...]string{f.system(i).edr, "", "", ""}[sort])
		w.str("osVersion", "")
		w.str("deviceType", kind)
		w.str("deviceFunction", function)
		w.at("firstSeen", f.start.AddDate(0, -2, 0), wholeLayout)
		w.at("lastSeen", f.discoveredSeen(row), wholeLayout)
		if ranger {
			f.rangerFields(w, row, ip)
		}
		w.end('}')
	}
}

// rangerFields writes what Network Discovery says beyond.
func (f *fleet) rangerFields(w *jsonWriter, row int, ip string) {
	i := row / discoveredSlots
	if f.isManaged(row) {
		w.id("agentId", f.agentID(i*agentSlots+1))
		w.str("managedState", "managed")
	} else {
		w.nulls("agentId")
		w.str("managedState", "unmanaged")
	}
	gateway := f.gatewayMAC(i).upper()
	w.list("ipAddresses", ip)
	w.str("networkName", "Office")
	w.str("gatewayIpAddress", f.gatewayIP(i))
	w.str("gatewayMacAddress", gateway)
	w.open("networks", '[')
	w.begin('{')
	w.str("networkName", "Office")
	w.str("gatewayMacAddress", gateway)
	w.end('}')
	w.end(']')
	w.list("discoveryMethods", "ARP")
	w.raw("tcpPorts", "[]")
	w.raw("deviceReviewLog", `[{"reviewedByName":"Example Administrator"}]`)
}
