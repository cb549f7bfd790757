// Package sentinelone reads a SentinelOne console through the Management API v2.1: accounts, sites, groups, agents and
// console users.
//
// What is known of that API, where it is known from and how sure it is, is in docs/providers/sentinelone-api.md.
package sentinelone
