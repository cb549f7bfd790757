package correlate

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	immybotapi "assetgraph/collectors/immybot"
	ninjaapi "assetgraph/collectors/ninjarmm"
	sentineloneapi "assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/converters/immybot"
	"assetgraph/converters/ninjarmm"
	"assetgraph/converters/sentinelone"
)

// A habitCase is what correlation must make of records that a real fleet has.
type habitCase struct {
	name    string
	records []string
	want    string
	today   string // what comes out as long as it is wrong; "" once it is right
}

// check compares what came out with what is right or, as long as that is known to be wrong, with what is wrong about
// it.
func (c *habitCase) check(t *testing.T, got string) {
	t.Helper()
	switch {
	case c.today == "":
		require.Equal(t, c.want, got)
	case got == c.want:
		t.Fatalf("%q is right now: take away its mark (today)", c.name)
	default:
		require.Equal(t, c.today, got, "another outcome than the known wrong one; right is %q", c.want)
	}
}

// fill puts records into a fleet: those of the builder's short form, and answers of products as "ninjarmm/device {…}".
func (b *builder) fill(t testing.TB, records []string) {
	for _, r := range records {
		if kind, text, ok := strings.Cut(r, " {"); ok {
			b.wire(t, kind, "{"+text)
		} else {
			b.put(t, r)
		}
	}
}

// wire takes a product's own record through its converter. Agents of an ImmyBot computer stand in it at "agents".
func (b *builder) wire(t testing.TB, kind, text string) {
	var head struct {
		ID jsonID `json:"id"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &head))
	r := collectors.Record{ID: string(head.ID)}
	var c *converters.Converter
	instance, name, _ := strings.Cut(kind, "/")
	r.Kind = name
	switch kind {
	case "sentinelone/account":
		c, r.Value = sentinelone.New(), &sentineloneapi.Account{}
	case "sentinelone/site":
		c, r.Value = sentinelone.New(), &sentineloneapi.Site{}
	case "sentinelone/agent":
		c, r.Value = sentinelone.New(), &sentineloneapi.Agent{}
	case "ninjarmm/device":
		c, r.Value = ninjarmm.New(), &ninjaapi.Device{}
	case "immybot/computer":
		computer := &immybotapi.Computer{}
		var beside struct {
			Agents []immybotapi.ProviderAgent `json:"agents"`
		}
		require.NoError(t, json.Unmarshal([]byte(text), &beside))
		computer.Agents = beside.Agents
		c, r.Value = immybot.New(), computer
	case "immybot/person":
		c, r.Value = immybot.New(), &immybotapi.Person{}
	case "immybot/user":
		c, r.Value = immybot.New(), &immybotapi.User{}
	case "immybot/tenant":
		c, r.Value = immybot.New(), &immybotapi.Tenant{}
	default:
		t.Fatal(kind)
	}
	require.NoError(t, json.Unmarshal([]byte(text), r.Value))
	fragment := converters.NewFragment(instance)
	require.NoError(t, c.Kind(r.Kind).Convert(r, fragment))
	b.links = append(b.links, fragment.Links()...)
	for _, e := range fragment.Elements() {
		if !e.Type.IsRelationship() {
			b.add(t, e)
		}
	}
}

// A jsonID is an id that some products write as a number and some as a text.
type jsonID string

func (id *jsonID) UnmarshalJSON(b []byte) error {
	*id = jsonID(strings.Trim(string(b), `"`))
	return nil
}

// people writes the persons as "p1 u1 | p2": of ImmyBot's persons and users.
func (r *result) people() string {
	return r.groups("person", map[string]string{"immybot_person": "p", "immybot_user": "u"})
}

func TestMachineHabits(t *testing.T) {
	for _, c := range machineCases() {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder()
			b.customers(t)
			b.fill(t, c.records)
			c.check(t, b.run(t, nil, nil).clusters())
		})
	}
}

func TestCustomerHabits(t *testing.T) {
	for _, c := range customerCases() {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder()
			b.fill(t, c.records)
			c.check(t, b.run(t, nil, nil).customersOf())
		})
	}
}

func TestPersonHabits(t *testing.T) {
	for _, c := range personCases() {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder()
			b.fill(t, c.records)
			c.check(t, b.run(t, nil, nil).people())
		})
	}
}

// What a device says of itself, whatever placeholders stand in its records.
func TestPlaceholderValues(t *testing.T) {
	for _, c := range []struct{ name, property, want, today string }{
		{"make", "make", "ASUSTeK COMPUTER INC.", ""},
		{"model", "model", "PRIME B460M-A", ""},
		{"serial", "serial", "M7N0CX01234567X", ""},
	} {
		b := newBuilder()
		b.customers(t)
		b.fill(t, []string{
			`ninjarmm/device {"id":1,"organizationId":1,"approvalStatus":"APPROVED","nodeClass":"WINDOWS_WORKSTATION","systemName":"PC7",
				"system":{"manufacturer":"System manufacturer","model":"System Product Name","serialNumber":"System Serial Number"}}`,
			`immybot/computer {"id":1,"tenantId":1,"computerName":"PC7","manufacturer":"ASUSTeK COMPUTER INC.","model":"PRIME B460M-A","serialNumber":"M7N0CX01234567X"}`,
		})
		d := b.run(t, nil, nil).deviceOf(t, "d1")
		(&habitCase{name: c.name, want: c.want, today: c.today}).check(t, d.Get(c.property).Text())
	}
}

// A keyCase is what becomes of the same machines over several runs.
type keyCase struct {
	name  string
	steps [][]string // records of each run
	want  []string   // machines after each run
	keeps string     // records whose device keeps the key of the first run, wherever they are
	calm  bool       // no run speaks of keys that were merged or split
	today string     // what is wrong about it, as long as it is; "" once it is right
}

func TestKeyHabits(t *testing.T) {
	for _, c := range keyCases() {
		t.Run(c.name, func(t *testing.T) {
			fault := c.fault(t)
			switch {
			case c.today != "" && fault == "":
				t.Fatalf("%q is right now: take away its mark (today)", c.name)
			default:
				require.Equal(t, c.today, fault)
			}
		})
	}
}

// fault says what the first thing is that goes wrong, "" for nothing.
func (c *keyCase) fault(t *testing.T) string {
	var before, first *result
	for n, records := range c.steps {
		b := newBuilder()
		b.customers(t)
		b.fill(t, records)
		r := b.run(t, before, nil)
		if got := r.clusters(); got != c.want[n] {
			return "run " + string(rune('1'+n)) + ": " + got
		}
		if first == nil {
			first = r
		}
		for name := range strings.FieldsSeq(c.keeps) {
			if key, was := r.of[keyOf(name)], first.of[keyOf(name)]; key != "" && key != was {
				return "run " + string(rune('1'+n)) + ": " + name + " has another key"
			}
		}
		if c.calm && r.findings.Merged+r.findings.Split > 0 {
			return "run " + string(rune('1'+n)) + ": told as merged or split"
		}
		before = r
	}
	return ""
}
