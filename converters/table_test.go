package converters_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A phone is a record of a made-up provider.
type phone struct {
	Model  string
	Cores  int64
	Locked *bool
	Seen   time.Time
	Emails []string
}

type phoneTable struct {
	*converters.Table[phone]
	model, cores, locked, seen graph.Field
}

func phones() phoneTable {
	t := phoneTable{Table: converters.Declare[phone]("x_phone", "x", "GET /phones", "Device")}
	t.Name(func(p *phone) string { return "phone " + p.Model })
	t.model = t.Text("model", "what is printed on its back", func(p *phone) string { return p.Model })
	t.cores = t.Int("cores", "", func(p *phone) (int64, bool) { return p.Cores, p.Cores > 0 })
	t.locked = t.Bool("locked", "", func(p *phone) (bool, bool) { return p.Locked != nil && *p.Locked, p.Locked != nil })
	t.seen = t.Volatile().Time("lastSeenOn", "last check-in", func(p *phone) time.Time { return p.Seen })
	t.Texts("email", "", func(p *phone) graph.Value { return converters.Emails(p.Emails...) })
	t.WebLink(func(p *phone) graph.Value { return graph.TextOf("https://x.example/" + p.Model) })
	return t
}

func TestTableFillsAnEntity(t *testing.T) {
	phones, f := phones(), converters.NewFragment("mdm")
	locked := false
	e := phones.Fill(f, "7", &phone{Model: " One ", Cores: 8, Locked: &locked, Seen: time.UnixMilli(5), Emails: []string{"A@example.com"}})
	require.NoError(t, e.Seal())
	require.Equal(t, []*graph.Element{e}, f.Elements())
	require.Equal(t, graph.Key("mdm:x_phone:7"), e.Key)
	require.Equal(t, "phone  One", e.Get("name").Text())
	require.Equal(t, "One", phones.model.Get(e).Text())
	require.Equal(t, graph.IntOf(8), phones.cores.Get(e))
	require.Equal(t, graph.BoolOf(false), phones.locked.Get(e))
	require.Equal(t, int64(5), phones.seen.Get(e).UnixMilli())
	require.Equal(t, []string{"a@example.com"}, e.Get("email").List())
	require.Equal(t, "https://x.example/ One", e.Get("webLink").Text())

	bare := phones.Fill(f, "8", &phone{})
	require.NoError(t, bare.Seal())
	for _, field := range []graph.Field{phones.model, phones.cores, phones.locked, phones.seen} {
		require.True(t, field.Get(bare).IsAbsent(), field.Property().Name)
	}
}

func TestTableDeclaresItsRowsInOrder(t *testing.T) {
	phones := phones()
	require.Equal(t, []string{"Device"}, phones.Type.Classes)
	require.Equal(t, []graph.Property{
		{Name: "model", Kind: graph.Text, Doc: "what is printed on its back"},
		{Name: "cores", Kind: graph.Int},
		{Name: "locked", Kind: graph.Bool},
		{Name: "lastSeenOn", Kind: graph.Time, Volatile: true, Doc: "last check-in"},
		{Name: "email", Kind: graph.Texts},
	}, phones.Type.Properties[4:], "behind those that every entity has")
	require.Panics(t, func() { phones.Text("model", "", nil) }, "declared twice")
}

// A row that gives a value of another kind is a fault of the program, which the record's error names.
func TestRowOfAnotherKind(t *testing.T) {
	table := converters.Declare[phone]("x_phone", "x", "GET /phones", "Device")
	table.Texts("email", "", func(p *phone) graph.Value { return graph.TextOf(p.Model) })
	e := table.Fill(converters.NewFragment("mdm"), "7", &phone{Model: "One"})
	require.ErrorContains(t, e.Seal(), "property email is a string, declared as list of string")
}
