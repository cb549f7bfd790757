package converters

import (
	"slices"
	"strings"
	"unicode"

	"assetgraph/graph"
)

// A Role says what the entities of a type are to all that comes behind the converters: correlation, reports,
// explanations and overrides read roles and know neither products nor types. A type has one of them; one that is no
// machine record, no customer, no account of customers, no human and no sighting has none.
type Role struct {
	Type     *graph.Type
	Machine  *Machine
	Customer *Customer
	Account  *Account
	Human    *Human
	Sighting *Sighting
}

// A Sighting says what the records of a type tell of things that were seen on a network, whatever they are: printers,
// telephones, machines. One that has the address of a machine which another record tells of is that machine; of the
// others no device is made.
type Sighting struct {
	MACs       graph.Field // addresses that were seen
	Routers    graph.Field // addresses of routers, behind which a thing may have been seen
	Customer   graph.Field // id of the customer in whose networks
	CustomerOf *graph.Type // the type that it is an id of
}

// A Machine says what the records of a type tell of machines. Fields that the product does not give are zero.
type Machine struct {
	Tool   *Tool  // what a live record says the machine has
	Verb   string // from the record to its device: IS, or PROTECTS
	Belief Belief // of a live record

	// State says what a record stands for. It looks at no properties but those of Reads, so that reports need read no
	// others.
	State func(e *graph.Element) State
	Reads []graph.Field

	// Symptoms says what keeps the tool of a live record from doing its work on the machine. known says that the record
	// tells: without symptoms the tool works. It looks at no properties but those of Signs. nil = the product does not
	// tell. See Tool.Works.
	Symptoms func(e *graph.Element) (list []Symptom, known bool)
	Signs    []graph.Field

	// Remark says in a word what people should know of where a record stands, such as "uninstalled"; "" for nothing. It
	// may look at any property. nil = the state says it.
	Remark func(e *graph.Element) string

	External   graph.Field                      // what links of other products call the record
	ExternalID func(id string) string           // turns what such a link says into the form of External; nil = nothing to do
	Serials    []graph.Field                    // serial numbers, the most telling first
	MACs       graph.Field                      //
	Names      []graph.Field                    // names that the system has, never those that people gave the record; the most telling first
	Make       graph.Field                      // of the hardware, or of what makes it up
	Model      graph.Field                      //
	Build      graph.Field                      // build of the system, where osVersion is not it
	Customer   graph.Field                      // id of the customer that the machine is of
	CustomerOf *graph.Type                      // the type that it is an id of
	User       graph.Field                      // e-mail address of who uses the machine
	Owner      graph.Field                      // Human.Login of who uses the machine, where no address is told
	Created    graph.Field                      // when the product first knew the record
	LastSeen   graph.Field                      // when the product last heard of the machine
	Category   func(*graph.Element) graph.Value // for types without a property category; nil = not known
	Links      bool                             // its records tell which records of other products are the same machine

	// Posture holds the properties that tell how the machine does under another name than that of device, by the name
	// there: "pendingReboot". Those of the same name need no mention, and count beside them.
	Posture map[string]graph.Field

	Kinds []graph.Field // what sorts machines, such as category and machine type: what exclusions call type
	Tags  graph.Field   // what people call the machine

	Licensed graph.Field // whether the product counts the record among the licences in use
}

// A Customer says what the records of a type tell of customers.
type Customer struct {
	Belief    Belief // of its spelling of the name
	Name      graph.Field
	Created   graph.Field
	Account   graph.Field                 // id of the account that the customer is below; zero where the product has none
	AccountOf *graph.Type                 // the type that it is an id of
	Live      func(e *graph.Element) bool // whether the customer is still one: not expired, deleted or switched off; nil = always
	Links     bool                        // its records tell which customers of other products are the same

	SeatsUsed   graph.Field // licences in use, as the product's console counts them
	SeatsBought graph.Field // licences that were bought; zero or less where there is no limit

	// Symptoms says what keeps the tool from its work on all machines of the customer; nil = nothing does.
	Symptoms func(e *graph.Element) []Symptom
}

// An Account says what the records of a type tell of accounts, below which a product has customers: a customer with an
// account of its own is known by the account's name where the names below it say nothing, such as "Default site",
// "Servers" or "Berlin".
type Account struct {
	Name graph.Field

	// Symptoms says what keeps the tool from its work on all machines of the account; nil = nothing does.
	Symptoms func(e *graph.Element) []Symptom
}

// A Human says what the records of a type tell of people: of a person, or of an account that a person has.
type Human struct {
	Belief              Belief
	Email               graph.Field
	FirstName, LastName graph.Field
	Created             graph.Field
	Login               graph.Field // by what machine records of the same instance name the human: see Machine.Owner
	Customer            graph.Field // id of the customer of which the person is, for records of persons
	Directory           graph.Field // id of the person in a directory that products share, such as Entra
	Person              graph.Field // id of the record of the person whose account this is
	PersonOf            *graph.Type // the type that it is an id of

	// Console reports whether the record is an account with rights in the product's console. It looks at no properties
	// but those of Reads. nil = it is none.
	Console   func(e *graph.Element) bool
	Reads     []graph.Field
	Active    graph.Field // whether the account can be used; where nothing is told it can
	MFA       graph.Field // whether a second factor is asked for
	LastLogin graph.Field // when somebody last signed in with it
}

// Belief is the order in which records are believed where several tell of one thing: the smallest first. This list is
// that order, for machines, customers and humans alike; the types choose their place in it.
type Belief uint8

// The places in the order of belief.
const (
	Managing  Belief = iota // of a product that manages the machine and takes its inventory by itself
	Deploying               // of one that keeps its software in order
	Reporting               // of one whose agent has another purpose and says on the way what it runs on

	// Of humans.
	People   // kept as a directory of people
	Service  // kept for those who give and get service
	Console  // kept for the rights in a security console
	Operator // kept for the rights in the product itself

	// Whatever the product: see State.
	waitingBelief
	observedBelief
	goneBelief
)

// State is what a record of a machine stands for.
type State uint8

// The states of a record of a machine.
const (
	NoMachine State = iota // what no other product could know as a machine: network gear, a container, an entry made by hand
	Live                   // the machine has the tool
	Waiting                // the machine is known and does not have the tool yet: somebody must approve it
	Observed               // seen from elsewhere, such as a guest by its hypervisor: nothing of the tool is on the machine
	Gone                   // the tool was there once: decommissioned, uninstalled
)

// String returns the state in a word that stands before the noun of a record: "a decommissioned agent".
func (s State) String() string {
	return [...]string{"unknowable", "live", "pending", "observed", "decommissioned"}[s]
}

// RemarkOn returns what people should know of where a record stands, "" for nothing.
func (m *Machine) RemarkOn(e *graph.Element) string {
	if m.Remark != nil {
		return m.Remark(e)
	}
	if s := m.State(e); s == Waiting || s == Gone {
		return s.String()
	}
	return ""
}

// BeliefIn returns how far a record in a state is believed.
func (m *Machine) BeliefIn(s State) Belief {
	switch s {
	case Waiting:
		return waitingBelief
	case Observed:
		return observedBelief
	case Gone:
		return goneBelief
	case Live, NoMachine:
	}
	return m.Belief
}

// A Tool is something that a machine should have: what reports call a gap is a machine without it.
type Tool struct {
	Name    string   // lower case: "edr"; machines that have it have hasEdr
	Title   string   // as sentences write it: "EDR"
	Product string   // what gives it, as its maker writes it
	Noun    string   // what one record of it is called: "agent"
	Systems []string // values of osType on which it can run; nil for all

	// Works is what it does on a machine, such as "protects", and Fails what a machine is called that has it and on which
	// it does not, such as "unprotected". Both are "" where no product tells whether it does.
	Works, Fails string
}

// Property returns the name of the property of device that says whether the machine has the tool: hasEdr.
func (t *Tool) Property() string { return "has" + strings.ToUpper(t.Name[:1]) + t.Name[1:] }

// Tells reports whether a product tells if the tool does its work.
func (t *Tool) Tells() bool { return t.Works != "" }

// WorksProperty returns the name of the property of device that says whether the tool does its work on a machine that
// has it: edrProtects. It is absent where nobody knows, and there is none of a tool of which no product tells.
func (t *Tool) WorksProperty() string { return t.Name + strings.ToUpper(t.Works[:1]) + t.Works[1:] }

// AilmentsProperty returns the name of the property of device that lists the words of what keeps the tool from it:
// edrAilments.
func (t *Tool) AilmentsProperty() string { return t.Name + "Ailments" }

// Fits reports whether the tool can run on a system; on one that is not known, "", it might.
func (t *Tool) Fits(osType string) bool {
	return osType == "" || t.Systems == nil || slices.Contains(t.Systems, osType)
}

// Tools returns the tools that the roles name, each once, in the order of the roles.
func Tools(roles []Role) []*Tool {
	var list []*Tool
	for _, r := range roles {
		if r.Machine != nil && !slices.ContainsFunc(list, func(t *Tool) bool { return t.Name == r.Machine.Tool.Name }) {
			list = append(list, r.Machine.Tool)
		}
	}
	return list
}

// CalledBy reports whether a name that people or products gave to a product begins with one of its aliases, which are
// in lower case: "Acme RMM (old)" with "acme". Case, blanks and hyphens in the name don't count.
func CalledBy(name string, aliases []string) bool {
	return slices.ContainsFunc(aliases, func(alias string) bool { return beginsWith(name, alias) })
}

func beginsWith(name, word string) bool {
	for _, c := range name {
		switch {
		case word == "":
			return true
		case c == ' ', c == '-':
		case unicode.ToLower(c) == rune(word[0]):
			word = word[1:]
		default:
			return false
		}
	}
	return word == ""
}
