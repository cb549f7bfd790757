package simulator

import "net/http"

// The lists of Application Risk: what is installed, and which vulnerabilities that has.
const (
	inventoryRoute = "/application-management/inventory"
	risksRoute     = "/application-management/risks"
)

// listApplications answers for a console without a licence for Application Risk: an empty list, no error. Both routes
// take one account, site or group at a time.
func (e *sentinelOne) listApplications(c *call) {
	scopes := []string{"accountIds", "siteIds", "groupIds"}
	asked := 0
	for _, name := range scopes {
		if !c.query.Has(name) {
			continue
		}
		asked++
		if _, detail := c.ids(name, 1); detail != "" {
			e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", detail)
			return
		}
	}
	if asked != 1 {
		c.mistake("%d of accountIds, siteIds and groupIds instead of one", asked)
	}
	e.serve(c, edrList{column: "ApplicationView.id", most: 1000, params: scopes, array: `"data":[`, close: "]",
		id: func(row int) uint64 { return uint64(row) }}, nil)
}
