package metrics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/prometheus/client_golang/prometheus/push"
)

// defaultJob is the job under which metrics are pushed unless the address names another.
const defaultJob = "assetgraph"

// A Gateway is a Pushgateway.
type Gateway struct {
	address, job       string
	username, password string // "" = none
	client             *http.Client
}

// ParseGateway reads the address of a Pushgateway, such as http://pushgateway:9091. A user name and password in it are
// used to sign in, and a path …/metrics/job/NAME names the job, for several graphs that share one gateway. Its errors
// hold no password.
func ParseGateway(address string) (*Gateway, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("this is no address of a Pushgateway: write http://HOST:9091 or https://HOST")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the address of a Pushgateway has no query")
	}
	g := &Gateway{job: defaultJob, client: &http.Client{}}
	if u.User != nil {
		g.username = u.User.Username()
		g.password, _ = u.User.Password()
	}
	path, job, named := strings.Cut(strings.TrimRight(u.Path, "/")+"/", "/metrics/job/")
	if named {
		if g.job = strings.TrimRight(job, "/"); g.job == "" || strings.Contains(g.job, "/") {
			return nil, errors.New("behind /metrics/job/ the address names the job, and nothing else")
		}
	}
	g.address = u.Scheme + "://" + u.Host + strings.TrimSuffix(strings.TrimRight(path, "/"), "/metrics")
	return g, nil
}

// Push replaces what the gateway holds about the same things as the sections: that of the run under the job alone, each
// other one under the job and its instance.
func (g *Gateway) Push(ctx context.Context, sections []Section) error {
	for _, s := range sections {
		if err := g.push(ctx, s); err != nil {
			return fmt.Errorf("push metrics to %s: %w", g.address, err)
		}
	}
	return nil
}

func (g *Gateway) push(ctx context.Context, s Section) error {
	metrics, err := gather([]Section{s})
	if err != nil {
		return err
	}
	p := push.New(g.address, g.job).Gatherer(metrics).Client(g.client)
	if s.about != "" {
		p.Grouping("instance", s.about)
	}
	if g.username != "" {
		p.BasicAuth(g.username, g.password)
	}
	if s.open {
		return p.AddContext(ctx)
	}
	return p.PushContext(ctx)
}
