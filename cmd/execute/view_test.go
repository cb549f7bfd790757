package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// viewPages are the addresses of every page for a fleet of the simulator, by what they show.
func viewPages(t *testing.T, v *viewing) map[string]string {
	t.Helper()
	device := v.first("/machines?format=json", "device")
	customer := url.Values{"name": {v.first("/coverage?format=json", "organization")}}.Encode()
	return map[string]string{
		"overview":      "/",
		"coverage":      "/coverage",
		"customer":      "/customer?" + customer,
		"gaps":          "/gaps?missing=edr&sort=-lastSeenOn",
		"findings":      "/findings?kind=missing-edr&state=all&findings.sort=-openedOn",
		"accepted":      "/findings?state=accepted",
		"machines":      "/machines",
		"changes":       "/changes",
		"questions":     "/questions",
		"question":      "/questions/without-edr",
		"runs":          "/runs",
		"run":           "/runs/" + v.first("/runs?format=json", "id"),
		"search":        "/search?text=-00",
		"nothing found": "/search?text=nobody-has-this-name",
		"machine":       "/explain?" + url.Values{"key": {device}}.Encode(),
		"neighbourhood": "/neighbourhood?" + url.Values{"key": {device}}.Encode(),
		"ask":           "/ask?text=select+1",
		"not found":     "/nowhere",
	}
}

// first returns a member of the first row of a table, which has one.
func (v *viewing) first(path, member string) string {
	v.t.Helper()
	status, _, body := v.get(path)
	require.Equal(v.t, http.StatusOK, status, body)
	var rows []map[string]any
	require.NoError(v.t, json.Unmarshal([]byte(body), &rows))
	require.NotEmpty(v.t, rows, path)
	i := slices.IndexFunc(rows, func(row map[string]any) bool { return row[member] != "" })
	require.GreaterOrEqual(v.t, i, 0)
	return rows[i][member].(string)
}

// demoView serves the graph of the demo, made anew.
func demoView(t *testing.T, args ...string) *viewing {
	t.Helper()
	workIn(t)
	r := execute(t, nil, "--demo")
	require.Equal(t, exitDone, r.code, r.stderr)
	return startView(t, nil, append([]string{"--demo"}, args...)...)
}

// Only the browser that began with the printed address gets pages, once, and only under a name of this machine.
func TestViewLetsInWhoBeganAlone(t *testing.T) {
	v := demoView(t)
	require.Regexp(t, `^http://127\.0\.0\.1:\d+/\?token=[A-Z0-9]{26}$`, v.address)
	ask := func(method, path string, change func(*http.Request)) (int, http.Header, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, v.base+path, nil)
		require.NoError(t, err)
		if change != nil {
			change(r)
		}
		status, header, body := v.do(r)
		require.Contains(t, header.Get("Content-Security-Policy"), "default-src 'none'")
		require.Contains(t, header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
		require.NotContains(t, header.Get("Content-Security-Policy"), "unsafe")
		require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", header.Get("Referrer-Policy"))
		return status, header, body
	}
	forbidden := func(why, method, path string, change func(*http.Request)) {
		t.Helper()
		status, _, body := ask(method, path, change)
		require.Equal(t, http.StatusForbidden, status, why)
		require.NotContains(t, body, "machines", why)
	}
	for _, path := range []string{"/", "/coverage", "/gaps?format=csv", "/assets/style.css", "/nowhere"} {
		forbidden("without a token", http.MethodGet, path, nil)
	}
	forbidden("another token", http.MethodGet, "/?token=AAAAAAAAAAAAAAAAAAAAAAAAAA", nil)
	token := strings.TrimPrefix(v.address, v.base)
	forbidden("who only asks whether it is there does not begin", http.MethodHead, token, nil)
	forbidden("another name", http.MethodGet, token, func(r *http.Request) { r.Host = "assetgraph.example" })
	forbidden("another site", http.MethodGet, token, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })

	stay := *v.client
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.address, nil)
	require.NoError(t, err)
	answer, err := stay.Do(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusSeeOther, answer.StatusCode)
	require.Equal(t, "/", answer.Header.Get("Location"), "the token is gone from the address")
	cookies := answer.Cookies()
	require.Len(t, cookies, 1)
	require.True(t, cookies[0].HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookies[0].SameSite)
	require.Zero(t, cookies[0].MaxAge, "it ends with the browser")

	status, _, body := ask(http.MethodGet, "/", nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "469")
	status, _, body = ask(http.MethodHead, "/", nil)
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, body)
	_, port, _ := strings.Cut(strings.TrimPrefix(v.base, "http://"), ":")
	status, _, _ = ask(http.MethodGet, "/", func(r *http.Request) {
		r.Host = "localhost:" + port
		r.AddCookie(cookies[0])
	})
	require.Equal(t, http.StatusOK, status)

	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodDelete} {
		for _, host := range []string{"assetgraph.example:" + port, "127.0.0.1", "127.0.0.1.nip.io:" + port, "127.0.0.1:1"} {
			status, _, _ := ask(method, "/", func(r *http.Request) {
				r.Host = host
				r.AddCookie(cookies[0])
			})
			require.Equal(t, http.StatusForbidden, status, method+" "+host)
		}
	}
	for _, site := range []string{"cross-site", "same-site", "other"} {
		forbidden(site, http.MethodGet, "/coverage", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", site) })
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace} {
		status, header, _ := ask(method, "/coverage", nil)
		require.Equal(t, http.StatusMethodNotAllowed, status, method)
		require.Equal(t, "GET, HEAD", header.Get("Allow"))
	}
	v.client.Jar = nil
	forbidden("a second browser", http.MethodGet, token, nil)
	forbidden("another cookie", http.MethodGet, "/", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookies[0].Name, Value: "x"}) })
}

func TestViewListensOnThisMachineAlone(t *testing.T) {
	workIn(t)
	for addr, want := range map[string]string{
		"0.0.0.0:0": "not of this machine alone", ":8080": "not of this machine alone", "[::]:0": "not of this machine alone",
		"192.0.2.1:80": "not of this machine alone", "example.com:80": "not of this machine alone", "127.0.0.1": "HOST:PORT",
	} {
		execute(t, nil, "view", "--demo", "--addr", addr).requireFailed(t, exitUsage, "--addr "+addr, want)
	}
	execute(t, nil, "view", "--demo").requireFailed(t, exitFailed, "there is no graph yet")
	execute(t, nil, "--demo")
	execute(t, nil, "view", "--demo", "--addr", "127.0.0.1:http-no").requireFailed(t, exitFailed, "--addr 127.0.0.1:http-no")

	v := startView(t, nil, "--demo", "--addr", "0.0.0.0:0", "--allow-remote").begin()
	_, port, _ := strings.Cut(strings.TrimPrefix(v.base, "http://"), ":")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.base, nil)
	require.NoError(t, err)
	r.Host = "assetgraph.example:" + port
	status, _, _ := v.do(r)
	require.Equal(t, http.StatusForbidden, status, "names that others give this machine are not its own")
}

// What pages show is what the commands print, on both stores, and the page of a table gives what is shown.
func TestViewShowsWhatTheCommandsSay(t *testing.T) {
	onBothGraphs(t, func(t *testing.T, p place) {
		_, env := fleet(t, simulator.Options{Machines: 120, Customers: 7})
		env = p.env(env)
		runJSON(t, exitDone, env, "run")
		v := startView(t, env).begin()
		csv := func(path string) string {
			t.Helper()
			status, header, body := v.get(path)
			require.Equal(t, http.StatusOK, status, body)
			require.Contains(t, header.Get("Content-Type"), "text/csv")
			return body
		}
		printed := func(args ...string) string {
			t.Helper()
			r := execute(t, env, args...)
			require.Equal(t, exitDone, r.code, r.stderr)
			return r.stdout
		}
		require.Equal(t, printed("report", "coverage", "--output", "csv"), csv("/coverage?format=csv"))
		require.Equal(t, printed("query", "@without-edr", "--output", "csv"), csv("/questions/without-edr?format=csv&table=rows"))

		var gaps, shown []map[string]any
		require.NoError(t, json.Unmarshal([]byte(printed("report", "coverage", "--by", "device", "--output", "json")), &gaps))
		_, _, body := v.get("/gaps?format=json")
		require.NoError(t, json.Unmarshal([]byte(body), &shown))
		require.Equal(t, gaps, shown)

		device := gaps[0]["device"].(string)
		var x struct {
			Matches []struct {
				Subject struct {
					Records []struct{ Key, Method, MatchedValue string }
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(printed("explain", device, "--output", "json")), &x))
		_, _, body = v.get("/explain?format=json&table=records&" + url.Values{"key": {device}}.Encode())
		var records []struct{ Key, Method, MatchedValue string }
		require.NoError(t, json.Unmarshal([]byte(body), &records))
		require.Equal(t, x.Matches[0].Subject.Records, records)

		for name, path := range viewPages(t, v) {
			want := http.StatusOK
			if name == "not found" || name == "ask" {
				want = http.StatusNotFound
			}
			status, header, body := v.get(path)
			require.Equal(t, want, status, path+body)
			require.Contains(t, header.Get("Content-Type"), "text/html")
			require.Equal(t, 1, strings.Count(body, "<h1>"), path)
			require.NotRegexp(t, `(?i)<style|\sstyle=|\son[a-z]+=|<script>|javascript:`, body, path)
			for _, m := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
				require.Regexp(t, `^[/?#]|^https?://`, m[1], path)
			}
		}
	})
}

// Rows are sorted and filtered by the address, and CSV has what is left, in that order.
func TestViewSortsAndFiltersByTheAddress(t *testing.T) {
	v := demoView(t).begin()
	rows := func(path string) (list []map[string]any) {
		t.Helper()
		status, _, body := v.get(path)
		require.Equal(t, http.StatusOK, status, body)
		require.NoError(t, json.Unmarshal([]byte(body), &list))
		return list
	}
	all := rows("/machines?format=json")
	require.Len(t, all, 469)
	without := rows("/machines?format=json&missing=edr")
	require.Len(t, without, 81)
	for _, row := range without {
		require.Contains(t, strings.Split(row["missing"].(string), ";"), "edr")
	}
	sorted := rows("/coverage?format=json&sort=-devices")
	require.True(t, slices.IsSortedFunc(sorted, func(a, b map[string]any) int { return int(b["devices"].(float64) - a["devices"].(float64)) }))
	require.EqualValues(t, 111, sorted[0]["devices"])
	require.Len(t, rows("/coverage?format=json&q=M%C3%9CLLER"), 2)
	require.Empty(t, rows("/coverage?format=json&q=nobody"))
	_, header, body := v.get("/gaps?missing=edr&sort=hostname&page=1&format=csv")
	require.Equal(t, `attachment; filename="assetgraph-gaps.csv"`, header.Get("Content-Disposition"))
	require.Equal(t, 82, strings.Count(body, "\n"))
	_, _, body = v.get("/machines?sort=-lastSeenOn&page=2")
	require.Contains(t, body, "Page 2 of 5")
	require.Contains(t, body, `aria-sort="descending"`)
	status, _, body := v.get("/gaps?format=xml")
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, body, "known are csv and json")
	status, _, _ = v.get("/explain?key=assetgraph:device:nobody")
	require.Equal(t, http.StatusNotFound, status)
	status, _, body = v.get("/changes?since=soon")
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, body, "no day such as 2026-11-01")
}

// A view shows the graph as it is, also when a run changed it since, and what a run changed.
func TestViewFollowsTheGraph(t *testing.T) {
	onBothGraphs(t, func(t *testing.T, p place) {
		s, env := fleet(t, simulator.Options{Machines: 80, Customers: 4})
		env = p.env(env)
		first := runJSON(t, exitDone, env, "run")
		v := startView(t, env).begin()
		machines := func() (list []struct{ Device string }) {
			_, _, body := v.get("/machines?format=json")
			require.NoError(t, json.Unmarshal([]byte(body), &list))
			return list
		}
		before := machines()
		s.Advance(simulator.Change{Add: 3, Edit: 4})
		second := runJSON(t, exitDone, env, "run")
		require.Len(t, machines(), len(before)+3)
		ops := func(query string) map[string]int {
			_, _, body := v.get("/changes?table=changes&format=json&" + query)
			var list []struct{ Run, Op, Type string }
			require.NoError(t, json.Unmarshal([]byte(body), &list), body)
			counts := map[string]int{}
			for _, c := range list {
				counts[c.Op]++
				if c.Type == "device" && c.Op == "create" {
					counts["machine"]++
				}
			}
			return counts
		}
		require.Equal(t, 3, ops("run=" + second.Run.ID)["machine"])
		require.Zero(t, ops("run=" + second.Run.ID)["load"])
		require.Equal(t, map[string]int{"load": 4}, ops("run="+first.Run.ID))
		require.Equal(t, ops("run="+second.Run.ID), ops("since="+first.Run.ID+"&until="+second.Run.ID))
		require.Empty(t, ops("since="+second.Run.ID))
		require.Equal(t, ops(""), ops("since="+second.Run.StartedAt.Format("2006-01-02")))
		_, _, body := v.get("/runs/" + second.Run.ID)
		require.Contains(t, body, "What was read")
		require.Contains(t, body, "ninjarmm_device")
	})
}

// Nobody asks the graph in its own language unless a flag lets them, and then nobody writes.
func TestViewTakesQueriesOnlyWhereAFlagAllowsThem(t *testing.T) {
	onBothGraphs(t, func(t *testing.T, p place) {
		_, env := fleet(t, simulator.Options{Machines: 20, Customers: 2})
		env = p.env(env)
		runJSON(t, exitDone, env, "run")
		status, _, _ := startView(t, env).begin().get("/ask?text=select+1")
		require.Equal(t, http.StatusNotFound, status)
		v := startView(t, env, "--allow-queries").begin()
		ask := func(text string) string {
			status, _, body := v.get("/ask?" + url.Values{"text": {text}}.Encode())
			require.Equal(t, http.StatusOK, status)
			return body
		}
		read, write, many := "select count(*) as n from device", "delete from graph_entity", "with recursive n(i) as (values(1) union all select i+1 from n limit 5000) select i from n"
		if p.server != nil {
			read, write, many = "MATCH (d:device) RETURN count(d) AS n", "MATCH (n) DETACH DELETE n", "UNWIND range(1, 5000) AS i RETURN i"
		}
		before := ask(read)
		require.Regexp(t, `<th scope="row" class=" number">\d\d</th>`, before)
		require.Contains(t, ask(write), `role="alert"`)
		require.Equal(t, before, ask(read))
		require.Contains(t, ask(many), "Only the first 1,000 rows are here")
		require.Contains(t, ask("what"), `role="alert"`)
	})
}

// hostileView serves a graph whose names hold markup, links that run something, and what can't be seen.
func hostileView(t *testing.T) *viewing {
	t.Helper()
	workIn(t)
	raw, err := json.Marshal(`"><script>alert(1)</script><img src=x onerror=alert(2)>'{{.}} javascript:alert(3)` + hostileName)
	require.NoError(t, err)
	_, env := rewriting(t, simulator.Options{Machines: 30, Customers: 3},
		`"(name|siteName|computerName|systemName|displayName|fullName|tenantName|lastLoggedInUserName)":\s*"`,
		func(found string) string { return found + string(raw[1:len(raw)-1]) + " " })
	r := execute(t, env, "run")
	require.NotEqual(t, exitFailed, r.code, r.stderr)
	return startView(t, env)
}

// Whatever a name holds stays text.
func TestViewShowsHostileNamesAsText(t *testing.T) {
	v := hostileView(t).begin()
	for name, path := range viewPages(t, v) {
		_, _, body := v.get(path)
		require.NotRegexp(t, `(?i)<script>|<img|href="javascript`, body, name)
		requireHarmless(t, body)
	}
}
