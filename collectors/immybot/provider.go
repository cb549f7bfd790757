package immybot

import (
	"strings"

	"assetgraph/collectors/internal/rawjson"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A ProviderLink is one configured integration; see docs/providers/immybot-api.md, "Integrations". Its settings
// (providerTypeFormData) may hold secrets and are not decoded.
type ProviderLink struct {
	ID             rawjson.Int  `json:"id"`
	Name           rawjson.Text `json:"name"` // given by whoever set it up
	Disabled       rawjson.Bool `json:"disabled"`
	HealthStatus   rawjson.Text `json:"healthStatus"`
	ProviderTypeID rawjson.Text `json:"providerTypeId"`
	OwnerTenantID  rawjson.Int  `json:"ownerTenantId"`

	SupportsClients rawjson.Bool `json:"supportsClients"` // instances of 2022 only

	// Product is the display name of the provider type, such as "SentinelOne" or "NinjaRMM"; the link's name where the
	// type is not known. The collector adds it.
	Product string `json:"-"`
}

// What Health returns.
const (
	Healthy   = "healthy"
	Degraded  = "degraded"
	Unhealthy = "unhealthy"
)

// Health returns what the instance says of how the integration does, whether as a number or in words; "" for nothing.
func (l *ProviderLink) Health() string {
	switch health := strings.ToLower(strings.TrimSpace(string(l.HealthStatus))); health {
	case "0":
		return Unhealthy
	case "1":
		return Degraded
	case "2":
		return Healthy
	default:
		return health
	}
}

// A ProviderClient is a customer, site or organization of another product, and the tenant that it is mapped to.
type ProviderClient struct {
	ProviderLinkID     rawjson.Int  `json:"providerLinkId"`
	ExternalClientID   rawjson.Text `json:"externalClientId"` // its id in the other product
	ExternalClientName rawjson.Text `json:"externalClientName"`
	LinkedToTenantID   rawjson.Int  `json:"linkedToTenantId"` // not set when it is mapped to no tenant

	// Product is the Product of the link; the collector adds it.
	Product string `json:"-"`
}

// A ProviderAgent is the agent of another product on a computer. What ExternalAgentID is depends on the product: the
// agent's uuid for SentinelOne, presumably the device id for NinjaRMM
// (docs/providers/immybot-api.md, "Agents of other products").
type ProviderAgent struct {
	ID                 rawjson.Int  `json:"id"`
	ComputerID         rawjson.Int  `json:"computerId"` // not set while the agent is not identified
	ProviderLinkID     rawjson.Int  `json:"providerLinkId"`
	ProviderLinkName   rawjson.Text `json:"providerLinkName"`
	ExternalAgentID    ExternalID   `json:"externalAgentId"`
	ExternalClientName rawjson.Text `json:"externalClientName"`
	Serial             rawjson.Text `json:"serial"`
	IsComputerDeleted  rawjson.Bool `json:"isComputerDeleted"`

	// Details come from a computer's own page only.
	Details *DeviceDetails `json:"deviceDetails"`

	// Product is the Product of the link, or the link's name where the link is not known; the collector adds it.
	Product string `json:"-"`
}

// DeviceDetails is what an integration says of the device.
type DeviceDetails struct {
	SerialNumber rawjson.Text `json:"serialNumber"`
}

// An ExternalID is an id in another product. The provider writes it as a string or as an object with the string as
// "value".
type ExternalID string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (e *ExternalID) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == jsontext.KindBeginObject {
		var object struct {
			Value rawjson.Text `json:"value"`
		}
		err := json.UnmarshalDecode(d, &object)
		*e = ExternalID(object.Value)
		return err
	}
	var text rawjson.Text
	err := text.UnmarshalJSONFrom(d)
	*e = ExternalID(text)
	return err
}
