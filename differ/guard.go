package differ

// A Guard says how many deletes of one scope may go through without a person's approval.
type Guard struct {
	MaxPercent int      // of the scope's population; used when MaxCount is negative
	MaxCount   int      // a plain number of deletes; negative when MaxPercent counts
	Approve    []string // approval ids that people gave back
}

// ParseMaxDeletes reads "10%" or "25" as --max-deletes takes it.
func ParseMaxDeletes(s string) (Guard, error) { panic("stub") }
