package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"assetgraph/internal/simulator"
)

// controlVariable names the address of the control server among the printed settings.
const controlVariable = "SIMULATE_CONTROL_URL"

// serveControl lets others change the fleet over HTTP on a free port of 127.0.0.1:
//
//	POST /advance?clock=1h&add=1&remove=1&edit=1&rename=1&rename-bare=1&move=1&user=1&check-in=1&seen=1
//
// Each number is how many machines are met, 0 when it is left out, and clock how far the fleet's clock moves; the answer
// is a JSON object of the same names with how many were.
func serveControl(s *simulator.Simulator) (address string, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("control: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /advance", func(w http.ResponseWriter, r *http.Request) {
		change, err := changeOf(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		met := s.Advance(change)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]int{ // a client that is gone needs no answer
			"add": len(met.Added), "remove": len(met.Removed), "edit": len(met.Edited),
			"rename": len(met.Renamed), "rename-bare": len(met.BareRenamed), "move": len(met.Moved),
			"user": len(met.Users), "check-in": len(met.CheckedIn), "seen": len(met.Seen),
		})
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }() // ends with stop
	return "http://" + l.Addr().String(), server.Close, nil
}

// changeOf reads what a request asks for.
func changeOf(r *http.Request) (c simulator.Change, err error) {
	fields := map[string]*int{
		"add": &c.Add, "remove": &c.Remove, "edit": &c.Edit, "rename": &c.Rename, "move": &c.Move,
		"rename-bare": &c.RenameBare, "user": &c.User, "check-in": &c.CheckIn, "seen": &c.Seen,
	}
	for name, values := range r.URL.Query() {
		if name == "clock" {
			if c.Clock, err = time.ParseDuration(values[0]); err != nil || c.Clock < 0 {
				return c, errors.New("clock is no time")
			}
			continue
		}
		field, known := fields[name]
		if !known {
			return c, fmt.Errorf("unknown change %q", name)
		}
		n, err := strconv.Atoi(values[0])
		if err != nil || n < 0 {
			return c, errors.New(name + " is no number of machines")
		}
		*field = n
	}
	return c, nil
}
