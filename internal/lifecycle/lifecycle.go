// Package lifecycle knows when makers' support of operating systems ends. It imports nothing of the project.
//
// What it knows stands in releases.json, one row for each release, with sources and the day as of which they were
// read. Where a system's name leaves open which row is meant, such as that of an edition or a long-term channel, the
// latest of their dates counts, and none when one of them has none: unknown is not "no".
package lifecycle

import (
	"crypto/sha256"
	_ "embed" // releases.json
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// A System is an operating system as an inventory names it: "Windows 11 Pro", "23H2", "22631". Each may be empty, and
// Version may hold a build.
type System struct{ Name, Version, Build string }

// Support is what is known of the support of a System.
type Support struct {
	System string // the product without release and edition, such as "Windows 11"; "" when it is not in the file
	Exact  bool   // its release is told and known

	EndsOn        time.Time // the last day, at 0:00 UTC; zero when nobody knows
	ExtendedUntil time.Time // the last day of security updates that are sold beyond it; zero when no such day is known
}

//go:embed releases.json
var file []byte

// A release is a row of the file.
type release struct {
	System        string
	Called        string // what people call it: a name of macOS, the year of a long-term channel
	Release       string
	Build         string
	Editions      []edition // nil is all
	EndsOn        date
	ExtendedUntil date
	Source        string
}

// Releases is what is known. It never changes, and may be asked by several goroutines.
type Releases struct {
	date    time.Time
	rows    []*release
	systems []string // that rows are of, and what a name may leave open
	digest  [sha256.Size]byte
}

// Read returns what the program carries with it.
func Read() *Releases {
	var content struct {
		Date     date
		Releases []*release
	}
	if err := json.Unmarshal(file, &content); err != nil {
		panic(fmt.Sprintf("lifecycle: releases.json: %v", err))
	}
	r := &Releases{
		date: content.Date.Time, rows: content.Releases, systems: []string{windows}, digest: sha256.Sum256(file),
	}
	for _, row := range r.rows {
		if !slices.Contains(r.systems, row.System) {
			r.systems = append(r.systems, row.System)
		}
	}
	return r
}

// Digest stands for all that is known: what was made by another file may be another.
func (r *Releases) Digest() [sha256.Size]byte { return r.digest }

// Of returns what is known of the support of a system.
func (r *Releases) Of(s System) Support {
	name := wordsOf(s.Name)
	system := r.systemOf(name)
	if system == "" {
		return Support{}
	}
	rows, exact := r.rowsOf(system, name, wordsOf(s.Version+" "+s.Build))
	rows = ofEditions(rows, editionsIn(name))
	if len(rows) == 0 {
		return Support{System: system}
	}
	found := Support{System: rows[0].System, Exact: exact, EndsOn: rows[0].EndsOn.Time}
	for _, row := range rows {
		if row.EndsOn.IsZero() {
			return Support{System: found.System, Exact: exact}
		}
		found.EndsOn = later(found.EndsOn, row.EndsOn.Time)
		found.ExtendedUntil = later(found.ExtendedUntil, row.ExtendedUntil.Time)
	}
	if !found.ExtendedUntil.After(found.EndsOn) {
		found.ExtendedUntil = time.Time{}
	}
	return found
}

// rowsOf returns the rows that the release at hand may be of, and whether its release is known. What version and build
// tell decides before the name, and a build before all, since some tools go on calling a system what it was before an
// upgrade.
func (r *Releases) rowsOf(system string, name, told []string) (rows []*release, exact bool) {
	kin := r.kinOf(system)
	own := where(r.rows, func(row *release) bool { return row.System == system })
	open := system == windows || system == windowsServer
	if open {
		own = kin
	}
	for _, list := range [...][]*release{own, kin} {
		if rows := ofBuild(list, told); len(rows) > 0 {
			return rows, true
		}
	}
	if rows := ofRelease(own, told); len(rows) > 0 {
		return rows, true
	}
	if rows := ofRelease(own, name); len(rows) > 0 {
		return rows, true
	}
	if rows := calledIn(own, name); len(rows) > 0 {
		return rows, true
	}
	switch {
	case len(own) == 1:
		return own, true
	case open:
		return nil, false
	case tellsRelease(told, system):
		return unknownOf(own), false
	}
	return own, false
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// A date is a day as the file writes it.
type date struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (d *date) UnmarshalJSON(text []byte) (err error) {
	d.Time, err = time.Parse(`"`+time.DateOnly+`"`, string(text))
	return err
}
