package simulator

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// A Fault is something that goes wrong with products, for people who want to see what the program does about it.
type Fault struct {
	Name   string
	Broken string // what is broken, as a sentence
	Look   string // what there is to see of it in what a run prints, as a sentence

	Intercept interceptor // for Options; each call of Faults makes new ones
}

// Faults returns all faults, by name.
func Faults() []Fault {
	return []Fault{
		{
			"cut-page", "SentinelOne cuts its list of agents off in the middle and calls the rest of it the end.",
			"\"Not read completely\" names the list and how far it came: what was read is written, nothing of it is " +
				"deleted.",
			onPath("/web/api/v2.1/agents", cutAgents),
		},
		{
			"empty-list", "NinjaRMM answers its list of devices with none at all, as if every machine were gone.",
			"\"Withheld\" says how many deletes wait for somebody's approval: an empty list is believed no more than a " +
				"short one.",
			onPath("/v2/devices-detailed", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte("[]")) // a client that is gone is no failure of the server
			}),
		},
		{
			"slow", "All three products are slow, and refuse the first request for each list of machines as one too many.",
			"The run is complete: each refused request was tried again after the second that its answer asked for, " +
				"which the logs say.",
			slow(),
		},
		{
			"wrong-token", "SentinelOne refuses the token, as when it has expired.",
			"\"Not read completely\" says what to do about it: the other products are read and written, nothing of " +
				"SentinelOne's is deleted.",
			refuseToken,
		},
	}
}

// An interceptor is what Options.Intercept is.
type interceptor = func(w http.ResponseWriter, r *http.Request, next http.Handler)

// onPath has answer take the requests for one path.
func onPath(path string, answer interceptor) interceptor {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != path && r.URL.Path != "/api"+path {
			next.ServeHTTP(w, r)
			return
		}
		answer(w, r, next)
	}
}

// refuseToken answers requests to SentinelOne as it does where the token is another one.
func refuseToken(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if strings.HasPrefix(r.URL.Path, edrBase) {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "ApiToken expired")
	}
	next.ServeHTTP(w, r)
}

// cutAgents takes away the second half of a page, and the cursor to the next one. The total stays.
func cutAgents(w http.ResponseWriter, r *http.Request, next http.Handler) {
	kept := httptest.NewRecorder()
	next.ServeHTTP(kept, r)
	body := kept.Body.Bytes()
	var page struct {
		Data       []json.RawMessage `json:"data"`
		Pagination map[string]any    `json:"pagination"`
	}
	if json.Unmarshal(body, &page) == nil && len(page.Data) > 1 {
		page.Data = page.Data[:len(page.Data)/2]
		page.Pagination["nextCursor"] = nil
		var cut bytes.Buffer
		if json.NewEncoder(&cut).Encode(page) == nil {
			body = cut.Bytes()
		}
	}
	maps.Copy(w.Header(), kept.Header())
	w.WriteHeader(kept.Code)
	_, _ = w.Write(body) // a client that is gone is no failure of the server
}

// slow delays each answer, and answers the first request for each list of machines with 429.
func slow() interceptor {
	const delay = 50 * time.Millisecond
	var mu sync.Mutex
	refused := map[string]bool{}
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !pause(r, delay) {
			return
		}
		mu.Lock()
		first := !refused[r.URL.Path]
		refused[r.URL.Path] = true
		mu.Unlock()
		for _, list := range []string{"/agents", "/devices-detailed", "/computers/paged"} {
			if first && strings.HasSuffix(r.URL.Path, list) {
				w.Header().Set("Retry-After", "1")
				http.Error(w, "Too many requests", http.StatusTooManyRequests)
				return
			}
		}
		next.ServeHTTP(w, r)
	}
}
