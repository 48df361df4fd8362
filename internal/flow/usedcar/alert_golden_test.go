package usedcar_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/letters"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/mail"
	"forecourt/internal/usedcars"
	"forecourt/templates"
)

var update = flag.Bool("update", false, "write the letters in testdata anew")

// sampleAlert is a letter with every kind of news in it.
func sampleAlert() usedcar.AlertFacts {
	const shop = "https://shop.example.com/renault/it"
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	f := usedcar.AlertFacts{ID: "used.alert.1", To: "reader@example.com", At: at, Shop: "Renault", Search: "Renault Clio; € 15.000", List: shop + "/used?model=Renault+Clio", Page: shop + "/used/alerts/page", Off: shop + "/used/alerts/off/off", Until: "7.12.2026"}
	for i, kind := range []usedcars.AlertKind{usedcars.AlertNew, usedcars.AlertDrop, usedcars.AlertBack} {
		n := usedcar.CarNews{Kind: kind, Car: "Renault Clio <Techno>", Facts: "2023, 41.000 km, Torino", Price: "€ 13.900", Held: i == 2, Link: shop + "/used/renault-clio-2023-u-7k2m9x"}
		if kind == usedcars.AlertDrop {
			n.Prior = "€ 14.500"
		}
		f.News = append(f.News, n)
	}
	return f
}

// The letters about saved searches as they should be, in each language. Look at what differs, then run with -update.
func TestTheLettersOfASearchAsWritten(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	set, err := letters.New(cat, templates.Files, letters.Config{Domain: "shop.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range []string{"de-DE", "en-GB", "es-ES", "fr-FR", "it-IT", "ro-RO"} {
		p := cat.Printer(locale)
		known, asked := sampleAlert(), sampleAlert()
		asked.Confirm = "https://shop.example.com/renault/it/used/alerts/yes/confirm"
		for name, n := range map[string]mail.Notice{"alert": usedcar.AlertNotice(p, sampleAlert()), "asked": usedcar.SearchNotice(p, asked), "known": usedcar.SearchNotice(p, known)} {
			m, err := set.Set(n)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(m.HTML, "<Techno>") {
				t.Error("what somebody typed is no text")
			}
			got := "Subject: " + m.Subject + "\n"
			for _, h := range []string{"List-Unsubscribe", "List-Unsubscribe-Post"} {
				if m.Headers[h] != "" {
					got += h + ": " + m.Headers[h] + "\n"
				}
			}
			got += "\n" + m.Text
			file := filepath.Join("testdata", name+"."+locale[:2]+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(file); err != nil || got != string(want) {
				t.Errorf("%s differs (%v):\n%s", file, err, got)
			}
		}
	}
}
