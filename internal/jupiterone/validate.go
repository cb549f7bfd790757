package jupiterone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Validate checks one entity, as Encoder writes it, against the schema of each of its classes and the model's own
// rules: an optional property is never null, every list is a set, and id is a text. It returns every violation, joined.
func Validate(entity []byte) error {
	d := json.NewDecoder(bytes.NewReader(entity))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		return fmt.Errorf("entity is not a JSON object: %w", err)
	}
	errs := validateHead(doc)
	classes, _ := doc["_class"].([]any)
	for _, c := range classes {
		class, _ := c.(string)
		rules := rulesOf(class)
		if rules == nil {
			errs = append(errs, fmt.Errorf("class %q is not known", class))
		}
		for _, r := range rules {
			if err := r.check(doc); err != nil {
				errs = append(errs, fmt.Errorf("class %s: %s: %w", class, r.name, err))
			}
		}
	}
	return errors.Join(errs...)
}

func validateHead(doc map[string]any) []error {
	var errs []error
	for name, least := range map[string]int{"_key": 10, "_type": 3} {
		if s, _ := doc[name].(string); len(s) < least {
			errs = append(errs, fmt.Errorf("%s: less than %d characters", name, least))
		}
	}
	if classes, _ := doc["_class"].([]any); len(classes) == 0 {
		errs = append(errs, errors.New("_class: no list of classes"))
	}
	for name := range doc {
		if !propertyName.MatchString(name) {
			errs = append(errs, fmt.Errorf("property name %q", name))
		}
	}
	return errs
}

var (
	errMissing = errors.New("required, and not there")
	errNull    = errors.New("null is not allowed")
)

func (r rule) check(doc map[string]any) error {
	value, there := doc[r.name]
	switch {
	case !there && r.blank != "":
		return errMissing
	case !there, value == nil && r.blank == null:
		return nil
	case value == nil:
		return errNull
	}
	switch r.form {
	case text:
		return r.checkText(value)
	case texts:
		return r.checkTexts(value)
	case boolean:
		if _, ok := value.(bool); !ok {
			return errors.New("not a boolean")
		}
	case number:
		if _, ok := value.(json.Number); !ok {
			return errors.New("not a number")
		}
	case moment:
		return checkMoment(value)
	}
	return nil
}

func (r rule) checkText(value any) error {
	s, ok := value.(string)
	switch {
	case !ok:
		return errors.New("not a text")
	case r.each != nil && !r.each(s):
		return fmt.Errorf("%q has not the form that the class asks for", s)
	}
	return nil
}

func (r rule) checkTexts(value any) error {
	list, ok := value.([]any)
	if !ok {
		return errors.New("not a list")
	}
	seen := map[any]bool{}
	for _, v := range list {
		if err := r.checkText(v); err != nil {
			return err
		}
		if seen[v] {
			return fmt.Errorf("%q stands twice", v)
		}
		seen[v] = true
	}
	return nil
}

func checkMoment(value any) error {
	const last = 253402300799999 // end of the year 9999
	n, ok := value.(json.Number)
	if !ok {
		return errors.New("not a number")
	}
	ms, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil || ms < 0 || ms > last {
		return fmt.Errorf("%s is no time in milliseconds", n)
	}
	return nil
}
