package immybot

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestComputersAreCheckedAgainstTheCountsOfTheTenants(t *testing.T) {
	for name, tt := range map[string]struct {
		counted, listed, deleted int
		warnings                 int
		incomplete               bool
	}{
		"equal":                                {counted: 40, listed: 40},
		"list is longer":                       {counted: 40, listed: 42},
		"the recycle bin explains it":          {counted: 40, listed: 20, deleted: 20},
		"a few came or went":                   {counted: 42, listed: 40, warnings: 1},
		"a handful of a small fleet":           {counted: 8, listed: 3, warnings: 1},
		"clearly fewer":                        {counted: 40, listed: 30, incomplete: true},
		"clearly fewer, recycle bin and all":   {counted: 60, listed: 30, deleted: 10, incomplete: true},
		"one in ten of a fleet is not clearly": {counted: 100, listed: 90, warnings: 1},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t)
			in.answer("/tenants/computer-counts",
				fmt.Sprintf(`[{"tenantId":1,"computerCount":%d},{"tenantId":2,"computerCount":1}]`, tt.counted-1))
			in.list("/computers/paged", &pagedList{rows: computers(tt.listed), deleted: computers(tt.deleted)})
			records, m, err := readAll(t, in.collector(0), "computers")
			require.Len(t, records, tt.listed)
			require.Len(t, m.Warnings(), tt.warnings)
			var incomplete *collectors.IncompleteError
			if tt.incomplete {
				require.ErrorAs(t, err, &incomplete)
				require.Equal(t, tt.listed, incomplete.Got)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestCheckThatFailsIsAWarning(t *testing.T) {
	in := newInstance(t)
	in.status("/tenants/computer-counts", http.StatusInternalServerError, `{}`)
	_, m, err := readAll(t, in.collector(0), "computers")
	require.NoError(t, err)
	require.Len(t, m.Warnings(), 1)
}
