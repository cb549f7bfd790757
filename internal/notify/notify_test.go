package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
)

// memory is a Memory that lasts as long as a test.
type memory map[string][]byte

func (m memory) Memory(_ context.Context, name string) ([]byte, error) { return m[name], nil }
func (m memory) SaveMemory(_ context.Context, name string, data []byte) error {
	m[name] = data
	return nil
}

// A receiver is a webhook that keeps what it is sent.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status []int // of the next answers; 0 hangs up; then 200
	got    []string
	bodies []string
}

func receive(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, q.URL.RequestURI()+" "+q.Header.Get(DeliveryHeader))
		if len(r.status) > 0 {
			status := r.status[0]
			if r.status = r.status[1:]; status == 0 {
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(status)
			return
		}
		r.bodies = append(r.bodies, string(body))
	}))
	t.Cleanup(r.Close)
	return r
}

// events are the ids and events of the messages that were taken, one text for each message.
func (r *receiver) events(t *testing.T) (list []string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, body := range r.bodies {
		var m struct {
			Findings []struct{ Event, ID string }
		}
		require.NoError(t, json.Unmarshal([]byte(body), &m), body)
		var texts []string
		for _, f := range m.Findings {
			texts = append(texts, f.Event+" "+f.ID)
		}
		list = append(list, strings.Join(texts, ", "))
	}
	r.bodies = nil
	return list
}

func notifier(t *testing.T, local Memory, targets ...Target) *Notifier {
	t.Helper()
	for i := range targets {
		require.NoError(t, targets[i].Check())
	}
	n := New(targets, local, func(ids []string) string { return "execute run --approve " + strings.Join(ids, ",") })
	n.pause = time.Millisecond
	return n
}

// of is a made-up report in which each instance has a status.
func of(statuses map[string]string) *executor.Report {
	r := &executor.Report{Run: executor.RunInfo{ID: "1", Status: executor.StatusComplete}}
	for name, status := range statuses {
		r.Instances = append(r.Instances, executor.InstanceReport{Instance: name, Status: status, Error: "why " + name})
		r.Steps = append(r.Steps, executor.StepReport{Instance: name, Step: "devices", Status: status, Error: "why"})
		if status != executor.StatusComplete {
			r.Run.Status = status
		}
	}
	return r
}

func TestEachFindingIsToldOnce(t *testing.T) {
	hook, graph := receive(t), memory{}
	run := func(r *executor.Report) []string {
		n := notifier(t, memory{}, Target{URL: hook.URL})
		require.NoError(t, n.Tell(t.Context(), Result{Report: r, Graph: graph, At: time.Now()}))
		return hook.events(t)
	}
	well := map[string]string{"edr": executor.StatusComplete, "rmm": executor.StatusComplete}
	require.Empty(t, run(of(well)))
	require.Empty(t, graph, "where nothing is to be told nothing is written")

	require.Equal(t, []string{"opened failed:edr"}, run(of(map[string]string{"edr": executor.StatusFailed})))
	require.Empty(t, run(of(map[string]string{"edr": executor.StatusFailed, "rmm": executor.StatusComplete})))
	require.Empty(t, run(of(map[string]string{"rmm": executor.StatusComplete})), "of the other it says nothing")
	require.Equal(t, []string{"closed failed:edr, opened incomplete:edr"}, run(of(map[string]string{"edr": executor.StatusIncomplete})))
	more := of(map[string]string{"edr": executor.StatusIncomplete})
	more.Steps[0].Error = "the same for another reason"
	require.Empty(t, run(more))
	more.Steps = append(more.Steps, executor.StepReport{Instance: "edr", Step: "users", Status: executor.StatusFailed})
	require.Equal(t, []string{"changed incomplete:edr"}, run(more))
	require.Equal(t, []string{"opened failed:edr"}, run(of(map[string]string{"edr": executor.StatusFailed})), "whether it would be incomplete is not known")
	require.Equal(t, []string{"closed failed:edr, closed incomplete:edr"}, run(of(well)))
	require.Empty(t, run(of(well)))

	held := of(map[string]string{"rmm": executor.StatusWithheld})
	held.Withheld = []executor.Withheld{{Instance: "rmm", Type: "a_device", Deletes: 4, Approval: "00000000000000aa"}}
	require.Equal(t, []string{"opened withheld:rmm"}, run(held))
	require.Empty(t, run(held))
	require.Equal(t, []string{"opened incomplete:rmm"}, run(of(map[string]string{"rmm": executor.StatusIncomplete})), "what waits still waits")
	require.Equal(t, []string{"closed incomplete:rmm"}, run(held))
	held.Withheld[0].Deletes, held.Withheld[0].Approval = 5, "00000000000000bb"
	require.Equal(t, []string{"changed withheld:rmm"}, run(held))
	require.Equal(t, []string{"closed withheld:rmm"}, run(of(well)))
	for name, data := range graph {
		require.JSONEq(t, `{"findings":{}}`, string(data), name)
	}
}

// What is not delivered is told after the next run, as it is then.
func TestWhatIsNotDeliveredIsTriedAgain(t *testing.T) {
	hook, graph := receive(t), memory{}
	fails, well := of(map[string]string{"edr": executor.StatusFailed}), of(map[string]string{"edr": executor.StatusComplete})
	end := func(r *executor.Report, status ...int) error {
		hook.status = status
		n := notifier(t, memory{}, Target{URL: hook.URL + "/services/very-secret-path"})
		return n.Tell(t.Context(), Result{Report: r, Graph: graph, At: time.Now()})
	}
	require.NoError(t, end(fails, 0, 500, 429))
	require.Len(t, hook.got, 4, "an answer that may be another one the next time is asked for again at once")
	require.Equal(t, hook.got[0], hook.got[3], "and has the same id")
	require.Equal(t, []string{"opened failed:edr"}, hook.events(t))

	err := end(well, 404)
	require.ErrorContains(t, err, "404")
	require.NotContains(t, err.Error(), "very-secret-path")
	require.Empty(t, hook.events(t))
	require.Error(t, end(well, 302))
	first := hook.got[len(hook.got)-1]
	require.NoError(t, end(well))
	require.Equal(t, first, hook.got[len(hook.got)-1])
	require.Equal(t, []string{"closed failed:edr"}, hook.events(t))

	require.Error(t, end(fails, 400))
	require.NoError(t, end(well))
	require.Empty(t, hook.events(t), "of what is over nobody needs to hear that it was")

	hook.CloseClientConnections()
	hook.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	n := notifier(t, memory{}, Target{URL: hook.URL + "/services/very-secret-path"})
	err = n.Tell(ctx, Result{Report: fails, Graph: graph, At: time.Now()})
	require.ErrorContains(t, err, "connection refused")
	require.NotContains(t, err.Error(), "very-secret-path")
}

// A run that can't begin has no graph to remember by.
func TestRunsThatCannotBegin(t *testing.T) {
	hook, graph := receive(t), memory{}
	local := LocalFile(filepath.Join(t.TempDir(), "state", "notifications.json"))
	end := func(r Result) []string {
		r.At = time.Now()
		require.NoError(t, notifier(t, local, Target{URL: hook.URL}).Tell(t.Context(), r))
		return hook.events(t)
	}
	require.Equal(t, []string{"opened failed:run"}, end(Result{Err: errors.New("no graph")}))
	require.Empty(t, end(Result{Err: errors.New("no settings")}))
	require.Equal(t, []string{"closed failed:run"}, end(Result{Report: of(map[string]string{"edr": executor.StatusComplete}), Graph: graph}))
	require.Empty(t, end(Result{Report: of(map[string]string{"edr": executor.StatusComplete}), Graph: graph}))
}

func TestTargetsHearWhatTheyWant(t *testing.T) {
	fails, held := receive(t), receive(t)
	graph := memory{}
	targets := []Target{{URL: fails.URL, On: []string{Failed}}, {URL: held.URL, On: []string{Withheld, Recovered}}}
	run := func(r *executor.Report) (a, b []string) {
		require.NoError(t, notifier(t, memory{}, targets...).Tell(t.Context(), Result{Report: r, Graph: graph, At: time.Now()}))
		return fails.events(t), held.events(t)
	}
	a, b := run(of(map[string]string{"edr": executor.StatusFailed}))
	require.Equal(t, []string{"opened failed:edr"}, a)
	require.Empty(t, b)
	waits := of(map[string]string{"edr": executor.StatusWithheld})
	waits.Withheld = []executor.Withheld{{Instance: "edr", Type: "a_device", Deletes: 4}}
	a, b = run(waits)
	require.Empty(t, a)
	require.Equal(t, []string{"opened withheld:edr"}, b)
	a, b = run(of(map[string]string{"edr": executor.StatusComplete}))
	require.Empty(t, a)
	require.Equal(t, []string{"closed withheld:edr"}, b)

	late := receive(t)
	targets = append(targets, Target{URL: late.URL})
	_, _ = run(waits)
	require.Equal(t, []string{"opened withheld:edr"}, late.events(t), "who comes later hears what there is")
}

// covered is a made-up report on customers with machines, and how many of these have an agent.
func covered(customers map[string][2]int) *executor.Report {
	r := of(map[string]string{"edr": executor.StatusComplete})
	r.Coverage = &executor.Coverage{}
	for name, c := range customers {
		r.Coverage.ByCustomer = append(r.Coverage.ByCustomer,
			executor.CustomerCoverage{Organization: name, Machines: c[0], With: map[string]int{"edr": c[1]}})
	}
	return r
}

func TestCoverageThatFalls(t *testing.T) {
	hook, graph := receive(t), memory{}
	for i, step := range []struct {
		machines, with int
		want           string
	}{
		{100, 90, ""}, {100, 95, ""}, {100, 94, ""}, {120, 114, ""}, // the same share
		{120, 113, ""}, {120, 109, ""}, // five less: one in twenty is six
		{120, 108, "opened"}, {120, 108, ""}, {120, 107, ""}, {120, 109, ""}, {120, 112, ""},
		{120, 102, "changed"}, {120, 100, ""}, {120, 96, "changed"}, {120, 112, ""},
		{120, 114, "closed"}, {120, 114, ""}, {118, 114, ""}, {4, 4, ""}, {4, 3, ""}, {4, 2, "opened"}, {0, 0, "closed"},
	} {
		customers := map[string][2]int{"Other": {10, 0}}
		if step.machines > 0 {
			customers["Acme"] = [2]int{step.machines, step.with}
		}
		require.NoError(t, notifier(t, memory{}, Target{URL: hook.URL}).Tell(t.Context(),
			Result{Report: covered(customers), Graph: graph, At: time.Now()}))
		want := []string(nil)
		if step.want != "" {
			want = []string{step.want + " coverage:edr:Acme"}
		}
		require.Equal(t, want, hook.events(t), "%d: %v", i, step)
	}
}

func TestPings(t *testing.T) {
	hook := receive(t)
	run := func(r *executor.Report, on ...string) []string {
		hook.got = nil
		n := notifier(t, memory{}, Target{URL: hook.URL + "/uuid?x=1", Format: Ping, On: on})
		n.Begin(t.Context())
		require.NoError(t, n.Tell(t.Context(), Result{Report: r, Graph: memory{}, Err: errors.New("no graph"), At: time.Now()}))
		require.NoError(t, n.End(t.Context(), r))
		return hook.got
	}
	require.Equal(t, []string{"/uuid/start?x=1 ", "/uuid?x=1 "}, run(of(map[string]string{"a": executor.StatusComplete})))
	require.Equal(t, []string{"/uuid/start?x=1 ", "/uuid/fail?x=1 "}, run(of(map[string]string{"a": executor.StatusIncomplete})))
	require.Equal(t, []string{"/uuid/start?x=1 ", "/uuid?x=1 "}, run(of(map[string]string{"a": executor.StatusWithheld})))
	require.Equal(t, []string{"/uuid/start?x=1 ", "/uuid/fail?x=1 "}, run(of(map[string]string{"a": executor.StatusWithheld}), Withheld))
	require.Equal(t, []string{"/uuid/start?x=1 ", "/uuid/fail?x=1 "}, run(nil))
}

// What people see in Slack and Teams is one text, in which nothing of a customer's name is markup.
func TestFormsForPeople(t *testing.T) {
	held := of(map[string]string{"rmm": executor.StatusWithheld})
	held.Withheld = []executor.Withheld{{
		Instance: "rmm", Type: "a_device", Deletes: 4, Population: 9, Reason: "more than 10%", Approval: "00000000000000aa",
		Customers: []executor.CustomerCount{{Organization: "<!channel> & [Sons](http://evil.example)", Machines: 3}, {Organization: "*Bold*", Machines: 1}},
	}}
	for format, want := range map[string][]string{
		Slack: {"*New: 4 deletes of rmm withheld: they wait for approval*", "a_device: 4 of 9 (more than 10%): &lt;!channel&gt; &amp; [Sons]", "`execute run --approve 00000000000000aa`"},
		Teams: {"**New: 4 deletes of rmm withheld: they wait for approval**", `\[Sons\](http://evil.example) 3, \*Bold\* 1`, "execute run --approve 00000000000000aa", "AdaptiveCard"},
	} {
		hook := receive(t)
		require.NoError(t, notifier(t, memory{}, Target{URL: hook.URL, Format: format}).Tell(t.Context(), Result{Report: held, Graph: memory{}, At: time.Now()}))
		require.Len(t, hook.bodies, 1)
		var anything any
		require.NoError(t, json.Unmarshal([]byte(hook.bodies[0]), &anything))
		text := strings.ReplaceAll(hook.bodies[0], `\\`, `\`)
		for _, s := range want {
			require.Contains(t, text, s)
		}
	}
	many := map[string]string{}
	for i := range 60 {
		many[fmt.Sprint("instance-", i)] = executor.StatusFailed
	}
	hook := receive(t)
	require.NoError(t, notifier(t, memory{}, Target{URL: hook.URL, Format: Slack}).Tell(t.Context(), Result{Report: of(many), Graph: memory{}, At: time.Now()}))
	require.Len(t, hook.bodies, 1)
	require.Contains(t, hook.bodies[0], "and 40 more")
}

func TestTargetsAreChecked(t *testing.T) {
	for want, target := range map[string]Target{
		"no address":         {URL: "hunter2"},
		"no format":          {URL: "https://h/hunter2", Format: "mail"},
		"nobody can be told": {URL: "https://h/hunter2", On: []string{"everything"}},
		"not signed":         {URL: "https://h/hunter2", Format: Ping, Secret: "hunter2"},
	} {
		err := target.Check()
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "hunter2")
	}
	require.Equal(t, "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
		Sign("key", []byte("The quick brown fox jumps over the lazy dog")), "as everybody computes it")
}
