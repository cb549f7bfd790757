package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// people writes the persons as "p1 u1 | p2".
func (r *result) humans() string {
	return r.groups("person", map[string]string{"immybot_person": "p", "immybot_user": "i", "sentinelone_user": "u", "ninjarmm_user": "n"})
}

func TestWhoIsOnePerson(t *testing.T) {
	for _, c := range []struct {
		name    string
		records []string
		want    string
	}{
		{"by address", []string{"p1 email=ann@one.example", "u1 email=ann@one.example", "p2 email=bob@one.example"}, "p1 u1 | p2"},
		{"a mailbox that two persons of a customer share", []string{
			"p1 tenantId=1 email=info@one.example firstName=Ann lastName=Abel", "p2 tenantId=1 email=info@one.example firstName=Bob lastName=Bell",
		}, "p1 | p2"},
		{"an account with the mailbox is of the person of its name", []string{
			"p1 tenantId=1 email=info@one.example firstName=Ann lastName=Abel", "p2 tenantId=1 email=info@one.example firstName=Bob lastName=Bell",
			"u1 email=info@one.example firstName=ANN lastName=Abel", "u2 email=info@one.example firstName=Info lastName=Desk",
		}, "p1 u1 | p2 | u2"},
		{"one person of two customers", []string{
			"p1 tenantId=1 email=ann@one.example firstName=Ann lastName=Abel", "p2 tenantId=2 email=ann@one.example firstName=Ann lastName=Abel-Smith",
		}, "p1 p2"},
		{"twice in one customer, one without a name", []string{"p1 tenantId=1 email=ann@one.example firstName=Ann", "p2 tenantId=1 email=ann@one.example"}, "p1 p2"},
		{"an account that names its person", []string{"p1 email=ann@one.example", "i1 email=admin@one.example personId=1"}, "i1 p1"},
		{"an account without an address", []string{"p1 email=ann@one.example", "i1 name=svc personId=1"}, "i1 p1"},
		{"an account that names nobody that is there", []string{"p1 email=ann@one.example", "i1 email=admin@one.example personId=7"}, "i1 | p1"},
		{"one id in the directory, two addresses", []string{
			"p1 email=ann@one.example azurePrincipalId=AAAA-1", "p2 email=ann.abel@two.example azurePrincipalId=aaaa-1", "u1 email=ann.abel@two.example",
		}, "p1 p2 u1"},
		{"nothing but an id", []string{"p1 azurePrincipalId=AAAA-1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder()
			for _, r := range c.records {
				b.put(t, r)
			}
			first := b.run(t, nil, nil)
			require.Equal(t, c.want, first.humans())
			require.Equal(t, first.texts(t), b.run(t, first, nil).texts(t), "a second run gives the same")
		})
	}
}

func TestPersonKnowsAllAddresses(t *testing.T) {
	b := newBuilder()
	b.put(t, "p1 email=ann@one.example azurePrincipalId=A")
	b.put(t, "i1 email=admin@one.example personId=1")
	r := b.run(t, nil, nil)
	p := r.get(t, r.of[keyOf("p1")])
	require.Equal(t, []string{"admin@one.example", "ann@one.example"}, p.Get("email").List())
	require.Equal(t, [3]string{"provider-link", "immybot_person 1", "exact"}, r.why[keyOf("i1")])
}
