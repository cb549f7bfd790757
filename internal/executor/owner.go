package executor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/converters/correlate"
	"assetgraph/differ"
	"assetgraph/graph"
)

// A recorded run is what the graph keeps of it: the report, and where what the graph holds of each instance was read.
type recorded struct {
	*Report
	Accounts  map[string]string `json:"accounts"`
	Approvals []string          `json:"approvals"` // approval ids that let deletes go
	Derived   *derivedResult    `json:"derived,omitempty"`
	Rules     string            `json:"rules,omitempty"` // digest of the rules and overrides by which what is derived was made

	// Read says when each step that this run did not read whole was last read whole, by instance and step.
	Read map[string]time.Time `json:"read,omitempty"`
}

// The past is what a run takes from the records of those before it.
type past struct {
	accounts map[string]string // what each instance pointed at when what the graph holds of it was read
	derived  *derivedResult    // the last that is known, nil for none
	rules    string            // by which the graph's machines were made, "" where that is not known

	read map[string]time.Time // when each step was last read whole, by instance and step
}

// fingerprint is what an instance points at: the host without its port, and behind a space the account or tenant where the
// provider names one. Such names are taken to be unique within a host only: every ImmyBot instance has a tenant 1.
func fingerprint(in *Instance, account string) string {
	host := in.Host
	if h, _, err := net.SplitHostPort(in.Host); err == nil {
		host = h
	}
	if account == "" {
		return host
	}
	return host + " " + account
}

// moved compares two fingerprints and returns the parts in which they differ; ok is false when they may be the same. A
// provider that names no account this time is not taken to be another one.
func moved(before, now string) (from, to string, ok bool) {
	oldHost, oldAccount, _ := strings.Cut(before, " ")
	host, account, _ := strings.Cut(now, " ")
	switch {
	case before == "" || now == "":
	case oldHost != host:
		return oldHost, host, true
	case oldAccount != "" && account != "" && oldAccount != account:
		return oldAccount, account, true
	}
	return "", "", false
}

// ownerOf returns where what the graph holds of an instance was read, which points at account now. When that is another one than before,
// why says so: it is somebody else's, and no reading of the new account can say that it is gone. That stays so from run
// to run, until nothing of it is left.
func (r *run) ownerOf(instance, account string, holds bool) (owner, why string) {
	before := r.past.accounts[instance]
	from, to, ok := moved(before, account)
	switch {
	case !holds:
		return account, ""
	case ok:
		return before, fmt.Sprintf("instance %s pointed at %s before and points at %s now; `execute clear --instance %s` removes what was read before", instance, from, to, instance)
	}
	return max(before, account), "" // of the same host, the one with an account is the longer one
}

// holding tells of which instances the graph holds something beside the program's own entity.
func holding(populations []graph.Population) map[string]bool {
	holds := make(map[string]bool)
	for _, p := range populations {
		holds[p.Instance] = holds[p.Instance] || p.Type != converters.IntegrationType().Name
	}
	return holds
}

// doubt makes scopes incomplete.
func doubt(scopes []differ.Desired, why string) {
	for i := range scopes {
		scopes[i].Complete, scopes[i].Why = false, why
	}
}

// recall reads the past.
func (r *run) recall(ctx context.Context) error {
	runs, err := r.Store.Runs(ctx, 0)
	if err != nil {
		return fmt.Errorf("read run records: %w", err)
	}
	r.past.accounts, r.past.read = make(map[string]string), make(map[string]time.Time)
	for _, old := range runs { // newest first
		var doc recorded
		if json.Unmarshal(old.Report, &doc) != nil {
			continue // a run that died has none
		}
		r.past.note(doc)
		if r.past.derived == nil {
			r.past.derived = doc.Derived
		}
		r.past.rules = cmp.Or(r.past.rules, doc.Rules)
		for instance, account := range doc.Accounts {
			if r.past.accounts[instance] == "" {
				r.past.accounts[instance] = account
			}
		}
	}
	return nil
}

// warnOfUnowned says what lies in the graph that belongs to no configured instance. Nothing of it is touched.
func (r *run) warnOfUnowned(populations []graph.Population) {
	if r.Configured == nil {
		return
	}
	unowned := make(map[string]int)
	var names []string
	for _, p := range populations {
		if p.Instance == correlate.Integration || slices.Contains(r.Configured, p.Instance) {
			continue
		}
		if unowned[p.Instance] == 0 {
			names = append(names, p.Instance)
		}
		unowned[p.Instance] += p.Count
	}
	for _, name := range names {
		r.warn("the graph holds %d elements of instance %s, which is not configured; they are left alone (`execute clear --instance %s` removes them)", unowned[name], name, name)
	}
}
