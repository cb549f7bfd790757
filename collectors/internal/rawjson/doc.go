// Package rawjson reads JSON as the providers send it: scalars that accept the spellings seen in real answers, and
// pages that are split into their records, so that one broken record costs only itself and a field of another shape
// only that field.
//
// Grammar, names and UTF-8 are for github.com/go-json-experiment/json to judge, the module form of Go 1.27's
// encoding/json/v2: it refuses a name that comes twice, matches names exactly, and replaces nothing. A page is passed
// over once, record by record, without a copy; what is decoded keeps nothing of its memory. See
// docs/adr/0013-json-by-the-library.md.
package rawjson
