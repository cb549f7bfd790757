package correlate

// faultsToday are the faults that are known: the worst of ten fleets, seeds 0 to 9. What is not in the list has none.
func faultsToday() map[string]bound {
	return map[string]bound{ // wrong pairs, missed pairs, machines with another coverage or value, pairs of customers and humans
		"adapter-passed-round":         {9, 0, 14, 0},
		"boards-of-one-address":        {7, 0, 10, 0},
		"box-of-one-address":           {5, 0, 8, 0},
		"clone-without-origin-in-rmm":  {12, 0, 12, 0},
		"computer-twice-in-deployment": {0, 15, 5, 0},
		"default-site":                 {0, 28, 14, 6},
		"digit-names":                  {0, 9, 6, 0},
		"disabled-rmm-link":            {2, 20, 14, 6},
		"display-name":                 {0, 4, 4, 0},
		"dongles-of-one-address":       {6, 0, 8, 0},
		"enrolled-again-in-rmm":        {0, 10, 5, 0},
		"expired-site":                 {0, 24, 8, 12},
		"generic-name":                 {0, 5, 5, 0},
		"hyperv-pool":                  {9, 0, 14, 0},
		"hyperv-pool-of-branches":      {9, 0, 14, 0},
		"inactive-tenant":              {0, 24, 8, 12},
		"many-virtual-addresses":       {0, 4, 4, 0},
		"name-used-again":              {18, 0, 12, 0},
		"nfd-and-nfc":                  {0, 5, 5, 0},
		"placeholder-model":            {0, 0, 8, 0},
		"placeholder-serials":          {16, 0, 16, 0},
		"renamed-principal":            {0, 0, 0, 3},
		"second-rmm-link":              {2, 20, 13, 6},
		"set-up-again":                 {0, 21, 7, 0},
		"set-up-again-without-serial":  {0, 13, 5, 0},
		"shared-mailbox":               {0, 0, 0, 3},
		"shown-by-second-agent":        {0, 5, 5, 0},
		"sites-of-an-account":          {0, 10, 5, 5},
		"t2-bridge":                    {1, 0, 2, 0},
		"two-legal-forms":              {0, 0, 0, 2},
		"unlisted-placeholder":         {7, 0, 10, 0},
		"user-names-person":            {0, 0, 0, 3},
		"virtual-desktop":              {0, 1953, 1, 0},
		"vpn-adapters":                 {2, 0, 2, 0},
		"whole-name-first":             {0, 15, 5, 3},
		"wifi-and-wire":                {0, 5, 5, 0},
	}
}

// foreignToday are those of machines with several habits, and of ordinary ones beside them, the worst of ten fleets.
func foreignToday() map[string]bound {
	return map[string]bound{
		"":        {2, 0, 1, 0},
		"foreign": {25, 21, 21, 0},
	}
}

// keysToday are the faults of keys when records vanish from one fleet and come back, the worst of ten fleets.
func keysToday() keyFaults { return keyFaults{split: 14, merged: 24, moved: 20} }
