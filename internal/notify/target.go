package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The forms of messages.
const (
	JSON  = "json"  // one object with all findings, for programs
	Slack = "slack" // incoming webhook of Slack, or of what takes the same (Mattermost, Discord with /slack)
	Teams = "teams" // webhook of a Teams workflow: a message with an adaptive card
	Ping  = "ping"  // healthchecks.io and its like: each run says that it begins (/start), that it is well, or not (/fail)
)

// Formats returns the forms, the default first.
func Formats() []string { return []string{JSON, Slack, Teams, Ping} }

// The kinds of findings, and Recovered, which stands for the closing of all of them.
const (
	Failed     = "failed"
	Incomplete = "incomplete"
	Withheld   = "withheld"
	Coverage   = "coverage"
	Recovered  = "recovered"
)

// Kinds returns what a target may be told of.
func Kinds() []string { return []string{Failed, Incomplete, Withheld, Recovered, Coverage} }

// A Target is somebody who is told.
type Target struct {
	URL    string   // often a secret in itself: it is shown nowhere
	Format string   // "" = JSON
	Secret string   // with which messages are signed; "" = they are not
	On     []string // Kinds that it wants to know of; nil = all. For Ping: what counts as a fail; nil = Failed and Incomplete
}

// Check fills in what was left out, and says what is wrong with the target, without showing its address or secret.
func (t *Target) Check() error {
	u, err := url.Parse(t.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("this is no address of a webhook: write https://HOST/PATH")
	}
	if t.Format == "" {
		t.Format = JSON
	}
	if !slices.Contains(Formats(), t.Format) {
		return fmt.Errorf("there is no format %q; known are %s", t.Format, strings.Join(Formats(), ", "))
	}
	if t.Secret != "" && t.Format == Ping {
		return errors.New("a ping is not signed: leave its secret out")
	}
	for _, kind := range t.On {
		if !slices.Contains(Kinds(), kind) {
			return fmt.Errorf("nobody can be told of %q; known are %s", kind, strings.Join(Kinds(), ", "))
		}
	}
	switch {
	case t.On != nil:
	case t.Format == Ping:
		t.On = []string{Failed, Incomplete}
	default:
		t.On = Kinds()
	}
	return nil
}

// wants reports whether the target is to be told of a kind.
func (t *Target) wants(kind string) bool { return slices.Contains(t.On, kind) }

// name tells the target from others where it is remembered what it was told, and tells nothing of its address.
func (t *Target) name() string {
	sum := sha256.Sum256([]byte(t.Format + " " + t.URL))
	return hex.EncodeToString(sum[:8])
}

// host is the target for messages to people.
func (t *Target) host() string {
	u, err := url.Parse(t.URL)
	if err != nil {
		return t.Format
	}
	return u.Scheme + "://" + u.Host
}

// at returns the address with a path below it. A query stays behind the path.
func (t *Target) at(below string) string {
	u, err := url.Parse(t.URL)
	if err != nil {
		return t.URL
	}
	return u.JoinPath(below).String()
}
