// Package wire holds what the providers' wire types are made of: scalars that accept the spellings seen in real
// answers, and the splitting of a page into its records so that one broken record costs only itself.
//
// It uses github.com/go-json-experiment/json (the module form of encoding/json/v2): strict about duplicate names and
// UTF-8, and fast.
package wire
