package ninjarmm

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

var orgIn = regexp.MustCompile(`org in \(([0-9, ]+)\)`)

// alertsOf serves the alerts of organizations, so many of each in the order of their ids, and refuses what refuse says.
func (s *tenant) alertsOf(counts []int, refuse func(organizations []string) int) {
	s.lists["/v2/organizations"] = organizationRows(len(counts))
	s.handlers["/v2/alerts"] = func(w http.ResponseWriter, r *http.Request) {
		if !s.authorized(w, r) {
			return
		}
		var chosen []string
		if in := orgIn.FindStringSubmatch(r.URL.Query().Get("df")); in != nil {
			chosen = strings.Split(in[1], ", ")
		}
		if status := refuse(chosen); status != 0 {
			answer(w, status, `{"resultCode":"FAILURE"}`)
			return
		}
		var rows []string
		for i, n := range counts {
			for a := range n {
				if of := strconv.Itoa(i + 1); chosen == nil || slices.Contains(chosen, of) {
					rows = append(rows, fmt.Sprintf(`{"uid":"%s-%d","deviceId":%s}`, of, a, of))
				}
			}
		}
		answer(w, http.StatusOK, "["+strings.Join(rows, ",")+"]")
	}
}

func never([]string) int { return 0 }

// limited returns a collector that takes answers of so many bytes.
func (s *tenant) limited(t *testing.T, bytes int64) *Collector {
	t.Helper()
	n := s.tried(t)
	n.client = n.newClient(bytes)
	return n
}

// The limit is so low that some twenty alerts are too many.
func TestAlertsThatAreTooManyForOneAnswer(t *testing.T) {
	s := newTenant(t)
	counts := []int{3, 0, 9, 1, 20, 0, 0, 2}
	s.alertsOf(counts, never)
	var m collectors.Meter
	ids, _, err := read(t, s.limited(t, 700), "alerts", &m)
	require.NoError(t, err)
	require.Len(t, ids, 35)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), 35)
	require.Equal(t, []string{
		"", "df=org%20in%20%281%2C%202%2C%203%2C%204%2C%205%2C%206%2C%207%2C%208%29",
		"df=org%20in%20%281%2C%202%2C%203%2C%204%29", "df=org%20in%20%285%2C%206%2C%207%2C%208%29",
	}, s.seen("/v2/alerts"))
	require.Equal(t, 2, m.Pages())
}

// One organization is the smallest part. When it is too much the list is not whole; what came of others stands.
func TestAlertsOfOneOrganizationThatAreTooMany(t *testing.T) {
	s := newTenant(t)
	s.alertsOf([]int{3, 50, 3}, never)
	ids, _, err := read(t, s.limited(t, 700), "alerts", &collectors.Meter{})
	require.ErrorContains(t, err, "too large")
	require.False(t, collectors.IsUnavailable(err))
	require.Equal(t, []string{"1-0", "1-1", "1-2"}, ids)
}

// A server that ignores the filter gives the whole each time: it is not asked for long.
func TestAlertsOfAServerThatIgnoresTheFilter(t *testing.T) {
	s := newTenant(t)
	s.lists["/v2/organizations"] = organizationRows(150)
	s.unpaged["/v2/alerts"] = "[" + strings.Repeat(`{"uid":"a","deviceId":1},`, 99) + `{"uid":"b","deviceId":1}]`
	ids, _, err := read(t, s.limited(t, 700), "alerts", &collectors.Meter{})
	require.ErrorContains(t, err, "too large")
	require.Empty(t, ids)
	require.Less(t, len(s.seen("/v2/alerts")), 12)
}

// tried returns a collector that tries for a moment.
func (s *tenant) tried(t *testing.T) *Collector {
	t.Helper()
	c := s.config()
	c.Options.RetryTime = time.Second
	n, err := New(c)
	require.NoError(t, err)
	return n
}

func TestAlertsThatTheServerDoesNotGiveInOneAnswer(t *testing.T) {
	for _, status := range []int{413, 504, 502, 500} {
		s := newTenant(t)
		s.alertsOf([]int{2, 1, 2}, func(organizations []string) int {
			if len(organizations) != 1 {
				return status
			}
			return 0
		})
		ids, _, err := read(t, s.tried(t), "alerts", &collectors.Meter{})
		require.NoError(t, err, status)
		require.Equal(t, []string{"1-0", "1-1", "2-0", "3-0", "3-1"}, ids)
	}
}

func TestAlertsOfWhichAPartFails(t *testing.T) {
	for _, status := range []int{500, 403, 429} {
		s := newTenant(t)
		s.alertsOf([]int{2, 1, 2}, func(organizations []string) int {
			switch {
			case len(organizations) != 1:
				return 413
			case organizations[0] == "2":
				return status
			}
			return 0
		})
		ids, _, err := read(t, s.tried(t), "alerts", &collectors.Meter{})
		require.Error(t, err, status)
		require.False(t, collectors.IsUnavailable(err), "%v", err)
		require.Equal(t, []string{"1-0", "1-1"}, ids, "complete only when all parts are")
	}
}

func TestAlertsWhoseOrganizationsAreNotKnown(t *testing.T) {
	s := newTenant(t)
	s.alertsOf([]int{30, 30}, never)
	s.handlers["/v2/organizations"] = func(w http.ResponseWriter, _ *http.Request) { answer(w, 403, `{"resultCode":"FAILURE"}`) }
	_, _, err := read(t, s.limited(t, 700), "alerts", &collectors.Meter{})
	require.ErrorContains(t, err, "/organizations")
	require.False(t, collectors.IsUnavailable(err), "it is not the alerts that are refused")

	s = newTenant(t)
	s.alertsOf(nil, func([]string) int { return 413 })
	_, _, err = read(t, s.tried(t), "alerts", &collectors.Meter{})
	require.ErrorContains(t, err, "413", "there is nothing by which to cut")
}

func TestAlertsOfWhatIsChosenAreCutToo(t *testing.T) {
	s := twoCustomers(t)
	s.alertsOf([]int{2, 2, 2, 2}, func(organizations []string) int {
		if len(organizations) != 1 {
			return 413
		}
		return 0
	})
	s.lists["/v2/organizations"] = organizationRows(4)
	n := s.narrowed(t, "1", "3")
	n.config.Options.RetryTime = time.Second
	n.client = n.newClient(0)
	n.shown = shownDevices{ids: map[int64]struct{}{1: {}, 3: {}}, whole: true}
	ids, _, err := read(t, n, "alerts", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"1-0", "1-1", "3-0", "3-1"}, ids)
	require.Equal(t, []string{
		"df=org%20in%20%281%2C%203%29", "df=org%20in%20%281%2C%203%29", "df=org%20in%20%281%29", "df=org%20in%20%283%29",
	}, s.seen("/v2/alerts"))
}
