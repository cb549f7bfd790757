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
	"assetgraph/graph"
)

// A recorded run is what the graph keeps of it: the report, and where what the graph holds of each instance was read.
type recorded struct {
	*Report
	Accounts  map[string]string `json:"accounts"`
	Readers   map[string]string `json:"readers"`   // with which credentials
	Approvals []string          `json:"approvals"` // approval ids that let deletes go
	Derived   *derivedResult    `json:"derived,omitempty"`
	Rules     string            `json:"rules,omitempty"` // digest of the rules and overrides by which what is derived was made

	// Read says when each step that this run did not read whole was last read whole, by instance and step.
	Read map[string]time.Time `json:"read,omitempty"`
}

// The past is what a run takes from the records of those before it.
type past struct {
	accounts map[string]string // what each instance pointed at when what the graph holds of it was read
	readers  map[string]string // with which credentials that was
	holds    map[string]bool   // instances of which the graph holds something
	derived  *derivedResult    // the last that is known, nil for none
	standing *Coverage         // after the run that derived is of, nil where that is not known
	coverage *Coverage         // after the last run that says it, likewise
	rules    string            // by which the graph's machines were made, "" where that is not known

	read map[string]time.Time // when each step was last read whole, by instance and step
}

// fingerprint is what an instance points at: the host without its port, and behind a space the account or tenant where the
// provider names one. Such names are taken to be unique within a host only: some products count the tenants of each host from 1.
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

// strange returns a refusal when an instance of which the graph holds something points at another host or account than then, nil
// when it does not.
func (r *run) strange(instance, account string) *refusal {
	before, now, ok := moved(r.past.accounts[instance], account)
	if !ok || !r.past.holds[instance] {
		return nil
	}
	return &refusal{instance: instance, before: before, now: now}
}

// ownerOf returns what an instance that points at account now is to be known to point at from now on.
func (r *run) ownerOf(instance, account string) string {
	if !r.past.holds[instance] {
		return account
	}
	return max(r.past.accounts[instance], account) // of the same host, the one with an account is the longer one
}

// holding tells of which instances the graph holds something beside the program's own entity.
func holding(populations []graph.Population) map[string]bool {
	holds := make(map[string]bool)
	for _, p := range populations {
		holds[p.Instance] = holds[p.Instance] || p.Type != converters.IntegrationType().Name
	}
	return holds
}

// recall reads the past.
func (r *run) recall(ctx context.Context) error {
	runs, err := r.Store.Runs(ctx, 0)
	if err != nil {
		return fmt.Errorf("read run records: %w", err)
	}
	r.past.accounts, r.past.readers = make(map[string]string), make(map[string]string)
	r.past.read = make(map[string]time.Time)
	for _, old := range runs { // newest first
		var doc recorded
		if json.Unmarshal(old.Report, &doc) != nil {
			continue // a run that died has none
		}
		if doc.Report == nil {
			doc.Report = &Report{}
		}
		r.past.note(doc)
		if r.past.derived == nil && doc.Derived != nil {
			r.past.derived, r.past.standing = doc.Derived, doc.Coverage
		}
		r.past.rules = cmp.Or(r.past.rules, doc.Rules)
		if r.past.coverage == nil {
			r.past.coverage = doc.Coverage
		}
		addMissing(r.past.accounts, doc.Accounts)
		addMissing(r.past.readers, doc.Readers)
	}
	return nil
}

func addMissing(to, from map[string]string) {
	for name, value := range from {
		if to[name] == "" {
			to[name] = value
		}
	}
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
