package immybot

import (
	"fmt"
	"iter"
	"strconv"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
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

	KindMaintenanceSession = "maintenance-session"
	KindMaintenanceAction  = "maintenance-action"
)

func idText(i rawjson.Int) string {
	if !i.Set {
		return ""
	}
	return strconv.FormatInt(i.N, 10)
}

func (t *Tenant) id() string { return idText(t.ID) }
func (p *Person) id() string { return idText(p.ID) }
func (u *User) id() string   { return idText(u.ID) }

// whole returns a function that decodes a list that comes in one answer, one record at a time.
func whole[T any](kind string, id func(*T) string) func([]byte) iter.Seq2[collectors.Record, error] {
	return func(page []byte) iter.Seq2[collectors.Record, error] { return rawjson.Stream(page, kind, "id", id) }
}

// linkPage reads integrations. One whose type can't be read is broken: which product its agents are of hangs on it.
func linkPage(page []byte) ([]collectors.Record, error) {
	records, err := rawjson.Records(page, KindProviderLink, "id", func(l *ProviderLink) string { return idText(l.ID) })
	return required(records, "providerTypeId"), err
}

// required makes broken those records in which one of these fields can't be read.
func required(records []collectors.Record, fields ...string) []collectors.Record {
	for i, r := range records {
		records[i] = rawjson.Require(r, fields...)
	}
	return records
}

// clientRecords reads the clients of a link; their key is the pair of both ids. One whose tenant can't be read is
// broken: it would pass for one that is mapped to none.
func clientRecords(page []byte, path ...string) ([]collectors.Record, error) {
	records, err := rawjson.Records(page, KindProviderClient, "externalClientId", func(c *ProviderClient) string {
		if !c.ProviderLinkID.Set || c.ExternalClientID == "" {
			return ""
		}
		return idText(c.ProviderLinkID) + "/" + string(c.ExternalClientID)
	}, path...)
	return required(records, "linkedToTenantId"), err
}

// agentPage reads provider agents. An agent is there for what it links: one whose computer, integration or id in the
// other product can't be read is broken, so that the computers are known to lack a link and nothing is concluded from
// its absence.
func agentPage(page []byte, beside *rawjson.Beside, path ...string) ([]collectors.Record, error) {
	records, err := rawjson.RecordsBeside(page, KindProviderAgent, "id",
		func(a *ProviderAgent) string { return idText(a.ID) }, beside, path...)
	return required(records, "computerId", "providerLinkId", "externalAgentId"), err
}

func computerPage(page []byte, beside *rawjson.Beside) ([]collectors.Record, error) {
	return rawjson.RecordsBeside(page, KindComputer, "id", func(c *Computer) string { return idText(c.ID) }, beside,
		"results")
}

// Decode reads one answer of the list of that kind into records, as the steps yield them. A record that can't be read
// has Err set. The error is one of the answer as a whole: another shape is never an empty list. Tests of what becomes
// of recorded answers use it.
func Decode(kind string, page []byte) ([]collectors.Record, error) {
	switch kind {
	case KindTenant:
		return rawjson.Records(page, kind, "id", (*Tenant).id)
	case KindProviderLink:
		return linkPage(page)
	case KindProviderClient:
		return clientRecords(page)
	case KindProviderAgent:
		return agentPage(page, nil, "results")
	case KindComputer:
		return computerPage(page, nil)
	case KindPerson:
		return rawjson.Records(page, kind, "id", (*Person).id)
	case KindMaintenanceSession:
		return sessionPage(page, nil)
	case KindMaintenanceAction:
		return actionPage(page, nil)
	case KindUser:
		return rawjson.Records(page, kind, "id", (*User).id)
	}
	return nil, fmt.Errorf("no list gives records of kind %q", kind)
}
