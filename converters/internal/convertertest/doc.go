// Package convertertest holds what the tests of all converters share: archives of recorded answers and of the elements that come
// of them. It is for tests alone.
package convertertest
