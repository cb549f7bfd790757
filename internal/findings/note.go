package findings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/report"
)

// noteName is where the graph keeps what the last look came to.
const noteName = "findings"

// A note says what the last look was made of, and what moves by time alone: so that a run which would see the same need
// not look, and one that knows what has changed looks there.
type note struct {
	Of       string             `json:"of"` // what the graph held
	By       string             `json:"by"` // digest of how it was judged
	Readings map[string]Reading `json:"readings"`
	Never    []bool             `json:"never"`    // tools of which the graph held nothing
	Kinds    []string           `json:"kinds"`    // that were looked for
	Machines int                `json:"machines"` // in all
	At       time.Time          `json:"at"`
	Since    time.Time          `json:"since"`  // of the last look at everything, for what products say
	Until    time.Time          `json:"until"`  // by then everything is to be looked at again
	Turns    []turn             `json:"turns"`  // up to then, in order
	Fading   []graph.Key        `json:"fading"` // machines with findings that may end by their being seen
	Summary  Summary            `json:"summary"`
}

// A turn is when there is more to see of a machine by time alone.
type turn struct {
	At     time.Time `json:"at"`
	Device graph.Key `json:"device"`
}

// wholeAfter is how long looks are at what has changed alone, at most: the first one of each day is at everything.
const wholeAfter = 24 * time.Hour

// nextWhole returns by when everything is to be looked at again after a look at everything.
func nextWhole(at time.Time) time.Time { return at.Truncate(wholeAfter).Add(wholeAfter) }

// judged is a digest of all that decides how a machine is judged.
func (o *Options) judged(kinds []Kind) string {
	const form = 2 // raised when what a look comes to changes in another way
	text, err := json.Marshal(struct {
		Form       int
		Version    string
		Kinds      []string
		Stale      time.Duration
		Exclude    []string
		Exceptions []correlate.Exception
	}{form, o.Version, Names(kinds), StaleAfter, o.Exclude, o.Exceptions})
	if err != nil {
		panic(err) // it is made of texts and times
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// recall returns what the last look noted, the zero note when nothing is known.
func (o *Options) recall(ctx context.Context) (n note, _ error) {
	text, err := o.Store.Memory(ctx, noteName)
	if err != nil {
		return n, err
	}
	if json.Unmarshal(text, &n) != nil {
		return note{}, nil
	}
	return n, nil
}

// holds reports whether what is noted is still true of all that has not changed: it is judged in the same way, no more of
// it is known, and no exception has ended.
func (n *note) holds(o *Options, by string) bool {
	if o.Verify || n.By != by || !o.AsOf.Before(n.Until) || o.AsOf.Before(n.Since) {
		return false // the last whole look is too long ago, or the clock went back behind it
	}
	for tool, reading := range o.Readings {
		if reading != Unread && reading != n.Readings[tool] {
			return false
		}
	}
	return !slices.ContainsFunc(o.Exceptions, func(x correlate.Exception) bool {
		return !x.Until.IsZero() && x.Until.After(n.At) && !x.Until.After(o.At)
	})
}

// stands reports whether a look would see what the noted one has seen: the graph holds the same, and nothing has turned by
// time.
func (n *note) stands(o *Options, by string) bool {
	return o.Of != "" && n.Of == o.Of && n.holds(o, by) && (len(n.Turns) == 0 || o.AsOf.Before(n.Turns[0].At))
}

// changed returns the machines of which something may be another than noted; nil where that may be any.
func (n *note) changed(ctx context.Context, o *Options, by string) (map[graph.Key]bool, error) {
	if !o.Known || o.Before == "" || n.Of != o.Before || !n.holds(o, by) {
		return nil, nil
	}
	faded, err := n.faded(ctx, o)
	if err != nil {
		return nil, err
	}
	devices := make(map[graph.Key]bool)
	for _, list := range [][]graph.Key{o.Changed, faded} {
		for _, key := range list {
			devices[key] = true
		}
	}
	for _, t := range n.Turns {
		if !o.AsOf.Before(t.At) {
			devices[t.Device] = true
		}
	}
	const part = 4 // of so many machines one, from which on all of them cost no more
	if len(devices) > n.Machines/part {
		return nil, nil
	}
	return devices, nil
}

// faded returns the machines with findings that may have ended by their being seen since. Where the records that were seen
// are known and few, these tell.
func (n *note) faded(ctx context.Context, o *Options) ([]graph.Key, error) {
	switch {
	case n.Of == o.Of:
		return nil, nil // nothing was seen
	case !o.SeenKnown || len(o.Seen) >= len(n.Fading):
		return n.Fading, nil
	}
	seen, err := report.DevicesOf(ctx, o.source(), o.Seen)
	return slices.DeleteFunc(seen, func(key graph.Key) bool {
		_, fading := slices.BinarySearch(n.Fading, key)
		return !fading
	}), err
}

// Forget removes all findings, and that anything was looked for.
func Forget(ctx context.Context, store graph.Store) error {
	if err := store.SaveMemory(ctx, noteName, []byte{}); err != nil { // first: a run that finds none looks
		return err
	}
	return store.ForgetFindings(ctx, time.Time{})
}

// save keeps the note for the next run.
func (n *note) save(ctx context.Context, o *Options) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return o.Store.SaveMemory(ctx, noteName, text)
}
