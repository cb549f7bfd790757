package simulator

// A Seen customer is what See is asked about.
type Seen struct {
	Number  int // from 0; each is an organization of NinjaRMM
	Account int // number of its SentinelOne account, from 0
}

// See sets which customers exist for whoever reads: of the others no product shows or finds anything, as if they had
// been removed, or as if the credentials had lost the right to see them, which look alike. nil shows all.
func (s *Simulator) See(see func(Seen) bool) {
	f := s.fleet
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unseen = make([]bool, len(f.customers))
	for c := range f.customers {
		f.unseen[c] = see != nil && !see(Seen{Number: c, Account: f.customers[c].account})
	}
	f.changed()
}

// ForbidAccounts makes the SentinelOne token one of a site, or the other way round: see Options.AccountsForbidden.
func (s *Simulator) ForbidAccounts(forbidden bool) { s.accountsForbidden.Store(forbidden) }

// RenewCredentials gives every product another token or client, as if the ones before had been replaced: Env tells the
// new ones. Nobody may be asking while it is called.
func (s *Simulator) RenewCredentials() {
	fresh := (&fleet{seed: s.fleet.seed + 1}).newSecrets()
	s.fleet.mu.Lock()
	defer s.fleet.mu.Unlock()
	s.secrets.apiToken, s.secrets.ninjaClient, s.secrets.entraClient = fresh.apiToken, fresh.ninjaClient,
		fresh.entraClient
}

// sees reports whether the customer exists for whoever reads.
func (f *fleet) sees(c int) bool { return c >= len(f.unseen) || !f.unseen[c] }

// accountList lists the SentinelOne accounts: those of customers that are seen, and when all are the service provider's
// own.
func (f *fleet) accountList() []uint32 {
	if f.unseen == nil {
		return numbers(f.accounts())
	}
	seen := make([]bool, f.accounts())
	for c := range f.customers {
		if f.sees(c) {
			seen[f.customers[c].account] = true
		}
	}
	var rows []uint32
	for a, ok := range seen {
		if ok {
			rows = append(rows, uint32(a))
		}
	}
	return rows
}
