package neo4j

import (
	"errors"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// errTooLarge says that the server can't manage the transaction and may manage a smaller one.
var errTooLarge = errors.New("the transaction is too large for the server")

// maxTries is how often the driver may repeat a transaction before it is split. Errors that come with the COMMIT are
// not seen here: the driver only begins again. Among them are a lack of memory, which repeating does not help, and
// deadlocks, which are rarer in small transactions.
const maxTries = 2

// final hides from the driver errors that it would try again in vain.
func final(err error) error {
	if outOfMemory(err) {
		return tooLarge{err.Error()}
	}
	return err
}

// tooLarge does not unwrap to the server's error, by which the driver would know it as transient.
type tooLarge struct{ text string }

func (e tooLarge) Error() string { return errTooLarge.Error() + ": " + e.text }

func (e tooLarge) Is(target error) bool { return target == errTooLarge }

func outOfMemory(err error) bool {
	e, ok := errors.AsType[*driver.Neo4jError](err)
	if !ok {
		return false
	}
	switch e.Code {
	case "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
		"Neo.TransientError.General.TransactionOutOfMemoryError":
		return true
	}
	return false
}

// violates tells whether a constraint kept the transaction from being committed: that a deleted node has no
// relationships, or that a _key is unique. Somebody drew a relationship after the statement had looked, or made the
// node that was to be new.
func violates(err error) bool {
	e, ok := errors.AsType[*driver.Neo4jError](err)
	return ok && e.Code == "Neo.ClientError.Schema.ConstraintValidationFailed"
}
