package ninjarmm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"

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

// readReport walks a report once, from its first page to its end. The id of a record is that of its device: rows have
// none of their own. A row with a member that can't be read tells nothing, since what it would have told is not known.
// A walk that the server has led past rows ends with a *gapError.
func readReport[T any](
	ctx context.Context, n *Collector, m *collectors.Meter, r report[T], size *rest.Size,
) records {
	return func(yield func(collectors.Record, error) bool) {
		query, err := r.asked(ctx, n)
		if err != nil {
			yield(collectors.Record{}, err)
			return
		}
		s := &scroll{route: apiPath + r.route, size: size, seed: maphash.MakeSeed()}
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
	ctx, sent := countSent(ctx)
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
	return s.page(found, *sent)
}

// countSent has the requests of a context counted, those too that the transport sends again by itself when a connection
// breaks before the answer.
func countSent(ctx context.Context) (context.Context, *int) {
	sent := new(int)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { *sent++ },
	}), sent
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
