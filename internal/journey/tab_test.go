package journey

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds one wait; nothing is asserted about it.
const patience = 20 * time.Second

// tab is a page of a browser profile.
type tab struct {
	t      *testing.T
	ctx    context.Context
	dir    string
	wide   int64
	high   int64
	notes  *console
	photos *int
	keys   bool // presses and types by keyboard only, see keyboard_test.go
}

// console collects what must not be there: errors of scripts and refusals of the security policy.
type console struct {
	mu      sync.Mutex
	bad     []string
	allowed *regexp.Regexp
}

// allow lets notes pass that a journey provokes on purpose.
func (c *console) allow(pattern string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.allowed = regexp.MustCompile(pattern)
}

// expected are the browser's notes about answers that a journey provokes on purpose.
var expected = regexp.MustCompile(`status of (422|402)`)

func (c *console) listen(ev any) {
	text := ""
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		text = fmt.Sprintf("exception: %+v", e.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text = fmt.Sprintf("console.%s: %+v", e.Type, e.Args)
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			text = fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	}
	if text == "" || expected.MatchString(text) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bad = append(c.bad, text)
}

func (c *console) check(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.bad {
		if c.allowed != nil && c.allowed.MatchString(s) {
			continue
		}
		t.Errorf("the browser complains: %s", s)
	}
}

// newTab opens a profile of its own with one page, and fails the test at its end for what the browser
// complained of.
func newTab(t *testing.T, journey string, wide, high int64, opts ...chromedp.EmulateViewportOption) *tab {
	t.Helper()
	if err := startChrome(); err != nil {
		t.Fatal(err)
	}
	b := &tab{t: t, dir: artefacts(t, journey), wide: wide, high: high, notes: &console{}, photos: new(int)}
	ctx, cancel := chromedp.NewContext(chrome.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.notes.listen))
	b.ctx = ctx
	forget(t)
	t.Cleanup(cancel)
	t.Cleanup(b.keep)
	t.Cleanup(func() { b.notes.check(t) })
	b.do(chromedp.EmulateViewport(wide, high, opts...))
	b.stillness()
	return b
}

// another opens a second page in the same profile.
func (b *tab) another() *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithListener(b.notes.listen))
	b.t.Cleanup(cancel)
	n := *b
	n.ctx = ctx
	b.t.Cleanup(n.keep)
	n.do(chromedp.EmulateViewport(b.wide, b.high))
	n.stillness()
	return &n
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if chromedp.FromContext(b.ctx).Target == nil { // the first steps start the page and have no deadline
		if err := chromedp.Do(b.ctx); err != nil {
			b.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fail("%v", err)
	}
}

func ask[T any](b *tab, js string) T {
	b.t.Helper()
	v, err := tryAsk[T](b, js)
	if err != nil {
		b.fail("%s: %v", js, err)
	}
	return v
}

func tryAsk[T any](b *tab, js string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](js, func(p *runtime.EvaluateParams) { p.UserGesture, p.AwaitPromise = new(true), new(true) }))
}

// fail ends the journey, and says where it stopped.
func (b *tab) fail(format string, args ...any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	where, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body?.innerText.slice(0, 1500)`))
	b.t.Fatalf(format+"\nat "+where, args...)
}

// open goes to an address.
func (b *tab) open(address string) { b.t.Helper(); b.do(chromedp.Navigate(address)) }

// until waits for a condition of the page; a page between two documents has none.
func (b *tab) until(what, js string) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok, err := tryAsk[bool](b, `document.readyState === "complete" && !!(`+js+`)`); err == nil && ok {
			return
		}
	}
	b.fail("never came: %s", what)
}

// place finds where to press an element: its middle, once it stands still on the screen and nothing
// lies over it.
const place = `(sel => {
	const e = document.querySelector(sel);
	if (!e) return "there is none";
	e.scrollIntoView({block: "center", behavior: "instant"});
	const r = e.getClientRects()[0];
	if (!r) return "it is not visible";
	const x = r.x + r.width / 2, y = r.y + r.height / 2;
	const top = document.elementFromPoint(x, y);
	if (!top || !(e.contains(top) || top.contains(e) && e.tagName === "INPUT")) return "under " + top?.tagName + "." + top?.className;
	return x + " " + y;
})`

// click presses the first element of a selector. Where a finger can reach it is checked with its place;
// the press itself is the element's own, because a busy machine may move the page under a pointer.
func (b *tab) click(sel string) {
	b.t.Helper()
	if b.keys {
		b.strike(sel)
		return
	}
	last := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		at, err := tryAsk[string](b, place+`(`+quote(sel)+`)`)
		if err == nil && at != "" && at == last && strings.ContainsAny(at[:1], "0123456789") {
			_ = ask[bool](b, `(document.querySelector(`+quote(sel)+`).click(), true)`)
			return
		}
		last = at
	}
	b.fail("cannot press %s: %s", sel, last)
}

// leave presses and waits for the document that comes after this one.
func (b *tab) leave(sel string) { b.t.Helper(); b.after(func() { b.click(sel) }) }

// after waits for another document than the one before act.
func (b *tab) after(act func()) {
	b.t.Helper()
	_ = ask[bool](b, `(window.journeyLeft = true)`)
	act()
	b.until("another page", `!window.journeyLeft`)
}

// fill types into a field after emptying it.
func (b *tab) fill(id, text string) {
	b.t.Helper()
	if b.keys {
		b.reach("#" + id)
	}
	_ = ask[bool](b, `(document.getElementById(`+quote(id)+`).value = "", true)`)
	b.front()
	b.do(chromedp.SendKeys(chromedp.CSS("#"+id), text))
	if got := ask[string](b, `document.getElementById(`+quote(id)+`).value`); got != text {
		b.fail("typed %q into %s, it holds %q", text, id, got)
	}
}

// front puts the page before the others of the browser: keys typed into a page behind another one are lost.
func (b *tab) front() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, page.BringToFront, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) press(keys string) { b.t.Helper(); b.front(); b.do(chromedp.KeyEvent(keys)) }

func (b *tab) text() string { b.t.Helper(); return ask[string](b, `document.body.innerText`) }

func (b *tab) path() string { b.t.Helper(); return ask[string](b, `location.pathname`) }

func (b *tab) address() string { b.t.Helper(); return ask[string](b, `location.href`) }

// shows fails unless the page says all of it.
func (b *tab) shows(parts ...string) {
	b.t.Helper()
	text := b.text()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			b.fail("the page does not say %q", p)
		}
	}
}

// station looks at a page: nothing may scroll sideways, it has one heading and names its language.
func (b *tab) station(name string) {
	b.t.Helper()
	if w := ask[int64](b, `document.documentElement.scrollWidth`); w > b.wide {
		b.t.Errorf("%s scrolls sideways: %d pixels on a screen of %d, because of %s", name, w, b.wide, b.culprit())
	}
	if n := ask[int](b, `document.querySelectorAll("h1").length`); n != 1 {
		b.t.Errorf("%s has %d first headings", name, n)
	}
	if lang := ask[string](b, `document.documentElement.lang`); lang == "" {
		b.t.Errorf("%s names no language", name)
	}
	*b.photos++
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, fmt.Sprintf("%02d-%s.png", *b.photos, name)), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// culprit names the innermost element that reaches beyond the screen.
func (b *tab) culprit() string {
	return ask[string](b, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + "." + e.className).slice(-1)[0] ?? "?"`)
}

// withoutScripts switches the scripts of pages off; what the test itself asks still runs.
func (b *tab) withoutScripts() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
}

// quote writes a text as a script's string.
func quote(s string) string { return strconv.Quote(s) }

// stillness asks pages for no motion: a picture in the middle of a transition shows two pages at once.
func (b *tab) stillness() {
	b.t.Helper()
	still := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, still); err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		b.t.Fatal(err)
	}
}
