package sentinelone

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func alive(t *testing.T, c *Collector, name string, ids ...string) ([]string, error) {
	t.Helper()
	return aliveWith(t, c, name, nil, ids...)
}

func aliveWith(t *testing.T, c *Collector, name string, known []string, ids ...string) ([]string, error) {
	t.Helper()
	return stepOf(t, c, name).Alive(t.Context(), ids, known)
}

func TestAliveAsksByTheFilterOfEachRoute(t *testing.T) {
	for name, filter := range map[string]string{
		"accounts": "ids", "sites": "siteIds", "groups": "groupIds", "agents": "ids", "users": "ids",
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.records["/"+name] = []string{
				`{"id":"1"}`, `{"id":"2","state":"deleted","isDecommissioned":true,"isUninstalled":true}`, `{"id":"3"}`,
				`{"id":"9"}`,
			}
			got, err := alive(t, c.collector(collectors.Options{}), name, "4", "3", "2", "5")
			require.NoError(t, err)
			require.Equal(t, []string{"3", "2"}, got)
			asked := c.queries("/" + name)
			require.Len(t, asked, 1)
			require.Equal(t, []string{"4,3,2,5"}, asked[0][filter])
			require.Equal(t, "100", asked[0].Get("limit"))
			require.Empty(t, c.queries("/agents/count"))
			if name == "agents" {
				require.Equal(t, "true,false", asked[0].Get("isDecommissioned"))
				require.Equal(t, "true,false", asked[0].Get("isUninstalled"))
			}
		})
	}
}

func TestAliveAsksInChunks(t *testing.T) {
	c := newConsole(t)
	c.records["/groups"] = numbered(400, `{"id":"%d"}`)
	ids := make([]string, 300)
	for i := range ids {
		ids[i] = fmt.Sprint(1845174760470300000 + 2*i) // the last hundred are not there
	}
	for _, tt := range []struct{ size, first, last, requests int }{
		{0, 0, 300, 4}, {50, 0, 300, 7}, {2, 196, 204, 8}, {1, 196, 204, 12}, // the pace is the real one
	} {
		t.Run(fmt.Sprint(tt.size), func(t *testing.T) {
			c.asked = nil
			got, err := aliveWith(t, c.collector(collectors.Options{PageSize: tt.size}), "groups", ids[:1],
				ids[tt.first:tt.last]...)
			require.NoError(t, err)
			require.Equal(t, ids[tt.first:200], got)
			asked := c.queries("/groups")
			require.Len(t, asked, tt.requests)
			for _, query := range asked {
				require.LessOrEqual(t, len(strings.Split(query.Get("groupIds"), ",")), 100, "with the known one")
			}
		})
	}
}

func TestAliveOfAConsoleThatIgnoresTheFilterIsAnError(t *testing.T) {
	for _, name := range []string{"accounts", "sites", "groups", "agents", "users"} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.filters = nil
			c.records["/"+name] = numbered(3, `{"id":"%d"}`)
			s := c.collector(collectors.Options{})
			got, err := alive(t, s, name, "1845174760470300001", "5")
			require.ErrorIs(t, err, errFilterIgnored)
			require.Nil(t, got)
		})
	}
}

func TestAliveAnswersThatProveNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"not permitted": {answer(403, noRight), "Users.view"},
		"down": {
			answer(503, `{"errors":[{"code":5030010,"title":"Service Unavailable"}]}`), "5030010",
		},
		"route not found": {
			answer(404, `{"errors":[{"code":4040010,"title":"Requested resource was not found"}]}`), "4040010",
		},
		"error under 200": {
			answer(200, `{"data":[],"errors":[{"code":5000010,"title":"half"}],"pagination":{"nextCursor":null,"totalItems":0}}`), "5000010",
		},
		"no list": {answer(200, `{"data":null}`), "array"},
		"fewer than it counts": {
			answer(200, `{"data":[],"pagination":{"nextCursor":null,"totalItems":1}}`), "expected 1 records, got 0",
		},
		"record without id": {
			answer(200, `{"data":[{"email":"a"}],"pagination":{"nextCursor":null}}`), "without id",
		},
		"same id spelled anew": {
			answer(200, `{"data":[{"id":"07"}],"pagination":{"nextCursor":null}}`), "not asked for",
		},
		"endless cursors": {answer(200, `{"data":[{"id":"7"}],"pagination":{"nextCursor":"b"}}`), "same page"},
		"another page has more": {
			pages(map[string]string{
				"":  `{"data":[{"id":"7"}],"pagination":{"nextCursor":"b"}}`,
				"b": `{"data":[{"id":"8"}],"pagination":{"nextCursor":null}}`,
			}), "not asked for",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.answer["/users"] = tt.handler
			got, err := alive(t, c.collector(collectors.Options{}), "users", "7")
			require.ErrorContains(t, err, tt.want)
			require.Nil(t, got)
		})
	}
}

func TestAliveRecordThatCanNotBeReadIsThere(t *testing.T) {
	c := newConsole(t)
	c.answer["/users"] = answer(200,
		`{"data":[{"id":"7","fullName":{"not":"text"}},{"id":8}],"pagination":{"nextCursor":null}}`)
	got, err := alive(t, c.collector(collectors.Options{}), "users", "6", "7", "8")
	require.NoError(t, err)
	require.Equal(t, []string{"7", "8"}, got)
}

func TestAliveNeverAsksForWhatIsNoID(t *testing.T) {
	c := newConsole(t)
	s := c.collector(collectors.Options{})
	odd := []string{"", "x", "1,2", "-1", "1&limit=1000"}
	got, err := alive(t, s, "agents", odd...)
	require.NoError(t, err)
	require.Equal(t, odd, got)
	require.Empty(t, c.queries("/agents"))
	got, err = alive(t, s, "agents", "x", "1")
	require.NoError(t, err)
	require.Equal(t, []string{"x"}, got)
	require.Equal(t, "1", c.queries("/agents")[0].Get("ids"))
}

func TestAliveOfAFilterThatFindsNothingAtAllIsNotBelieved(t *testing.T) {
	for _, name := range []string{"accounts", "sites", "groups", "agents", "users"} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.records["/"+name] = numbered(3, `{"id":"%d","accountId":"1"}`)
			s := c.collector(collectors.Options{})
			known := []string{"1845174760470300001"}
			got, err := aliveWith(t, s, name, known, "5")
			require.NoError(t, err)
			require.Empty(t, got, "what is known is asked for too, and is no answer")
			c.records["/"+name] = nil
			_, err = aliveWith(t, s, name, known, "5")
			require.ErrorIs(t, err, collectors.ErrUnknown)
		})
	}
}

func TestAliveOfANarrowScopeProvesNothing(t *testing.T) {
	for name, refusal := range map[string]string{"site token": siteUsers, "token over several accounts": multiScope} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.answer["/accounts"] = answer(403, refusal)
			c.records["/sites"] = []string{`{"id":"11","accountId":"1"}`}
			s := c.collector(collectors.Options{})
			require.NoError(t, readStep(t, s, "accounts").err)
			for list, known := range map[string]string{"accounts": "1", "sites": "11", "users": "7"} {
				_, err := aliveWith(t, s, list, []string{known}, "2")
				require.ErrorIs(t, err, collectors.ErrUnproven, list)
			}
		})
	}
}

func TestAliveAccountsRefusedAfterTheyWereListedIsAnError(t *testing.T) {
	c := newConsole(t)
	c.records["/accounts"] = numbered(1, `{"id":"%d"}`)
	s := c.collector(collectors.Options{})
	require.NoError(t, readStep(t, s, "accounts").err)
	c.answer["/accounts"] = answer(403, noDetail)
	_, err := alive(t, s, "accounts", "2")
	require.ErrorContains(t, err, "4030010")
}

func TestAliveAccountsWithoutThePermissionIsAnError(t *testing.T) {
	c := newConsole(t)
	c.answer["/accounts"] = answer(403, noRight)
	_, err := alive(t, c.collector(collectors.Options{}), "accounts", "2")
	require.ErrorContains(t, err, "Accounts.view")
}

func TestAliveEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := stepOf(t, newConsole(t).collector(collectors.Options{}), "sites").Alive(ctx, []string{"1"}, nil)
	require.ErrorIs(t, err, context.Canceled)
}
