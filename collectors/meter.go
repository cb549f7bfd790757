package collectors

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Meter is what a step tells of its progress while it runs. The zero Meter is ready; all methods may be called
// from any goroutine.
type Meter struct {
	mu       sync.Mutex
	pages    int
	expected int
	warnings []string
	unread   []unreadField
	nameless int // records with more unread fields than are named
}

// maxUnread is how many fields are named that could not be read.
const maxUnread = 20

// maxID is how many bytes of a record's id are shown.
const maxID = 64

// unreadField counts the records in which one field could not be read.
type unreadField struct {
	kind, field string
	reason      error
	first       string // id of the first such record
	records     int
}

// Page counts one page that was read.
func (m *Meter) Page() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pages++
}

// Expect sets how many records the provider says there are.
func (m *Meter) Expect(records int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expected = records
}

// Warn adds something that people should know and that makes nothing incomplete.
func (m *Meter) Warn(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.warnings = append(m.warnings, text)
}

// Saw takes note of the fields of a record that could not be read: Warnings names each once, however many records lack
// it.
func (m *Meter) Saw(r Record) {
	if len(r.Unread) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	more := false
	for _, f := range r.Unread {
		i := slices.IndexFunc(m.unread, func(u unreadField) bool { return u.kind == r.Kind && u.field == f.Field })
		switch {
		case i >= 0:
			m.unread[i].records++
		case len(m.unread) < maxUnread:
			m.unread = append(m.unread, unreadField{r.Kind, f.Field, f.Err, r.ID, 1})
		default:
			more = true
		}
	}
	if more {
		m.nameless++
	}
}

// Pages returns how many pages were read so far.
func (m *Meter) Pages() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pages
}

// Expected returns how many records the provider says there are, 0 while that is not known.
func (m *Meter) Expected() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.expected
}

// Warnings returns what Warn was told, and the fields that could not be read.
func (m *Meter) Warnings() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.warnings)
	for _, u := range m.unread {
		all = append(all, u.String())
	}
	if m.nameless > 0 {
		all = append(all, fmt.Sprintf("other fields could not be read in %s", counted(m.nameless)))
	}
	return all
}

// String says which field, why, and of which records.
func (u unreadField) String() string {
	id := u.first
	if len(id) > maxID {
		id = strings.ToValidUTF8(id[:maxID], "") + "…"
	}
	of := u.kind + " " + id
	if u.records > 1 {
		of = fmt.Sprintf("%s, the first is %s", counted(u.records), of)
	}
	return fmt.Sprintf("field %s left out: %s (%s)", u.field, u.reason, of)
}

func counted(records int) string {
	if records == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", records)
}
