package lifecycle

import "slices"

// An edition of Windows for which a date may be another than for others. "Pro" holds its kin, such as Pro for
// Workstations and Pro Education.
type edition string

// The editions that rows of the file name.
const (
	home          edition = "Home"
	pro           edition = "Pro"
	enterprise    edition = "Enterprise"
	education     edition = "Education"
	longTerm      edition = "Enterprise LTSC"
	longTermOfIoT edition = "IoT Enterprise LTSC"
)

// editionsIn returns the editions that a name may mean, nil for any. One of the long-term channel often passes for
// Enterprise.
func editionsIn(name []string) []edition {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(name, word) })
	}
	channel := longTerm
	if has("iot") {
		channel = longTermOfIoT
	}
	switch {
	case has("ltsc", "ltsb"):
		return []edition{channel}
	case has("pro", "professional"):
		return []edition{pro}
	case has("home"):
		return []edition{home}
	case has("education"):
		return []edition{education}
	case has("enterprise"):
		return []edition{enterprise, channel}
	}
	return nil
}

// ofEditions returns the rows that hold for one of the editions.
func ofEditions(rows []*release, may []edition) []*release {
	if may == nil {
		return rows
	}
	return where(rows, func(r *release) bool {
		return r.Editions == nil ||
			slices.ContainsFunc(r.Editions, func(e edition) bool { return slices.Contains(may, e) })
	})
}
