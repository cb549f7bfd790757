package neo4j

import (
	"fmt"
	"strings"

	"assetgraph/graph"
)

// A row of a statement is a list: what comes first is fixed, the values of the type's properties follow in declared
// order, null for those that have none. Setting null removes a property, so what vanished goes and what others set
// stays. A list keeps property names, which are as long as most values, out of what is sent.
const (
	rowKey = iota
	rowDigest
	rowVolatile
	entityRowValues // index of the first value of an entity's row
)

// Ends of a relationship in its row.
const (
	rowFrom = iota + entityRowValues
	rowTo
	relationshipRowValues
)

// quote makes a name of the schema an identifier of Cypher.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func firstValue(t *graph.Type) int {
	if t.IsRelationship() {
		return relationshipRowValues
	}
	return entityRowValues
}

// matchEntity finds the entity that has the key at the given place of each row, by the constraint's index. Left to
// itself the server may choose to scan the index for each row, when its statistics are of a time at which the graph was
// empty.
func matchEntity(name string, place int) string {
	return fmt.Sprintf("MATCH (%s:Entity {_key: row[%d]}) USING INDEX SEEK %s:Entity(_key)", name, place, name)
}

// matchEnds finds both ends of each row as a and b. Whichever is absent drops the row.
func matchEnds() string { return matchEntity("a", rowFrom) + " " + matchEntity("b", rowTo) }

// matchElement finds the element of each row as x. That a relationship is matched by a key which the WITH before it
// makes keeps the server from changing the order: it looks among the relationships of that end which has fewer, and not
// at all that lead away from the first.
func matchElement(t *graph.Type) string {
	if !t.IsRelationship() {
		return matchEntity("x", rowKey)
	}
	return fmt.Sprintf("%s WITH row, a, b, row[%d] AS key MATCH (a)-[x:%s {_key: key}]->(b)", matchEnds(), rowKey,
		quote(t.Verb))
}

// mergeElement finds or creates the element of each row as x. A relationship is merged by its _key between its two
// ends: one that somebody else drew between the same nodes has none and is not taken over.
func mergeElement(t *graph.Type) string {
	if !t.IsRelationship() {
		return fmt.Sprintf("MERGE (x:Entity {_key: row[%d]})", rowKey)
	}
	return fmt.Sprintf("%s MERGE (a)-[x:%s {_key: row[%d]}]->(b)", matchEnds(), quote(t.Verb), rowKey)
}

// What a statement returns, behind the number of rows that it wrote, of the elements before: for the change log.
type former uint8

const (
	notAsked     former = iota // nothing: there is no second column
	formerValues               // of each that differs: its key where it was new, else a list of the key and what the properties were
	formerCounts               // a list of how many were created, updated, deleted
)

// formerOf returns what the change log needs of a batch.
func formerOf(b *graph.Batch) former {
	switch {
	case b.Log.Run == "":
		return notAsked
	case b.Sums():
		return formerCounts
	}
	return formerValues
}

// writeStatement returns the text that writes elements of the type whole. It returns the number of rows that it wrote.
func writeStatement(t *graph.Type, f former) string {
	text := "UNWIND $rows AS row " + mergeElement(t) + " ON CREATE SET x._createdOn = $at"
	if t.IsRelationship() {
		text += " WITH row, collect(x) AS found" + makeOne
	}
	if f != notAsked {
		text += " WITH row, x, properties(x) AS old"
	}
	text += " SET x += {" + assignments(t) + "}"
	if !t.IsRelationship() {
		text += " SET x:" + labels(t) + " REMOVE x._deletedOn"
	}
	const (
		isNew = "old._type IS NULL OR old._deletedOn IS NOT NULL"
		same  = "old._digest = row[1]" // null where somebody took the digest away
	)
	text += " RETURN count(x)"
	switch f {
	case formerValues:
		text += ", collect(CASE WHEN " + isNew + " THEN row[0] WHEN " + same + " THEN null ELSE " + valuesBefore(t) + " END)"
	case formerCounts:
		text += ", [count(CASE WHEN " + isNew + " THEN 1 END), count(CASE WHEN " + isNew + " OR " + same +
			" THEN null ELSE 1 END), 0]"
	case notAsked:
	}
	return text
}

// valuesBefore returns the list of the key and of what the properties were, in declared order.
func valuesBefore(t *graph.Type) string {
	return fmt.Sprintf("[row[%d]%s]", rowKey, valuesIn("old", chosenNames(t, nil)))
}

// goneBefore returns what a statement returns that takes elements away. One that was marked as deleted was told then.
func goneBefore(t *graph.Type, f former) string {
	switch f {
	case formerValues:
		return ", collect(CASE WHEN old._deletedOn IS NULL THEN " + valuesBefore(t) + " END)"
	case formerCounts:
		return ", [0, 0, count(DISTINCT CASE WHEN old._deletedOn IS NULL THEN row[0] END)]"
	case notAsked:
	}
	return ""
}

// makeOne turns the relationships found, which have one key, into one, x, that has what others gave to any of them.
const makeOne = " WITH row, found[0] AS x, found[1..] AS twins FOREACH (twin IN twins | SET x += properties(twin) DELETE twin)"

// createStatement returns the text that writes elements of which none exists. It returns the number of rows that it
// wrote. A node that is there already violates the constraint; a relationship that is there would get a twin.
func createStatement(t *graph.Type) string {
	properties := fmt.Sprintf("{_key: row[%d], _createdOn: $at, %s}", rowKey, assignments(t))
	if t.IsRelationship() {
		return fmt.Sprintf("UNWIND $rows AS row %s CREATE (a)-[x:%s %s]->(b) RETURN count(x)", matchEnds(),
			quote(t.Verb), properties)
	}
	return fmt.Sprintf("UNWIND $rows AS row CREATE (x:Entity:%s %s) RETURN count(x)", labels(t), properties)
}

// assignments returns the entries of a map of what is written whole, apart from _key and _createdOn.
func assignments(t *graph.Type) string {
	var b strings.Builder
	fmt.Fprintf(&b, "_type: $type, _class: $class, _integration: $integration, _instance: $instance, _updatedOn: $at, "+
		"_digest: row[%d], _volatileDigest: row[%d]", rowDigest, rowVolatile)
	for i, p := range t.Properties {
		fmt.Fprintf(&b, ", %s: row[%d]", quote(p.Name), firstValue(t)+i)
	}
	return b.String()
}

// labels returns the labels of an entity type beside Entity.
func labels(t *graph.Type) string {
	quoted := []string{quote(t.Name)}
	for _, c := range t.Classes {
		quoted = append(quoted, quote(c))
	}
	return strings.Join(quoted, ":")
}

// refreshStatement returns the text that writes the volatile properties of elements that exist. Its rows have the same
// form as those of writeStatement.
func refreshStatement(t *graph.Type) string {
	var b strings.Builder
	fmt.Fprintf(&b, "UNWIND $rows AS row %s SET x += {_volatileDigest: row[%d]", matchElement(t), rowVolatile)
	for i, p := range t.Properties {
		if p.Volatile {
			fmt.Fprintf(&b, ", %s: row[%d]", quote(p.Name), firstValue(t)+i)
		}
	}
	b.WriteString("} RETURN count(x)")
	return b.String()
}

// deleteStatement returns the text that deletes elements. An entity on which a relationship hangs, whosever it is,
// stays.
func deleteStatement(t *graph.Type, f former) string {
	text := "UNWIND $rows AS row " + matchElement(t) + " WITH row, x"
	if f != notAsked {
		text += ", properties(x) AS old"
	}
	if !t.IsRelationship() {
		text += " WHERE NOT EXISTS { (x)--() }"
	}
	return text + " DELETE x RETURN count(*)" + goneBefore(t, f)
}

// keptStatement returns the keys of entities that are still there.
func keptStatement() string {
	return "UNWIND $rows AS row " + matchEntity("x", rowKey) + " RETURN x._key"
}

// missingStatement returns the keys of relationships of which an end is absent.
func missingStatement() string {
	return fmt.Sprintf("UNWIND $rows AS row WITH row WHERE NOT EXISTS { %s } OR NOT EXISTS { %s } RETURN row[%d]",
		matchEntity("a", rowFrom), matchEntity("b", rowTo), rowKey)
}
