package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// A softExit is a word of --soft-exit with the exit code that it makes 0, for schedulers that take every other code for
// a failure: they would try again at once, and alert.
type softExit struct {
	word string
	code int
}

func softExits() []softExit {
	return []softExit{{"incomplete", exitIncomplete}, {"withheld", exitWithheld}, {"busy", exitHeld}}
}

func softExitWords() []string {
	var words []string
	for _, s := range softExits() {
		words = append(words, s.word)
	}
	return words
}

// addSoftExitFlag is for commands that run.
func (a *app) addSoftExitFlag(c *cobra.Command) {
	c.Flags().StringSliceVar(&a.flags.softExit, "soft-exit", nil,
		"`ends` that exit with 0 instead of 3, 4 and 75: "+strings.Join(softExitWords(), ", ")+"; repeatable")
}

// checkSoftExit reads the words of --soft-exit.
func (a *app) checkSoftExit() error {
	known := softExits()
	for _, word := range a.flags.softExit {
		word = strings.TrimSpace(word)
		i := slices.IndexFunc(known, func(s softExit) bool { return s.word == word })
		if i < 0 {
			return usagef("", "--soft-exit %s: known are %s", word, strings.Join(softExitWords(), ", "))
		}
		a.softCodes = append(a.softCodes, known[i].code)
	}
	return nil
}

// isSoft reports whether the command ends with 0 in place of an exit code.
func (a *app) isSoft(code int) bool { return slices.Contains(a.softCodes, code) }
