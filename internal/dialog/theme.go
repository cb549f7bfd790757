package dialog

import (
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
)

// plain has nothing that steers a terminal: what is written line by line may be read aloud, or go into a file.
func plain(bool) *huh.Styles { return &huh.Styles{} }

// sober has the terminal's own colours, so that it can be read on any ground.
func sober(dark bool) *huh.Styles {
	s := huh.ThemeBase(dark)
	s.Focused.Title = lipgloss.NewStyle().Bold(true)
	s.Focused.ErrorMessage = lipgloss.NewStyle().Foreground(lipgloss.Red)
	s.Focused.ErrorIndicator = lipgloss.NewStyle()
	return s
}
