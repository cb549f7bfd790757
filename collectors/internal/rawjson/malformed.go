package rawjson

import "errors"

// Malformed reports whether the answer is no JSON, or not the whole of it: a fault on the way, where any other is one
// of the provider.
func (e *PageError) Malformed() bool {
	return errors.Is(e.Err, errSyntax) || errors.Is(e.Err, errCutOff)
}
