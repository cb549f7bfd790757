package sentinelone

import (
	"slices"
	"strings"

	"assetgraph/converters"
	"assetgraph/graph"
)

// signs are the properties by which an agent shows whether it protects (docs/providers/sentinelone-api.md, "Posture").
type signs struct {
	operationalState, missingPermissions, userActions, mitigationMode, detectionState, pendingUninstall,
	migration graph.Field
}

func signsOf(agent *graph.Type) *signs {
	f := agent.Field
	return &signs{
		f("operationalState"), f("missingPermissions"), f("userActionsNeeded"), f("mitigationMode"), f("detectionState"),
		f("pendingUninstall"), f("consoleMigrationStatus"),
	}
}

func (s *signs) fields() []graph.Field {
	return []graph.Field{
		s.operationalState, s.missingPermissions, s.userActions, s.mitigationMode, s.detectionState, s.pendingUninstall,
		s.migration,
	}
}

// of returns what keeps an agent from protecting. Without symptoms it protects if it tells its operational state, as old
// consoles do not, and if it is the agent of this console still.
func (s *signs) of(e *graph.Element) (list []converters.Symptom, known bool) {
	show := func(a converters.Ailment, reason string) {
		list = append(list, converters.Symptom{Ailment: a, Reason: reason})
	}
	state := s.operationalState.Get(e).Text()
	switch {
	case state == "" || state == works:
	case strings.Contains(state, "error"), strings.Contains(state, "corruption"):
		show(converters.Faulty, "the agent is in an error ("+state+")")
	default:
		show(converters.Disabled, "the agent is disabled ("+state+")")
	}
	for _, action := range s.userActions.Get(e).List() {
		switch action {
		case "unprotected":
			show(converters.Faulty, "the console calls it unprotected")
		case "incompatible_os":
			show(converters.Faulty, "the agent does not fit the system's version")
		}
	}
	if slices.ContainsFunc(s.missingPermissions.Get(e).List(), isDiskAccess) {
		show(converters.Unpermitted, "the agent lacks full disk access")
	}
	if s.mitigationMode.Get(e).Text() == "detect" {
		show(converters.DetectOnly, "its policy detects and stops nothing")
	}
	if mode := s.detectionState.Get(e).Text(); mode != "" && !slices.Contains(detecting(), mode) {
		show(converters.DetectOnly, "the agent does not detect in full mode ("+mode+")")
	}
	if s.pendingUninstall.Get(e).Bool() {
		show(converters.Uninstalling, "the agent is to be uninstalled")
	}
	return list, len(list) > 0 || state != "" && s.migration.Get(e).Text() != "Migrated"
}

// detecting are the modes that an agent comes to when it has learned.
func detecting() []string { return []string{"full_mode", "slim_mode"} }

// isDiskAccess reports whether a permission is one to read all files, which the agent needs; others are for its remote
// shell, Bluetooth and notifications.
func isDiskAccess(permission string) bool {
	return permission == "user_action_needed_fda" || strings.HasPrefix(permission, "user_action_needed_fda_")
}

// lapsed returns what keeps the agents of a site or an account from protecting: it has ended.
func lapsed(noun string, t *graph.Type) func(*graph.Element) []converters.Symptom {
	state, name := t.Field("state"), t.Field("displayName")
	return func(e *graph.Element) []converters.Symptom {
		switch now := state.Get(e).Text(); now {
		case "expired", "deleted":
			return []converters.Symptom{{
				Ailment: converters.Expired, Reason: "the " + noun + " " + name.Get(e).Text() + " is " + now,
			}}
		}
		return nil
	}
}
