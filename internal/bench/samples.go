package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/web"
	"forecourt/internal/web/assets"
	"forecourt/internal/web/dealer"
	"forecourt/internal/web/dealersite"
	"forecourt/internal/web/manager"
	"forecourt/internal/web/signin"
	"forecourt/internal/web/storefront"
	"forecourt/internal/web/styleguide"
	"forecourt/static"
	"forecourt/templates"
)

// What a page may take. A page over either is marked in the table; a test holds the size.
const (
	mostMillis = 5.0
	mostBytes  = 60 << 10
)

const (
	rendersFirst = 20 // until every part of a template has been escaped and every drawing kept
	renders      = 1000
)

// gallery is every page of the site with its sample, and the kit that renders them.
type gallery struct {
	kit   *web.Kit
	pages map[string]any
}

func openGallery() (*gallery, error) {
	words, err := i18n.Load()
	if err != nil {
		return nil, err
	}
	set, err := assets.New(static.Files, "")
	if err != nil {
		return nil, err
	}
	g := &gallery{kit: &web.Kit{Catalogue: words, Assets: set}, pages: map[string]any{"shared/error": &web.ErrorPage{Heading: "Sample", Text: "Sample", RequestID: "sample", HomeURL: "/"}}}
	for _, more := range []map[string]any{web.Samples(), storefront.Samples(), dealer.Samples(), dealersite.Samples(), manager.Samples(), signin.Samples(), styleguide.Samples()} {
		maps.Copy(g.pages, more)
	}
	return g, g.kit.Init(templates.Files)
}

// speak sets the language of every page; what a sample holds as text stays as it is.
func (g *gallery) speak(locale string) {
	for _, page := range g.pages {
		b, ok := reflect.ValueOf(page).Elem().FieldByName("Base").Addr().Interface().(*web.Base)
		if !ok {
			continue
		}
		b.P, b.Theme, b.Title = g.kit.Catalogue.Printer(locale), cmp.Or(b.Theme, "forecourt"), cmp.Or(b.Title, "Sample")
	}
}

// rendered is how long something took each time, and what came of it.
type rendered struct {
	name          string
	times         []time.Duration
	raw, zipped   int
	overtime, fat bool
}

func (r *rendered) millis(p float64) float64 {
	slices.Sort(r.times)
	return r.times[min(int(p*float64(len(r.times))), len(r.times)-1)].Seconds() * 1000
}

// timed renders again and again.
func timed(name string, render func(io.Writer) error) (r rendered, err error) {
	r.name = name
	var b bytes.Buffer
	for i := range rendersFirst + renders {
		b.Reset()
		start := time.Now()
		if err := render(&b); err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
		if i >= rendersFirst {
			r.times = append(r.times, time.Since(start))
		}
	}
	r.raw = b.Len()
	var small bytes.Buffer
	z := gzip.NewWriter(&small)
	_, _ = z.Write(b.Bytes()) // into memory
	_ = z.Close()
	r.zipped, r.overtime, r.fat = small.Len(), r.millis(.99) > mostMillis, r.raw > mostBytes
	return r, nil
}

// measureSamples renders every page from its sample in this process, without HTTP and database.
func measureSamples(t table) error {
	g, err := openGallery()
	if err != nil {
		return err
	}
	g.speak("en-GB")
	before, start := meter(nil), time.Now()
	order := floorOrder{Number: "FC-7K3M-29QX", State: "ready", Currency: "GBP", Dealer: "gb-sample", Total: 2130000, At: time.Now()}
	floor, err := timed("floor: html/template, small page", func(w io.Writer) error { return floorPage.Execute(w, order) })
	if err != nil {
		return err
	}
	var all []rendered
	for _, name := range slices.Sorted(maps.Keys(g.pages)) {
		page := g.pages[name]
		r, err := timed(name, func(w io.Writer) error {
			b, err := g.kit.Render(name, page)
			if err == nil {
				_, err = w.Write(b)
			}
			return err
		})
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	var f figure
	f.took = time.Since(start)
	_, f.others = before.since()
	t.samples(floor, all, f.strangers())
	return t.drawings(floor)
}

func (t table) samples(floor rendered, all []rendered, strangers string) {
	t.title(fmt.Sprintf("0. Pages: each template over its sample, %d times, one goroutine, no HTTP", renders))
	t.line("%-44s %9s %9s %9s %9s %9s", "", "p50 ms", "p99 ms", "KB raw", "KB gzip", "x floor")
	flagged := 0
	for _, r := range append([]rendered{floor}, all...) {
		var marks []string
		if r.overtime {
			marks = append(marks, "SLOW")
		}
		if r.fat {
			marks = append(marks, "FAT")
		}
		flagged += min(1, len(marks))
		t.line("%s", strings.TrimRight(fmt.Sprintf("%-44s %9.3f %9.3f %9.1f %9.1f %9.1f  %s", r.name, r.millis(.5), r.millis(.99), float64(r.raw)/1024, float64(r.zipped)/1024,
			r.millis(.5)/floor.millis(.5), strings.Join(marks, " ")), " "))
	}
	t.line("aim: p99 below %.0f ms and at most %d KB raw; %d of %d pages are over (strangers %s)", mostMillis, mostBytes>>10, flagged, len(all), strings.TrimSpace(strangers))
}

// drawings compares a car that was drawn before with cars that nobody asked for yet.
func (t table) drawings(floor rendered) error {
	car := carart.Spec{Body: carart.SUV, Paint: carart.Paint{Hex: "#6f7259", Finish: carart.Metallic}, Wheels: carart.Y5, Rails: true, ID: "bench"}
	draw := func(w io.Writer) error {
		_, err := io.WriteString(w, string(carart.HTML(car)))
		return err
	}
	hit, err := timed("drawing from the cache", draw)
	if err != nil {
		return err
	}
	paint := 0
	miss, err := timed("drawing anew", func(w io.Writer) error {
		paint++
		car.Paint.Hex = fmt.Sprintf("#%06x", paint)
		return draw(w)
	})
	if err != nil {
		return err
	}
	t.line("%-44s %9s %9s %9s %9s %9s", "", "p50 ms", "p99 ms", "KB raw", "KB gzip", "x floor")
	for _, r := range []rendered{hit, miss} {
		t.line("%-44s %9.4f %9.4f %9.1f %9.1f %9.1f", r.name, r.millis(.5), r.millis(.99), float64(r.raw)/1024, float64(r.zipped)/1024, r.millis(.5)/floor.millis(.5))
	}
	return nil
}
