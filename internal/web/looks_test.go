package web_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/web/webtest"
	"forecourt/internal/world"
)

var sheetOf = regexp.MustCompile(`href="(/static/css/app\.[0-9a-f]+\.css)"`)

// sheet is the URL of a page's style sheet and what it holds.
func sheet(t *testing.T, h *webtest.House) (url, css string) {
	t.Helper()
	found := sheetOf.FindStringSubmatch(h.Stranger().Get("/nothing/here").Body)
	if found == nil {
		t.Fatal("the page names no style sheet")
	}
	return found[1], h.Stranger().Get(found[1]).Body
}

// A brand that nobody has heard of when the process starts is imported, and the next page has its colours.
func TestAnImportedBrandWearsItsColoursAtOnce(t *testing.T) {
	t.Parallel()
	h := webtest.New(t)
	before, css := sheet(t, h)
	if !strings.Contains(css, "[data-brand=dacia]{--bg:#f5f3ee;") || !strings.Contains(css, "[data-brand=renault]{") || strings.Contains(css, "kestrel") {
		t.Fatal("the sheet does not show the brands of the world")
	}
	data, err := os.ReadFile("../../config/brands.yaml")
	if err != nil {
		t.Fatal(err)
	}
	brands, problems := market.DecodeBrands("brands.yaml", []byte(strings.NewReplacer("dacia", "kestrel", "Dacia", "Kestrel", "#4a5638", "#5b2a6e").Replace(string(data))))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	doc, err := json.Marshal(brands[0])
	if err != nil {
		t.Fatal(err)
	}
	err = h.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		if err := tx.Exec(`INSERT INTO brands (code, doc) VALUES ('kestrel', ?)`, string(doc)).Error; err != nil {
			return err
		}
		return world.TouchStaticTx(tx)
	})
	if err == nil {
		err = h.Kit.World.Refresh(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	after, css := sheet(t, h)
	if after == before || strings.Count(css, "[data-brand=kestrel]{") != 2 || !strings.Contains(css, "--accent:#5b2a6e;") {
		t.Errorf("the new brand has no look; the sheet was %s and is %s", before, after)
	}
	if a := h.Stranger().Get(before); a.Status != 200 {
		t.Errorf("the sheet of a page that is still open: %d", a.Status)
	}
}
