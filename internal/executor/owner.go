package executor

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"

	"assetgraph/converters/correlate"
	"assetgraph/differ"
)

// A recorded run is what the graph keeps of it: the report, and which account each instance pointed at.
type recorded struct {
	*Report
	Accounts map[string]string `json:"accounts"`
}

// fingerprint is what an instance points at: the provider's own account or tenant where it gives one, else the host
// without its port.
func fingerprint(in *Instance, account string) string {
	if account != "" {
		return account
	}
	if host, _, err := net.SplitHostPort(in.Host); err == nil {
		return host
	}
	return in.Host
}

// keepOthers marks the scopes of instances that point at another account than when they were last read as incomplete: what
// the graph holds of them is somebody else's and no reading of the new account can say that it is gone.
func (r *run) keepOthers(ctx context.Context, scopes []differ.Desired) error {
	before, err := r.accountsBefore(ctx)
	if err != nil {
		return err
	}
	for i, s := range scopes {
		old, now := before[s.Instance], r.accounts[s.Instance]
		if old != "" && now != "" && old != now {
			scopes[i].Complete = false
			scopes[i].Why = fmt.Sprintf("instance %s pointed at %s before and points at %s now; `execute clear --instance %s` removes what was read before", s.Instance, old, now, s.Instance)
		}
	}
	return nil
}

// accountsBefore returns what each instance pointed at when it was last signed in to.
func (r *run) accountsBefore(ctx context.Context) (map[string]string, error) {
	runs, err := r.Store.Runs(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("read run records: %w", err)
	}
	accounts := make(map[string]string)
	for _, old := range runs { // newest first
		var doc recorded
		if json.Unmarshal(old.Report, &doc) != nil {
			continue // a run that died has none
		}
		for instance, account := range doc.Accounts {
			if accounts[instance] == "" {
				accounts[instance] = account
			}
		}
	}
	return accounts, nil
}

// warnOfUnowned says what lies in the graph that belongs to no configured instance. Nothing of it is touched.
func (r *run) warnOfUnowned(ctx context.Context) error {
	if r.Configured == nil {
		return nil
	}
	populations, err := r.Store.Populations(ctx)
	if err != nil {
		return err
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
	return nil
}
