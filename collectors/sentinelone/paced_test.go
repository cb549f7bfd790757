package sentinelone

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestRoutesOfTheVendorsTableHaveAPaceOfTheirOwn(t *testing.T) {
	c := newConsole(t).collector(collectors.Options{})
	for _, l := range []list{c.accountList(), c.siteList(), c.agentList(), c.userList()} {
		require.NotNil(t, c.paced[l.route], l.route)
	}
	require.Nil(t, c.paced[c.groupList().route], "groups are not in the table")
	require.Same(t, c.paced["/agents"], c.paced[agentCountRoute], "the limit is one for both")
}
