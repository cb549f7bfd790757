package notify

import (
	"fmt"

	"assetgraph/internal/executor"
)

// A level is how many machines of a customer have a tool.
type level struct {
	Machines int `json:"machines"`
	With     int `json:"with"`
}

// share is the part of the machines that have the tool.
func (l level) share() float64 {
	if l.Machines == 0 {
		return 1
	}
	return float64(l.With) / float64(l.Machines)
}

// below reports whether the level is so far below another one that somebody should know: by two machines at least, and
// by one in twenty. A machine that is set up and gets its agents one by one is nobody's alarm.
func (l level) below(best level) bool {
	lacking := best.share()*float64(l.Machines) - float64(l.With)
	return lacking >= 2-rounding && lacking >= float64(l.Machines)/20-rounding
}

// recovered reports whether it is nearly what it was: so that what swings about the limit is not told again and again.
func (l level) recovered(best level) bool {
	return best.share()*float64(l.Machines)-float64(l.With) < 1+rounding
}

// rounding is what figures that are whole may be off after a division.
const rounding = 1e-6

// falls judges the coverage of each customer by the best that it was, which best remembers by finding and which rises
// with it. A fall changes when it becomes one more such fall.
func falls(c *executor.Coverage, best map[string]level, before map[string]*entry) (v verdict) {
	there := make(map[string]bool)
	for _, customer := range c.ByCustomer {
		for tool, with := range customer.With {
			f, now := fallOf(customer.Organization, tool), level{customer.Machines, with}
			there[f.ID] = true
			top, known := best[f.ID]
			if !known || now.share() >= top.share() {
				best[f.ID], top = now, now
			}
			old := before[f.ID]
			open := old != nil && !old.Closed
			if !now.below(top) && (!open || now.recovered(top)) {
				v.closed = append(v.closed, f.ID)
				continue
			}
			f.Title = fmt.Sprintf("%s: %d of %d machines have %s, it was %d of %d",
				name(customer.Organization), with, customer.Machines, tool, top.With, top.Machines)
			f.Mark = fmt.Sprintf("%d/%d", with, customer.Machines)
			if open && !now.below(levelOf(old.Finding.Mark)) {
				f.Title, f.Mark = old.Finding.Title, old.Finding.Mark
			}
			v.open = append(v.open, f)
		}
	}
	for id := range best { // a customer that is gone has no machines to cover
		if !there[id] {
			delete(best, id)
			v.closed = append(v.closed, id)
		}
	}
	return v
}

func fallOf(customer, tool string) Finding {
	return Finding{ID: Coverage + ":" + tool + ":" + customer, Kind: Coverage, Subject: customer, Details: []string{}}
}

func levelOf(mark string) (l level) {
	_, _ = fmt.Sscanf(mark, "%d/%d", &l.With, &l.Machines) // of another form: nothing is below that
	return l
}

func name(customer string) string {
	if customer == "" {
		return "Machines of no customer"
	}
	return customer
}
