package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/simulator"
)

// mdmOf is an MDM that knows every third of the machines that all three products know, by their serial numbers; three
// machines of its own; and one of the people. shared are its devices by the id of the same machine in NinjaRMM.
func mdmOf(s *simulator.Simulator, now time.Time) (server *mdmServer, shared map[string]string) {
	server, shared = &mdmServer{}, map[string]string{}
	for c := range s.Customers() {
		server.customers = append(server.customers, mdmCustomer{ID: "c" + strconv.Itoa(c.Index), Name: c.Name})
	}
	n := 0
	for m := range s.Truth() {
		if m.Products() < 3 || m.Origin != m.Number || len(m.Serial) < 7 || m.FormerAgent != "" || m.GuestDevice != 0 {
			continue
		}
		if n++; n%3 != 0 {
			continue
		}
		id := "d" + strconv.Itoa(m.Number)
		shared[id] = "ninjarmm:ninjarmm_device:" + strconv.Itoa(m.Device)
		server.devices = append(server.devices, mdmDevice{
			ID: id, Customer: "c" + strconv.Itoa(m.Customer), Name: m.Hostname, Serial: m.Serial, System: "windows", Mode: "SUPERVISED", State: "ENROLLED", Seen: now,
		})
		if len(server.people) == 0 && m.Email != "" {
			server.people = append(server.people, mdmPerson{ID: "p1", Customer: "c" + strconv.Itoa(m.Customer), Name: "Doe", Email: m.Email})
			server.devices[len(server.devices)-1].Person = "p1"
		}
	}
	server.devices = append(server.devices,
		mdmDevice{ID: "kiosk", Customer: "c0", Name: "kiosk-1", Serial: "MDMKIOSK0001", System: "android", Mode: "KIOSK", State: "ENROLLED", Labels: []string{"lobby"}, Seen: now.AddDate(0, 0, -90)},
		mdmDevice{ID: "retired", Customer: "c0", Name: "phone-2", Serial: "MDMPHONE0002", System: "ios", Mode: "SUPERVISED", State: "RETIRED", Seen: now.AddDate(0, 0, -200)},
		mdmDevice{ID: "invited", Customer: "c0", Name: "phone-3", Serial: "MDMPHONE0003", IMEI: "35-209900-176148-1", System: "ios", Mode: "SUPERVISED", State: "INVITED"},
	)
	return server, shared
}

// A product that the program has never heard of is in every answer, by what it declares of itself alone. Nothing but
// this file and the one with the product knows it.
func TestFourthProvider(t *testing.T) {
	workIn(t)
	neo := neo4jtest.Borrow(t)
	s, env := fleet(t, simulator.Options{Machines: 90, Customers: 6})
	now := time.Now()
	server, shared := mdmOf(s, now)
	require.Greater(t, len(shared), 5)
	maps.Copy(env, server.start(t))
	env["GRAPH_DB_USERNAME"], env["GRAPH_DB_PASSWORD"] = neo.Username, neo.Password

	do := func(args ...string) string { return executeAlso(t, mdm(), env, args...).stdout }
	both := func(args ...string) string { // asks both stores, which must give the same answer
		dates := regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d UTC|` + // of the runs, which were two
			now.UTC().Format(time.DateOnly) + `T[\d:.]+Z`)
		inFile := dates.ReplaceAllString(do(args...), "then")
		require.Equal(t, inFile, dates.ReplaceAllString(do(append(slices.Clone(args), "--graph", neo.Endpoint)...), "then"), args)
		return inFile
	}
	report := func(args ...string) (r executor.Report) {
		require.NoError(t, json.Unmarshal([]byte(do(append(args, "--output", "json")...)), &r))
		return r
	}

	t.Run("is checked and collected", func(t *testing.T) {
		require.Contains(t, do("check"), "mdm")
		text := do("run")
		inOrder(t, text, "without deployment: ", "without MDM: ", "mdm: customers 6, people 1, devices "+strconv.Itoa(len(server.devices)))
		do("run", "--graph", neo.Endpoint)
		for _, where := range [][]string{{"run"}, {"run", "--graph", neo.Endpoint}} {
			again := report(where...)
			require.Equal(t, executor.Counts{Unchanged: again.Totals.Unchanged}, again.Totals)
			require.Equal(t, []string{"edr", "rmm", "deployment", "mdm"}, toolsOf(again.Coverage))
		}
	})
	machines := 0
	t.Run("correlates with the others", func(t *testing.T) {
		of := map[string]string{}
		for _, link := range []string{"ninjarmm_device_is_device", "mdm_device_is_device"} {
			_, rows := csvTable(t, do("query", "select _from, _to, method from "+link, "--output", "csv"))
			for _, r := range rows {
				of[r["_from"]] = r["_to"]
				if mine := strings.TrimPrefix(r["_from"], "mdm:mdm_device:"); shared[mine] != "" {
					require.Equal(t, "serial", r["method"], r["_from"])
				}
			}
		}
		for mine, theirs := range shared {
			require.NotEmpty(t, of[theirs], theirs)
			require.Equal(t, of[theirs], of["mdm:mdm_device:"+mine], mine)
		}
		count := func(what string) int {
			return atoi(t, do("query", "select count(*) as n from "+what, "--output", "csv"))
		}
		require.Equal(t, 6, count("mdm_customer_is_organization"))
		require.Equal(t, 1, count("mdm_person_is_person m join immybot_person_is_person i on i._to = m._to"))
		machines = count("device")
	})
	t.Run("has its column", func(t *testing.T) {
		header, rows := csvTable(t, both("report", "coverage", "--output", "csv"))
		require.Equal(t, "organization,devices,edr,rmm,deployment,mdm,complete,edrUnprotected,edrUnknown", strings.Join(header, ","))
		have := 0
		for _, r := range rows {
			n, err := strconv.Atoi(r["mdm"])
			require.NoError(t, err)
			have += n
		}
		require.Equal(t, len(shared)+1, have, "those that are enrolled")
		require.Contains(t, both("report", "coverage", "--output", "json"), `"mdm": `)
		text := strings.Join(strings.Fields(do("report", "coverage")), " ")
		inOrder(t, text, "deployment", "mdm", "complete", "Missing: ", "MDM on "+strconv.Itoa(machines-have), "Not missing but stale: ", "MDM on 1")
		_, sorted := csvTable(t, both("report", "coverage", "--sort", "-mdm", "--output", "csv"))
		require.NotEqual(t, "0", sorted[0]["mdm"])
		_, pending := csvTable(t, both("report", "coverage", "--count-pending", "--by", "device", "--missing", "mdm", "--output", "csv"))
		require.Len(t, pending, machines-have-1)
	})
	t.Run("says why", func(t *testing.T) {
		_, rows := csvTable(t, both("report", "coverage", "--by", "device", "--missing", "mdm,stale-mdm", "--output", "csv"))
		why := map[string]string{}
		for _, r := range rows {
			why[r["hostname"]] = r["reason"]
		}
		require.Contains(t, why["kiosk-1"], "stale-mdm: last seen ")
		require.Contains(t, why["kiosk-1"], "(90 days ago)")
		require.Contains(t, why["phone-2"], "mdm: only a decommissioned enrollment, last seen ")
		require.Contains(t, why["phone-3"], "mdm: only a pending enrollment")
		for _, exclude := range []string{"type:kiosk", "tag:lobby", "kiosk-*"} {
			require.NotContains(t, both("report", "coverage", "--by", "device", "--missing", "stale-mdm", "--exclude", exclude, "--output", "csv"), "kiosk-1")
		}
	})
	t.Run("is explained", func(t *testing.T) {
		text := both("explain", "mdm kiosk 0001")
		for _, part := range []string{"device kiosk-1", "hasMdm             true", "mdm_device kiosk-1", "serialNumber       MDMKIOSK0001"} {
			require.Contains(t, text, part)
		}
		require.Contains(t, both("explain", "352099001761481"), "mdm_device phone-3, pending", "by a property that the role alone names")
		require.Contains(t, both("explain", "phone-2"), "mdm_device phone-2, decommissioned")
	})
	t.Run("is in the schema and the help", func(t *testing.T) {
		for _, name := range []string{"mdm_device", "mdm_customer_has_person", "mdm_device_is_device", "hasMdm"} {
			require.Contains(t, do("schema", "--output", "json"), `"`+name+`"`)
			require.NotContains(t, execute(t, env, "schema", "--output", "json").stdout, `"`+name+`"`, "of the program without the product")
		}
		require.Contains(t, do("report", "coverage", "--help"), "deployment (ImmyBot) or MDM (Acme MDM)")
		require.Contains(t, do("report", "coverage", "--help"), "MDM on iOS, Android, macOS and Windows")
		require.Contains(t, do("--help"), "and Acme MDM completely")
	})
}

func toolsOf(c *executor.Coverage) (names []string) {
	for _, g := range c.Gaps {
		names = append(names, g.Tool)
	}
	return names
}
