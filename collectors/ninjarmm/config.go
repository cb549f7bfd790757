package ninjarmm

import (
	"errors"
	"net/url"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// Config is one NinjaOne tenant and the API client that reads it.
type Config struct {
	Instance     string // configured name, part of every key
	URL          string // of the region or branded host, as people paste it
	ClientID     string
	ClientSecret string
	RefreshToken string // set for an authorization-code client; "" for client credentials
	Scope        string // "" = monitoring; with a refresh token "" = what was granted with it
	Options      collectors.Options
}

// The one scope that reading needs.
const monitoring = "monitoring"

// offlineAccess asks for a refresh token. With client credentials some regions answer it with 400
// (docs/providers/ninjarmm-api.md, "Tokens").
const offlineAccess = "offline_access"

// normalize trims what people pasted, fills in defaults and returns the host's address without a path. Its error is a
// *collectors.SettingError.
func (c *Config) normalize() (*url.URL, error) {
	for _, text := range []*string{&c.URL, &c.ClientID, &c.ClientSecret, &c.RefreshToken} {
		*text = strings.TrimSpace(*text)
	}
	c.Scope = strings.Join(strings.Fields(c.Scope), " ")
	host, err := rest.BaseURL(c.URL, "")
	if err != nil {
		return nil, &collectors.SettingError{Setting: "URL", Err: err}
	}
	if err := checkCredential("ClientID", c.ClientID); err != nil {
		return nil, err
	}
	if err := checkCredential("ClientSecret", c.ClientSecret); err != nil {
		return nil, err
	}
	if c.RefreshToken != "" {
		return host, checkCredential("RefreshToken", c.RefreshToken)
	}
	if c.Scope == "" {
		c.Scope = monitoring
	}
	if strings.Contains(" "+c.Scope+" ", " "+offlineAccess+" ") {
		return nil, &collectors.SettingError{
			Setting: "Scope",
			Err:     errors.New("offline_access belongs to a refresh token; with client credentials the server refuses it"),
		}
	}
	return host, nil
}

// reader tells the client from others, and the user for whom it acts.
func (c *Config) reader() string {
	if c.RefreshToken == "" {
		return c.ClientID
	}
	return c.ClientID + " " + digest(c.RefreshToken)
}

func checkCredential(setting, text string) error {
	switch {
	case text == "":
		return &collectors.SettingError{
			Setting: setting,
			Err:     errors.New("is empty; NinjaOne shows it under Administration > Apps > API > Client App IDs"),
		}
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
		return &collectors.SettingError{
			Setting: setting,
			Err:     errors.New("holds a space, line break or other character that no such value has; paste it again"),
		}
	}
	return nil
}
