package neo4jserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// stateFile holds the Server as JSON, password included, and is readable by its owner only.
func stateFile(home string) string { return filepath.Join(home, "server.json") }

func (s *Server) save() error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("server state: %w", err)
	}
	tmp := stateFile(s.Home) + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fmt.Errorf("server state: %w", err)
	}
	if err := os.Rename(tmp, stateFile(s.Home)); err != nil {
		return fmt.Errorf("server state: %w", err)
	}
	return nil
}

// load returns an error that is os.ErrNotExist when no server was ever set up in home.
func load(home string) (*Server, error) {
	b, err := os.ReadFile(stateFile(home))
	if err != nil {
		return nil, fmt.Errorf("server state: %w", err)
	}
	s := &Server{}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("server state %s: %w", stateFile(home), err)
	}
	s.Home = home
	return s, nil
}

// knownPassword returns the password of a home that was set up before, or "".
func knownPassword(o *Options) (string, error) {
	s, err := load(o.Home)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case o.Password != "" && o.Password != s.Password:
		return "", fmt.Errorf("%s was set up with another password", o.Home)
	}
	return s.Password, nil
}
