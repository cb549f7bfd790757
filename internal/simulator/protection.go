package simulator

import "slices"

// What is planted of the agent of machine i.

// operationalState is "na" of an agent that works.
func (f *fleet) operationalState(i int) string {
	switch n := i % 53; {
	case f.states[i].disabled, n == 29:
		return "fully_disabled"
	case n == 11:
		return "disabled_error"
	case n == 41:
		return "auto_partially_disabled"
	}
	return "na"
}

func (f *fleet) calledUnprotected(i int) bool { return i%79 == 37 } // by the console
func (f *fleet) detectsPartly(i int) bool     { return i%67 == 23 }
func (f *fleet) uninstalling(i int) bool      { return i%71 == 31 }
func (f *fleet) migrated(i int) bool          { return i%83 == 43 } // to another console

// missingPermissions are those that a Mac has not given, of which the last matters to no protection.
func (f *fleet) missingPermissions(i int) []string {
	if f.states[i].kind != Mac {
		return []string{}
	}
	return [...][]string{
		{"user_action_needed_fda"}, {"user_action_needed_bluetooth_per"}, {}, {},
		{"user_action_needed_fda_helper", "user_action_needed_notifications"},
	}[i%5]
}

// siteState says whether a customer's licence has ended.
func siteState(customer int) string { return [...]string{"active", "expired"}[customer%13/12] }

// protection says whether the agent of machine i does what it is there for, and else why not.
func (f *fleet) protection(i int) (Answer, []string) {
	var ailments []string
	add := func(word string, is bool) {
		if is && !slices.Contains(ailments, word) {
			ailments = append(ailments, word)
		}
	}
	tells := f.tellsPosture(i)
	add("detect-only", f.detectsOnly(i) || tells && f.detectsPartly(i))
	state := f.operationalState(i)
	add("disabled", tells && (state == "fully_disabled" || state == "auto_partially_disabled"))
	add("error", tells && (state == "disabled_error" || f.calledUnprotected(i)))
	add("expired", siteState(int(f.states[i].customer)) == "expired")
	add("permissions", tells && f.states[i].kind == Mac && (i%5 == 0 || i%5 == 4))
	add("uninstalling", f.uninstalling(i))
	switch {
	case len(ailments) > 0:
		return No, ailments
	case !tells || f.migrated(i):
		return Unknown, nil
	}
	return Yes, nil
}
