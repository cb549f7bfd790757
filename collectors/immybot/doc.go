// Package immybot reads one ImmyBot instance: tenants, integrations ("provider links") with the clients mapped to
// tenants and the agents of other products on each computer, computers, persons and users. It sends GET and nothing
// else, beside the request for a token, since many of the provider's POST routes start work on endpoints.
//
// The provider publishes no stable API. What is known of it, and how well, is in docs/providers/immybot.md.
package immybot
