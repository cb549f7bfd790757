package correlate

// A method is why a record is part of what it is derived into.
type method uint8

const (
	methodRecord method = iota // it stands for itself: no other record is known to be the same
	methodOverride
	methodLink
	methodSerial
	methodMAC
	methodHostname
	methodMapping
	methodName
	methodEmail
	methodPrevious // it was, and nothing contradicts that now
)

// String returns the method as relationships carry it.
func (m method) String() string {
	return [...]string{
		"", "override", "provider-link", "serial", "mac", "hostname", "client-mapping", "name", "email", "previous",
	}[m]
}

// confidence is how far a method can be trusted.
type confidence uint8

const (
	exact confidence = iota
	strong
	weak
)

// String returns the confidence as relationships carry it.
func (c confidence) String() string { return [...]string{"exact", "strong", "weak"}[c] }

// rules are sets of the rules of correlation, to measure what each contributes.
type rules uint32

const (
	ruleLink rules = 1 << iota
	ruleSerial
	ruleMAC
	ruleHostname
	ruleJunkSerials
	ruleWeakMACs
	ruleAmbiguity
	ruleContradiction
	ruleDuplicates
	ruleHardware  // what machines are made of
	rulePrevious  // what the last run made
	ruleMembers   // a join must hold against every member
	ruleLifetimes // names are used again, and machines set up again
	ruleCustomers // nothing alone crosses customers
)

func (c *Correlator) uses(r rules) bool { return c.off&r == 0 }
