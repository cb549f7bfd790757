// Package converters is the contract between a provider's records and the graph: a [Converter] is a table of pure
// functions, one for each kind of record, which put entities and relationships into a [Fragment]. A [Table] declares an
// entity type and says where each of its properties comes from. The package also holds the normalisation that all
// providers share.
package converters
