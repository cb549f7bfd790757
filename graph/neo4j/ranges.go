package neo4j

import (
	"context"

	"assetgraph/graph"
)

// What an entity or a relationship of ours is, is said here once, and every statement goes by it:
//
//   - An entity is a node with the label Entity and a _key; its instance and its type are those that the key begins with.
//     What else it should carry, labels and properties, somebody may have taken away: then its digest is not read, which makes it look
//     changed, and it is written again.
//   - A relationship is one between two entities whose _key is made of theirs and its verb, with its _type and _instance.
//     When there are several of one key they look like one that has changed, and are made one when it is written again.

// intact tells whether an entity x of a type carries the labels and the properties by which people find it.
func intact(t *graph.Type) string { return "x:" + labels(t) + " AND " + saysItsScope }

const saysItsScope = "x._key STARTS WITH x._instance + ':' + x._type + ':'"

// digest returns what stands for the digest of an element x.
func digest(t *graph.Type) string {
	if t.IsRelationship() {
		return "x._digest"
	}
	return "CASE WHEN " + intact(t) + " THEN x._digest END"
}

// anyDigest is digest for an entity of whichever type, whose labels are $labels.
const anyDigest = "CASE WHEN all(label IN $labels WHERE label IN labels(x)) AND " + saysItsScope + " THEN x._digest END"

// A keyRange is two texts between which, both exclusive, lie the keys of a scope's entities and no other.
type keyRange struct{ after, end string }

func rangeOf(scope graph.Scope) keyRange {
	prefix := scope.Prefix()
	return keyRange{prefix, prefix[:len(prefix)-1] + ";"} // the byte after ':'
}

// ranges returns the ranges of a type's entities in ascending order: that of one instance, or of all when it is "".
func (s *Store) ranges(ctx context.Context, typ, instance string) ([]keyRange, error) {
	instances := []string{instance}
	if instance == "" {
		var err error
		if instances, err = s.instances(ctx); err != nil {
			return nil, err
		}
	}
	list := make([]keyRange, len(instances))
	for i, name := range instances {
		list[i] = rangeOf(graph.Scope{Instance: name, Type: typ})
	}
	return list, nil
}

const nextKeyText = "MATCH (x:Entity) USING INDEX x:Entity(_key) WHERE x._key > $after RETURN x._key ORDER BY x._key LIMIT 1"

// instances returns the instances that have entities, in the order of their keys. It leaps through the index: one look
// for each.
func (s *Store) instances(ctx context.Context) (list []string, err error) {
	for after := ""; ; {
		found, err := s.read(ctx, nextKeyText, map[string]any{"after": after})
		if err != nil || len(found) == 0 {
			return list, err
		}
		key, _ := found[0].Values[0].(string)
		after = key // of somebody else's
		if scope := graph.Key(key).Scope(); scope.Instance != "" {
			list = append(list, scope.Instance)
			after = scope.Instance + ";" // the byte after ':'
		}
	}
}
