package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// retold starts a fleet in which the first record of the list at each path says something else: the given members
// instead of its own.
func retold(t *testing.T, lists map[string]map[string]any) map[string]string {
	t.Helper()
	_, env := fleet(t, simulator.Options{Machines: 30, Customers: 3, Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		for path, members := range lists {
			if strings.HasSuffix(r.URL.Path, path) && answer.Code == http.StatusOK {
				body = withFirst(t, body, members)
			}
		}
		maps.Copy(w.Header(), answer.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	}})
	return env
}

// withFirst returns an answer whose first row has the given members, whichever shape its list has.
func withFirst(t *testing.T, body []byte, members map[string]any) []byte {
	var answer any
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		t.Error(err)
	}
	rows, _ := answer.([]any)
	if object, ok := answer.(map[string]any); ok {
		for _, name := range []string{"data", "results"} {
			if list, ok := object[name].([]any); ok {
				rows = list
			}
		}
	}
	if len(rows) > 0 {
		if row, ok := rows[0].(map[string]any); ok {
			maps.Copy(row, members)
		}
	}
	out, err := json.Marshal(answer)
	if err != nil {
		t.Error(err)
	}
	return out
}

// rowsOf returns what a query prints as JSON.
func rowsOf(t *testing.T, env map[string]string, query string) []map[string]any {
	t.Helper()
	r := execute(t, env, "query", "--output", "json", query)
	require.Equal(t, exitDone, r.code, r.stderr)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &rows), r.stdout)
	return rows
}

// A machine's own name is kept, whatever its characters, beside what people call it.
func TestNamesOfMachinesAreKept(t *testing.T) {
	workIn(t)
	env := retold(t, map[string]map[string]any{
		"/v2/devices-detailed":    {"displayName": "Front desk", "systemName": "ACME_PC_01", "dnsName": "", "netbiosName": "", "system": map[string]any{}},
		"/web/api/v2.1/agents":    {"computerName": "ACME PC_02"},
		"/api/v1/computers/paged": {"computerName": "MÜLLER_PC"},
	})
	require.Equal(t, exitDone, execute(t, env, "run").code)
	require.Equal(t, []map[string]any{{"name": "Front desk", "systemName": "ACME_PC_01", "hostname": nil}},
		rowsOf(t, env, "select name, systemName, hostname from ninjarmm_device where name = 'Front desk'"))
	require.Equal(t, []map[string]any{{"hostname": nil}}, rowsOf(t, env, "select hostname from sentinelone_agent where name = 'ACME PC_02'"))
	require.Equal(t, []map[string]any{{"hostname": nil}}, rowsOf(t, env, "select hostname from immybot_computer where name = 'MÜLLER_PC'"))
}

// What makers leave where nobody wrote a value is as good as absent, and what comes behind it counts.
func TestPlaceholdersAreAbsent(t *testing.T) {
	workIn(t)
	junk := map[string]any{"manufacturer": "System manufacturer", "model": "System Product Name", "serialNumber": "To be filled by O.E.M."}
	device := maps.Clone(junk)
	device["biosSerialNumber"] = "Default string"
	computer := maps.Clone(junk)
	computer["computerName"] = "junk-3"
	env := retold(t, map[string]map[string]any{
		"/v2/devices-detailed":    {"displayName": "junk-1", "serviceTag": "7HX0001", "vendor": "Dell Inc.", "model": "", "system": device},
		"/web/api/v2.1/agents":    {"computerName": "junk-2", "serialNumber": "00000000", "modelName": "To Be Filled By O.E.M. - Default string"},
		"/api/v1/computers/paged": computer,
	})
	require.Equal(t, exitDone, execute(t, env, "run").code)
	require.Equal(t, []map[string]any{{"serial": "7HX0001", "biosSerial": nil, "make": "Dell Inc.", "model": nil}},
		rowsOf(t, env, "select serial, biosSerial, make, model from ninjarmm_device where name = 'junk-1'"))
	require.Equal(t, []map[string]any{{"serial": nil, "make": nil, "model": nil}},
		rowsOf(t, env, "select serial, make, model from sentinelone_agent where name = 'junk-2'"))
	require.Equal(t, []map[string]any{{"make": nil, "model": nil}},
		rowsOf(t, env, "select make, model from immybot_computer where name = 'junk-3'"))
	require.Empty(t, rowsOf(t, env, "select serial from immybot_computer where name = 'junk-3' and serial like 'To be%'"))
}

// A tag without a value is its name, which is how people exclude it.
func TestTagsReachTheGraph(t *testing.T) {
	workIn(t)
	env := retold(t, map[string]map[string]any{
		"/web/api/v2.1/agents": {"computerName": "tagged-1", "isDecommissioned": false, "isUninstalled": false, "tags": map[string]any{
			"sentinelone": []any{map[string]any{"key": "spare", "value": ""}, map[string]any{"key": "env", "value": "lab"}},
		}},
		"/v2/devices-detailed": {"displayName": "tagged-2", "tags": []any{"Reception", " spare "}},
	})
	require.Equal(t, exitDone, execute(t, env, "run").code)
	require.Equal(t, []map[string]any{{"tags": []any{"env:lab", "spare"}}}, rowsOf(t, env, "select tags from sentinelone_agent where name = 'tagged-1'"))
	require.Equal(t, []map[string]any{{"tags": []any{"Reception", "spare"}}}, rowsOf(t, env, "select tags from ninjarmm_device where name = 'tagged-2'"))

	covered := func(flags ...string) (n int) {
		r := execute(t, env, append([]string{"report", "coverage", "--output", "json"}, flags...)...)
		require.Equal(t, exitDone, r.code, r.stderr)
		var customers []struct{ Devices int }
		require.NoError(t, json.Unmarshal([]byte(r.stdout), &customers), r.stdout)
		for _, c := range customers {
			n += c.Devices
		}
		return n
	}
	require.Less(t, covered("--exclude", "tag:spare"), covered())
}
