package simulator

import (
	"iter"
	"strconv"
)

// An Account is what is true of an account in a product, and what the product tells of it.
type Account struct {
	Product  string // sentinelone, ninjarmm or immybot
	ID       string
	Email    string // "" for what is no human's
	Console  bool   // it has rights in the product's console
	On       bool   // it can be used
	MFA      Answer // whether a second factor is asked for
	SignedIn Answer // whether somebody ever signed in with it
}

// Accounts gives the accounts of all products, without those of habits.
func (s *Simulator) Accounts() iter.Seq[Account] {
	f := s.fleet
	return func(yield func(Account) bool) {
		f.mu.RLock()
		defer f.mu.RUnlock()
		for _, row := range f.consoleUsers() {
			n := int(row)
			a := Account{Product: "sentinelone", ID: strconv.FormatUint(f.longID(userBase, n), 10), Console: true, On: true,
				MFA: answer(hasSecondFactor(n)), SignedIn: answer(!neverSignsIn(n))}
			if a.Email = f.technicianEmail(n); n >= technicians {
				a.Email = f.person(int(f.tallies[n-technicians].firstPerson)).email
			}
			if !yield(a) {
				return
			}
		}
		rows := numbers(technicians)
		for _, user := range f.endUsers() {
			rows = append(rows, technicians+user)
		}
		for _, r := range rows {
			row := int(r)
			a := Account{Product: "ninjarmm", ID: strconv.Itoa(ninjaUserID(row)), Console: row < technicians,
				On: ninjaUserOn(row), MFA: answer(ninjaUserMFA(row))}
			if a.Email = f.technicianEmail(row); row >= technicians {
				a.Email = f.person(row - technicians).email
			}
			if !yield(a) {
				return
			}
		}
		for n := range technicians + 1 {
			a := Account{Product: "immybot", ID: strconv.Itoa(2 + n), Email: f.technicianEmail(n), Console: true,
				On: !immyUserExpired(n)}
			if !yield(a) {
				return
			}
		}
	}
}

// technicianEmail is the address of one of the staff, "" of what is none.
func (f *fleet) technicianEmail(n int) string {
	if n >= technicians {
		return ""
	}
	return f.technician(n).email
}

// What is planted of accounts.

func hasSecondFactor(n int) bool { return n%7 != 6 } // of the EDR's console
func neverSignsIn(n int) bool    { return n%5 == 4 } // likewise
func ninjaUserOn(row int) bool   { return row%11 != 10 }
func ninjaUserMFA(row int) bool  { return row%6 != 5 }
func immyUserExpired(n int) bool { return n%7 == 6 }
