package sentinelone

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

const (
	ownPolicy       = `{"data":{"mitigationMode":"protect","inheritedFrom":null}}`
	inheritedPolicy = `{"data":{"mitigationMode":"protect","inheritedFrom":"site"}}`
	policyNotFound  = `{"errors":[{"code":4040010,"detail":"","title":"Policy not found"}]}`
	notFound        = `{"errors":[{"code":4040010,"detail":"","title":"Requested resource was not found"}]}`
	notPermitted    = `{"errors":[{"code":4030010,"detail":null,"title":"Insufficient permissions"}]}`
)

// policyConsole is a console with an account, two sites that are active and one that is deleted, whose policies it
// refuses, and groups that inherit and that do not. Each scope has a policy of its own until a test says otherwise.
func policyConsole(t *testing.T) *console {
	c := newConsole(t)
	c.records["/accounts"] = []string{`{"id":"1","name":"MSP","state":"Active"}`}
	c.records["/sites"] = []string{
		`{"id":"11","name":"North","accountId":"1","state":"active"}`, `{"id":"12","name":"South","accountId":"1"}`,
		`{"id":"13","name":"Gone","accountId":"1","state":"deleted"}`,
	}
	c.records["/groups"] = []string{
		`{"id":"111","name":"Default Group","siteId":"11","inherits":true}`, `{"id":"112","name":"Servers","siteId":"11","inherits":false}`,
		`{"id":"121","name":"Default Group","siteId":"12","inherits":true}`, `{"id":"122","name":"Old","siteId":"12"}`,
		`{"id":"131","name":"Default Group","siteId":"13","inherits":false}`,
	}
	for _, route := range []string{"/accounts/1", "/sites/11", "/sites/12", "/groups/112", "/groups/122"} {
		c.answer[route+"/policy"] = answer(200, ownPolicy)
	}
	for _, route := range []string{"/sites/13", "/groups/131"} {
		c.answer[route+"/policy"] = answer(404, notFound)
	}
	return c
}

// readPolicies reads the policies after what they need. It returns the keys of policies, and "group < policy" for the
// ones in force; broken ones have a question mark.
func readPolicies(t *testing.T, s *Collector) (list []string, got reading) {
	for _, name := range []string{"accounts", "sites", "groups"} {
		require.NoError(t, readStep(t, s, name).err)
	}
	got = readStep(t, s, "policies")
	for _, r := range got.records {
		switch v := r.Value.(type) {
		case *Policy:
			list = append(list, r.ID)
		case *PolicyInForce:
			list = append(list, v.GroupID+" < "+v.Policy.Key())
		default:
			require.Error(t, r.Err)
			list = append(list, r.ID+" ?")
		}
	}
	return list, got
}

func allParts() collectors.Options {
	return collectors.Options{Collect: collectors.ParseCollect("SENTINELONE_COLLECT", "all")}
}

func TestPoliciesAreThoseOfTheirOwn(t *testing.T) {
	c := policyConsole(t)
	c.answer["/sites/12/policy"] = answer(200, strings.Replace(inheritedPolicy, `"site"`, `"account"`, 1))
	c.answer["/groups/122/policy"] = answer(404, policyNotFound)
	list, got := readPolicies(t, c.collector(allParts()))
	require.NoError(t, got.err)
	require.Equal(t, []string{
		"account:1", "site:11", "111 < site:11", "group:112", "112 < group:112", "121 < account:1", "122 < account:1",
	}, list)
	require.Empty(t, c.queries("/groups/111/policy"), "its record says that it inherits")
	require.Len(t, c.queries("/groups/122/policy"), 1, "its record does not say")
	require.Equal(t, 7, got.meter.Pages())
}

// What has expired is there: it is read where the console answers, and where it refuses nobody knows. What the console
// calls deleted and refuses is gone.
func TestPoliciesOfWhatIsNoLongerActive(t *testing.T) {
	rest := []string{
		"site:12", "group:112", "112 < group:112", "111 < site:11", "121 < site:12", "group:122", "122 < group:122",
		"account:1", "site:11",
	}
	for _, tt := range []struct {
		state  string
		answer http.HandlerFunc
		want   []string
	}{
		{"expired", answer(200, ownPolicy), []string{"site:13", "group:131", "131 < group:131"}},
		{"Expired", answer(200, inheritedPolicy), []string{"131 < account:1"}},
		{"expired", answer(404, notFound), []string{"site:13 ?", "group:131 ?"}},
		{"expired", answer(403, notPermitted), []string{"site:13 ?", "group:131 ?"}},
		{"of another kind", answer(403, notPermitted), []string{"site:13 ?", "group:131 ?"}},
		{"deleted", answer(200, ownPolicy), []string{"site:13", "group:131", "131 < group:131"}},
		{"deleted", answer(404, notFound), nil},
		{"Deleted", answer(403, notPermitted), nil},
		{"deleted", answer(200, `{}`), []string{"site:13 ?", "group:131 ?"}},
	} {
		c := policyConsole(t)
		c.records["/sites"] = []string{
			`{"id":"13","name":"Gone","accountId":"1","state":"` + tt.state + `"}`,
			`{"id":"11","name":"North","accountId":"1","state":"active"}`, `{"id":"12","name":"South","accountId":"1"}`,
		}
		c.answer["/sites/13/policy"], c.answer["/groups/131/policy"] = tt.answer, tt.answer
		list, got := readPolicies(t, c.collector(allParts()))
		require.NoError(t, got.err, tt)
		require.ElementsMatch(t, append(tt.want, rest...), list, tt)
	}
}

// An account that has expired is no sign of what the role gives, and neither is one that is deleted.
func TestPoliciesOfAnExpiredAccountTellNothingOfTheRole(t *testing.T) {
	for _, state := range []string{"expired", "deleted"} {
		c := policyConsole(t)
		c.records["/accounts"] = []string{`{"id":"0","name":"Left","state":"` + state + `"}`, `{"id":"1","name":"MSP"}`}
		c.answer["/accounts/0/policy"] = answer(403, notPermitted)
		list, got := readPolicies(t, c.collector(allParts()))
		require.NoError(t, got.err)
		require.Equal(t, state == "expired", slices.Contains(list, "account:0 ?"))
		require.Contains(t, list, "account:1")

		c.answer["/accounts/1/policy"] = answer(403, notPermitted)
		list, got = readPolicies(t, c.collector(allParts()))
		require.Empty(t, list)
		require.True(t, collectors.IsUnavailable(got.err))

		c.records["/accounts"] = []string{`{"id":"0","name":"Left","state":"` + state + `"}`}
		c.records["/sites"] = nil
		list, got = readPolicies(t, c.collector(allParts()))
		require.NoError(t, got.err)
		require.Equal(t, []string{"account:0 ?"}, list, "nothing is given, so nothing proves that it is gone")
	}
}

func TestPolicyThatCanNotBeReadCostsItself(t *testing.T) {
	for name, broken := range map[string]http.HandlerFunc{
		"refused": answer(403, notPermitted), "not there": answer(404, notFound), "empty": answer(200, `{}`),
		"null": answer(200, `{"data":null}`), "nothing in it": answer(200, `{"data":{}}`),
		"of another shape": answer(200, `{"data":{"mitigationMode":{"a":1}}}`), "a list": answer(200, `{"data":[]}`),
	} {
		t.Run(name, func(t *testing.T) {
			c := policyConsole(t)
			c.answer["/sites/11/policy"] = broken
			list, got := readPolicies(t, c.collector(allParts()))
			require.NoError(t, got.err)
			require.Equal(t, []string{
				"account:1", "site:11 ?", "site:12", "group:112", "112 < group:112", "121 < site:12", "group:122", "122 < group:122",
			}, list, "whose policy is in force in the site's other group nobody knows")
		})
	}
}

func TestPoliciesEndWithWhatIsNoMatterOfOne(t *testing.T) {
	for name, broken := range map[string]http.HandlerFunc{
		"out of order": answer(502, "Bad Gateway"), "a token that has ended": answer(401, unauthorized),
		"a gateway's 404": answer(404, "404 page not found"),
	} {
		t.Run(name, func(t *testing.T) {
			c := policyConsole(t)
			c.answer["/sites/12/policy"] = broken
			list, got := readPolicies(t, c.collector(allParts()))
			require.Error(t, got.err)
			require.False(t, collectors.IsUnavailable(got.err))
			require.Equal(t, []string{"account:1", "site:11"}, list)
		})
	}
}

func TestPoliciesThatTheRoleDoesNotGive(t *testing.T) {
	c := policyConsole(t)
	c.answer["/accounts/1/policy"], c.answer["/sites/11/policy"] = answer(403, notPermitted), answer(403, notPermitted)
	s := c.collector(allParts())
	list, got := readPolicies(t, s)
	require.Empty(t, list)
	require.True(t, collectors.IsUnavailable(got.err))
	require.ErrorContains(t, got.err, "4030010")
	require.Contains(t, collectors.Cure(got.err), "Policy.view")
	n, err := stepOf(t, s, "policies").Count(t.Context())
	require.Equal(t, -1, n)
	require.True(t, collectors.IsUnavailable(err))
}

// A token of a site may not ask for the policy of its account.
func TestPoliciesOfANarrowToken(t *testing.T) {
	c := policyConsole(t)
	c.answer["/accounts"] = answer(403, strings.Replace(notPermitted, "null", `"Action is not allowed to site users"`, 1))
	c.answer["/sites/11/policy"] = answer(200, inheritedPolicy)
	s := c.collector(allParts())
	list, got := readPolicies(t, s)
	require.NoError(t, got.err)
	require.Equal(t, []string{"site:12", "group:112", "112 < group:112", "121 < site:12", "group:122", "122 < group:122"}, list)
	require.Empty(t, c.queries("/accounts/1/policy"))
	n, err := stepOf(t, s, "policies").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, -1, n, "nobody knows before they were asked for")
}

func TestPoliciesOfWhatIsChosen(t *testing.T) {
	c := policyConsole(t)
	o := allParts()
	o.Filter = collectors.Filter{"sites": choice("12")}
	list, got := readPolicies(t, c.collector(o))
	require.NoError(t, got.err)
	require.Equal(t, []string{"account:1", "site:12", "121 < site:12", "group:122", "122 < group:122"}, list)
}
