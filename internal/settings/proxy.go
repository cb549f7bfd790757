package settings

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// proxyNames are the variables that net/http takes a proxy from; of two spellings the first that is set counts.
func proxyNames() [][2]string {
	return [][2]string{{"HTTPS_PROXY", "https_proxy"}, {"HTTP_PROXY", "http_proxy"}}
}

// CheckProxy returns an error for a variable that is to name a proxy and does not: net/http would do without one. It
// holds neither the address nor the credentials in it.
func (e Environment) CheckProxy() error {
	for _, names := range proxyNames() {
		for _, name := range names {
			if e[name] == "" {
				continue
			}
			if err := checkProxy(e[name]); err != nil {
				return fmt.Errorf("%s: %w: write http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with special characters as %%XX", name, err)
			}
			break
		}
	}
	return nil
}

func checkProxy(address string) error {
	u, err := url.Parse(address)
	if !strings.Contains(address, "://") { // as net/http reads it
		u, err = url.Parse("http://" + address)
	}
	if err != nil {
		return errors.New("this is no address of a proxy")
	}
	if !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return errors.New("the scheme is none of http, https, socks5 and socks5h")
	}
	if u.Hostname() == "" || strings.ContainsAny(u.Hostname(), " \t\"'<>/\\") {
		return errors.New("this names no host")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return errors.New("the port is not between 1 and 65535")
		}
	}
	return nil
}

// unusedProxies returns the variables of a settings file that net/http does not see: it looks at the environment alone.
func unusedProxies(file, environment Environment) []string {
	var names []string
	for _, spellings := range append(proxyNames(), [2]string{"NO_PROXY", "no_proxy"}) {
		for _, name := range spellings {
			if file.Get(name) != "" && environment[name] != file[name] {
				names = append(names, name)
			}
		}
	}
	return names
}
