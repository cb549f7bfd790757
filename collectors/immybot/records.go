package immybot

import (
	"errors"
	"fmt"
	"strconv"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/wire"

	"github.com/go-json-experiment/json/jsontext"
)

// Kinds of record.
const (
	KindTenant         = "tenant"
	KindProviderLink   = "provider-link"
	KindProviderClient = "provider-client"
	KindProviderAgent  = "provider-agent"
	KindComputer       = "computer"
	KindPerson         = "person"
	KindUser           = "user"
)

func idText(i wire.Int) string {
	if !i.Set {
		return ""
	}
	return strconv.FormatInt(i.N, 10)
}

func (t *Tenant) id() string { return idText(t.ID) }
func (p *Person) id() string { return idText(p.ID) }
func (u *User) id() string   { return idText(u.ID) }

// record returns a function that decodes one member of a list of that kind.
func record[T any](kind string, id func(*T) string) func(jsontext.Value) collectors.Record {
	return func(raw jsontext.Value) collectors.Record {
		v, err := wire.Decode[T](raw, kind, "id")
		if err != nil {
			r := collectors.Record{Kind: kind, Err: err}
			if e, ok := errors.AsType[*collectors.RecordError](err); ok {
				r.ID = e.ID
			}
			return r
		}
		if id(v) == "" {
			return collectors.Record{Kind: kind, Err: &collectors.RecordError{Kind: kind, Field: "id", Err: errNoID}}
		}
		return collectors.Record{Kind: kind, ID: id(v), Value: v}
	}
}

var errNoID = errors.New("it has no id")

func linkPage(page []byte) ([]collectors.Record, error) {
	return wire.Records(page, KindProviderLink, "id", func(l *ProviderLink) string { return idText(l.ID) })
}

// clientRecords reads the clients of a link; their key is the pair of both ids.
func clientRecords(page []byte, path ...string) ([]collectors.Record, error) {
	return wire.Records(page, KindProviderClient, "externalClientId", func(c *ProviderClient) string {
		if !c.ProviderLinkID.Set || c.ExternalClientID == "" {
			return ""
		}
		return idText(c.ProviderLinkID) + "/" + string(c.ExternalClientID)
	}, path...)
}

func agentPage(page []byte, path ...string) ([]collectors.Record, error) {
	return wire.Records(page, KindProviderAgent, "id", func(a *ProviderAgent) string { return idText(a.ID) }, path...)
}

func computerPage(page []byte) ([]collectors.Record, error) {
	return wire.Records(page, KindComputer, "id", func(c *Computer) string { return idText(c.ID) }, "results")
}

// Decode reads one answer of the list of that kind into records, as the steps yield them. A record that can't be read has
// Err set. The error is one of the answer as a whole: another shape is never an empty list.
func Decode(kind string, page []byte) ([]collectors.Record, error) {
	switch kind {
	case KindTenant:
		return wire.Records(page, kind, "id", (*Tenant).id)
	case KindProviderLink:
		return linkPage(page)
	case KindProviderClient:
		return clientRecords(page)
	case KindProviderAgent:
		return agentPage(page, "results")
	case KindComputer:
		return computerPage(page)
	case KindPerson:
		return wire.Records(page, kind, "id", (*Person).id)
	case KindUser:
		return wire.Records(page, kind, "id", (*User).id)
	}
	return nil, fmt.Errorf("no list gives records of kind %q", kind)
}
