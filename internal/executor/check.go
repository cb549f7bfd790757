package executor

import (
	"context"
	"strings"

	"assetgraph/collectors"
	"assetgraph/internal/panics"
)

// A Finding is what Check learned of one step of one instance.
type Finding struct {
	Instance string
	Step     string // SignIn for the first of each instance
	Route    string
	Records  int    // -1 where it can't be told without reading all
	Skipped  bool   // people leave it out; nothing was asked unless it is a part
	Note     string // user, account, warnings
	Err      error  // why it may not be read

	Unavailable bool // the part is not for these credentials, which is no fault: Note says why
}

// Check signs in to every instance and counts what each step would read. It reads no list whole where the provider can
// count, and writes nothing. Instances are looked at side by side; found is called for each finding from one goroutine,
// in the order of the instances. Steps of an instance that can't be signed in to are not looked at. The error is the
// context's.
func Check(ctx context.Context, instances []Instance, found func(Finding)) error {
	lists := make([]chan Finding, len(instances))
	var work panics.Group
	defer work.Wait()
	for i := range instances {
		lists[i] = make(chan Finding, 1+len(instances[i].Collector.Steps())) // nobody waits to be listened to
		work.Go(func() {
			defer close(lists[i])
			checkInstance(ctx, &instances[i], func(f Finding) { lists[i] <- f })
		})
	}
	for _, list := range lists {
		for f := range list {
			if ctx.Err() == nil {
				found(f)
			}
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

func checkInstance(ctx context.Context, in *Instance, found func(Finding)) {
	session, err := in.Collector.SignIn(ctx)
	var notes []string
	if session.User != "" {
		notes = append(notes, "as "+session.User)
	}
	found(Finding{
		Instance: in.Name, Step: SignIn, Route: in.Host, Records: -1,
		Note: strings.Join(append(notes, session.Warnings...), "; "), Err: err,
	})
	if err != nil {
		return
	}
	for _, s := range in.Collector.Steps() {
		if ctx.Err() != nil {
			return
		}
		found(checkStep(ctx, in, &s))
	}
}

// checkStep counts what a step would read, also of a part that people did not choose: they want to know what it would
// be.
func checkStep(ctx context.Context, in *Instance, s *collectors.Step) Finding {
	f := Finding{Instance: in.Name, Step: s.Name, Route: s.Route, Records: -1, Skipped: s.Skipped}
	if s.Skipped && s.Part == "" {
		f.Note = "by a setting"
		return f
	}
	f.Records, f.Err = s.Count(ctx)
	switch {
	case collectors.IsUnavailable(f.Err):
		f.Unavailable, f.Note, f.Err = true, f.Err.Error(), nil
	case s.Skipped && f.Err != nil:
		f.Note, f.Err = "not chosen, and refused: "+f.Err.Error(), nil
	case s.Skipped && s.Choose != "":
		f.Note = "not chosen; to read it: " + s.Choose
	}
	return f
}
