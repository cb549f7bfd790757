package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// This file is a provider as docs/adding-a-provider.md makes one, but for the clients below collectors/internal, which
// the program's tests may not import. The product and its API are made up.

type (
	mdmDevice struct {
		ID       string    `json:"id"`
		Customer string    `json:"customerId"`
		Person   string    `json:"personId"`
		Name     string    `json:"name"`
		Model    string    `json:"model"`
		Serial   string    `json:"serialNumber"`
		IMEI     string    `json:"imei"`
		System   string    `json:"system"`
		Mode     string    `json:"mode"` // SUPERVISED or KIOSK
		State    string    `json:"state"`
		Labels   []string  `json:"labels"`
		Seen     time.Time `json:"lastCheckIn"`
	}
	mdmCustomer struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	mdmPerson struct {
		ID       string `json:"id"`
		Customer string `json:"customerId"`
		Name     string `json:"name"`
		Email    string `json:"email"`
	}
)

// An mdmServer serves three lists page by page, to whoever has the token.
type mdmServer struct {
	customers []mdmCustomer
	people    []mdmPerson
	devices   []mdmDevice
}

const (
	mdmToken = "token-of-the-mdm"
	mdmPage  = 7 // records a page
)

func (s *mdmServer) start(t *testing.T) (env map[string]string) {
	t.Helper()
	mux := http.NewServeMux()
	handle := func(route string, page func(from int) (any, int)) {
		mux.HandleFunc("GET "+route, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+mdmToken {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			from, _ := strconv.Atoi(r.URL.Query().Get("from")) // "" = 0
			items, total := page(from)
			_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "total": total})
		})
	}
	handle("/customers", func(from int) (any, int) { return mdmPart(s.customers, from), len(s.customers) })
	handle("/people", func(from int) (any, int) { return mdmPart(s.people, from), len(s.people) })
	handle("/devices", func(from int) (any, int) { return mdmPart(s.devices, from), len(s.devices) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return map[string]string{"MDM_URL": server.URL, "MDM_TOKEN": mdmToken}
}

func mdmPart[T any](list []T, from int) []T {
	from = min(from, len(list))
	return list[from:min(from+mdmPage, len(list))]
}

type mdmCollector struct {
	url   *url.URL
	token string
}

func (c *mdmCollector) Host() string { return c.url.Host }

func (c *mdmCollector) SignIn(ctx context.Context) (collectors.Session, error) {
	_, err := c.get(ctx, "/customers", 0)
	return collectors.Session{Account: "mdm of " + c.url.Hostname()}, err
}

func (c *mdmCollector) Steps() []collectors.Step {
	return []collectors.Step{
		mdmStep(c, "customers", "customer", func(v *mdmCustomer) string { return v.ID }),
		mdmStep(c, "people", "person", func(v *mdmPerson) string { return v.ID }),
		mdmStep(c, "devices", "device", func(v *mdmDevice) string { return v.ID }),
	}
}

func mdmStep[T any](c *mdmCollector, name, kind string, id func(*T) string) collectors.Step {
	fetch := func(ctx context.Context, cursor string) (collectors.Page, error) {
		from, _ := strconv.Atoi(cursor) // "" = 0
		body, err := c.get(ctx, "/"+name, from)
		if err != nil {
			return collectors.Page{}, err
		}
		var answer struct {
			Items []*T `json:"items"`
			Total int  `json:"total"`
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return collectors.Page{}, fmt.Errorf("GET /%s: %w", name, err)
		}
		p := collectors.Page{Total: answer.Total, Next: strconv.Itoa(from + len(answer.Items)), More: len(answer.Items) > 0}
		for _, v := range answer.Items {
			p.Records = append(p.Records, collectors.Record{Kind: kind, ID: id(v), Value: v})
		}
		return p, nil
	}
	return collectors.Step{
		Name: name, Route: "GET /" + name, Kinds: []string{kind},
		Records: func(ctx context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
			return collectors.Walk(ctx, m, fetch)
		},
		Count: func(ctx context.Context) (int, error) {
			p, err := fetch(ctx, "")
			return p.Total, err
		},
	}
}

func (c *mdmCollector) get(ctx context.Context, route string, from int) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url.JoinPath(route).String()+"?from="+strconv.Itoa(from), http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", route, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

type mdmTypes struct {
	customer *converters.Table[mdmCustomer]
	person   *converters.Table[mdmPerson]
	device   *converters.Table[mdmDevice]

	customerHasDevice, customerHasPerson, personUsesDevice *graph.Type
}

func newMDMTypes() *mdmTypes {
	t := &mdmTypes{
		customer: converters.Declare[mdmCustomer]("mdm_customer", "mdm", "GET /customers", "Organization"),
		person:   converters.Declare[mdmPerson]("mdm_person", "mdm", "GET /people", "Person"),
		device:   converters.Declare[mdmDevice]("mdm_device", "mdm", "GET /devices", "Device", "Host"),
	}
	t.customer.Name(func(c *mdmCustomer) string { return c.Name })

	t.person.Name(func(p *mdmPerson) string { return p.Name })
	t.person.Text("customerId", "", func(p *mdmPerson) string { return p.Customer })
	t.person.Texts("email", "", func(p *mdmPerson) graph.Value { return converters.Emails(p.Email) })
	t.person.Text("firstName", "", func(*mdmPerson) string { return "" })
	t.person.Text("lastName", "", func(p *mdmPerson) string { return p.Name })

	d := t.device
	d.Name(func(d *mdmDevice) string { return d.Name })
	d.Text("hostname", "", func(d *mdmDevice) string { return d.Name })
	d.Text("model", "", func(d *mdmDevice) string { return converters.FirstReal(d.Model) })
	d.Text("serialNumber", "no placeholder", func(d *mdmDevice) string { return converters.FirstSerial(d.Serial) })
	d.Text("imei", "", func(d *mdmDevice) string { return d.IMEI })
	d.Text("osType", "", func(d *mdmDevice) string { return d.System })
	d.Text("mode", "SUPERVISED or KIOSK", func(d *mdmDevice) string { return d.Mode })
	d.Text("enrollment", "ENROLLED, INVITED or RETIRED", func(d *mdmDevice) string { return d.State })
	d.Texts("labels", "", func(d *mdmDevice) graph.Value { return graph.TextsOf(d.Labels...) })
	d.Text("customerId", "", func(d *mdmDevice) string { return d.Customer })
	d.Volatile().Time("lastCheckInOn", "", func(d *mdmDevice) time.Time { return d.Seen })

	t.customerHasDevice = graph.NewRelationshipType("mdm", "mdm_customer", "HAS", "mdm_device")
	t.customerHasPerson = graph.NewRelationshipType("mdm", "mdm_customer", "HAS", "mdm_person")
	t.personUsesDevice = graph.NewRelationshipType("mdm", "mdm_person", "USES", "mdm_device")
	return t
}

func (t *mdmTypes) roles() []converters.Role {
	device, person, enrollment := t.device.Type.Field, t.person.Type.Field, t.device.Type.Field("enrollment")
	return []converters.Role{
		{Type: t.device.Type, Machine: &converters.Machine{
			Tool: &converters.Tool{
				Name: "mdm", Title: "MDM", Product: "Acme MDM", Noun: "enrollment", Systems: []string{"ios", "android", "darwin", "windows"},
			},
			Verb: "IS", Belief: converters.Reporting,
			State: func(e *graph.Element) converters.State {
				switch enrollment.Get(e).Text() {
				case "RETIRED":
					return converters.Gone
				case "INVITED":
					return converters.Waiting
				}
				return converters.Live
			},
			Reads:    []graph.Field{enrollment},
			External: device("imei"), Serials: []graph.Field{device("serialNumber")}, Names: []graph.Field{device("hostname")},
			Customer: device("customerId"), CustomerOf: t.customer.Type, LastSeen: device("lastCheckInOn"),
			Kinds: []graph.Field{device("mode")}, Tags: device("labels"),
		}},
		{Type: t.customer.Type, Customer: &converters.Customer{Belief: converters.Reporting, Name: t.customer.Type.Field("name")}},
		{Type: t.person.Type, Human: &converters.Human{
			Belief: converters.People, Email: person("email"), FirstName: person("firstName"), LastName: person("lastName"), Customer: person("customerId"),
		}},
	}
}

func newMDMConverter() *converters.Converter {
	t := newMDMTypes()
	return &converters.Converter{
		Integration: "mdm", Aliases: []string{"acmemdm", "mdm"}, Roles: t.roles(),
		Types: []*graph.Type{t.customer.Type, t.person.Type, t.device.Type, t.customerHasDevice, t.customerHasPerson, t.personUsesDevice},
		Kinds: []converters.RecordKind{
			converters.NewKind("customer", func(c *mdmCustomer, id string, f *converters.Fragment) { t.customer.Fill(f, id, c) }, t.customer.Type),
			converters.NewKind("person", func(p *mdmPerson, id string, f *converters.Fragment) {
				t.person.Fill(f, id, p)
				f.Relate(t.customerHasPerson, p.Customer, id)
			}, t.person.Type, t.customerHasPerson),
			converters.NewKind("device", func(d *mdmDevice, id string, f *converters.Fragment) {
				t.device.Fill(f, id, d)
				f.Relate(t.customerHasDevice, d.Customer, id)
				f.Relate(t.personUsesDevice, d.Person, id)
			}, t.device.Type, t.customerHasDevice, t.personUsesDevice),
		},
	}
}

func mdm() providers.Provider {
	return providers.Provider{
		Name: "mdm", Title: "Acme MDM", Guide: "Made up.",
		Family: settings.Family{Prefix: "MDM_", Aliases: []string{"ACME_MDM_"}},
		Settings: []settings.Setting{
			{Env: "MDM_URL", Field: "URL", Required: true, Example: "https://mdm.example.com", Help: "Address of the console."},
			{Env: "MDM_TOKEN", Field: "Token", Required: true, Secret: true, Help: "API token."},
		},
		New: func(_ string, e settings.Environment, _ collectors.Options) (providers.Collector, error) {
			u, err := url.Parse(e.Get("MDM_URL"))
			if err != nil || u.Host == "" {
				return nil, &collectors.SettingError{Setting: "URL", Err: errors.New("is no address")}
			}
			return &mdmCollector{url: u, token: e.Get("MDM_TOKEN")}, nil
		},
		Converter: newMDMConverter,
	}
}

// executeAlso runs one command of a program that knows one provider more.
func executeAlso(t *testing.T, more providers.Provider, env map[string]string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	a := newApp(append([]string{"execute"}, args...), environ(t, env), strings.NewReader(""), &out, &errs)
	a.providers = append(a.providers, more)
	r := result{code: a.execute(t.Context()), stdout: out.String(), stderr: errs.String()}
	require.Equal(t, exitDone, r.code, "%v %s", args, r.stderr)
	return r
}
