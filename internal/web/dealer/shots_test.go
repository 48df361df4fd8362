package dealer_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"testing"
	"time"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/world"

	"github.com/chromedp/chromedp"
)

func TestShots(t *testing.T) {
	b := newBench(t)
	fr := b.first("fr")
	s := b.staffOf(leeds)
	mk := func(model id.Model, brand id.Brand, name, pc, town string, n int) *ordering.Order {
		who := buyer
		who.Name, who.Postcode, who.Town = name, pc, town
		m, err := b.world.Model(brand, "gb", model, world.Today(must2(b.world.Market("gb")), b.db.Clock.Now()))
		b.must(err)
		sel := m.Default()
		_ = configurator.Selection(sel)
		return b.offerOf(newcar.Build{Shop: newcar.Shop{Brand: brand, Market: "gb"}, Model: model}, who, leeds, london)
	}
	clk := dbtest.Clock(t, b.db)
	h1 := mk("duster", "dacia", "Priya Raman", "LS3 1LH", "Leeds", 0)
	h2 := mk("clio", "renault", "George Pell", "BD1 1AA", "Bradford", 0)
	w1 := mk("spring", "dacia", "Lucy Abara", "YO1 7HH", "York", 0)
	w2 := mk("bigster", "dacia", "Mei Tanaka", "HG1 1AA", "Harrogate", 0)
	w3 := mk("captur", "renault", "Owen Fletcher", "HX1 1AA", "Halifax", 0)
	c1 := mk("sandero", "dacia", "Daniel Kerr", "WF1 1AA", "Wakefield", 0)
	b.walk(h1, s, ordering.Ready)
	b.walk(h2, s, ordering.Ready)
	b.walk(w1, s, ordering.Arrived)
	b.walk(w2, s, ordering.Built)
	b.walk(w3, s, ordering.Prepared)
	b.walk(c1, s, ordering.Ready)
	b.payAll(h1, s)
	b.payAll(c1, s)
	b.book(h1, 1)
	b.book(h2, 9)
	b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.CancelTx(ctx, tx, c1.ID) })
	a1 := mk("jogger", "dacia", "Hannah Whitcombe", "LS22 9ZZ", "Wetherby", 0)
	clk.Advance(6*time.Hour + 10*time.Minute)
	a2 := mk("rafale", "renault", "Marcus Oyelaran", "M1 1AA", "Manchester", 0)
	_, _ = a1, a2
	clk.Advance(75 * time.Minute)

	f := b.staffOf(fr)
	b.offer(fr)
	fo := b.offer(fr)
	b.walk(fo, f, ordering.Ready)
	b.book(fo, 3)
	target, _ := url.Parse(b.url)
	proxy := httputil.NewSingleHostReverseProxy(target)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, c := range map[bool]*staff{true: f, false: s}[r.URL.Query().Get("as") == "fr"].client.Jar.Cookies(target) {
			r.AddCookie(c)
		}
		proxy.ServeHTTP(w, r)
	}))
	defer srv.Close()
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"), chromedp.ExecPath("/usr/bin/chromium"))...)
	defer stop()
	{
		ctx, cancel := chromedp.NewContext(alloc)
		step := func(a chromedp.Action[chromedp.Void]) { b.must(chromedp.Do(ctx, a)) }
		where := func() string {
			time.Sleep(600 * time.Millisecond)
			x, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname+location.search+location.hash+" | "+(document.querySelector("tr.sel th")?.textContent)`))
			b.must(err)
			return x
		}
		step(chromedp.EmulateViewport(1280, 900))
		step(chromedp.Navigate(srv.URL + "/dealer"))
		for _, k := range []string{"j", "j", "k", "d"} {
			step(chromedp.KeyEvent(k))
			t.Log(k, where())
		}
		step(chromedp.Navigate(srv.URL + "/dealer"))
		step(chromedp.KeyEvent("d"))
		t.Log("d", where())
		step(chromedp.Navigate(srv.URL + "/dealer?sel=" + a2.Number))
		step(chromedp.KeyEvent("a"))
		t.Log("a", where())
		cancel()
	}
	pages := map[string]string{"queue": "/dealer", "work": "/dealer?tab=work", "before": "/dealer/orders/" + a1.Number, "after": "/dealer/orders/" + w1.Number,
		"vin": "/dealer/orders/" + w2.Number, "ready": "/dealer/orders/" + h2.Number + "?done=release", "handovers": "/dealer/handovers", "unpaid": "/dealer/orders/" + h2.Number + "/handover",
		"handover": "/dealer/orders/" + h1.Number + "/handover?code=" + h1.PickupCode, "handover2": "/dealer/orders/" + h1.Number + "/handover", "return": "/dealer/orders/" + c1.Number, "search": "/dealer?q=nobody", "find": "/dealer/find?code=ABCDEF", "again": "/dealer/orders/" + a2.Number + "?done=accepted", "gone": "/dealer/orders/FC-AAAA-AAAA"}
	for name, path := range pages {
		for _, v := range []struct {
			n    string
			w, h int64
		}{{"390", 390, 844}, {"1280", 1280, 900}, {"320", 320, 640}} {
			if v.n == "320" && name != "queue" && name != "after" && name != "handover2" && name != "ready" && name != "handovers" && name != "before" {
				continue
			}
			ctx, cancel := chromedp.NewContext(alloc)
			var png []byte
			var wide bool
			err := chromedp.Do(ctx, chromedp.EmulateViewport(v.w, v.h), chromedp.Navigate(srv.URL+path))
			if err == nil {
				wide, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`))
			}
			if err == nil {
				png, err = chromedp.Run(ctx, chromedp.FullScreenshot(100))
			}
			cancel()
			if err != nil {
				t.Fatal(name, err)
			}
			if wide {
				t.Errorf("%s at %s scrolls sideways", name, v.n)
			}
			os.WriteFile("/tmp/dealerwork/"+name+"-"+v.n+".png", png, 0o644)
		}
	}
	if m := b.words.Missing(); len(m) > 0 {
		t.Error(m)
	}
}

func must2[T any](v T, ok bool) T { return v }
