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
)

// noteName is where the graph keeps what the last look came to.
const noteName = "findings"

// A note says what the last look was made of, so that a run which would see the same need not look.
type note struct {
	Of       string             `json:"of"` // what the graph held
	By       string             `json:"by"` // digest of how it was judged
	Readings map[string]Reading `json:"readings"`
	Kinds    []string           `json:"kinds"` // that were looked for
	At       time.Time          `json:"at"`
	Turns    time.Time          `json:"turns"` // when there is more by time alone; zero = never
	Summary  Summary            `json:"summary"`
}

// judged is a digest of all that decides how a machine is judged.
func (o *Options) judged(kinds []Kind) string {
	const form = 1 // raised when what a look comes to changes in another way
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

// stands reports whether a look would see what the noted one has seen: the graph holds the same, no more of it is known,
// and nothing has turned by time.
func (n *note) stands(o *Options, by string) bool {
	if o.Verify || o.Of == "" || n.Of != o.Of || n.By != by || !n.Turns.IsZero() && !o.AsOf.Before(n.Turns) {
		return false
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
