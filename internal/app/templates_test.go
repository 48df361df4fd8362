package app

import (
	"io"
	"maps"
	"reflect"
	"testing"

	"forecourt/internal/platform/i18n"
	"forecourt/internal/web"
	"forecourt/internal/web/dealer"
	"forecourt/internal/web/dealersite"
	"forecourt/internal/web/manager"
	"forecourt/internal/web/signin"
	"forecourt/internal/web/storefront"
	"forecourt/internal/web/styleguide"

	"github.com/jba/templatecheck"
)

// TestTemplatesFitTheirPages checks every page's template against its struct: a field that is not
// there fails here, not before a reader.
func TestTemplatesFitTheirPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	words, err := i18n.Load()
	must(t, err)
	base := web.Base{P: words.Printer("en-GB"), Theme: "forecourt", Title: "Sample"}
	samples := map[string]any{"shared/error": &web.ErrorPage{Base: base, Heading: "Sample", Text: "Sample", RequestID: "sample", HomeURL: "/"}}
	for _, more := range []map[string]any{web.Samples(), storefront.Samples(), dealer.Samples(), dealersite.Samples(), manager.Samples(), signin.Samples(), styleguide.Samples()} {
		maps.Copy(samples, more)
	}
	for _, name := range h.app.Kit.PageNames() {
		sample, ok := samples[name]
		if !ok {
			t.Errorf("%s has no sample: the surface's Samples must hold one", name)
			continue
		}
		page, err := h.app.Kit.Page(name).Clone() // the check may not follow an execution
		must(t, err)
		if err := templatecheck.CheckHTML(page.Lookup("layout"), sample); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range hidden(sample) {
			t.Errorf("%s: its own %s hides the one of every page, which the layout reads", name, f)
		}
		speak(sample, base)
		if err := h.app.Kit.Page(name).ExecuteTemplate(io.Discard, "layout", sample); err != nil {
			t.Errorf("%s does not render its sample: %v", name, err)
		}
		delete(samples, name)
	}
	for name := range samples {
		t.Errorf("the sample %s has no page", name)
	}
}

// hidden are the fields of every page that a page has a second time: the layout would read the wrong one.
func hidden(page any) (out []string) {
	t := reflect.TypeOf(page).Elem()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[web.Base]()) {
		if own, ok := t.FieldByName(f.Name); ok && f.IsExported() && own.Type != f.Type {
			out = append(out, f.Name)
		}
	}
	return out
}

// speak gives a zero page the words without which no page is made.
func speak(page any, base web.Base) {
	v := reflect.ValueOf(page).Elem().FieldByName("Base")
	if b, ok := v.Addr().Interface().(*web.Base); ok && b.P == nil {
		*b = base
	}
}
