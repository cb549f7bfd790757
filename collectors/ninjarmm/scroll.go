package ninjarmm

import (
	"fmt"
	"hash/maphash"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

// A position is the cursor of an answer: {"name": …, "offset": …}; from some servers the name alone, or nothing.
type position struct {
	Name   string
	Offset rawjson.Int
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (p *position) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*p = position{}
	if d.PeekKind() != jsontext.KindBeginObject {
		var name rawjson.Text
		err := json.UnmarshalDecode(d, &name)
		p.Name = string(name)
		return err
	}
	var object struct {
		Name   rawjson.Text `json:"name"`
		Offset rawjson.Int  `json:"offset"`
	}
	err := json.UnmarshalDecode(d, &object)
	p.Name, p.Offset = string(object.Name), object.Offset
	return err
}

// A scroll follows the cursor of one walk, whose name stays the same. How far the walk is only the server knows, and
// it goes on with each request, also with one whose answer was lost on the way and that was sent again. So the offsets
// must fit the rows that came, and a request that was sent more than once must be known to have passed nothing over.
type scroll struct {
	route string
	size  *rest.Size
	seed  maphash.Seed

	pages int
	told  offsets
	at    position // of the page before
	rows  int      // of the page before
	sum   uint64   // of the page before
}

// offsets is what the offset of a page counts, as its first page shows.
type offsets uint8

const (
	notTold offsets = iota
	ofBegin         // rows before the page
	ofEnd           // rows up to its last one
)

// A gapError says that a walk was led past rows. Another walk, with another cursor, may get them.
type gapError struct{ *collectors.IncompleteError }

// Unwrap returns what is said of the walk where no other is begun.
func (e *gapError) Unwrap() error { return e.IncompleteError }

// page makes the next page of what was answered to a request that was sent so many times. The walk ends with an empty
// page, or with one without a cursor.
func (s *scroll) page(a answered, sent int) (collectors.Page, error) {
	p := collectors.Page{Records: a.records, Total: -1}
	if s.pages == 0 {
		s.told = a.told()
	} else if err := s.check(a, sent); err != nil {
		return p, err
	}
	s.pages++
	p.More = len(a.records) > 0 && a.at.Name != ""
	p.Next = fmt.Sprint(s.pages) // the cursor has the same name on every page
	s.at, s.rows, s.sum = a.at, len(a.records), a.sum
	return p, nil
}

// told returns what the offset of a first page counts.
func (a *answered) told() offsets {
	switch {
	case !a.at.Offset.Set || len(a.records) == 0:
		return notTold
	case a.at.Offset.N == 0:
		return ofBegin
	case a.at.Offset.N == int64(len(a.records)):
		return ofEnd
	}
	return notTold
}

// check returns why a page is not the one behind the page before, nil when it is. Whether an offset counts rows is
// known of no server for certain: one that grew by less than the page is no sign of a gap, but it is none either that a
// page which was asked for twice is the one that was lost.
func (s *scroll) check(a answered, sent int) error {
	rows := len(a.records)
	told := s.at.Offset.Set && a.at.Offset.Set
	grown := a.at.Offset.N - s.at.Offset.N
	switch {
	case rows > 0 && (a.sum == s.sum || told && grown <= 0):
		return s.incomplete("the page behind the cursor is the one before: the server does not page this report")
	case told && grown > int64(max(s.rows, rows)):
		return &gapError{s.incomplete(fmt.Sprintf("the cursor went on by %d rows, of which %d came: rows are missing",
			grown, max(s.rows, rows)))}
	case sent > 1 && (!told || s.told == notTold || grown != int64(s.behind(rows))):
		return &gapError{s.incomplete(
			"an answer was lost, and the server does not tell whether its rows came with the next one")}
	}
	return nil
}

// behind is how far the offset of a page of so many rows is behind that of the page before.
func (s *scroll) behind(rows int) int {
	if s.told == ofEnd {
		return rows
	}
	return s.rows
}

func (s *scroll) incomplete(reason string) *collectors.IncompleteError {
	return &collectors.IncompleteError{Reason: "GET " + s.route + ": " + reason}
}
