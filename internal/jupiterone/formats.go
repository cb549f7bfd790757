package jupiterone

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	hostLabel    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`)
	dottedName   = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$`)
	macAddress   = regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`)
	mailAddress  = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~\x60-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~\x60-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)
	propertyName = regexp.MustCompile(`^(_|tag\.)?[A-Za-z0-9. -]+$`)
)

func isHostname(s string) bool { return hostLabel.MatchString(s) }
func isFQDN(s string) bool     { return len(s) >= 4 && len(s) <= 253 && dottedName.MatchString(s) }
func isMAC(s string) bool      { return macAddress.MatchString(s) }
func isEmail(s string) bool    { return mailAddress.MatchString(s) }

// isURI takes links that a browser can open, which is all that the model has.
func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		!strings.ContainsAny(s, " <>\"{}|\\^`")
}

func isIP(s string) bool {
	ip, err := netip.ParseAddr(s)
	return err == nil && ip.Zone() == ""
}

func isIPv4(s string) bool { return isIP(s) && strings.IndexByte(s, ':') < 0 }
func isIPv6(s string) bool { return isIP(s) && strings.IndexByte(s, ':') >= 0 }

func isOSType(s string) bool {
	return slices.Contains([]string{
		"darwin", "linux", "unix", "windows", "android", "ios", "chromeos", "legacy", "embedded", "other",
	}, s)
}

func isAgentFunction(s string) bool {
	return slices.Contains([]string{
		"endpoint-compliance", "endpoint-configuration", "endpoint-protection", "anti-malware", "DLP", "FIM",
		"host-firewall", "HIDS",
		"log-monitor", "activity-monitor", "vulnerability-detection", "container-security", "other",
	}, s)
}

func isPolicyCategory(s string) bool {
	return slices.Contains([]string{"compliance", "config", "password", "other"}, s)
}

func isMachineStatus(s string) bool {
	return slices.Contains([]string{
		"assigned", "archived", "decommissioned", "defective", "deployed", "disposed", "locked", "lost/stolen",
		"pending", "ready",
		"unknown", "other",
	}, s)
}
