// Package wire holds what the providers' wire types are made of: scalars that accept the spellings seen in real
// answers, and the splitting of a page into its records so that one broken record costs only itself.
//
// It uses github.com/go-json-experiment/json (the module form of encoding/json/v2): strict about duplicate names and
// UTF-8. Pages without a fault are read several times as fast by a cursor of its own, which leaves everything odd to that library.
package wire
