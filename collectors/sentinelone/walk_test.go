package sentinelone

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestStepsReadEverything(t *testing.T) {
	c := newConsole(t)
	c.records["/accounts"] = numbered(3, `{"id":"%d","name":"a"}`)
	c.records["/sites"] = numbered(4, `{"id":"%d","name":"s","accountId":"1","registrationToken":"x"}`)
	c.records["/groups"] = numbered(5, `{"id":"%d","name":"g","siteId":"1"}`)
	c.records["/agents"] = numbered(6, `{"id":"%d","computerName":"c"}`)
	c.records["/users"] = numbered(7, `{"id":"%d","email":"a@example.com"}`)
	c.records["/threats"] = numbered(8, `{"id":"%d","threatInfo":{"incidentStatus":"unresolved"}}`)
	s := c.collector(collectors.Options{PageSize: 2})
	var names []string
	for i, step := range s.Steps() {
		if names = append(names, step.Name); step.Skipped {
			continue
		}
		require.Equal(t, "GET /web/api/v2.1/"+step.Name, step.Route)
		require.Equal(t, step.Name == "users", len(step.Needs) > 0)
		got := readStep(t, s, step.Name)
		require.NoError(t, got.err)
		require.Len(t, got.records, i+3)
		for _, r := range got.records {
			require.NoError(t, r.Err)
			require.Equal(t, step.Kinds[0], r.Kind)
		}
		pages := (i + 3 + 1) / 2
		if step.Name == "threats" {
			pages += 2 // of two lists that are empty
		}
		require.Equal(t, pages, got.meter.Pages())
		told := got.meter.Expected()
		require.Equal(t, i+3, told)
		require.Empty(t, got.meter.Warnings())
		n, err := step.Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, i+3, n)
	}
	require.Equal(t, []string{"accounts", "sites", "groups", "agents", "users", "threats", "policies", "discovered"}, names)
}

func TestUsersOfASiteBelongToItsAccount(t *testing.T) {
	c := newConsole(t)
	c.records["/sites"] = []string{`{"id":"11","accountId":"1"}`, `{"id":"12","accountId":"2"}`}
	c.records["/users"] = []string{
		`{"id":"5","scope":"site","scopeRoles":[{"id":"11"},{"id":"12"},{"id":"404"}]}`,
		`{"id":"6","scope":"account","scopeRoles":[{"id":"11"}]}`,
	}
	s := c.collector(collectors.Options{})
	require.NoError(t, readStep(t, s, "sites").err)
	users := readStep(t, s, "users")
	require.NoError(t, users.err)
	require.Equal(t, []ScopeRole{{ID: "11", AccountID: "1"}, {ID: "12", AccountID: "2"}, {ID: "404"}},
		users.records[0].Value.(*User).ScopeRoles)
	require.Equal(t, []ScopeRole{{ID: "11"}}, users.records[1].Value.(*User).ScopeRoles,
		"an account of the same id is no site")
}

func TestLimitIsTheRoutesMaximum(t *testing.T) {
	c := newConsole(t)
	for name, limits := range map[string][3]string{
		"groups": {"300", "300", "50"}, "agents": {"1000", "400", "50"}, "sites": {"1000", "400", "50"},
	} {
		for i, size := range []int{0, 400, 50} {
			require.NoError(t, readStep(t, c.collector(collectors.Options{PageSize: size}), name).err)
			asked := c.queries("/" + name)
			require.Equal(t, limits[i], asked[len(asked)-1].Get("limit"), name)
		}
	}
}

func TestCursorIsDecodedOnceAndSentOnceWithTheSameQuery(t *testing.T) {
	c := newConsole(t) // fails the test when filters, limit or order change, and refuses a cursor that it did not give
	c.records["/agents"] = numbered(7, `{"id":"%d"}`)
	got := readStep(t, c.collector(collectors.Options{PageSize: 3}), "agents")
	require.NoError(t, got.err)
	require.Len(t, got.records, 7)
	asked := c.queries("/agents")
	require.Len(t, asked, 3)
	require.Empty(t, asked[0].Get("cursor"))
	for _, query := range asked[1:] {
		cursor := query.Get("cursor")
		require.True(t, strings.HasPrefix(cursor, "+") && strings.HasSuffix(cursor, "=="), cursor)
		require.Equal(t, "true,false", query.Get("isDecommissioned"))
	}
}

func TestNextCursor(t *testing.T) {
	for raw, want := range map[string]string{
		"": "", "  ": "", "null": "",
		"YWJj": "YWJj", "YWJjZA==": "YWJjZA==", "YWJjZA%3D%3D": "YWJjZA==",
		"a+b/c": "a+b/c", "a+b%3D": "a+b=", "a%253D": "a%3D", "100%": "100%",
	} {
		require.Equal(t, want, nextCursor(raw), raw)
	}
}

func TestWalkEnds(t *testing.T) {
	for name, tail := range map[string]string{
		"nextCursor null":       `"pagination":{"nextCursor":null,"totalItems":1}`,
		"nextCursor empty":      `"pagination":{"nextCursor":"","totalItems":1}`,
		"nextCursor absent":     `"pagination":{"totalItems":1}`,
		"nextCursor named null": `"pagination":{"nextCursor":"null","totalItems":1}`,
		"pagination empty":      `"pagination":{}`,
		"pagination null":       `"pagination":null`,
		"pagination missing":    `"errors":null`,
		"totalItems a text":     `"pagination":{"nextCursor":null,"totalItems":"1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.answer["/groups"] = answer(200, `{"data":[{"id":"1"}],`+tail+`}`)
			got := readStep(t, c.collector(collectors.Options{}), "groups")
			require.NoError(t, got.err)
			require.Equal(t, []string{"1"}, got.ids())
			require.Len(t, c.queries("/groups"), 1)
		})
	}
}

func TestEmptyPageWithCursorIsNotTheEnd(t *testing.T) {
	c := newConsole(t)
	c.answer["/groups"] = pages(map[string]string{
		"":  `{"data":[{"id":"1"}],"pagination":{"nextCursor":"b","totalItems":2}}`,
		"b": `{"data":[],"pagination":{"nextCursor":"c","totalItems":0}}`,
		"c": `{"data":[{"id":"2"}],"pagination":{"nextCursor":"d","totalItems":0}}`,
		"d": `{"data":[],"pagination":{"nextCursor":null,"totalItems":0}}`,
	})
	got := readStep(t, c.collector(collectors.Options{}), "groups")
	require.NoError(t, got.err)
	require.Equal(t, []string{"1", "2"}, got.ids())
	require.Equal(t, 4, got.meter.Pages())
}

// pages answers by cursor; every other cursor is an invalid one.
func pages(byCursor map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, ok := byCursor[r.URL.Query().Get("cursor")]
		if !ok {
			reply(w, 400,
				`{"errors":[{"code":4000010,"detail":"Invalid cursor value received","title":"Validation Error"}]}`)
			return
		}
		reply(w, 200, body)
	}
}

func TestIncompleteWalks(t *testing.T) {
	for name, c := range map[string]struct {
		pages map[string]string
		want  string
		ids   []string
	}{
		"totalItems of the first page is not reached": {map[string]string{
			"":  `{"data":[{"id":"1"}],"pagination":{"nextCursor":"b","totalItems":3}}`,
			"b": `{"data":[{"id":"2"}],"pagination":{"nextCursor":null,"totalItems":0}}`,
		}, "expected 3 records, got 2", []string{"1", "2"}},
		"repeated records count once": {map[string]string{
			"":  `{"data":[{"id":"1"},{"id":"2"}],"pagination":{"nextCursor":"b","totalItems":4}}`,
			"b": `{"data":[{"id":"3"},{"id":"2"}],"pagination":{"nextCursor":null}}`,
		}, "expected 4 records, got 3", []string{"1", "2", "3", "2"}},
		"cursor comes again": {map[string]string{
			"":  `{"data":[{"id":"1"}],"pagination":{"nextCursor":"b"}}`,
			"b": `{"data":[{"id":"2"}],"pagination":{"nextCursor":"b"}}`,
		}, "same cursor", []string{"1", "2"}},
		"cursor is refused": {map[string]string{
			"": `{"data":[{"id":"1"}],"pagination":{"nextCursor":"b","totalItems":2}}`,
		}, "Invalid cursor value received", []string{"1"}},
		"data null": {map[string]string{"": `{"data":null,"pagination":{"nextCursor":null}}`}, "array", nil},
		"data missing": {
			map[string]string{"": `{"pagination":{"nextCursor":null,"totalItems":0}}`}, "/groups: data", nil,
		},
		"data an object": {map[string]string{"": `{"data":{"groups":[]},"pagination":{}}`}, "array", nil},
		"pagination a list": {
			map[string]string{"": `{"data":[{"id":"1"}],"pagination":[]}`}, "/groups: pagination", nil,
		},
		"errors with status 200": {map[string]string{
			"": `{"data":[],"errors":[{"code":5000010,"title":"Server could not process the request"}],"pagination":{"nextCursor":null,"totalItems":0}}`,
		}, "5000010 Server could not process the request", nil},
		"cut off": {map[string]string{"": `{"data":[{"id":"1"}`}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newConsole(t)
			s.answer["/groups"] = pages(c.pages)
			got := readStep(t, s.collector(collectors.Options{}), "groups")
			require.ErrorContains(t, got.err, c.want)
			require.ElementsMatch(t, c.ids, got.ids())
		})
	}
}

func TestFullPageWithoutPaginationIsIncomplete(t *testing.T) {
	c := newConsole(t)
	c.answer["/groups"] = answer(200, `{"data":[{"id":"1"},{"id":"2"}]}`)
	got := readStep(t, c.collector(collectors.Options{PageSize: 2}), "groups")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, got.err, &incomplete)
	require.NoError(t, readStep(t, c.collector(collectors.Options{PageSize: 3}), "groups").err)
}

func TestLoginPageIsNoEmptyList(t *testing.T) {
	c := newConsole(t)
	c.answer["/agents"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><title>Sign in</title></html>")
	}
	got := readStep(t, c.collector(collectors.Options{}), "agents")
	require.ErrorContains(t, got.err, "not JSON")
}

func TestGatewayPageIsRetried(t *testing.T) {
	c := newConsole(t)
	c.records["/groups"] = numbered(1, `{"id":"%d"}`)
	first := true
	c.answer["/groups"] = func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, "<html><head><title>429 Too Many Requests</title></head></html>")
			return
		}
		c.list(w, "/groups", r.URL.Query())
	}
	s, err := New(Config{
		Instance: "s1", URL: c.server.URL, APIToken: testToken, Options: collectors.Options{RetryTime: time.Second},
	})
	require.NoError(t, err)
	got := readStep(t, s, "groups")
	require.NoError(t, got.err)
	require.Len(t, got.records, 1)
}

func TestMockServersWalkHasTwoRecordsOfOneID(t *testing.T) {
	c := newConsole(t)
	c.answer["/agents"] = pages(map[string]string{
		"":     string(fixture(t, "agents-elastic-mock-page1.json")),
		"abcd": string(fixture(t, "agents-elastic-mock-page2.json")),
		"efgh": string(fixture(t, "agents-elastic-mock-page3-empty.json")),
	})
	got := readStep(t, c.collector(collectors.Options{}), "agents")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, got.err, &incomplete) // two agents promised, one distinct id came
	require.NotEmpty(t, got.records)
}

func TestNothingIsReadAheadOfWhatIsConsumed(t *testing.T) {
	c := newConsole(t)
	c.records["/agents"] = numbered(4, `{"id":"%d"}`)
	step := stepOf(t, c.collector(collectors.Options{PageSize: 1}), "agents")
	n := 0
	for _, err := range step.Records(t.Context(), &collectors.Meter{}) {
		require.NoError(t, err)
		if n++; n == 2 {
			break
		}
	}
	require.Len(t, c.queries("/agents"), 2)
}

func TestContextEndsTheWalk(t *testing.T) {
	c := newConsole(t)
	c.records["/agents"] = numbered(4, `{"id":"%d"}`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	n := 0
	for _, err := range stepOf(t, c.collector(collectors.Options{PageSize: 1}), "agents").Records(ctx,
		&collectors.Meter{}) {
		n++
		last = err
		cancel()
	}
	require.ErrorIs(t, last, context.Canceled)
	require.Equal(t, 2, n, "one record, then the error")
}

func TestCountWithoutTotal(t *testing.T) {
	c := newConsole(t)
	c.answer["/groups"] = answer(200, `{"data":[],"pagination":{}}`)
	c.answer["/users"] = answer(200, `{"data":[],"pagination":{"totalItems":{}}}`)
	s := c.collector(collectors.Options{})
	n, err := stepOf(t, s, "groups").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, -1, n)
	_, err = stepOf(t, s, "users").Count(t.Context())
	require.ErrorContains(t, err, "/users: pagination.totalItems")
}

func TestAgentsAskForDecommissionedAndUninstalled(t *testing.T) {
	c := newConsole(t)
	c.records["/agents"] = numbered(2, `{"id":"%d","isDecommissioned":true,"isUninstalled":true}`)
	s := c.collector(collectors.Options{})
	require.NoError(t, readStep(t, s, "agents").err)
	_, err := stepOf(t, s, "agents").Count(t.Context())
	require.NoError(t, err)
	asked := append(c.queries("/agents"), c.queries("/agents/count")...)
	require.Len(t, asked, 3)
	for _, query := range asked {
		require.Equal(t, "true,false", query.Get("isDecommissioned"))
		require.Equal(t, "true,false", query.Get("isUninstalled"))
	}
}

func TestAgentsFewerThanCount(t *testing.T) {
	for name, total := range map[string]string{"with totalItems": `,"totalItems":2`, "without totalItems": ``} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.answer["/agents"] = answer(200, `{"data":[{"id":"1"},{"id":"2"}],"pagination":{"nextCursor":null`+total+
				`}}`)
			c.answer["/agents/count"] = answer(200, `{"data":{"total":3}}`)
			got := readStep(t, c.collector(collectors.Options{}), "agents")
			var incomplete *collectors.IncompleteError
			require.ErrorAs(t, got.err, &incomplete)
			require.Equal(t, 3, incomplete.Expected)
			require.Equal(t, 2, incomplete.Got)
			require.Equal(t, []string{"1", "2"}, got.ids())
		})
	}
}

func TestAgentsMoreThanCountIsComplete(t *testing.T) {
	c := newConsole(t)
	c.records["/agents"] = numbered(3, `{"id":"%d"}`)
	c.answer["/agents/count"] = answer(200, `{"data":{"total":2}}`)
	require.NoError(t, readStep(t, c.collector(collectors.Options{}), "agents").err)
}

func TestAgentCountFailingIsAWarning(t *testing.T) {
	for name, body := range map[string]string{"refused": "", "of another shape": `{"data":{"total":"many"}}`} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.records["/agents"] = numbered(2, `{"id":"%d"}`)
			c.answer["/agents/count"] = answer(404,
				`{"errors":[{"code":4040010,"title":"Requested resource was not found"}]}`)
			if body != "" {
				c.answer["/agents/count"] = answer(200, body)
			}
			s := c.collector(collectors.Options{})
			got := readStep(t, s, "agents")
			require.NoError(t, got.err)
			require.Len(t, got.records, 2)
			require.Contains(t, got.warnings(), "/agents/count")
			_, err := stepOf(t, s, "agents").Count(t.Context())
			require.Error(t, err)
		})
	}
}

func TestIdsBeyondDoublePrecisionStayExact(t *testing.T) {
	c := newConsole(t)
	c.answer["/agents"] = answer(200, `{"data":[{"id":1845174760470303881},{"id":"1845174760470303882"}],"pagination":{"nextCursor":null,"totalItems":2}}`)
	got := readStep(t, c.collector(collectors.Options{}), "agents")
	require.NoError(t, got.err)
	require.Equal(t, []string{"1845174760470303881", "1845174760470303882"}, got.ids())
}

// A console that goes on from a cursor only with the limit that the cursor came with is read again from the start.
func TestCursorThatIsBoundToItsLimit(t *testing.T) {
	c := newConsole(t)
	c.records["/groups"] = numbered(95, `{"id":"%d"}`)
	limits := map[string]string{}
	c.answer["/groups"] = func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch limit, cursor := q.Get("limit"), q.Get("cursor"); {
		case cursor == "" && len(limits) > 0 && limit == "40":
			reply(w, 504, `stream timeout`)
		case cursor == "":
			limits["first"] = limit
			c.list(w, "/groups", q)
		case limit == "40":
			reply(w, 504, `stream timeout`)
		case limit != limits["first"]:
			reply(w, 400,
				`{"errors":[{"code":4000010,"detail":"Invalid cursor value received","title":"Validation Error"}]}`)
		default:
			c.list(w, "/groups", q)
		}
	}
	s, err := New(Config{
		Instance: "s1", URL: c.server.URL, APIToken: testToken,
		Options: collectors.Options{PageSize: 40, RetryTime: time.Second},
	})
	require.NoError(t, err)
	got := readStep(t, s, "groups")
	require.NoError(t, got.err)
	distinct := map[string]bool{}
	for _, id := range got.ids() {
		distinct[id] = true
	}
	require.Len(t, distinct, 95)
	require.Equal(t, "20", limits["first"])
}

// What is expected before an answer is decoded is what it says, or nothing.
func TestExpectedCursor(t *testing.T) {
	records := strings.Repeat(`{"id":"1","name":"a \" b"},`, 100) + `{"id":"2"}`
	for pagination, want := range map[string]string{
		`{"nextCursor":"YWJjZA%3D%3D","totalItems":7}`:     "YWJjZA==",
		`{"totalItems":7, "nextCursor" : "a+b/c=" }`:       "a+b/c=",
		"{\n  \"nextCursor\":\n    \"YWJj\"\n}":            "YWJj",
		`{"nextCursor":null,"totalItems":7}`:               "",
		`{"nextCursor":"","totalItems":7}`:                 "",
		`{"nextCursor":"null","totalItems":7}`:             "",
		`{"nextCursor":7,"totalItems":"x"}`:                "",
		`{"nextCursor":"a\u0041","totalItems":7}`:          "",
		`{"totalItems":7}`:                                 "",
		`{"nextCursor":"` + strings.Repeat("x", 600) + `"`: "",
	} {
		for _, body := range []string{
			`{"data":[` + records + `],"pagination":` + pagination + `}`,
			`{"pagination":` + pagination + `,"data":[` + records + `]}`,
		} {
			require.Equal(t, want, expectedCursor([]byte(body)), pagination)
			page, err := list{kind: KindSite}.decode([]byte(body), 1000)
			if err == nil && want != "" {
				require.Equal(t, want, page.Next, "what is decoded")
			}
		}
	}
	require.Empty(t, expectedCursor(nil))
}
