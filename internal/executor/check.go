package executor

import (
	"context"
	"strings"
)

// A Finding is what Check learned of one step of one instance.
type Finding struct {
	Instance string
	Step     string // "sign in" for the first of each instance
	Route    string
	Records  int    // -1 where it can't be told without reading all
	Note     string // user, account, warnings
	Err      error  // why it may not be read
}

// Check signs in to every instance and counts what each step would read. It reads no list whole where the provider can
// count, and writes nothing. found is called for each finding as it is made, from one goroutine, instances one after
// another; steps of an instance that can't be signed in to are not looked at. The error is the context's.
func Check(ctx context.Context, instances []Instance, found func(Finding)) error {
	for _, in := range instances {
		session, err := in.Collector.SignIn(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var notes []string
		if session.User != "" {
			notes = append(notes, "as "+session.User)
		}
		found(Finding{Instance: in.Name, Step: SignIn, Route: in.Host, Records: -1, Note: strings.Join(append(notes, session.Warnings...), "; "), Err: err})
		if err != nil {
			continue
		}
		for _, s := range in.Collector.Steps() {
			n, err := s.Count(ctx)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			found(Finding{Instance: in.Name, Step: s.Name, Route: s.Route, Records: n, Err: err})
		}
	}
	return nil
}
