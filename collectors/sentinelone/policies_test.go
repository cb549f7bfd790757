package sentinelone

import (
	"net/http"
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

// policyConsole is a console with an account, two sites that are active and one that has expired, and groups that
// inherit and that do not. Each scope has a policy of its own until a test says otherwise.
func policyConsole(t *testing.T) *console {
	c := newConsole(t)
	c.records["/accounts"] = []string{`{"id":"1","name":"MSP","state":"Active"}`}
	c.records["/sites"] = []string{
		`{"id":"11","name":"North","accountId":"1","state":"active"}`, `{"id":"12","name":"South","accountId":"1"}`,
		`{"id":"13","name":"Gone","accountId":"1","state":"expired"}`,
	}
	c.records["/groups"] = []string{
		`{"id":"111","name":"Default Group","siteId":"11","inherits":true}`, `{"id":"112","name":"Servers","siteId":"11","inherits":false}`,
		`{"id":"121","name":"Default Group","siteId":"12","inherits":true}`, `{"id":"122","name":"Old","siteId":"12"}`,
		`{"id":"131","name":"Default Group","siteId":"13","inherits":false}`,
	}
	for _, route := range []string{"/accounts/1", "/sites/11", "/sites/12", "/groups/112", "/groups/122"} {
		c.answer[route+"/policy"] = answer(200, ownPolicy)
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
	require.Empty(t, c.queries("/sites/13/policy"), "of a site that is none any more")
	require.Empty(t, c.queries("/groups/131/policy"))
	require.Len(t, c.queries("/groups/122/policy"), 1, "its record does not say")
	require.Equal(t, 5, got.meter.Pages())
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
