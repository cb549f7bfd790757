// Package immybot turns the records of an ImmyBot instance into entities and relationships.
package immybot
