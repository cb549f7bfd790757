package immybot

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func alive(t *testing.T, c *Collector, step string, ids ...string) ([]string, error) {
	t.Helper()
	return aliveWith(t, c, step, nil, ids...)
}

func aliveWith(t *testing.T, c *Collector, step string, known []string, ids ...string) ([]string, error) {
	t.Helper()
	return stepOf(t, c, step).Alive(t.Context(), ids, known)
}

// deletedRow is a row of the recycle bin.
func deletedRow(id int) row {
	return row{id, fmt.Sprintf(`{"id":%d,"tenantId":1,"deletedAt":"2026-08-01T10:00:00.12345Z"}`, id)}
}

func TestAliveComputers(t *testing.T) {
	in := newInstance(t)
	in.list("/computers/paged",
		&pagedList{rows: computers(3), deleted: []row{deletedRow(4), deletedRow(5), deletedRow(6)}})
	in.singles["/computers"] = append(computers(3), deletedRow(4), deletedRow(5), row{7, computerDetail})
	got, err := alive(t, in.collector(2), "computers", "8", "7", "6", "5", "4", "3", "2")
	require.NoError(t, err)
	require.Equal(t, []string{"7", "3", "2"}, got, "a computer in the recycle bin is gone, even if it is shown by id")
	for _, asked := range in.asked("/api/v1/computers/paged") {
		require.Contains(t, asked, "deletedOnly=true")
	}
	require.Greater(t, len(in.asked("/api/v1/computers/paged")), 1, "the bin is read to its end")
	require.Empty(t, in.asked("/api/v1/computers/5"), "what lies in the bin is not asked for")
	require.Equal(t, []string{"/api/v1/computers/7?includeAdditionalPersons=false&includePrimaryPerson=false&includeProviderAgents=false" +
		"&includeProviderAgentsDeviceUpdateFormData=false&includeSessions=false"}, in.asked("/api/v1/computers/7"))
}

// computerDetail holds other ids than its own.
const computerDetail = `{"id":7,"tenant":{"id":1,"markedForDeletionAtUtc":"2026-08-01T10:00:00Z"},"inventory":{"WindowsSystemInfo":{"Output":{"id":9}}},"agents":null}`

func TestAliveInstanceThatIgnoresDeletedOnlyHasNoEmptyFleet(t *testing.T) {
	in := newInstance(t)
	in.list("/computers/paged", &pagedList{rows: computers(5), deleted: computers(5)})
	in.singles["/computers"] = computers(5)
	got, err := alive(t, in.collector(0), "computers", "1", "5", "6")
	require.NoError(t, err)
	require.Equal(t, []string{"1", "5"}, got)
}

func TestAliveWithoutTheWholeBinIsAnError(t *testing.T) {
	for name, bin := range map[string]*pagedList{
		"shorter than its count": {deleted: []row{deletedRow(4)}, more: 1},
		"of another shape":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t)
			in.answer("/computers/paged", `[]`)
			if bin != nil {
				in.list("/computers/paged", bin)
			}
			in.singles["/computers"] = computers(3)
			got, err := alive(t, in.collector(0), "computers", "1", "4")
			require.ErrorContains(t, err, "deleted computers")
			require.Nil(t, got)
			require.Empty(t, in.asked("/api/v1/computers/1"))
		})
	}
}

func TestAliveTenantsAndPersons(t *testing.T) {
	for step, path := range map[string]string{"tenants": "/tenants", "persons": "/persons"} {
		in := newInstance(t)
		in.singles[path] = []row{
			{1, `{"id":1}`}, {2, `{"id":"2","markedForDeletionAtUtc":"2026-08-01T10:00:00Z","name":null}`},
		}
		got, err := alive(t, in.collector(0), step, "3", "2", "1")
		require.NoError(t, err)
		require.Equal(t, []string{"2", "1"}, got)
		require.Empty(t, in.asked("/api/v1/computers"))
	}
}

func TestAliveWhereNobodyIsAsked(t *testing.T) {
	for _, step := range []string{"users", "provider-links", "provider-agents"} {
		require.Nil(t, stepOf(t, newInstance(t).collector(0), step).Alive, step)
	}
}

func TestAliveAnswersThatProveNothing(t *testing.T) {
	fixed := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, status, body) }
	}
	for name, tt := range map[string]struct {
		handler func(in *instance) http.HandlerFunc
		want    string
	}{
		"page under 200 on a route that answers": {func(in *instance) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) { in.console(w) }
		}, "not JSON"}, // "HTML", or "throttled" once the route has answered for another id
		"page of a gateway under 404": {func(*instance) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(404)
				_, _ = w.Write([]byte("<html>404 Site Not Found</html>"))
			}
		}, "HTML"},
		"not permitted": {
			func(*instance) http.HandlerFunc { return fixed(403, `{"title":"Forbidden","status":403}`) },
			"may not read this",
		},
		"restarting":     {func(*instance) http.HandlerFunc { return fixed(503, ``) }, "503"},
		"method unknown": {func(*instance) http.HandlerFunc { return fixed(405, ``) }, "405"},
		"null":           {func(*instance) http.HandlerFunc { return fixed(200, `null`) }, "empty"},
		"a list":         {func(*instance) http.HandlerFunc { return fixed(200, `[{"id":2}]`) }, "/2"},
		"no id":          {func(*instance) http.HandlerFunc { return fixed(200, `{"name":"x"}`) }, "not the record"},
		"another id":     {func(*instance) http.HandlerFunc { return fixed(200, `{"id":22}`) }, "not the record"},
		"id of no kind":  {func(*instance) http.HandlerFunc { return fixed(200, `{"id":{"value":2}}`) }, "id"},
		"cut off":        {func(*instance) http.HandlerFunc { return fixed(200, `{"id":2,"name":"x`) }, "cut off"},
	} {
		for step, path := range map[string]string{
			"computers": "/computers", "tenants": "/tenants", "persons": "/persons",
		} {
			t.Run(name+" for "+step, func(t *testing.T) {
				in := newInstance(t)
				in.singles[path] = []row{{1, `{"id":1}`}}
				in.routes[path+"/2"] = tt.handler(in)
				got, err := alive(t, in.collector(0), step, "1", "2", "3")
				require.ErrorContains(t, err, tt.want)
				require.Nil(t, got)
			})
		}
	}
}

func TestAliveOnAnInstanceThatKnowsNoneByIDIsNotBelieved(t *testing.T) {
	for step, path := range map[string]string{"computers": "/computers", "tenants": "/tenants", "persons": "/persons"} {
		t.Run(step, func(t *testing.T) {
			in := newInstance(t)
			in.list("/computers/paged", &pagedList{rows: computers(1)})
			in.singles[path] = []row{{1, `{"id":1}`}}
			c := in.collector(0)
			got, err := aliveWith(t, c, step, []string{"1"}, "2")
			require.NoError(t, err)
			require.Empty(t, got)
			in.singles[path] = nil
			_, err = aliveWith(t, c, step, []string{"1"}, "2")
			require.ErrorIs(t, err, collectors.ErrUnknown)
		})
	}
}

func TestAliveNeverAsksForWhatIsNoID(t *testing.T) {
	in := newInstance(t)
	odd := []string{"", "x", "paged", "../users", "-1", "1?take=1", "computer-counts"}
	for _, step := range []string{"computers", "tenants", "persons"} {
		got, err := alive(t, in.collector(0), step, odd...)
		require.NoError(t, err)
		require.Equal(t, odd, got)
	}
	require.Equal(t, in.asked("/api/v1/computers/paged?"), in.asked("/api/v1/"), "the recycle bin alone")
}

func TestAliveEndsWithTheContext(t *testing.T) {
	for _, step := range []string{"computers", "tenants", "persons"} {
		in := newInstance(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := stepOf(t, in.collector(0), step).Alive(ctx, []string{"1"}, nil)
		require.ErrorIs(t, err, context.Canceled)
	}
}
