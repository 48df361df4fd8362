package storefront

import (
	"errors"
	"slices"
	"strings"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Changed tells what the last click did and how to take it back.
type Changed struct {
	Text    string
	More    string // what changed besides the version
	Delta   string
	UndoURL string
	Undo    string
}

// Mended tells how an address that is no car was read.
type Mended struct{ Text string }

// click is what led to a page: picks before and after it, and the choice where it was made.
type click struct {
	before, after configurator.Selection
	at            string
}

// act reads the button that led to this page, or the link that took it back; nil when neither did. What is
// not sold any more is told and changes nothing; picks that fit in no car are left to mend.
func (p *ConfigurePage) act(c echo.Context, k *car, picked configurator.Selection) *click {
	if gone := id.Feature(c.QueryParam(actForget)); gone != "" {
		rest := slices.DeleteFunc(slices.Clone(picked), func(f id.Feature) bool { return f == gone })
		return &click{before: picked, after: rest}
	}
	for _, verb := range []string{actTake, actLeave} {
		code := id.Feature(c.QueryParam(verb))
		if code == "" {
			continue
		}
		next, err := k.model.After(picked, code, verb == actLeave)
		if errors.Is(err, configurator.ErrUnknown) {
			p.Mended = &Mended{Text: p.T("storefront.configure.not_sold_any_more")}
		}
		if err != nil {
			return nil
		}
		return &click{before: picked, after: next, at: string(code)}
	}
	was, at := c.QueryParam("was"), c.QueryParam("at")
	before, err := configurator.Decode(was)
	if was == "" && at == "" || err != nil {
		return nil
	}
	return &click{before: before, after: picked, at: at}
}

// mend is the page of these picks, or of the nearest that can be built, with a word about what was changed.
func (p *ConfigurePage) mend(k *car, picked configurator.Selection) (configurator.Page, error) {
	page, err := k.model.Page(picked)
	if errors.Is(err, configurator.ErrUnknown) {
		if sold := k.soldOf(picked); len(sold) > 0 {
			p.Mended = &Mended{Text: p.T("storefront.configure.not_sold_any_more")}
			page, err = k.model.Page(sold)
		}
	}
	var clash *configurator.Clash
	if errors.As(err, &clash) && clash.Repair != nil {
		p.Mended = &Mended{Text: p.T("storefront.configure.mended", "Why", clashWords(p.Base, k, clash), "Because", strings.Join(because(k, clash), " "))}
		page, err = k.model.Page(clash.Repair)
	}
	return page, err
}

// tellChange puts the note of the last click into the section it was made in.
func (p *ConfigurePage) tellChange(k *car, page configurator.Page, c click) {
	then, err := k.model.Car(c.before)
	if err != nil {
		return
	}
	d := page.Build.Since(then)
	if len(d.Added)+len(d.Removed) == 0 {
		return
	}
	text, more := changeWords(p.Base, k, d)
	p.note(c.at, &Changed{Undo: p.T("storefront.configure.undo"), Text: text, More: more, Delta: p.Delta(d.Delta),
		UndoURL: p.link(k, c.before, "was", configurator.Encode(page.Picks), "at", c.at)})
}

// note puts a change beside the choice that was clicked, else on top of the page.
func (p *ConfigurePage) note(at string, n *Changed) {
	for i := range p.Sections {
		for j := range p.Sections[i].Open {
			if one := &p.Sections[i].Open[j]; one.Key == at {
				n.UndoURL += "#c-" + at
				one.Changed = n
				return
			}
		}
	}
	p.Changed = n
}

// changeWords says a change; another version comes first and alone, for with it the price level changes.
func changeWords(b web.Base, k *car, d configurator.Change) (text, more string) {
	added, removed := b.P.List(k.namesOf(d.Added)), b.P.List(k.namesOf(d.Removed))
	if now, was := k.version(d.Added), k.version(d.Removed); now != "" && was != "" {
		d.Added, d.Removed = k.beside(d.Added), k.beside(d.Removed)
		more, _ = changeWords(b, k, d)
		return b.T("storefront.configure.moved", "Version", now, "Old", was), more
	}
	switch {
	case added == "" && removed == "":
		return "", "" // the version was all

	case removed == "":
		return b.T("storefront.configure.added", "Parts", added), ""
	case added == "":
		return b.T("storefront.configure.removed", "Parts", removed), ""
	}
	return b.T("storefront.configure.replaced", "Parts", added, "Old", removed), ""
}
