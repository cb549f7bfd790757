package graph

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind tells which Go type a [Value] holds.
type Kind uint8

// The kinds of value that a property can have. Absent is the zero Kind: the provider gave no value.
const (
	Absent Kind = iota
	Text
	Int
	Bool
	Time
	Texts
)

// String returns the kind as documentation and error messages write it.
func (k Kind) String() string {
	return [...]string{"absent", "string", "integer", "boolean", "datetime", "list of string"}[k]
}

// TimeLayout is how a time is written as text: RFC 3339 in UTC with exactly three fraction digits, so that
// text order is time order.
const TimeLayout = "2006-01-02T15:04:05.000Z"

// A Value is one property value: a tagged union without interfaces, so that a million of them cost no
// allocation beside their text. The zero Value is absent. Values are immutable: a list must not be changed
// after it was handed in or read out.
type Value struct {
	kind Kind
	num  int64
	text string
	list []string
}

// TextOf returns s without surrounding white space and without NUL, each run of bytes that is not UTF-8 replaced by
// U+FFFD; an empty result is absent.
func TextOf(s string) Value {
	if isClean(s) {
		return Value{kind: Text, text: s}
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")); s == "" {
		return Value{}
	}
	return Value{kind: Text, text: s}
}

// isClean reports whether s is ASCII that [TextOf] leaves as it is.
func isClean(s string) bool {
	if len(s) == 0 || s[0] <= ' ' || s[len(s)-1] <= ' ' {
		return false
	}
	for i := range len(s) {
		if s[i]-1 >= 0x7f { // NUL, or not ASCII
			return false
		}
	}
	return true
}

// IntOf returns an integer value; zero is a value, not absence.
func IntOf(n int64) Value { return Value{kind: Int, num: n} }

// BoolOf returns a boolean value.
func BoolOf(b bool) Value {
	v := Value{kind: Bool}
	if b {
		v.num = 1
	}
	return v
}

// TimeOf returns t in UTC, truncated to milliseconds, which every store and the export keep exactly. The zero
// time and times outside the years 1 to 9999 are absent.
func TimeOf(t time.Time) Value {
	const (
		first = -62135596800 // seconds since 1970 of the year 1
		end   = 253402300800 // and of the year 10000
	)
	seconds := t.Unix()
	if seconds < first || seconds >= end {
		return Value{}
	}
	millis := t.UnixMilli()
	if millis == first*1000 {
		return Value{}
	}
	return Value{kind: Time, num: millis}
}

// TextsOf returns the set of the given texts: each as [TextOf] makes it, empty ones dropped, sorted, without
// duplicates; a set that is empty is absent. Every list in the model is a set, so that an order which the
// provider does not promise never looks like a change.
func TextsOf(list ...string) Value {
	if len(list) == 0 {
		return Value{}
	}
	return TextsIn(append(make([]string, 0, len(list)), list...))
}

// TextsIn returns what [TextsOf] does for a list that it takes over: the caller must not use it any more.
func TextsIn(list []string) Value {
	out := list[:0]
	for _, s := range list {
		if v := TextOf(s); v.kind == Text {
			out = append(out, v.text)
		}
	}
	if len(out) == 0 {
		return Value{}
	}
	if len(out) > 1 {
		slices.Sort(out)
		out = slices.Compact(out)
	}
	return Value{kind: Texts, list: out}
}

// Kind returns the kind of the value, Absent for none.
func (v Value) Kind() Kind { return v.kind }

// IsAbsent reports whether the provider gave no value.
func (v Value) IsAbsent() bool { return v.kind == Absent }

// Text returns the text of a Text value, else "".
func (v Value) Text() string { return v.text }

// Int returns the number of an Int value, else 0.
func (v Value) Int() int64 {
	if v.kind != Int {
		return 0
	}
	return v.num
}

// Bool returns the truth of a Bool value, else false.
func (v Value) Bool() bool { return v.kind == Bool && v.num == 1 }

// Time returns the time of a Time value in UTC, else the zero time.
func (v Value) Time() time.Time {
	if v.kind != Time {
		return time.Time{}
	}
	return time.UnixMilli(v.num).UTC()
}

// UnixMilli returns the epoch milliseconds of a Time value, else 0.
func (v Value) UnixMilli() int64 {
	if v.kind != Time {
		return 0
	}
	return v.num
}

// List returns the sorted texts of a Texts value, else nil. The caller must not change it.
func (v Value) List() []string { return v.list }

// Equal reports whether both values have the same kind and content.
func (v Value) Equal(w Value) bool {
	return v.kind == w.kind && v.num == w.num && v.text == w.text && slices.Equal(v.list, w.list)
}

// String renders the value for people: lists joined by ", ", times by [TimeLayout].
func (v Value) String() string {
	switch v.kind {
	case Text:
		return v.text
	case Int:
		return strconv.FormatInt(v.num, 10)
	case Bool:
		return strconv.FormatBool(v.num == 1)
	case Time:
		return v.Time().Format(TimeLayout)
	case Texts:
		return strings.Join(v.list, ", ")
	case Absent:
	}
	return ""
}
