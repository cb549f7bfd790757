package storetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func changeLogTests() []test {
	return []test{
		{"the change log tells what was created, updated and deleted", logTells},
		{"a batch that is handed over again is logged once", logOnce},
		{"what is written as it was before is no change", logNothing},
		{"volatile properties are no change", logVolatile},
		{"a relationship without an end and an entity that stays are not logged", logOnlyDone},
		{"a transaction that was not committed leaves no entry", logNotCommitted},
		{"elements are counted where they are not told one by one", logSums},
		{"a fresh batch is counted, and told one by one where that is asked for", logFresh},
		{"the change log outlives the store and is read newest first", logOrder},
		{"changes are selected by time, instance, type and key", logSelected},
		{"changes of some age or of an instance are forgotten", logForgotten},
		{"a value of any kind comes back", logValues},
		{"the change log is no data, and nothing is logged unless asked for", logIsNoData},
		{"an entity that others keep is logged as deleted once, and as created when it comes back", logRetired},
	}
}

// logged hands a batch over, of which the change log is told, and returns what the store did.
func (e *env) logged(store graph.Store, op graph.Op, when time.Time, log graph.Log, elements ...*graph.Element) graph.Applied {
	e.Helper()
	b := batch(op, when, elements...)
	if log.Run == "" {
		log.Run = "run-1"
	}
	b.Log = log
	applied, err := store.Apply(e.Context(), b)
	require.NoError(e, err)
	return applied
}

// changes reads the change log.
func (e *env) changes(store graph.ChangeLog, s graph.ChangeSelection) []graph.Change {
	e.Helper()
	list := []graph.Change{}
	for c, err := range store.Changes(e.Context(), s) {
		require.NoError(e, err)
		list = append(list, c)
	}
	return list
}

// told is a change in a form that tests compare: "update fleet:fleetmgr_device:1 name=a>b".
func told(list []graph.Change) (out []string) {
	for _, c := range list {
		parts := []string{c.Op.String(), string(c.Key)}
		if c.Key == "" {
			parts[1] = fmt.Sprint(c.Count, " ", c.Type)
		}
		for _, p := range c.Properties {
			parts = append(parts, fmt.Sprintf("%s=%v>%v", p.Name, p.Old, p.New))
		}
		out = append(out, strings.Join(parts, " "))
	}
	return out
}

func logTells(e *env) {
	store := e.open()
	d := e.entity(e.device, "fleet", "1", set{"hostname": graph.TextOf("a"), "memoryBytes": graph.IntOf(8)})
	e.logged(store, graph.Create, at(1), graph.Log{}, d)
	changed := e.entity(e.device, "fleet", "1", set{"hostname": graph.TextOf("b"), "isVirtual": graph.BoolOf(true)})
	e.logged(store, graph.Update, at(2), graph.Log{Run: "run-2"}, changed)
	e.logged(store, graph.Delete, at(3), graph.Log{Run: "run-3"}, changed)
	list := e.changes(store, graph.ChangeSelection{})
	require.Equal(e, []string{
		"delete fleet:fleetmgr_device:1 name=1>nil displayName=1>nil id=1>nil hostname=b>nil isVirtual=true>nil",
		"update fleet:fleetmgr_device:1 hostname=a>b memoryBytes=8>nil isVirtual=nil>true",
		"create fleet:fleetmgr_device:1 name=nil>1 displayName=nil>1 id=nil>1 hostname=nil>a memoryBytes=nil>8",
	}, replaced(told(list), "<nil>", "nil"))
	list[1].Properties = nil
	require.Equal(e, graph.Change{
		At: at(2), Run: "run-2", Instance: "fleet", Type: e.device.Name, Op: graph.Update, Key: d.Key, Name: "1", Count: 1,
	}, list[1])
}

func replaced(list []string, old, by string) []string {
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], old, by)
	}
	return list
}

func logOnce(e *env) {
	store := e.open()
	org, devices := e.entity(e.organization, "fleet", "1", nil), e.devices("fleet", 3)
	has := e.relationship(e.has, "fleet", org.Key, devices[0].Key, nil)
	renamed := e.entity(e.device, "fleet", "000001", set{"hostname": graph.TextOf("new")})
	for range 2 {
		e.logged(store, graph.Create, at(1), graph.Log{}, org)
	}
	for range 2 {
		e.logged(store, graph.Create, at(1), graph.Log{}, devices...)
	}
	for range 2 {
		e.logged(store, graph.Create, at(1), graph.Log{}, has)
	}
	for range 2 {
		e.logged(store, graph.Update, at(2), graph.Log{}, renamed)
	}
	for range 2 {
		e.logged(store, graph.Delete, at(3), graph.Log{}, has)
	}
	for range 2 {
		e.logged(store, graph.Delete, at(3), graph.Log{}, devices[0])
	}
	counts := map[string]int{}
	for _, c := range e.changes(store, graph.ChangeSelection{}) {
		counts[c.Op.String()+" "+string(c.Key)]++
	}
	require.Equal(e, map[string]int{
		"create " + string(org.Key): 1, "create " + string(devices[0].Key): 1, "create " + string(devices[1].Key): 1,
		"create " + string(devices[2].Key): 1, "create " + string(has.Key): 1, "update " + string(renamed.Key): 1,
		"delete " + string(has.Key): 1, "delete " + string(devices[0].Key): 1,
	}, counts)
}

func logNothing(e *env) {
	store := e.open()
	_, devices, has := e.link(store)
	e.logged(store, graph.Create, at(2), graph.Log{}, devices...)
	e.logged(store, graph.Update, at(2), graph.Log{}, has...)
	e.logged(store, graph.Delete, at(2), graph.Log{}, e.entity(e.device, "fleet", "gone", nil))
	e.logged(store, graph.Update, at(2), graph.Log{Sum: true}, devices...)
	require.Empty(e, e.changes(store, graph.ChangeSelection{}))
}

func logVolatile(e *env) {
	store := e.open()
	d := e.entity(e.device, "fleet", "1", set{"lastSeenOn": graph.TimeOf(at(0)), "active": graph.BoolOf(true)})
	e.logged(store, graph.Create, at(1), graph.Log{}, d)
	seen := e.entity(e.device, "fleet", "1", set{"lastSeenOn": graph.TimeOf(at(5))})
	e.logged(store, graph.Refresh, at(2), graph.Log{}, seen)
	e.logged(store, graph.Update, at(2), graph.Log{}, seen)
	both := e.entity(e.device, "fleet", "1", set{"lastSeenOn": graph.TimeOf(at(6)), "hostname": graph.TextOf("x")})
	e.logged(store, graph.Update, at(3), graph.Log{}, both)
	require.Equal(e, []string{
		"update fleet:fleetmgr_device:1 hostname=nil>x",
		"create fleet:fleetmgr_device:1 name=nil>1 displayName=nil>1 id=nil>1",
	}, replaced(told(e.changes(store, graph.ChangeSelection{})), "<nil>", "nil"))
}

func logOnlyDone(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	there := e.relationship(e.hosts, "fleet", devices[0].Key, devices[1].Key, nil)
	lost := e.relationship(e.hosts, "fleet", devices[0].Key, graph.EntityKey("fleet", e.device.Name, "404"), nil)
	a := e.logged(store, graph.Create, at(2), graph.Log{}, there, lost)
	require.Equal(e, []graph.Key{lost.Key}, a.Missing)
	a = e.logged(store, graph.Update, at(2), graph.Log{}, lost)
	require.Equal(e, []graph.Key{lost.Key}, a.Missing)
	a = e.logged(store, graph.Delete, at(2), graph.Log{}, org)
	require.Equal(e, []graph.Key{org.Key}, a.Kept)
	require.Equal(e, []string{"create " + string(there.Key)}, told(e.changes(store, graph.ChangeSelection{})))
	e.logged(store, graph.Delete, at(3), graph.Log{Sum: true}, has...)
	require.Equal(e, []string{"delete 2 " + e.has.Name, "create " + string(there.Key)},
		told(e.changes(store, graph.ChangeSelection{})))
}

func logNotCommitted(e *env) {
	store := e.open()
	former := e.acquire(store, "fleet", "run-1", shortTTL)
	e.takeOver(store, "fleet", "run-2")
	b := batch(graph.Create, at(1), e.devices("fleet", 300)...)
	b.Lease, b.Log = former, graph.Log{Run: "run-1"}
	_, err := store.Apply(e.Context(), b)
	require.ErrorIs(e, err, graph.ErrLeaseLost)
	for _, log := range []graph.Log{{Run: "run-1"}, {Run: "run-1", Sum: true}} {
		b.Lease, b.Log, b.Fresh = graph.Lease{}, log, log.Sum
		_, err = store.Apply(cancelled(e), b)
		require.ErrorIs(e, err, context.Canceled)
	}
	require.Empty(e, e.changes(store, graph.ChangeSelection{}))
}

func logSums(e *env) {
	store := e.open()
	devices := e.devices("fleet", 30)
	e.logged(store, graph.Create, at(1), graph.Log{Sum: true}, devices[:20]...)
	e.logged(store, graph.Create, at(2), graph.Log{Load: true, Run: "run-2"}, devices...)
	changed := e.sealed(devices[3], set{"hostname": graph.TextOf("new")})
	e.logged(store, graph.Update, at(3), graph.Log{Sum: true}, append(devices[10:20:20], changed)...)
	e.logged(store, graph.Delete, at(4), graph.Log{Sum: true}, devices[25:]...)
	e.logged(store, graph.Delete, at(5), graph.Log{Sum: true}, devices[25:]...)
	list := e.changes(store, graph.ChangeSelection{})
	require.Equal(e, []string{
		"delete 5 fleetmgr_device", "update 1 fleetmgr_device", "create 10 fleetmgr_device", "create 20 fleetmgr_device",
	}, told(list))
	require.Equal(e, graph.Change{
		At: at(2), Run: "run-2", Instance: "fleet", Type: e.device.Name, Op: graph.Create, Count: 10, Load: true,
	}, list[2])
}

func logFresh(e *env) {
	store := e.open()
	lease := e.acquire(store, "fleet", "run-1", longTTL)
	fresh := func(log graph.Log, elements ...*graph.Element) {
		b := batch(graph.Create, at(1), elements...)
		b.Lease, b.Fresh, b.Log = lease, true, log
		applied, err := store.Apply(e.Context(), b)
		require.NoError(e, err)
		require.Equal(e, len(elements), applied.Written)
	}
	org, devices := e.entity(e.organization, "fleet", "1", nil), e.devices("fleet", 1300)
	fresh(graph.Log{Run: "run-1"}, org)
	fresh(graph.Log{Run: "run-1", Load: true}, devices...)
	var has []*graph.Element
	for _, d := range devices {
		has = append(has, e.relationship(e.has, "fleet", org.Key, d.Key, nil))
	}
	fresh(graph.Log{Run: "run-1", Sum: true}, has...)
	counts := map[string]int{}
	for _, c := range e.changes(store, graph.ChangeSelection{}) {
		counts[c.Type+" "+string(c.Key)] += c.Count
	}
	require.Equal(e, map[string]int{
		e.organization.Name + " " + string(org.Key): 1, e.device.Name + " ": 1300, e.has.Name + " ": 1300,
	}, counts)
}

func logOrder(e *env) {
	store := e.open()
	const batches = 40 // more than a page of any store
	var want []string
	for n := range batches {
		d := e.entity(e.device, "fleet", fmt.Sprint(n), nil)
		when := at(0).Add(time.Duration(n/2) * time.Minute) // two of each time
		e.logged(store, graph.Create, when, graph.Log{Run: fmt.Sprint("run-", n)}, d)
		want = append([]string{fmt.Sprint("run-", n)}, want...)
	}
	var got []string
	for _, c := range e.changes(e.open(), graph.ChangeSelection{}) {
		got = append(got, c.Run)
	}
	require.Equal(e, want, got)
	for c, err := range store.Changes(e.Context(), graph.ChangeSelection{}) {
		require.NoError(e, err)
		require.Equal(e, want[0], c.Run)
		break
	}
	for _, err := range store.Changes(cancelled(e), graph.ChangeSelection{}) {
		require.ErrorIs(e, err, context.Canceled)
	}
	reading := e.openAs(e.schema, true)
	require.Len(e, e.changes(reading, graph.ChangeSelection{}), batches)
	require.ErrorIs(e, reading.ForgetChanges(e.Context(), "", at(9)), graph.ErrReadOnly)
}

func logSelected(e *env) {
	store := e.open()
	org := e.entity(e.organization, "fleet", "1", nil)
	devices := e.devices("fleet", 12)
	other := e.entity(e.device, "other", "000001", nil)
	e.logged(store, graph.Create, at(1), graph.Log{}, org)
	e.logged(store, graph.Create, at(2), graph.Log{}, devices...)
	e.logged(store, graph.Create, at(3), graph.Log{}, other)
	e.logged(store, graph.Create, at(4), graph.Log{},
		e.relationship(e.has, "fleet", org.Key, devices[1].Key, nil), e.relationship(e.has, "fleet", org.Key, devices[11].Key, nil))
	count := func(s graph.ChangeSelection) int { return len(e.changes(store, s)) }
	require.Equal(e, 16, count(graph.ChangeSelection{}))
	require.Equal(e, 3, count(graph.ChangeSelection{Since: at(3)}))
	require.Equal(e, 13, count(graph.ChangeSelection{Since: at(2), Until: at(3)}))
	require.Equal(e, 1, count(graph.ChangeSelection{Instances: []string{"other", "none"}}))
	require.Equal(e, 3, count(graph.ChangeSelection{Types: []string{e.organization.Name, e.has.Name}}))
	require.Equal(e, 2, count(graph.ChangeSelection{Keys: []graph.Key{devices[1].Key}}), "with the relationship to it")
	require.Equal(e, 1, count(graph.ChangeSelection{Keys: []graph.Key{devices[1].Key}, Types: []string{e.device.Name}}))
	require.Equal(e, 4, count(graph.ChangeSelection{Keys: []graph.Key{org.Key, other.Key}}))
	require.Zero(e, count(graph.ChangeSelection{Keys: []graph.Key{}}))
	require.Zero(e, count(graph.ChangeSelection{Instances: []string{}}))
}

func logForgotten(e *env) {
	store := e.open()
	for n := range 4 {
		for _, instance := range []string{"fleet", "other"} {
			e.logged(store, graph.Create, at(n), graph.Log{}, e.entity(e.device, instance, fmt.Sprint(n), nil))
		}
	}
	forget := func(instance string, before time.Time) []string {
		require.NoError(e, store.ForgetChanges(e.Context(), instance, before))
		var left []string
		for _, c := range e.changes(store, graph.ChangeSelection{}) {
			left = append(left, string(c.Key.Scope().Instance+c.Name))
		}
		return left
	}
	require.Len(e, forget("", at(0)), 8)
	require.Equal(e, []string{"other3", "fleet3", "other2", "fleet2"}, forget("", at(2)))
	require.Equal(e, []string{"other3", "other2"}, forget("fleet", at(9)))
	require.Empty(e, forget("", at(9)))
	require.Len(e, e.headers(store, e.device, "fleet"), 4, "the elements stay")
}

func logValues(e *env) {
	store := e.open()
	long := strings.Repeat("é", graph.MaxLoggedText)
	hostile := `it's "ü" <b>&amp; \u0060 {null} '; --` + "\t\u2028"
	d := e.entity(e.device, "fleet", "a|b:c/d e", set{
		"hostname": graph.TextOf(hostile), "memoryBytes": graph.IntOf(1<<62 + 1), "isVirtual": graph.BoolOf(false),
		"createdOn": graph.TimeOf(at(0)), "macAddresses": graph.TextsOf("a", long), "webLink": graph.TextOf(long),
	})
	e.logged(store, graph.Create, at(1), graph.Log{}, d)
	list := e.changes(store, graph.ChangeSelection{Keys: []graph.Key{d.Key}})
	require.Len(e, list, 1)
	got := map[string]any{}
	for _, p := range list[0].Properties {
		require.Nil(e, p.Old)
		got[p.Name] = p.New
	}
	cut := strings.Repeat("é", graph.MaxLoggedText/2) + "…"
	require.Equal(e, map[string]any{
		"name": "a|b:c/d e", "displayName": "a|b:c/d e", "id": "a|b:c/d e", "webLink": cut, "hostname": d.Get("hostname").Text(),
		"memoryBytes": int64(1<<62 + 1), "isVirtual": false, "createdOn": "2026-03-01T00:00:00.005Z", "macAddresses": []string{"a", cut},
	}, got)
}

func logIsNoData(e *env) {
	store := e.open()
	org, devices, _ := e.link(store)
	e.apply(store, graph.Update, at(2), e.sealed(devices[0], set{"hostname": graph.TextOf("new")}))
	require.Empty(e, e.changes(store, graph.ChangeSelection{}))
	counts, dump := e.populations(store), e.dump(store)
	e.logged(store, graph.Create, at(2), graph.Log{}, e.entity(e.deviceX, "fleet", "1", nil))
	e.logged(store, graph.Delete, at(3), graph.Log{}, e.entity(e.deviceX, "fleet", "1", nil))
	require.Equal(e, counts, e.populations(store))
	require.Equal(e, dump, e.dump(store))
	require.Equal(e, rowAt(org, at(1), at(1)), e.element(store, e.organization, org.Key))
}

func logRetired(e *env) {
	store := e.open()
	deleter, ok := store.(graph.SoftDeleter)
	if !ok {
		e.Skip("the store has no entities that others keep")
	}
	d := e.entity(e.device, "fleet", "1", set{"hostname": graph.TextOf("a")})
	e.logged(store, graph.Create, at(1), graph.Log{}, d)
	b := batch(graph.Update, at(2), d)
	b.Log = graph.Log{Run: "run-2"}
	for range 2 {
		_, err := deleter.SoftDelete(e.Context(), b)
		require.NoError(e, err)
	}
	e.logged(store, graph.Update, at(3), graph.Log{Run: "run-3"}, d)
	_, err := deleter.SoftDelete(e.Context(), b)
	require.NoError(e, err)
	e.logged(store, graph.Delete, at(5), graph.Log{Run: "run-5"}, d)
	var ops []string
	for _, c := range e.changes(store, graph.ChangeSelection{}) {
		ops = append(ops, c.Run+" "+c.Op.String())
	}
	require.ElementsMatch(e, []string{"run-1 create", "run-2 delete", "run-2 delete", "run-3 create"}, ops)
}
