package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShots(t *testing.T) {
	workIn(t)
	r := execute(t, nil, "--demo")
	require.Zero(t, r.code, r.stderr)
	v := startView(t, nil, "--demo", "--allow-queries")
	b := startBrowser(t)
	b.open(v.address)
	pages := map[string]string{
		"overview": "/", "coverage": "/coverage", "customer": "/customer?name=XENON+INSURANCE+B.V.", "gaps": "/gaps?missing=edr", "machines": "/machines",
		"changes": "/changes", "questions": "/questions", "question": "/questions/without-edr", "runs": "/runs", "search": "/search?text=ALCS",
		"explain": "/explain?key=assetgraph:device:serial-5CGLICK9R35", "neighbourhood": "/neighbourhood?key=assetgraph:device:serial-5CGLICK9R35", "ask": "/ask?text=select+1",
	}
	for _, l := range looks() {
		b.lookAt(l)
		for name, p := range pages {
			b.open(v.base + p)
			require.NoError(t, os.WriteFile(fmt.Sprintf("/tmp/view/shot-%s-%s.png", name, l), b.shoot(false), 0o600))
		}
	}
	require.Empty(t, b.elsewhere(v.base))
}
