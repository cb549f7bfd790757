// Package neo4jserver runs a real Neo4j server on this machine without a container engine, for tests and for
// the tools of a working copy. The server is a separate process made of the artifacts on Maven Central
// (Neo4j Community is under the GPLv3: it is never linked and never shipped); it needs Java 17 or newer, and Maven the
// first time.
//
// The package imports the standard library only: whether the server is ready is told by its own log line
// and by a Bolt handshake, which takes no driver.
package neo4jserver
