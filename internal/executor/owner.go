package executor

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/correlate"
)

// fingerprint is what an instance points at: the host without its port, and behind a space the account or tenant where
// the provider names one. Such names are taken to be unique within a host only: some products count the tenants of each
// host from 1.
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

// strange returns a refusal when an instance of which the graph holds something points at another host or account than
// then, nil when it does not.
func (p past) strange(instance, account string) *refusal {
	before, now, ok := moved(p.accounts[instance], account)
	if !ok || !p.census.holds(instance) {
		return nil
	}
	return &refusal{instance: instance, before: before, now: now}
}

// ownerOf returns what an instance that points at account now is to be known to point at from now on.
func (p past) ownerOf(instance, account string) string {
	if !p.census.holds(instance) {
		return account
	}
	return max(p.accounts[instance], account) // of the same host, the one with an account is the longer one
}

// unowned says what lies in the graph that belongs to no configured instance. Nothing of it is touched.
func unowned(configured []string, populations []graph.ScopeCount) (warnings []string) {
	if configured == nil {
		return nil
	}
	count := make(map[string]int)
	var names []string
	for _, p := range populations {
		if p.Instance == correlate.Integration || slices.Contains(configured, p.Instance) {
			continue
		}
		if count[p.Instance] == 0 {
			names = append(names, p.Instance)
		}
		count[p.Instance] += p.Count
	}
	for _, name := range names {
		warnings = append(warnings, fmt.Sprintf("the graph holds %d elements of instance %s, which is not configured; they are left alone (`execute clear --instance %s` removes them)", count[name], name, name))
	}
	return warnings
}

// readTwice says which instances read the same customers of the same account: each of their machines is in the graph
// twice.
func readTwice(list []source) (warnings []string) {
	readers := make(map[string][]*source)
	for i := range list {
		one, account := &list[i], list[i].reading.account
		if !strings.Contains(account, " ") { // a host alone may have many accounts
			continue
		}
		at := slices.IndexFunc(readers[account], func(other *source) bool {
			return one.reading.reader.filter.Overlaps(other.reading.reader.filter)
		})
		if at < 0 {
			readers[account] = append(readers[account], one)
			continue
		}
		name, other := one.instance.Name, readers[account][at].instance.Name
		warnings = append(warnings, fmt.Sprintf("instances %s and %s read the same account (%s): what both see is in the graph twice; leave one of them out, and remove what it read with `execute clear --instance NAME`", other, name, account))
	}
	return warnings
}
