// Package journey walks through the running product in a real browser: the buyer on a phone, with and
// without scripts, the dealer by keyboard, the country manager. Pictures of every station are kept in
// the folder artefacts.
package journey

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// errNoBrowser tells the ways out; a journey without a browser fails, it is never left out.
var errNoBrowser = errors.New("no Chromium found: install the package chromium, or set CHROMIUM to the browser's binary")

func browserPath() (string, error) {
	if p := os.Getenv("CHROMIUM"); p != "" {
		if _, err := exec.LookPath(p); err != nil {
			return "", fmt.Errorf("CHROMIUM: %w", err)
		}
		return p, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p, nil
		}
	}
	return "", errNoBrowser
}

// mouse says that there is one: a browser without a screen believes it has none, and shows desks the
// pages for fingers. Phones switch touch on for themselves.
const mouse = "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"

// chrome is one browser for all journeys; each has a profile of its own in it, with its own cookies.
var chrome struct {
	ctx   context.Context
	close []func()
}

var startChrome = sync.OnceValue(func() error {
	path, err := browserPath()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "forecourt-browser-")
	if err != nil {
		return err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(dir), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("blink-settings", mouse))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	chrome.ctx = ctx
	chrome.close = []func(){func() { _ = chromedp.Cancel(ctx) }, cancel, stop, func() { _ = os.RemoveAll(dir) }}
	return chromedp.Do(ctx) // starts the browser; a deadline here would end it
})

func TestMain(m *testing.M) {
	code := m.Run()
	for _, c := range chrome.close {
		c()
	}
	os.Exit(code)
}

func TestAMissingBrowserIsNamedWithTheWayOut(t *testing.T) {
	t.Setenv("CHROMIUM", "")
	t.Setenv("PATH", t.TempDir())
	_, err := browserPath()
	if !errors.Is(err, errNoBrowser) || !strings.Contains(err.Error(), "CHROMIUM") {
		t.Errorf("got %v", err)
	}
	t.Setenv("CHROMIUM", "/nowhere/chromium")
	if _, err := browserPath(); err == nil {
		t.Error("a CHROMIUM that is not there is taken")
	}
}

// artefacts is an empty folder in the ignored one at the top of the project.
func artefacts(t *testing.T, journey string) string {
	t.Helper()
	dir := artefact(t, journey)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// artefact is a place in the ignored folder at the top of the project.
func artefact(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "artefacts", name)
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
}
