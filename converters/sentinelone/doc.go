// Package sentinelone turns the records of a SentinelOne console into entities and relationships. Everything here is a
// pure function of one record.
package sentinelone
