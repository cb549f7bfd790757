package immybot

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSignInTellsWhoWeAre(t *testing.T) {
	in := newInstance(t)
	s, err := in.collector(0).SignIn(t.Context())
	require.NoError(t, err)
	require.Equal(t, "1", s.Account)
	require.Equal(t, "<redacted>", s.User)
	require.Empty(t, s.Warnings, "MSP without being administrator reads everything")
	require.Equal(t, []string{"/api/v1/auth"}, in.asked(""))
}

func TestSignInNamesTheUserAsWellAsItCan(t *testing.T) {
	for body, want := range map[string]string{
		`{"tenantId":1,"isMSP":true,"displayName":"App","email":"a@b.example"}`:      "App",
		`{"tenantId":1,"isMSP":true,"displayName":null,"email":"a@b.example"}`:       "a@b.example",
		`{"tenantId":1,"isMSP":true,"userId":7,"currentReleaseVersion":{"major":0}}`: "user 7",
	} {
		in := newInstance(t)
		in.answer("/auth", body)
		s, err := in.collector(0).SignIn(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, s.User)
	}
}

func TestUserThatIsNeitherMSPNorAdminIsWarnedOfANarrowedList(t *testing.T) {
	in := newInstance(t)
	in.answer("/auth", `{"tenantId":36,"isAdmin":false,"isMSP":false}`)
	s, err := in.collector(0).SignIn(t.Context())
	require.NoError(t, err)
	require.Len(t, s.Warnings, 1)
	require.Contains(t, s.Warnings[0], "one tenant only")
}

func TestSignInStopsWhileTheInstanceUpdates(t *testing.T) {
	for _, flag := range []string{"isInstanceUpdating", "isInstanceRestarting"} {
		in := newInstance(t)
		in.answer("/auth", fmt.Sprintf(`{"tenantId":1,"isMSP":true,%q:true}`, flag))
		_, err := in.collector(0).SignIn(t.Context())
		require.ErrorContains(t, err, "run again in some minutes")
	}
}

func TestFailedUpdateIsAWarning(t *testing.T) {
	in := newInstance(t)
	in.answer("/auth", `{"tenantId":1,"isMSP":true,"instanceUpdateHasFailed":true}`)
	s, err := in.collector(0).SignIn(t.Context())
	require.NoError(t, err)
	require.Len(t, s.Warnings, 1)
}

func TestSignInErrorsSayWhatToDo(t *testing.T) {
	for name, tt := range map[string]struct {
		serve func(*instance)
		want  string
	}{
		"401: the person is not known": {
			func(in *instance) {
				in.status("/auth", http.StatusUnauthorized, `{"title":"Unauthorized","status":401}`)
			},
			"object id of the Enterprise Application",
		},
		"403: no role": {
			func(in *instance) { in.status("/auth", http.StatusForbidden, `{}`) },
			"assign a role",
		},
		"HTML under 200: not the API": {
			func(in *instance) { clear(in.routes) },
			"is the URL that of an ImmyBot instance?",
		},
		"JSON of something else": {
			func(in *instance) {
				clear(in.routes)
				in.answer("/auth", `{"hello":"world"}`)
			},
			"is the URL that of an ImmyBot instance?",
		},
		"problem document": {
			func(in *instance) {
				in.status("/auth", http.StatusBadRequest, `{"title":"Bad thing","status":400,"detail":"because"}`)
			},
			"Bad thing: because",
		},
		"documented error form": {
			func(in *instance) {
				in.status("/auth", http.StatusBadRequest,
					`{"error":{"code":"x","message":"no good","details":"at all"}}`)
			},
			"no good: at all",
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t)
			tt.serve(in)
			_, err := in.collector(0).SignIn(t.Context())
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), testSecret)
		})
	}
}

func TestSignInWhereOnlyTheAuthRouteIsUnknown(t *testing.T) {
	in := newInstance(t)
	delete(in.routes, "/auth")
	session, err := in.collector(0).SignIn(t.Context())
	require.NoError(t, err, "the tenants can be read")
	require.Contains(t, session.Warnings[0], "does not say who we are")
}

func TestEntraErrorsSayWhatToDo(t *testing.T) {
	for code, want := range map[string]string{
		"AADSTS7000215": "copy the secret's value, not its id",
		"AADSTS7000222": "has expired",
		"AADSTS700016":  "check the client id",
		"AADSTS90002":   "check the tenant id",
		"AADSTS500011":  "followed by /.default",
		"AADSTS7000112": "enable it in Entra",
		"AADSTS99999":   "AADSTS99999: something else",
	} {
		t.Run(code, func(t *testing.T) {
			in := newInstance(t)
			in.token = func(w http.ResponseWriter, _ *http.Request) {
				writeJSON(w, http.StatusUnauthorized, fmt.Sprintf(
					`{"error":"invalid_client","error_description":"%s: something else %s\r\nTrace ID: 1\r\nCorrelation ID: 2"}`, code, testSecret))
			}
			_, err := in.collector(0).SignIn(t.Context())
			require.ErrorContains(t, err, want[:min(len(want), 60)])
			require.ErrorContains(t, err, code)
			require.NotContains(t, err.Error(), "Enterprise Application (not",
				"what the instance's own 401 means is no help here")
			require.NotContains(t, err.Error(), testSecret)
			require.NotContains(t, err.Error(), "Trace ID")
		})
	}
}

func TestTokenLifetimesAsTextAndAsNumber(t *testing.T) {
	for _, body := range []string{
		`{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599","access_token":"token-1"}`,
		`{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"token-1"}`,
		strings.Replace(fixture(t, "recorded/token-response-v1-endpoint.json"), "<redacted>", "token-1", 1),
	} {
		in := newInstance(t)
		in.token = func(w http.ResponseWriter, _ *http.Request) {
			in.tokens++
			writeJSON(w, http.StatusOK, body)
		}
		c := in.collector(0)
		_, err := c.SignIn(t.Context())
		require.NoError(t, err)
		_, err = c.SignIn(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, in.tokens, "a token that is valid for an hour is used again")
	}
}

func TestTokenRefusedDuringTheRunIsRenewedOnce(t *testing.T) {
	in := newInstance(t)
	c := in.collector(5)
	list := &pagedList{rows: computers(12)}
	list.before = func(request int) {
		if request == 2 {
			in.refuse = 1 // the next request
		}
	}
	in.list("/computers/paged", list)
	records, _, err := readAll(t, c, "computers")
	require.NoError(t, err)
	require.Len(t, records, 12)
	require.Equal(t, 2, in.tokens)

	in.refuse = 3
	_, err = c.SignIn(t.Context())
	require.ErrorContains(t, err, "401")
	require.Equal(t, 3, in.tokens, "renewed once, not for ever")
}

func TestExplainTakesNoDataForAnError(t *testing.T) {
	for _, body := range []string{
		fixture(t, "recorded/auth.json"), `[]`, `[{"error":"x"}]`, `{"count":0,"results":[]}`, ``, `{`,
		`{"status":500}`, `{"error":null}`,
	} {
		require.Empty(t, explain([]byte(body)), body)
	}
	require.Empty(t, explain([]byte(`{"title":"x","status":500,"pad":"`+strings.Repeat("x", maxError)+`"}`)))
}
