// Package convertertest holds what the tests of all converters share: archives of recorded answers and of the elements
// that come of them. It is for tests alone.
package convertertest

//go:generate env UPDATE_GOLDEN=1 go test -C ../.. -run TestGolden ./...
