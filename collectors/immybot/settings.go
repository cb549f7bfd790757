package immybot

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

const (
	apiPath          = "/api/v1"
	defaultAuthority = "https://login.microsoftonline.com"
	domain           = ".immy.bot"
)

var (
	subdomainForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	guidForm      = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	domainForm    = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$`)
)

// endpoints are the addresses that a Config amounts to.
type endpoints struct {
	base  *url.URL // of the API
	token string
	scope string
}

func (c *Config) endpoints() (endpoints, error) {
	base, err := c.base()
	if err != nil {
		return endpoints{}, err
	}
	authority, err := rest.BaseURL(orDefault(c.AuthorityURL, defaultAuthority), "")
	if err != nil {
		return endpoints{}, &collectors.SettingError{Setting: "AuthorityURL", Err: err}
	}
	if err := c.checkCredentials(); err != nil {
		return endpoints{}, err
	}
	return endpoints{
		base:  base,
		token: authority.JoinPath(strings.TrimSpace(c.TenantID), "oauth2", "v2.0", "token").String(),
		// The instance's own address is the application id URI of the provider's Entra app.
		scope: orDefault(strings.TrimSpace(c.Scope), base.Scheme+"://"+base.Host+"/.default"),
	}, nil
}

// base returns the API's address from URL, Subdomain or both when they agree.
func (c *Config) base() (*url.URL, error) {
	sub := strings.ToLower(strings.TrimSpace(c.Subdomain))
	if sub != "" && !subdomainForm.MatchString(sub) {
		return nil, &collectors.SettingError{
			Setting: "Subdomain",
			Err:     errors.New(`must be the first label of the instance's address alone, such as "acme" of acme.immy.bot`),
		}
	}
	raw := strings.TrimSpace(c.URL)
	switch {
	case raw == "" && sub == "":
		return nil, &collectors.SettingError{
			Setting: "URL",
			Err:     errors.New("is missing: give the instance's address, such as https://acme.immy.bot, or its subdomain"),
		}
	case raw == "":
		raw = "https://" + sub + domain
	}
	base, err := rest.BaseURL(raw, apiPath)
	if err != nil {
		return nil, &collectors.SettingError{Setting: "URL", Err: err}
	}
	if sub != "" && !strings.EqualFold(base.Host, sub+domain) {
		return nil, &collectors.SettingError{
			Setting: "Subdomain",
			Err:     fmt.Errorf("names another instance than the URL, whose host is %s: give one of them", base.Host),
		}
	}
	return base, nil
}

func (c *Config) checkCredentials() error {
	tenant := strings.TrimSpace(c.TenantID)
	switch {
	case tenant == "":
		return missing("TenantID", "the Directory (tenant) id of the Entra tenant that holds the app registration")
	case !guidForm.MatchString(tenant) && !domainForm.MatchString(tenant):
		return &collectors.SettingError{
			Setting: "TenantID", Err: errors.New("must be the GUID of the Entra tenant or one of its domains"),
		}
	case strings.TrimSpace(c.ClientID) == "":
		return missing("ClientID", "the Application (client) id of the app registration")
	case strings.TrimSpace(c.ClientSecret) == "":
		return missing("ClientSecret", "the value, not the id, of a client secret of the app registration")
	}
	return nil
}

func missing(setting, what string) error {
	return &collectors.SettingError{Setting: setting, Err: errors.New("is missing: " + what)}
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
