package correlate

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// An Exception says which findings about machines may be there, why, and until when. Globs are in any case; a list that
// is left out fits everything, and of the others each has to fit.
type Exception struct {
	Kinds     []string  // globs of kinds of findings
	Machines  []string  // globs of name, serial number or key of the device
	Tags      []string  // globs of tags of its records
	Customers []string  // globs of names of customers
	Reason    string    // never ""
	Owner     string    // who answers for it, "" for nobody
	Until     time.Time // end of the last day, UTC; zero for ever
	Line      int       // of the file, from 1
}

// forever is written in place of a day by who means an exception to have no end.
const forever = "forever"

// exceptions reads a list of exceptions.
func exceptions(node *yaml.Node) (list []Exception, _ error) {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil, nil
	}
	if node.Kind != yaml.SequenceNode {
		return nil, &OverrideError{node.Line, errors.New("expected a list of exceptions")}
	}
	for _, item := range node.Content {
		x, err := exceptionOf(item)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

func exceptionOf(node *yaml.Node) (Exception, error) {
	x := Exception{Line: node.Line}
	if node.Kind != yaml.MappingNode {
		return x, &OverrideError{node.Line,
			errors.New("expected an exception, such as {kinds: [missing-edr], machines: [LT-*], reason: spare, until: 2027-03-31}")}
	}
	given := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		if given[name.Value] {
			return x, &OverrideError{name.Line, fmt.Errorf("%s is there twice", name.Value)}
		}
		given[name.Value] = true
		if err := x.read(name, value); err != nil {
			return x, err
		}
	}
	switch {
	case x.Kinds == nil && x.Machines == nil && x.Tags == nil && x.Customers == nil:
		return x, &OverrideError{node.Line, errors.New("an exception needs kinds, machines, tags or customers")}
	case x.Reason == "":
		return x, &OverrideError{node.Line, errors.New("an exception needs a reason")}
	case !given["until"]:
		return x, &OverrideError{node.Line,
			errors.New("an exception needs until: its last day, such as 2027-03-31, or " + forever)}
	}
	return x, nil
}

func (x *Exception) read(name, value *yaml.Node) (err error) {
	switch name.Value {
	case "kinds":
		x.Kinds, err = patterns(value)
	case "machines":
		x.Machines, err = patterns(value)
	case "tags":
		x.Tags, err = patterns(value)
	case "customers":
		x.Customers, err = patterns(value)
	case "reason":
		x.Reason, err = textOf(value)
	case "owner":
		x.Owner, err = textOf(value)
	case "until":
		x.Until, err = lastDay(value)
	default:
		err = &OverrideError{name.Line,
			fmt.Errorf("%q is none of kinds, machines, tags, customers, reason, owner and until", name.Value)}
	}
	return err
}

// patterns reads a list of globs, which must not be empty: it would fit nothing.
func patterns(node *yaml.Node) ([]string, error) {
	list, err := texts(node, func(s string) error {
		_, err := path.Match(s, "")
		return err
	})
	if err == nil && len(list) == 0 {
		err = &OverrideError{node.Line, errors.New("the list is empty; leave it out to mean all")}
	}
	return list, err
}

func textOf(node *yaml.Node) (string, error) {
	text := strings.TrimSpace(node.Value)
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || text == "" {
		return "", &OverrideError{node.Line, errors.New("expected a text")}
	}
	return text, nil
}

// lastDay reads a day, and returns its end.
func lastDay(node *yaml.Node) (time.Time, error) {
	text, err := textOf(node)
	if err != nil || text == forever {
		return time.Time{}, err
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, &OverrideError{node.Line,
			fmt.Errorf("%q is no day such as 2027-03-31, and not %s", text, forever)}
	}
	return day.AddDate(0, 0, 1), nil
}
