// Package correlate says which records of different products are the same machine, customer or person, and why. It
// knows no product: what a record tells of identity is declared by the converters as roles. It declares the types of
// what is derived from that: device, organization and person, and their relationships.
package correlate
