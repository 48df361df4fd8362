package storefront

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// The size that social networks ask for.
const (
	socialWidth  = 1200
	socialHeight = 630
)

var (
	errBadPicture = fault.New(fault.BadRequest, "fault.bad_request", "storefront.picture")
	errManyDrawn  = fault.New(fault.Limited, "fault.limited", "storefront.picture")
)

// dressed is a model with some of its parts on: those of them that can be seen.
func dressed(r *catalogue.Range, parts []id.Feature) carart.Spec {
	s := carart.Spec{Body: carart.Body(r.Body), ID: "car-" + string(r.Model)}
	for _, code := range parts {
		f, ok := r.Feature(code)
		if !ok {
			continue
		}
		switch f.Group {
		case catalogue.Version:
			s.Trim = carart.Trim(f.Draws)
		case catalogue.Colour:
			s.Paint = carart.Paint{Hex: f.Hex, Finish: carart.Finish(f.Finish)}
		case catalogue.Wheels:
			s.Wheels = carart.Wheel(f.Design)
		}
		s.Rails = s.Rails || f.Draws == "rails"
		s.TwoTone = s.TwoTone || f.Draws == "two_tone"
	}
	return s
}

// visible keeps the parts that can be seen, in the order of the range: one list for one look.
func visible(r *catalogue.Range, parts []id.Feature) []string {
	var out []string
	for i := range r.Features {
		f := &r.Features[i]
		seen := f.Group == catalogue.Colour || f.Group == catalogue.Wheels || f.Draws != ""
		if seen && slices.Contains(parts, f.Code) {
			out = append(out, string(f.Code))
		}
	}
	return out
}

// card is the picture that a link to a car brings along.
func card(b market.Brand, r *catalogue.Range, parts []id.Feature) carart.Plate {
	s := dressed(r, parts)
	s.View = carart.Quarter
	colours := b.Colours.OrHouse().Light // pictures know no style sheet
	return carart.Plate{Spec: s, Width: socialWidth, Height: socialHeight, Light: colours["stage-1"], Dark: colours["stage-2"], Ink: colours["ink"],
		Title: r.Name, Sub: b.Name}
}

// seal is short for all that a card shows: other pixels, other address, so that it can be kept for ever.
func seal(p carart.Plate) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{carart.Draw(p.Spec), p.Light, p.Dark, p.Ink, p.Title, p.Sub}, "\x00")))
	return hex.EncodeToString(sum[:5])
}

// social is the card of a car as a page names it.
func (h *Handlers) social(s *shop, r *catalogue.Range, parts []id.Feature, alt string) *web.SocialImage {
	p := card(s.brand, r, parts)
	look := append(visible(r, parts), seal(p))
	return &web.SocialImage{URL: pictureURL(r, look, ".png"), Alt: alt, Width: p.Width, Height: p.Height}
}

// sketch is a car on a card of a list: a file that the browser keeps, so that lists stay light.
type sketch struct {
	URL           string
	Alt           string
	Width, Height int
	Lazy          bool // below the first screen: fetched when the reader comes near
}

func sketchOf(r *catalogue.Range, parts []id.Feature, alt string) sketch {
	s := dressed(r, parts)
	w, height := carart.Size(s)
	look := append(visible(r, parts), sealSketch(s))
	return sketch{URL: pictureURL(r, look, ".svg"), Alt: alt, Width: w, Height: height}
}

func pictureURL(r *catalogue.Range, look []string, ending string) string {
	return "/car/" + string(r.Brand) + "/" + string(r.Model) + "/" + strings.Join(look, ".") + ending
}

func sealSketch(s carart.Spec) string {
	sum := sha256.Sum256(carart.File(s))
	return hex.EncodeToString(sum[:5])
}

// partsOf is everything in a build.
func partsOf(b configurator.Build) []id.Feature { return slices.Concat(b.Selection, b.Included) }

// foreverCache is for addresses that carry a seal of their content.
const foreverCache = "public, max-age=31536000, immutable"

// showPicture answers a card as PNG, a sketch as SVG. Its address holds parts of the range that can be seen and nothing else, in one
// order: there are no more pictures than looks of the cars on sale, and drawing new ones is limited.
func (h *Handlers) showPicture(c echo.Context) error {
	w := h.Kit.World.Now()
	b, okB := w.Brand(id.Brand(c.Param("brand")))
	r, okR := w.Range(id.Brand(c.Param("brand")), id.Model(c.Param("model")))
	if !okB || !okR {
		return web.ErrNotFound
	}
	if name, ok := strings.CutSuffix(c.Param("look"), ".svg"); ok {
		return h.showSketch(c, r, name)
	}
	name, ok := strings.CutSuffix(c.Param("look"), ".png")
	if !ok {
		return errBadPicture
	}
	parts, mark, err := lookOf(r, name)
	if err != nil {
		return err
	}
	p := card(b, r, parts)
	if seal(p) != mark {
		return web.ErrNotFound // it looks different by now
	}
	head, tag := c.Response().Header(), `"`+mark+`"`
	if c.Request().Header.Get("If-None-Match") == tag { // nothing is drawn for those who have it
		head.Set("Cache-Control", foreverCache)
		head.Set("ETag", tag)
		return c.NoContent(http.StatusNotModified)
	}
	body, err := h.pixels(c, p)
	if err != nil {
		return err
	}
	head.Set("Cache-Control", foreverCache)
	head.Set("ETag", tag)
	return c.Blob(http.StatusOK, "image/png", body)
}

func (h *Handlers) showSketch(c echo.Context, r *catalogue.Range, name string) error {
	parts, mark, err := lookOf(r, name)
	if err != nil {
		return err
	}
	s := dressed(r, parts)
	if sealSketch(s) != mark {
		return web.ErrNotFound // it looks different by now
	}
	return answerPacked(c, keep(carart.File(s)), foreverCache, "image/svg+xml")
}

// pixels draws, unless too much was drawn just now; what is kept costs nothing. A picture takes a quarter of
// a second of a core, so there are few each second, and one visitor who asks for look after look does not
// take them from all others.
func (h *Handlers) pixels(c echo.Context, p carart.Plate) ([]byte, error) {
	if !p.Kept() && (!h.share.Allow(c) || !h.drawn.Allow()) {
		return nil, errManyDrawn
	}
	return p.PNG()
}

// lookOf reads "extreme.cedar.y5-17.1f2e3d4c5b".
func lookOf(r *catalogue.Range, look string) (parts []id.Feature, mark string, err error) {
	codes := strings.Split(look, ".")
	if len(codes) < 3 || len(codes) > 12 {
		return nil, "", errBadPicture
	}
	mark, codes = codes[len(codes)-1], codes[:len(codes)-1]
	groups := map[catalogue.Group]int{}
	for _, code := range codes {
		f, ok := r.Feature(id.Feature(code))
		if !ok {
			return nil, "", errBadPicture
		}
		groups[f.Group]++
		parts = append(parts, f.Code)
	}
	if groups[catalogue.Colour] != 1 || groups[catalogue.Wheels] != 1 || groups[catalogue.Version] > 1 || !slices.Equal(visible(r, parts), codes) {
		return nil, "", errBadPicture
	}
	return parts, mark, nil
}
