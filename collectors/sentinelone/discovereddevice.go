package sentinelone

import "assetgraph/collectors/internal/rawjson"

// A DiscoveredDevice is what agents have seen on the networks that they are in; see docs/providers/sentinelone-api.md,
// "Devices without an agent". Who reviewed or labelled it is never read.
type DiscoveredDevice struct {
	SiteID string `json:"-"` // the site that was asked for: rows name none by id

	ID             rawjson.Text  `json:"id"`
	AgentID        rawjson.Text  `json:"agentId"`      // of one that is managed
	ManagedState   rawjson.Text  `json:"managedState"` // managed, unmanaged, …; of the list of unmanaged ones added by the collector
	LocalIP        rawjson.Text  `json:"localIp"`
	IPAddresses    rawjson.Texts `json:"ipAddresses"`
	ExternalIP     rawjson.Text  `json:"externalIp"`
	MACAddress     rawjson.Text  `json:"macAddress"`
	GatewayMAC     rawjson.Text  `json:"gatewayMacAddress"`
	Networks       []Network     `json:"networks"`
	NetworkName    rawjson.Text  `json:"networkName"`
	Hostnames      rawjson.Texts `json:"hostnames"`
	Manufacturer   rawjson.Text  `json:"manufacturer"`
	OSType         rawjson.Text  `json:"osType"`
	OSName         rawjson.Text  `json:"osName"`
	OSVersion      rawjson.Text  `json:"osVersion"`
	DeviceType     rawjson.Text  `json:"deviceType"`
	DeviceFunction rawjson.Text  `json:"deviceFunction"`
	FirstSeen      rawjson.Time  `json:"firstSeen"`
	LastSeen       rawjson.Time  `json:"lastSeen"`
}

// A Network is one in which the device was seen.
type Network struct {
	GatewayMAC rawjson.Text `json:"gatewayMacAddress"`
}

func (d *DiscoveredDevice) id() string { return trimmed(d.ID) }
