package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"assetgraph/collectors"
	"assetgraph/internal/config"
	"assetgraph/internal/dialog"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// accounts asks for one account after the other, until there are no more.
func (s *setup) accounts(ctx context.Context) error {
	for {
		options, suggested := s.titles(), 0
		if n := len(s.draft.Instances); n > 0 {
			options = append(options, "No more")
			suggested = len(options) - 1
		} else {
			options = append(options, "Stop")
		}
		title := "Which product?"
		if len(s.draft.Instances) > 0 {
			title = "Another account?"
		}
		choice, err := s.dialog.Choose(ctx, title, "", suggested, options...)
		switch {
		case err != nil:
			return err
		case choice == len(s.providers) && len(s.draft.Instances) == 0:
			return errNotWanted
		case choice == len(s.providers):
			return nil
		}
		if err := s.account(ctx, s.providers[choice]); err != nil {
			return err
		}
	}
}

// account asks for one account and signs in to it, until it is right, or is kept or given up as it is.
func (s *setup) account(ctx context.Context, p providers.Provider) error {
	s.say("%s. %s All of it, step by step: docs/providers/%s.md", p.Title, config.KeysOf(p, p.Guide), p.Name)
	in := providers.Instance{Provider: p, Settings: settings.Environment{}, Origins: map[string]string{}}
	for _, one := range p.Settings {
		in.Origins[one.Env] = keyOf(p, one)
	}
	err := s.askName(ctx, &in)
	if err != nil {
		return err
	}
	for again := true; ; {
		if again {
			if err := s.settings(ctx, &in); err != nil {
				return err
			}
			if p.Last != "" {
				s.say("%s", p.Last)
			}
		}
		ok, err := s.signIn(ctx, in)
		if err != nil {
			return err
		}
		if ok {
			break
		}
		choice, err := s.dialog.Choose(ctx, "What now?", "", 0, "Change the settings, and sign in again",
			"Sign in again: something was changed at the provider", "Keep the account as it is", "Give this account up")
		switch {
		case err != nil:
			return err
		case choice == 3:
			return nil
		}
		if again = choice == 0; choice == 2 {
			break
		}
	}
	s.draft.Instances = append(s.draft.Instances, in)
	return nil
}

// askName asks for the name of an instance.
func (s *setup) askName(ctx context.Context, in *providers.Instance) (err error) {
	taken := func(name string) bool {
		return slices.ContainsFunc(s.draft.Instances, func(other providers.Instance) bool { return other.Name == name })
	}
	name := in.Provider.Name
	for i := 2; taken(name); i++ {
		name = fmt.Sprintf("%s-%d", in.Provider.Name, i)
	}
	in.Name, err = s.dialog.Ask(ctx, dialog.Question{
		Title: "Name", Default: name,
		Help: "What this account is called: keys in the graph, locks and reports go by it, for the life of the account.",
		Check: func(name string) error {
			if taken(name) {
				return fmt.Errorf("%s is the name of another account", name)
			}
			return providers.CheckName(name)
		},
	})
	return err
}

// settings asks for the settings of an account. What was answered before is suggested.
func (s *setup) settings(ctx context.Context, in *providers.Instance) error {
	suggested := maps.Clone(in.Settings)
	if len(suggested) == 0 && !slices.ContainsFunc(s.draft.Instances, func(other providers.Instance) bool {
		return other.Provider.Name == in.Provider.Name
	}) {
		suggested = s.suggested // of one account at most
	}
	var later []settings.Setting
	instead := map[string]bool{} // may be given in the place of another that was not
	for _, one := range in.Provider.Settings {
		known := suggested.Get(one.Env) != ""
		if !one.Required && !known && !instead[one.Env] {
			if !s.isInstead(in.Provider, one) {
				later = append(later, one)
			}
			continue
		}
		needed := one.Required && one.Instead == "" || instead[one.Env]
		if err := s.setting(ctx, in, one, suggested.Get(one.Env), needed); err != nil {
			return err
		}
		instead[one.Instead] = in.Settings.Get(one.Env) == ""
	}
	if len(later) == 0 {
		return nil
	}
	keys := make([]string, len(later))
	for i, one := range later {
		keys[i] = keyOf(in.Provider, one)
	}
	more, err := s.dialog.Confirm(ctx, "More settings?", "Few need them: "+strings.Join(keys, ", ")+".", false)
	if err != nil || !more {
		return err
	}
	for _, one := range later {
		if err := s.setting(ctx, in, one, "", false); err != nil {
			return err
		}
	}
	return nil
}

// isInstead reports whether a setting only stands in the place of another.
func (s *setup) isInstead(p providers.Provider, one settings.Setting) bool {
	return slices.ContainsFunc(p.Settings, func(other settings.Setting) bool { return other.Instead == one.Env })
}

// setting asks for one setting until the provider's own code takes it.
func (s *setup) setting(
	ctx context.Context, in *providers.Instance, one settings.Setting, suggested string, needed bool,
) error {
	q := dialog.Question{
		Title: keyOf(in.Provider, one), Secret: one.Secret, Default: suggested,
		Help: config.KeysOf(in.Provider, strings.TrimSpace(one.Help+"\n"+one.Where)),
	}
	if one.Example != "" && one.Example != config.Placeholder {
		q.Help += "\nFor example " + one.Example
	}
	switch {
	case suggested != "" && one.Secret && in.Settings.Get(one.Env) == suggested:
		q.Note = "as before"
	case suggested != "" && one.Secret && s.flags.demo:
		q.Note = "that of the demo"
	case suggested != "" && one.Secret:
		q.Note = "that of " + one.Env
	case suggested == "" && one.Default != "":
		q.Note = config.KeysOf(in.Provider, one.Default)
	case !needed && one.Instead != "":
		q.Note = "none: " + keyOf(in.Provider, settings.Setting{Env: one.Instead}) + " instead"
	}
	delete(in.Settings, one.Env)
	q.Check = func(text string) error {
		if text == "" && needed {
			return errors.New("is needed")
		}
		return s.examine(*in, one, text)
	}
	answer, err := s.dialog.Ask(ctx, q)
	if err != nil {
		return err
	}
	if answer != "" {
		in.Settings[one.Env] = answer
	}
	if one.Secret {
		s.logs.conceal([]string{s.meant(answer)})
	}
	return nil
}

// examine says why a value can't be that of a setting. What is not known yet of the others is made up.
func (s *setup) examine(in providers.Instance, one settings.Setting, text string) error {
	if text == "" {
		return nil
	}
	if name, ok := config.Reference(text); ok && s.env.Get(name) == "" {
		return fmt.Errorf("the environment variable %s is not set", name)
	}
	text = s.meant(text)
	if why := settings.Odd(one.Env, text, one.Filter); why != "" {
		return errors.New(config.KeysOf(in.Provider, why))
	}
	if one.Check != nil {
		if err := one.Check(text); err != nil {
			return err
		}
	}
	in.Settings = s.resolved(in.Settings)
	in.Settings[one.Env] = text
	for _, other := range in.Provider.Settings {
		if other.Required && in.Settings.Get(other.Env) == "" && (other.Instead == "" || in.Settings.Get(other.Instead) == "") {
			in.Settings[other.Env] = cmp.Or(other.Example, config.Placeholder)
		}
	}
	bad, ok := errors.AsType[*collectors.SettingError](in.Examine())
	if ok && bad.Setting == one.Field {
		return bad.Err
	}
	return nil
}

// meant is an answer with the variable's value where it refers to one.
func (s *setup) meant(text string) string {
	if name, ok := config.Reference(text); ok {
		return s.env.Get(name)
	}
	return text
}

func (s *setup) resolved(env settings.Environment) settings.Environment {
	out := make(settings.Environment, len(env))
	for name, text := range env {
		out[name] = s.meant(text)
	}
	return out
}

// signIn signs in to an account, and says what may be read there and how much; ok is false when something is refused.
func (s *setup) signIn(ctx context.Context, in providers.Instance) (ok bool, err error) {
	for _, other := range s.draft.Instances {
		if other.Provider.Name == in.Provider.Name && maps.Equal(s.resolved(other.Settings), s.resolved(in.Settings)) {
			s.say("This is the account of %s: each of its machines would be in the graph twice.", other.Name)
			return false, nil
		}
	}
	options, err := s.collectorOptions()
	if err != nil {
		return false, err
	}
	options.RetryTime, options.RequestTimeout = checkRetryTime, checkRequestTimeout
	in.Settings = s.resolved(in.Settings)
	one, err := collectorOf(in, options)
	if err != nil { // of settings that do not go together
		s.say("%s", err)
		return false, nil
	}
	fmt.Fprintf(s.stdout, "Signing in to %s …\n", one.Host)
	ok = true
	err = executor.Check(ctx, []executor.Instance{one}, func(f executor.Finding) {
		ok = ok && f.Err == nil
		s.printFinding(findingOf(f))
	})
	fmt.Fprintln(s.stdout)
	return ok, err
}

func keyOf(p providers.Provider, one settings.Setting) string {
	return config.KeyOf(one, p.Family.Prefix)
}
