package neo4j

import driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

// Counters are what the server itself counted as changed by the data statements of a store since it was opened. The
// program's own bookkeeping (layout, runs, leases) is not in them.
type Counters struct {
	NodesCreated, NodesDeleted                 int
	RelationshipsCreated, RelationshipsDeleted int
	PropertiesSet                              int
	LabelsAdded, LabelsRemoved                 int
}

// Counters returns the sums so far.
func (s *Store) Counters() Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counters
}

func (s *Store) count(c Counters) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.add(c)
}

func (c *Counters) add(d Counters) {
	c.NodesCreated += d.NodesCreated
	c.NodesDeleted += d.NodesDeleted
	c.RelationshipsCreated += d.RelationshipsCreated
	c.RelationshipsDeleted += d.RelationshipsDeleted
	c.PropertiesSet += d.PropertiesSet
	c.LabelsAdded += d.LabelsAdded
	c.LabelsRemoved += d.LabelsRemoved
}

func countersOf(s driver.ResultSummary) Counters {
	c := s.Counters()
	return Counters{
		NodesCreated: c.NodesCreated(), NodesDeleted: c.NodesDeleted(),
		RelationshipsCreated: c.RelationshipsCreated(), RelationshipsDeleted: c.RelationshipsDeleted(),
		PropertiesSet: c.PropertiesSet(), LabelsAdded: c.LabelsAdded(), LabelsRemoved: c.LabelsRemoved(),
	}
}
