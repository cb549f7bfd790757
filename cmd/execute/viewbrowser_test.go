package main

import (
	_ "embed" // of axe
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// axe is what finds faults of accessibility in a page; testdata/axe.LICENSE is its licence.
//
//go:embed testdata/axe.min.js
var axe string

// screenshots has TestViewPictures write the pictures of README.md and docs/view.md.
var screenshots = flag.String("screenshots", "", "folder for pictures of the demo's view, such as ../../docs/images")

// The view in Chromium, with the graph of the demo.
func TestViewInABrowser(t *testing.T) {
	v := demoView(t, "--allow-queries")
	b := startBrowser(t)
	b.open(v.address)
	require.Equal(t, v.base+"/", evaluate[string](b, "location.href"), "the token is gone")
	v.as(b)
	pages := viewPages(t, v)
	for name, test := range map[string]func(b *browser, v *viewing, pages map[string]string){
		"accessible": accessible, "keyboard": keyboard, "scripts": scripts, "print": printing, "no scripts": withoutScripts,
	} {
		t.Run(name, func(t *testing.T) {
			b.in(t).lookAt(look{1600, false})
			test(b, v, pages)
		})
	}
	require.Empty(t, b.elsewhere(v.base), "nobody else was asked for anything")
	require.Empty(t, b.complaints(), "no script failed, and the policy of contents had nothing to refuse")
}

// accessible looks at every page, narrow and wide, light and dark: there is no fault of accessibility, and nothing is cut
// off at the side.
func accessible(b *browser, v *viewing, pages map[string]string) {
	for name, path := range pages {
		for _, l := range looks() {
			b.lookAt(l)
			b.open(v.base + path)
			require.Empty(b.t, b.faults(l.dark), "%s, %s", name, l)
			require.LessOrEqual(b.t, evaluate[int64](b, "document.documentElement.scrollWidth"), l.width, "%s, %s", name, l)
		}
	}
}

// faults returns what axe finds in the page, by its rules for WCAG 2.2 AA and good practice; or by those alone that look
// at colours, where the page was seen in others before.
func (b *browser) faults(coloursAlone bool) (list []string) {
	b.t.Helper()
	evaluate[bool](b, axe+"; true")
	rules := ""
	if coloursAlone {
		rules = `, runOnly: ["color-contrast", "link-in-text-block"]`
	}
	found := evaluate[string](b, `axe.run(document, {resultTypes: ["violations"]`+rules+`}).then(r => JSON.stringify(
		r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).slice(0, 3).join("; "))))`)
	require.NoError(b.t, json.Unmarshal([]byte(found), &list))
	return list
}

// as has requests of the test come from the session of the browser.
func (v *viewing) as(b *browser) {
	v.t.Helper()
	base, err := url.Parse(v.base)
	require.NoError(v.t, err)
	for _, c := range command(b, network.GetCookies, network.GetCookiesParams{}).Cookies {
		v.client.Jar.SetCookies(base, []*http.Cookie{{Name: c.Name, Value: c.Value}})
	}
}

// withoutScripts sees that everything is there without them: pages, search, the drawing, the text of a question.
func withoutScripts(b *browser, v *viewing, pages map[string]string) {
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	defer command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
	for name, path := range pages {
		b.open(v.base + path)
		require.Contains(b.t, b.html("main"), "<h1>", name)
	}
	b.open(v.base + "/")
	b.focus("#text")
	b.follow(chromedp.KeyEvent("ALCS-LT-0009"), chromedp.KeyEvent(kb.Enter))
	require.Contains(b.t, b.html("h1"), "ALCS-LT-0009")
	b.focus(".links a")
	b.follow(chromedp.KeyEvent(kb.Enter))
	require.Contains(b.t, b.html("svg"), "Wanda Jansen")
	b.open(v.base + "/gaps")
	b.focus("#rows-q")
	b.follow(chromedp.KeyEvent("alder"), chromedp.KeyEvent(kb.Enter))
	require.Regexp(b.t, `\d+ of \d+ rows`, b.html(".about"))
	b.open(v.base + "/questions/without-edr")
	require.Contains(b.t, b.html("#text-own"), "SELECT d.organization")
	require.Contains(b.t, b.html("#text-other"), "MATCH (d:device)")
}

// scripts sees what they add: a button copies the text of a question, and cytoscape draws a neighbourhood.
func scripts(b *browser, v *viewing, _ map[string]string) {
	b.lookAt(looks()[1])
	b.open(v.base + "/neighbourhood?key=assetgraph:device:serial-5CGLICK9R35")
	b.click("#switch")
	b.do(chromedp.WaitVisible(chromedp.CSS("#moving canvas")))
	require.EqualValues(b.t, 11, evaluate[int64](b, `document.querySelector("#moving")._cyreg.cy.nodes().length`))
	require.Empty(b.t, b.faults(false))
	b.open(v.base + "/questions/without-edr")
	b.do(chromedp.WaitVisible(chromedp.CSS("[data-copy=text-own]")))
}

// keyboard sees that it alone reaches everything that can be used, in the order of the page, and that what has the focus
// shows it.
func keyboard(b *browser, v *viewing, pages map[string]string) {
	for i, name := range []string{"overview", "customer", "machine", "findings", "changes", "question", "neighbourhood"} {
		b.lookAt(looks()[i%len(looks())])
		b.open(v.base + pages[name])
		usable := evaluate[int64](b, `(() => {
			window.wanted = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
				.filter(e => e.type !== "hidden" && e.checkVisibility());
			return window.wanted.length;
		})()`)
		require.Greater(b.t, usable, int64(15), name)
		for n := range usable {
			b.do(chromedp.KeyEvent(kb.Tab))
			require.Empty(b.t, evaluate[string](b, `(() => {
				const e = document.activeElement, at = window.wanted.indexOf(e);
				if (at !== `+strconv.FormatInt(n, 10)+`) return "the focus is on number " + at + ": " + e.outerHTML;
				const s = getComputedStyle(e);
				return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 ? "" : "no outline: " + e.outerHTML;
			})()`), "%s, number %d", name, n)
		}
	}
	b.open(v.base + "/coverage")
	b.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	require.Equal(b.t, "main", evaluate[string](b, "document.activeElement.id"), "the skip link leads past the navigation")
}

// printing sees that on paper there is what is to be read, without what is to be used, dark on light.
func printing(b *browser, v *viewing, _ map[string]string) {
	b.open(v.base + "/coverage")
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
	seen := evaluate[[]string](b, `[...document.querySelectorAll("nav, .search, .filter, .forms, table, h1")]
		.filter(e => e.checkVisibility()).map(e => e.tagName)`)
	require.Equal(b.t, []string{"H1", "TABLE"}, slices.Sorted(slices.Values(seen)))
	require.Equal(b.t, "rgb(255, 255, 255)", evaluate[string](b, "getComputedStyle(document.body).backgroundColor"))
}

// What names hold runs nowhere.
func TestViewRunsNothingThatANameHolds(t *testing.T) {
	v := hostileView(t)
	b := startBrowser(t)
	b.open(v.address)
	v.as(b)
	for name, path := range viewPages(t, v) {
		b.open(v.base + path)
		require.EqualValues(t, 0, evaluate[int64](b, `document.querySelectorAll("main img, main script, main [onerror]").length`), name)
	}
	require.Empty(t, b.complaints(), "no dialog, nothing that the policy had to refuse")
	require.Empty(t, b.elsewhere(v.base))
}

// Pictures of the demo, for README.md and docs/view.md:
//
//	go test ./cmd/execute -run TestViewPictures -screenshots ../../docs/images
func TestViewPictures(t *testing.T) {
	if *screenshots == "" {
		t.Skip("pictures are made with -screenshots FOLDER")
	}
	folder, err := os.Getwd()
	require.NoError(t, err)
	v := demoView(t)
	b := startBrowser(t)
	b.open(v.address)
	for name, p := range map[string]struct {
		path string
		look look
		tall int64
	}{
		"view-coverage":      {"/coverage", look{1280, false}, 760},
		"view-findings":      {"/findings", look{1280, false}, 1000},
		"view-machine":       {"/explain?key=assetgraph:device:serial-5CGLICK9R35", look{1280, false}, 900},
		"view-neighbourhood": {"/neighbourhood?key=assetgraph:device:serial-5CGLICK9R35", look{1280, true}, 620},
	} {
		b.lookAt(p.look)
		command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: p.look.width, Height: p.tall, DeviceScaleFactor: 1})
		b.open(v.base + p.path)
		require.NoError(t, os.WriteFile(folder+"/"+*screenshots+"/"+name+".png", b.shoot(false), 0o644))
	}
}
