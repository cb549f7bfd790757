package collectors

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Skip says which lists people leave out. The zero Skip leaves out none.
type Skip struct {
	Setting string   // what people set, for advice: "ACME_SKIP"; "" = no advice
	Names   []string // as they wrote them
}

// ParseSkip reads names that are separated by commas.
func ParseSkip(setting, text string) Skip {
	s := Skip{Setting: setting}
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			s.Names = append(s.Names, name)
		}
	}
	return s
}

// Check returns a *SettingError unless all names are among those that may be left out.
func (s Skip) Check(optional ...string) error {
	for _, name := range s.Names {
		if !slices.Contains(optional, name) {
			return &SettingError{
				Setting: "Skip",
				Err:     fmt.Errorf("%q can't be left out; what can be is %s", cut(name), strings.Join(optional, ", ")),
			}
		}
	}
	return nil
}

// cut keeps a text from filling the screen.
func cut(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// Has reports whether the list is left out.
func (s Skip) Has(name string) bool { return slices.Contains(s.Names, name) }

// Mark returns a step that may be left out: marked when it is, and otherwise with the advice to do so on errors that
// will come again.
func (s Skip) Mark(step Step) Step {
	if step.Skipped = s.Has(step.Name); step.Skipped {
		return step
	}
	records, count := step.Records, step.Count
	step.Records = func(ctx context.Context, m *Meter) iter.Seq2[Record, error] {
		return func(yield func(Record, error) bool) {
			for r, err := range records(ctx, m) {
				if !yield(r, s.Advise(step.Name, err)) {
					return
				}
			}
		}
	}
	step.Count = func(ctx context.Context) (int, error) {
		n, err := count(ctx)
		return n, s.Advise(step.Name, err)
	}
	return step
}

// Advise adds to an error that will come again how to leave out the list. Other errors, and nil, stay as they are.
func (s Skip) Advise(name string, err error) error {
	var e interface{ Lasting() bool }
	if s.Setting == "" || !errors.As(err, &e) || !e.Lasting() {
		return err
	}
	advice := fmt.Sprintf("or leave this list out: %s=%s", s.Setting,
		strings.Join(append(slices.Clone(s.Names), name), ","))
	if _, told := errors.AsType[*AdvisedError](err); !told {
		advice = strings.TrimPrefix(Cure(err)+"; "+advice, "; ")
	}
	return Advise(err, advice)
}
