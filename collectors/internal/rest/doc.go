// Package rest is the HTTP client that all collectors share: authorization, pacing, retries, limits on size and time,
// typed errors without secrets. It reads; of writing verbs it knows only the POST that some providers use for
// reading.
package rest
