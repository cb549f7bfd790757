package graph

import (
	"encoding/binary"
	"time"
)

// A Clock is the volatile properties of an element in a form that tells how far its times moved: eight bytes that stand
// for all that are no times, and for each time, in the order of their names, its Unix milliseconds in eight bytes, zero
// for none. It is "" for types without volatile times, and for what a version wrote that knew no clocks.
type Clock string

const clockPart = 8

// AppendClock appends the clock of the sealed element, which it does not change.
func (e *Element) AppendClock(b []byte) []byte {
	t := e.Type
	if len(t.times) == 0 {
		return b
	}
	rest, digested := e.digest(b, t.states)
	b = append(digested[:len(b)], rest[:clockPart]...)
	for _, i := range t.times {
		ms := uint64(0)
		if v := &e.values[i]; v.kind != Absent {
			ms = uint64(v.num)
		}
		b = binary.BigEndian.AppendUint64(b, ms)
	}
	return b
}

// MovedWithin reports whether what two clocks of one type stand for differs in times alone, and in each by d at most. A
// time that came or went has moved further than that.
func (c Clock) MovedWithin(old Clock, d time.Duration) bool {
	if len(c) != len(old) || len(c) < clockPart || c[:clockPart] != old[:clockPart] {
		return false
	}
	for at := clockPart; at+clockPart <= len(c); at += clockPart {
		now, before := clockTime(c[at:]), clockTime(old[at:])
		if now == before {
			continue
		}
		if now == 0 || before == 0 || max(now-before, before-now) > d.Milliseconds() {
			return false
		}
	}
	return true
}

func clockTime(c Clock) (ms int64) {
	for _, b := range []byte(c[:clockPart]) {
		ms = ms<<8 | int64(b)
	}
	return ms
}
