package ninjarmm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

// A report is one of /v2/queries/…: rows of T about devices.
type report[T any] struct {
	route   string
	kind    string
	member  string // the member of a row that holds the id of its device
	device  func(*T) rawjson.Int
	rows    int        // asked for in one page
	query   url.Values // beside that of paging
	filters bool       // it takes df
	dated   bool       // query depends on what time it is at the provider
}

// errNoRows is the silence of a tenant that has not licensed what a report is of: it is no word that all is well
// (docs/providers/ninjarmm-api.md, "Reports").
var errNoRows = errors.New("the report has no rows")

// errNoDate keeps a report from being asked for by our clock, which may be wrong.
var errNoDate = errors.New("the server does not say what time it is")

// asked returns the query of a report, the same for all its pages.
func (r *report[T]) asked(ctx context.Context, n *Collector) (url.Values, error) {
	chosen, err := n.scope(ctx)
	switch {
	case err != nil:
		return nil, err
	case chosen != nil && len(chosen.organizations) == 0:
		return nil, chosen.missing
	case r.dated && n.now.IsZero():
		return nil, collectors.Unavailable(errNoDate)
	}
	query := url.Values{}
	maps.Copy(query, r.query)
	if clause := chosen.clause(); clause != "" && r.filters {
		query.Set("df", clause)
	}
	return query, nil
}

// probe asks for one row, to prove that the report may be read. No report tells how many it has.
func (r *report[T]) probe(ctx context.Context, n *Collector) error {
	query, err := r.asked(ctx, n)
	if err != nil {
		return err
	}
	query.Set("pageSize", "1")
	_, err = n.client.Get(ctx, r.route, query)
	return refusal(err)
}

// readReport reads a report from its first page to its end. The id of a record is that of its device: rows have none of
// their own. A row with a member that can't be read tells nothing, since what it would have told is not known.
func readReport[T any](ctx context.Context, n *Collector, m *collectors.Meter, r report[T]) records {
	return func(yield func(collectors.Record, error) bool) {
		query, err := r.asked(ctx, n)
		if err != nil {
			yield(collectors.Record{}, err)
			return
		}
		s := &scroll{route: apiPath + r.route, size: new(rest.Size), seed: maphash.MakeSeed()}
		pages := collectors.Walk(ctx, m, func(ctx context.Context, _ string) (collectors.Page, error) {
			return nextPage(ctx, n, r, query, s)
		})
		for record, err := range pages {
			if v, ok := record.Value.(*T); ok {
				record.ID = idText(r.device(v))
				record = complete(record)
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

// complete makes a record error of a record of which a member could not be read.
func complete(r collectors.Record) collectors.Record {
	if len(r.Unread) == 0 {
		return r
	}
	f := r.Unread[0]
	return collectors.Record{Kind: r.Kind, ID: r.ID, Err: &collectors.RecordError{
		Kind: r.Kind, ID: r.ID, Field: f.Field, Err: f.Err,
	}}
}

// nextPage reads the next page of a walk.
func nextPage[T any](
	ctx context.Context, n *Collector, r report[T], query url.Values, s *scroll,
) (collectors.Page, error) {
	asked := maps.Clone(query)
	if s.at.Name != "" {
		asked.Set("cursor", s.at.Name)
	}
	var found answered
	err := n.client.Page(ctx, rest.Page{
		Route: r.route, Query: asked, Param: "pageSize", Rows: n.atMost(r.rows), Size: s.size,
		Decode: func(body []byte, _ int) (err error) {
			if found, err = decodeReport(body, r); err != nil {
				return fmt.Errorf("%s: GET %s%s: %w", n.config.Instance, apiPath, r.route, err)
			}
			found.sum = maphash.Bytes(s.seed, body)
			return nil
		},
	})
	first := s.pages == 0
	switch {
	case err != nil && first:
		return collectors.Page{}, refusal(err)
	case err != nil:
		return collectors.Page{}, err
	case first && len(found.records) == 0:
		return collectors.Page{}, collectors.Unavailable(
			fmt.Errorf("%s: GET %s: %w", n.config.Instance, s.route, errNoRows))
	}
	return s.page(found)
}

// refusal makes the server's own word that the tenant or the client does not have a route one of the whole part
// (docs/providers/ninjarmm-api.md, "Errors"). A web page is the word of a gateway in front of it, and a fault like any
// other.
func refusal(err error) error {
	e, ok := errors.AsType[*rest.Error](err)
	if ok && e.Message != "" && (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound) {
		return collectors.Unavailable(err)
	}
	return err
}

// decodeReport reads one answer: rows with a cursor or, from some servers, a bare array that is the whole report.
func decodeReport[T any](body []byte, r report[T]) (answered, error) {
	var a answered
	var err error
	id := func(v *T) string { return idText(r.device(v)) }
	if bytes.HasPrefix(body, []byte("[")) {
		a.records, err = rawjson.Records(body, r.kind, r.member, id)
	} else {
		beside := rawjson.Beside{Path: []string{"cursor"}, Into: &a.at}
		if a.records, err = rawjson.RecordsBeside(body, r.kind, r.member, id, &beside, "results"); err == nil {
			err = beside.Err
		}
	}
	for i := range a.records {
		if a.records[i].Err == nil {
			a.records[i].ID = "" // many rows are of one device; a walk counts by id
		}
	}
	return a, err
}

// answered is what one answer tells.
type answered struct {
	records []collectors.Record
	at      position
	sum     uint64 // of the body
}

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

// A scroll follows the cursor of one walk, whose name stays the same. How far the walk is only the server knows, and it
// goes on with each request, perhaps also with one whose answer was lost on the way and that was sent again. So the
// offsets must fit the rows that came; a server that tells none must at least give another page each time.
type scroll struct {
	route string
	size  *rest.Size
	seed  maphash.Seed

	pages int
	at    position // of the page before
	rows  int      // of the page before
	sum   uint64   // of the page before
}

// page makes the next page of what was answered. The walk ends with an empty page, or with one without a cursor.
func (s *scroll) page(a answered) (collectors.Page, error) {
	p := collectors.Page{Records: a.records, Total: -1}
	if s.pages > 0 {
		if reason := s.gap(a); reason != "" {
			return p, &collectors.IncompleteError{Reason: "GET " + s.route + ": " + reason}
		}
	}
	s.pages++
	p.More = len(a.records) > 0 && a.at.Name != ""
	p.Next = fmt.Sprint(s.pages) // the cursor has the same name on every page
	s.at, s.rows, s.sum = a.at, len(a.records), a.sum
	return p, nil
}

// gap returns why a page is not the one behind the page before, "" when it is. Whether an offset is that of a page's
// begin or of its end is not known, so it may have grown by the rows of either.
func (s *scroll) gap(a answered) string {
	rows := len(a.records)
	told := s.at.Offset.Set && a.at.Offset.Set
	grown := a.at.Offset.N - s.at.Offset.N
	switch {
	case rows > 0 && (a.sum == s.sum || told && grown <= 0):
		return "the page behind the cursor is the one before: the server does not page this report"
	case told && grown > int64(max(s.rows, rows)):
		return fmt.Sprintf("the cursor went on by %d rows, of which %d came: rows are missing", grown,
			max(s.rows, rows))
	}
	return ""
}
