package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A browser is a headless Chromium with one tab.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string // addresses that were asked for
	messages []string // of the console and of scripts that failed
}

// startBrowser starts one, or skips the test where there is none, unless CI is set.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" && os.Getenv("CI") == "" {
		t.Skip("there is no Chromium; on Debian apt-get install chromium")
	}
	require.NotEmpty(t, path, "there is no Chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-gpu", true), chromedp.Flag("font-render-hinting", "none"))
	allocated, free := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stop := chromedp.NewContext(allocated)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for the process, which else still writes into its folder
		stop()
		free()
	})
	b := &browser{t: t, ctx: ctx}
	require.NoError(t, chromedp.Do(ctx)) // starts it
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	command(b, network.Enable, network.EnableParams{})
	command(b, log.Enable, cdp.Empty{})
	return b
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, actions...))
}

// command has the browser do what no action is for.
func command[P, R any](b *browser, c cdp.Command[P, R], params P) R {
	b.t.Helper()
	out, err := chromedp.Call(b.ctx, c, params)
	require.NoError(b.t, err)
	return out
}

// evaluate returns what a script in the page gives.
func evaluate[T any](b *browser, script string) T {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	return out
}

// A look is how a page is looked at.
type look struct {
	width int64
	dark  bool
}

func (l look) String() string {
	theme := map[bool]string{false: "light", true: "dark"}[l.dark]
	return theme + "-" + map[int64]string{360: "narrow", 1600: "wide"}[l.width]
}

// looks are the narrowest and the widest, in both themes.
func looks() []look { return []look{{360, false}, {1600, false}, {360, true}, {1600, true}} }

// lookAt has pages shown so from now on, on a screen.
func (b *browser) lookAt(l look) {
	b.t.Helper()
	theme := map[bool]string{false: "light", true: "dark"}[l.dark]
	command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: l.width, Height: 900, DeviceScaleFactor: 1, Mobile: l.width < 500,
	})
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
	})
}

func (b *browser) open(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
}

// shoot returns a picture of the page, all of it or what the window shows.
func (b *browser) shoot(whole bool) []byte {
	b.t.Helper()
	action := chromedp.CaptureScreenshot()
	if whole {
		action = chromedp.FullScreenshot(100)
	}
	png, err := chromedp.Run(b.ctx, action)
	require.NoError(b.t, err)
	return png
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork { // pages that are not found are looked at too
			b.messages = append(b.messages, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.messages = append(b.messages, e.ExceptionDetails.Text+" "+e.ExceptionDetails.URL)
	case *page.EventJavascriptDialogOpening:
		b.messages = append(b.messages, "dialog: "+e.Message)
	}
}

// complaints returns what the browser and scripts in pages had to complain of.
func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.messages
}

// in has the browser used by a test within the one that started it.
func (b *browser) in(t *testing.T) *browser {
	outer := b.t
	b.t = t
	t.Cleanup(func() { b.t = outer })
	return b
}

func (b *browser) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// html returns the first element that fits, as the browser understood it. It needs no scripts in pages.
func (b *browser) html(selector string) string {
	b.t.Helper()
	return evaluate[string](b, "document.querySelector("+strconv.Quote(selector)+")?.outerHTML ?? ''")
}

func (b *browser) focus(selector string) {
	b.t.Helper()
	evaluate[bool](b, "document.querySelector("+strconv.Quote(selector)+").focus(), true")
}

// follow does what leads to another page, and waits for that.
func (b *browser) follow(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	_, err := chromedp.RunResponse(b.ctx, actions...)
	require.NoError(b.t, err)
}

// elsewhere returns what was asked of others than the view.
func (b *browser) elsewhere(base string) (list []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.requests {
		if !strings.HasPrefix(address, base+"/") {
			list = append(list, address)
		}
	}
	return list
}
