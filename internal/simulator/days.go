package simulator

import "time"

// Days is how many days of a fleet NextDay tells apart: the first is the fleet as it starts.
const Days = 2

// NextDay lets a day pass, in which happens what happens in a day: machines come and go, are upgraded, renamed and
// moved, lose their agents and get some, and some agents are disabled. The same fleet has the same next day.
func (s *Simulator) NextDay() Changed {
	return s.Advance(Change{
		Clock: 24 * time.Hour, Add: 5, Remove: 3, Edit: 9, Rename: 3, Move: 3, Seen: 360, User: 12, Disable: 2,
		LoseAgent: 4, GetAgent: 6,
	})
}
