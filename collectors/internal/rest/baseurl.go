package rest

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// BaseURL normalises what people type for a provider's address: surrounding space, a missing scheme (https is taken), a
// pasted console path, query or fragment (cut), a trailing slash. The result has the given path and no user, query or
// fragment. It refuses, with a reason that never repeats a user name or password: an empty host, a scheme other than
// https (http is allowed for a loopback host), a host with spaces or without a dot that is not loopback.
func BaseURL(raw, path string) (*url.URL, error) {
	u, err := url.Parse(withScheme(strings.TrimSpace(raw)))
	if err != nil {
		return nil, errors.New("not an address such as https://console.example.com")
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if err := checkHost(name, u.Port()); err != nil {
		return nil, err
	}
	if err := checkScheme(u.Scheme, name); err != nil {
		return nil, err
	}
	return &url.URL{Scheme: u.Scheme, Host: joinPort(name, u.Port()), Path: cleanPath(path)}, nil
}

func withScheme(raw string) string {
	switch {
	case strings.Contains(raw, "://"):
		return raw
	default:
		return "https://" + strings.TrimLeft(raw, "/")
	}
}

func cleanPath(path string) string {
	if path = strings.Trim(path, "/"); path == "" {
		return ""
	}
	return "/" + path
}

// joinPort puts host and port together, brackets around an IPv6 address.
func joinPort(name, port string) string {
	if port != "" {
		return net.JoinHostPort(name, port)
	}
	if strings.Contains(name, ":") {
		return "[" + name + "]"
	}
	return name
}

// checkHost refuses what can't be the name of a server.
func checkHost(name, port string) error {
	if name == "" {
		return errors.New("no host name")
	}
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("port %s is not between 1 and 65535", port)
		}
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return nil
	}
	if strings.ContainsAny(name, " \t\r\n<>{}()[]\"'`|\\^%,;:*$!&=+@#?/") {
		return errors.New("the host name has characters that none can have")
	}
	if !loopback(name) && !strings.Contains(name, ".") {
		return errors.New("the host name has no dot: give the full name")
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" {
			return errors.New("the host name has an empty part")
		}
	}
	return nil
}

// checkScheme demands TLS wherever the request leaves this machine.
func checkScheme(scheme, name string) error {
	switch {
	case scheme == "https", scheme == "http" && loopback(name):
		return nil
	case scheme == "http":
		return errors.New("http would send the credentials in clear: use https")
	}
	return errors.New("the scheme is not https")
}

// loopback reports whether name is this machine.
func loopback(name string) bool {
	if name == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback()
}
