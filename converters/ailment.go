package converters

// An Ailment is what keeps a tool that is on a machine from doing its work there.
type Ailment uint8

// The ailments. Their words are a contract.
const (
	Disabled     Ailment = iota // somebody or something switched it off, wholly or in part
	Faulty                      // it runs into errors
	Unpermitted                 // the system keeps from it what it needs
	DetectOnly                  // it tells of threats and stops none
	Uninstalling                // it is about to be taken away
	Expired                     // what it is paid by has ended
	ailments
)

// String returns the word for the ailment.
func (a Ailment) String() string {
	return [...]string{"disabled", "error", "permissions", "detect-only", "uninstalling", "expired"}[a]
}

// Ailments is a set of ailments.
type Ailments uint8

// AllAilments is the set of all there are.
const AllAilments Ailments = 1<<ailments - 1

// With returns the set with one more.
func (s Ailments) With(a Ailment) Ailments { return s | 1<<a }

// Words returns the words of the ailments, in the order in which they are declared.
func (s Ailments) Words() []string {
	var words []string
	for a := range ailments {
		if s>>a&1 == 1 {
			words = append(words, a.String())
		}
	}
	return words
}

// A Symptom is an ailment and how a record shows it.
type Symptom struct {
	Ailment Ailment
	Reason  string // "the agent is disabled"
}

// AilmentsOf returns the ailments that are shown.
func AilmentsOf(list []Symptom) (set Ailments) {
	for _, s := range list {
		set = set.With(s.Ailment)
	}
	return set
}
