package rawjson_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"assetgraph/collectors"
	"assetgraph/collectors/immybot"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/ninjarmm"
	"assetgraph/collectors/sentinelone"
	"assetgraph/internal/simulator"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// A list is one that a provider gives, with its wire type taken away.
type list struct {
	name     string
	instance string // whose address and credentials it takes
	route    string
	path     []string

	records func(page []byte) ([]collectors.Record, error)
	stream  func(page []byte) iter.Seq2[collectors.Record, error]
	library func(raw jsontext.Value) (any, error) // how the library alone reads one member
}

func listOf[T any](name, instance, route string, path ...string) list {
	id := func(*T) string { return "id" }
	return list{
		name: name, instance: instance, route: route, path: path,
		records: func(page []byte) ([]collectors.Record, error) { return rawjson.Records(page, name, "id", id, path...) },
		stream: func(page []byte) iter.Seq2[collectors.Record, error] {
			return rawjson.Stream(page, name, "id", id, path...)
		},
		library: func(raw jsontext.Value) (any, error) {
			v := new(T)
			return v, json.Unmarshal(raw, v)
		},
	}
}

func lists() []list {
	return []list{
		listOf[sentinelone.Agent]("sentinelone.Agent", "SENTINELONE", "/web/api/v2.1/agents?limit=1000&sortBy=id",
			"data"),
		listOf[sentinelone.Site]("sentinelone.Site", "SENTINELONE", "/web/api/v2.1/sites?limit=1000", "data", "sites"),
		listOf[sentinelone.Group]("sentinelone.Group", "SENTINELONE", "/web/api/v2.1/groups?limit=300", "data"),
		listOf[sentinelone.Account]("sentinelone.Account", "SENTINELONE", "/web/api/v2.1/accounts?limit=1000", "data"),
		listOf[sentinelone.User]("sentinelone.User", "SENTINELONE", "/web/api/v2.1/users?limit=1000", "data"),
		listOf[ninjarmm.Device]("ninjarmm.Device", "NINJARMM", "/v2/devices-detailed?pageSize=1000"),
		listOf[ninjarmm.Organization]("ninjarmm.Organization", "NINJARMM", "/v2/organizations?pageSize=1000"),
		listOf[ninjarmm.Location]("ninjarmm.Location", "NINJARMM", "/v2/locations?pageSize=1000"),
		listOf[ninjarmm.User]("ninjarmm.User", "NINJARMM", "/v2/users"),
		listOf[immybot.Computer]("immybot.Computer", "IMMYBOT", "/api/v1/computers/paged?sort=id&skip=0&take=1000",
			"results"),
		listOf[immybot.ProviderAgent]("immybot.ProviderAgent", "IMMYBOT",
			"/api/v1/provider-agents/pending?agentFilter=3&sort=dateAdded&skip=0&take=1000", "results"),
		listOf[immybot.ProviderLink]("immybot.ProviderLink", "IMMYBOT",
			"/api/v1/provider-links?includeClients=false&throwIfAgentInstallerVersionNotSet=false"),
		listOf[immybot.Tenant]("immybot.Tenant", "IMMYBOT", "/api/v1/tenants"),
		listOf[immybot.Person]("immybot.Person", "IMMYBOT", "/api/v1/persons"),
		listOf[immybot.User]("immybot.User", "IMMYBOT", "/api/v1/users"),
	}
}

// traffic returns the first page of each list as the simulator gives it.
func traffic(tb testing.TB, machines int) map[string][]byte {
	tb.Helper()
	s, err := simulator.Start(simulator.Options{Machines: machines, Unlimited: true})
	require.NoError(tb, err)
	defer s.Close()
	env := s.Env()
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient,
		&http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
	clients := map[string]*http.Client{
		"SENTINELONE": oauth2.NewClient(ctx,
			oauth2.StaticTokenSource(&oauth2.Token{TokenType: "ApiToken", AccessToken: env["SENTINELONE_API_TOKEN"]})),
		"NINJARMM": signedIn(ctx, env["NINJARMM_CLIENT_ID"], env["NINJARMM_CLIENT_SECRET"], env["NINJARMM_URL"]+
			"/ws/oauth/token", "monitoring"),
		"IMMYBOT": signedIn(ctx, env["IMMYBOT_CLIENT_ID"], env["IMMYBOT_CLIENT_SECRET"],
			env["IMMYBOT_AUTHORITY_URL"]+"/"+env["IMMYBOT_TENANT_ID"]+"/oauth2/v2.0/token", env["IMMYBOT_URL"]+
				"/.default"),
	}
	pages := make(map[string][]byte)
	for _, l := range lists() {
		response, err := clients[l.instance].Get(env[l.instance+"_URL"] + l.route)
		require.NoError(tb, err, l.name)
		pages[l.name], err = io.ReadAll(response.Body)
		require.NoError(tb, err, l.name)
		require.NoError(tb, response.Body.Close())
		require.Equal(tb, http.StatusOK, response.StatusCode, l.name)
	}
	return pages
}

func signedIn(ctx context.Context, id, secret, tokenURL, scope string) *http.Client {
	c := clientcredentials.Config{
		ClientID: id, ClientSecret: secret, TokenURL: tokenURL, Scopes: []string{scope},
		AuthStyle: oauth2.AuthStyleInParams,
	}
	return c.Client(ctx)
}

// requireAsLibrary checks that a page is read as the library reads it: the same members or an error, and of each
// member the same value, an error, or one with fields left out where the library finds values of another shape.
func requireAsLibrary(t *testing.T, l list, page []byte) {
	t.Helper()
	members, pageErr := elements(string(page), l.path...)
	records, err := l.records(page)
	if pageErr != nil {
		require.Equal(t, pageErr, err)
		require.Nil(t, records)
	} else {
		require.NoError(t, err)
		require.Len(t, records, len(members))
	}
	n := 0
	for r, err := range l.stream(page) {
		if err != nil {
			require.Equal(t, pageErr, err)
			break
		}
		raw := jsontext.Value(members[n])
		want, wantErr := l.library(raw)
		_, shape := errors.AsType[*json.SemanticError](wantErr)
		switch {
		case raw.Kind() != jsontext.KindBeginObject || wantErr != nil && !shape:
			require.Error(t, r.Err)
		case shape:
			require.NotEqual(t, r.Err != nil, len(r.Unread) > 0, "%v, %v", r.Err, r.Unread) // there may be another fault behind it
		default:
			require.NoError(t, r.Err)
			require.Empty(t, r.Unread)
			require.True(t, reflect.DeepEqual(want, r.Value), "want %+v\ngot  %+v", want, r.Value)
		}
		if pageErr == nil {
			require.Equal(t, records[n], r)
		}
		n++
	}
	require.Equal(t, len(members), n)
}

// Every record of the providers' traffic gives what the library makes of it.
func TestTrafficIsReadAsTheLibraryReadsIt(t *testing.T) {
	pages := traffic(t, 1500)
	for _, l := range lists() {
		t.Run(l.name, func(t *testing.T) {
			members, err := elements(string(pages[l.name]), l.path...)
			require.NoError(t, err)
			require.NotEmpty(t, members)
			requireAsLibrary(t, l, pages[l.name])
		})
	}
}

// FuzzTraffic damages real pages: bytes from at on are replaced.
func FuzzTraffic(f *testing.F) {
	pages := traffic(f, 30)
	all := lists()
	for i, l := range all {
		members, err := elements(string(pages[l.name]), l.path...)
		require.NoError(f, err)
		head, tail := enclosing(l.path)
		page := head + members[0] + "," + members[len(members)-1] + tail
		f.Add([]byte(page), uint8(i), uint16(0), uint8(0), "")
		for j, insert := range []string{
			"null", `"\u00e4\ud83d\ude00"`, `"\ud83d"`, "\xff", "é", `{"a":1,"a":2}`, `[[1e5,-0.0]]`, " \n", `"id":1,`,
			`"2026-10-02T13:14:15"`, "12.0", "\x01", `\`, "{", "]", "01",
		} {
			f.Add([]byte(page), uint8(i), uint16(j*37%len(page)), uint8(j), insert)
		}
	}
	f.Fuzz(func(t *testing.T, page []byte, which uint8, at uint16, remove uint8, insert string) {
		l := all[int(which)%len(all)]
		start := min(int(at), len(page))
		end := min(start+int(remove), len(page))
		damaged := append(append(append([]byte(nil), page[:start]...), insert...), page[end:]...)
		requireAsLibrary(t, l, damaged)
	})
}

// enclosing returns what stands in front of a list at path, and behind it.
func enclosing(path []string) (head, tail string) {
	head, tail = "[", "]"
	for _, name := range slices.Backward(path) {
		head, tail = `{"before":[{}],"`+name+`":`+head, tail+`,"after":{"n":1}}`
	}
	return head, tail
}

func BenchmarkTraffic(b *testing.B) {
	pages := traffic(b, 3000)
	for _, l := range lists() {
		b.Run(l.name, func(b *testing.B) {
			page := pages[l.name]
			records, err := l.records(page)
			require.NoError(b, err)
			b.SetBytes(int64(len(page)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = l.records(page)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(records)), "ns/record")
		})
	}
}
