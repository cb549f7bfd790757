// Package sentinelone reads a SentinelOne console through the Management API v2.1: accounts, sites, groups, agents and
// console users.
//
// References such as "API.md §3" name the chapter of the project's notes on that API which says where a fact comes from.
package sentinelone
