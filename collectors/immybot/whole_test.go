package immybot

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestListsWithoutTotalAreTakenWhole(t *testing.T) {
	in := newInstance(t) // whose answers refuse PageSize
	in.answer("/tenants", fixture(t, "recorded/tenants.json"))
	in.answer("/persons", fixture(t, "recorded/persons.json"))
	c := in.collector(5)
	for step, id := range map[string]string{"tenants": "2", "persons": "17177", "users": "2"} {
		records, m, err := read(t, c, step)
		require.NoError(t, err)
		require.Equal(t, []string{id}, ids(records))
		require.Equal(t, 1, m.Pages())
		n, err := count(t, c, step)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
}

func TestEmptyListThatMustHoldOurselvesIsWarnedOf(t *testing.T) {
	in := newInstance(t)
	for _, route := range []string{"/tenants", "/users"} {
		in.answer(route, `[]`)
		_, m, err := read(t, in.collector(0), route[1:])
		require.NoError(t, err, "what the graph held is for the guard to keep")
		require.Len(t, m.Warnings(), 1)
	}
	records, m, err := read(t, in.collector(0), "persons")
	require.NoError(t, err)
	require.Empty(t, records)
	require.Empty(t, m.Warnings())
}

func TestWholeListOfAnotherShapeIsAnErrorNeverEmpty(t *testing.T) {
	for name, body := range map[string]string{
		"paged": `{"count":1,"results":[{"id":1}]}`, "envelope": `{"data":[]}`, "text": `"x"`, "null": `null`,
		"cut off": `[{"id":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t)
			in.answer("/persons", body)
			_, _, err := read(t, in.collector(0), "persons")
			require.Error(t, err)
			_, err = count(t, in.collector(0), "persons")
			require.Error(t, err)
		})
	}
}

func TestHTMLUnder200IsAnUnknownRoute(t *testing.T) {
	in := newInstance(t)
	delete(in.routes, "/persons")
	_, _, err := read(t, in.collector(0), "persons")
	require.ErrorContains(t, err, "does not know this route")
}

func TestRoleThatMayNotReadAListIsAnErrorOfThatStep(t *testing.T) {
	in := newInstance(t)
	in.status("/users", 403, `{}`)
	_, _, err := read(t, in.collector(0), "users")
	require.ErrorContains(t, err, "assign a role")
}

func TestRowWithoutIDIsARecordError(t *testing.T) {
	in := newInstance(t)
	in.answer("/persons", `[{"id":null,"firstName":"A"},{"id":2}]`)
	records, _, err := read(t, in.collector(0), "persons")
	require.NoError(t, err)
	require.Len(t, records, 2)
	require.Error(t, records[0].Err)
	require.NoError(t, records[1].Err)
}
