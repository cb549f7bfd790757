package collectors

import (
	"errors"
	"strings"
)

// An AdvisedError is an error with what people can do about it.
type AdvisedError struct {
	Err    error
	Advice string
}

// Advise adds to an error what people can do about it.
func Advise(err error, advice string) error { return &AdvisedError{Err: err, Advice: advice} }

// Error gives the error and the advice.
func (e *AdvisedError) Error() string { return e.Err.Error() + "; " + e.Advice }

// Unwrap returns the error.
func (e *AdvisedError) Unwrap() error { return e.Err }

// Cure returns the advice, behind that of the error itself.
func (e *AdvisedError) Cure() string {
	if inner, ok := errors.AsType[*AdvisedError](e.Err); ok {
		return inner.Cure() + "; " + e.Advice
	}
	return e.Advice
}

// Cure returns what people can do about an error: its own advice, or else what its kind suggests. "" where nothing is
// known.
func Cure(err error) string {
	var known interface{ Cure() string }
	if errors.As(err, &known) {
		return known.Cure()
	}
	return ""
}

// Fault returns the text of an error without its advice.
func Fault(err error) string {
	if e, ok := errors.AsType[*AdvisedError](err); ok {
		return strings.TrimSuffix(err.Error(), "; "+e.Cure())
	}
	return err.Error()
}
