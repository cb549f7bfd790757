package settings

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
)

// The graphs that are used when none is named.
const (
	DefaultGraph = "sqlite:assetgraph.db"
	DemoGraph    = "sqlite:demo.db"
)

// An Endpoint says where a graph lies and how to sign in there. Exactly one of File and URI is set.
type Endpoint struct {
	File     string // of the embedded graph
	URI      string // of a Neo4j server
	Username string
	Password string
	Database string
}

// String returns the address without user name and password, as reports show it.
func (e Endpoint) String() string {
	if e.URI != "" {
		return e.URI
	}
	return "sqlite:" + e.File
}

// ParseEndpoint reads the address of a graph and takes the credentials of a server from the environment. Its errors
// name what is wrong and what would do, and never hold a password.
func ParseEndpoint(address string, e Environment) (Endpoint, error) {
	address = strings.TrimSpace(address)
	scheme, rest, hasScheme := strings.Cut(address, ":")
	switch {
	case strings.EqualFold(scheme, "sqlite") && hasScheme:
		return sqliteEndpoint(rest)
	case !strings.Contains(address, "://"):
		return bareHost(address, e)
	}
	return serverEndpoint(address, e)
}

func sqliteEndpoint(file string) (Endpoint, error) {
	switch {
	case file == "":
		return Endpoint{}, errors.New("sqlite: lacks the file: write sqlite:assetgraph.db")
	case strings.HasPrefix(file, "//"):
		return Endpoint{}, errors.New("write sqlite:FILE, without slashes after the colon: sqlite:assetgraph.db, sqlite:/var/lib/assetgraph/graph.db")
	case strings.ContainsAny(file, "?\x00"):
		return Endpoint{}, errors.New("the file name after sqlite: must not hold a question mark")
	}
	return Endpoint{File: file}, nil
}

func bareHost(address string, e Environment) (Endpoint, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, "7687"
	}
	switch ext := strings.ToLower(filepath.Ext(host)); {
	case strings.ContainsRune(address, '@'):
		return Endpoint{}, errCredentials()
	case ext == ".db", ext == ".sqlite", ext == ".sqlite3", strings.ContainsAny(host, `/\`):
		return Endpoint{}, errors.New("this looks like a file: write sqlite:FILE, as in sqlite:assetgraph.db")
	case host == "", strings.ContainsAny(host, " \t?#"):
		return Endpoint{}, errors.New("this is no host name: write sqlite:FILE or neo4j://HOST:7687")
	}
	return serverEndpoint("neo4j://"+net.JoinHostPort(strings.Trim(host, "[]"), port), e)
}

func serverEndpoint(address string, e Environment) (Endpoint, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Endpoint{}, errors.New("this is no URL: write sqlite:FILE or neo4j://HOST:7687")
	}
	switch {
	case u.User != nil:
		return Endpoint{}, errCredentials()
	case u.Host == "" || u.Hostname() == "":
		return Endpoint{}, errors.New("the URL lacks a host: write neo4j://HOST:7687")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return Endpoint{}, fmt.Errorf("the URL has more than scheme, host and port; the database goes into %s",
			GraphDatabase)
	}
	switch u.Scheme {
	case "neo4j", "neo4j+s", "bolt", "bolt+s":
	case "http", "https":
		return Endpoint{}, errors.New("Neo4j is reached by its bolt protocol, not by http: write neo4j://HOST:7687")
	default:
		return Endpoint{}, fmt.Errorf("scheme %q is not one of sqlite, neo4j, neo4j+s, bolt, bolt+s", u.Scheme)
	}
	return signIn(Endpoint{URI: u.Scheme + "://" + u.Host}, e)
}

func signIn(p Endpoint, e Environment) (Endpoint, error) {
	for _, s := range Graph() {
		switch value := e.Value(s); s.Env {
		case GraphUsername:
			p.Username = value
		case GraphPassword:
			p.Password = value
		case GraphDatabase:
			p.Database = value
		}
	}
	if p.Username != "" && p.Password == "" {
		return Endpoint{}, fmt.Errorf("%s is not set, though a user name is", GraphPassword)
	}
	if p.Password != "" && p.Username == "" {
		p.Username = "neo4j"
	}
	return p, nil
}

func errCredentials() error {
	return fmt.Errorf("the URL holds a user name or password: put them into %s and %s", GraphUsername, GraphPassword)
}
