package neo4j

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Config says which database to open and how.
type Config struct {
	URI      string // neo4j://, neo4j+s://, neo4j+ssc://, bolt://, bolt+s:// or bolt+ssc://, host and port
	Username string // where both are empty, those of URI are taken, if it has some
	Password string
	Database string // "" = the user's home database
	ReadOnly bool   // write nothing at all; Open then returns graph.ErrNoGraph when nothing was ever written

	// Searched names the properties over which a store that may write makes, when it is closed, the index that Search
	// answers from; nil for no index.
	Searched []string

	ConnectTimeout time.Duration // how long Open may take to reach the server; 0 = 10 s
	RetryTime      time.Duration // how long the driver tries a transaction again after transient errors; 0 = 1 min
	BatchRows      int           // most entities of one write transaction, and half the relationships; 0 = 500
}

const (
	defaultConnectTimeout = 10 * time.Second
	defaultRetryTime      = time.Minute
	defaultBatchRows      = 500
)

var errURI = errors.New("not a Neo4j URI: expected neo4j://, neo4j+s:// or bolt:// with host and port")

// complete fills in the defaults and moves credentials out of the URI, so that no message can show them.
func (c *Config) complete() error {
	u, err := url.Parse(c.URI)
	if err != nil {
		return errURI // the parser's own error repeats the text, password included
	}
	base, _, _ := strings.Cut(u.Scheme, "+")
	if base != "neo4j" && base != "bolt" || u.Host == "" {
		return errURI
	}
	if c.Username == "" && c.Password == "" && u.User != nil {
		c.Username = u.User.Username()
		c.Password, _ = u.User.Password()
	}
	u.User = nil
	c.URI = u.String()
	if c.ConnectTimeout <= 0 {
		c.ConnectTimeout = defaultConnectTimeout
	}
	if c.RetryTime <= 0 {
		c.RetryTime = defaultRetryTime
	}
	if c.BatchRows <= 0 {
		c.BatchRows = defaultBatchRows
	}
	return nil
}

func (c *Config) failed(op string, err error) error {
	return fmt.Errorf("neo4j: %s %s: %w", op, c.URI, err)
}
