package web

import (
	"testing"

	"forecourt/internal/market"
	"forecourt/internal/platform/palette"
)

func TestALookComesFromTheBrandsColoursOrTheHouse(t *testing.T) {
	t.Parallel()
	house := LookOf(market.Brand{})
	if house.Light != palette.House.Light["head"] || house.Dark != palette.House.Dark["head"] || house.Ground == "" || house.Mark == "" || house.Rims == "" {
		t.Errorf("the house looks like %+v", house)
	}
	own := palette.Palette{Light: palette.Colours{}, Dark: palette.Colours{}}
	for token, colour := range palette.House.Light {
		own.Light[token] = colour
	}
	for token, colour := range palette.House.Dark {
		own.Dark[token] = colour
	}
	own.Light["head"] = "#102030"
	if got := LookOf(market.Brand{Code: "aurelia", Colours: own}); got.Light != "#102030" || got.Dark != house.Dark {
		t.Errorf("a brand with a head of its own looks like %+v", got)
	}
	own.Light["ink"] = own.Light["bg"] // nobody could read that
	if got := LookOf(market.Brand{Code: "aurelia", Colours: own}); got != house {
		t.Errorf("a brand whose colours cannot be read looks like %+v", got)
	}
}

func TestAnAddressIsMadeComplete(t *testing.T) {
	t.Parallel()
	b := Base{origin: "https://shop.example"}
	for path, want := range map[string]string{"/dacia/gb": "https://shop.example/dacia/gb", "https://pictures.example/a.png": "https://pictures.example/a.png"} {
		if got := b.Abs(path); got != want {
			t.Errorf("%s becomes %s", path, got)
		}
	}
	if (Base{Canonical: "/x", Preview: true}).Public() || (Base{Canonical: "/x", NoIndex: true}).Public() || (Base{}).Public() || !(Base{Canonical: "/x"}).Public() {
		t.Error("the wrong pages are public")
	}
}
