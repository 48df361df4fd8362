package storefront

import (
	"slices"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/web"
)

// ConfigureSection is one group of choices.
type ConfigureSection struct {
	Group   string
	Many    bool
	Swatch  bool
	Open    []ConfigureChoice
	Blocked []ConfigureChoice
}

// ConfigureChoice is one feature as the page offers it.
type ConfigureChoice struct {
	Key     string // unique in the page
	Act     string // what its button does: take or leave; empty for what comes with something else
	Name    string
	Text    string
	Current bool
	Delta   string
	Total   string // on the road after the click, when the click changes it
	Note    string // what it includes, or why it is in the car although nobody picked it
	Moves   string // that it takes another version
	Feature *catalogue.Feature
	Changed *Changed

	// of a blocked choice
	Why     string
	Because []string
	Changes []string // what the switch gives up, brings and takes away
	Switch  string
	Many    bool
}

func (p *ConfigurePage) choice(k *car, ch configurator.Choice) ConfigureChoice {
	f := ch.Feature
	out := ConfigureChoice{Key: string(f.Code), Name: k.say(f.Name), Text: k.say(f.Text), Feature: f, Delta: p.Delta(ch.Delta)}
	if ch.Next != nil {
		out.Act = actTake
		if ch.Leaving() {
			out.Act = actLeave
		}
	}
	if ch.Next == nil {
		out.Delta = "" // no click, no price
	}
	if !ch.Delta.IsZero() && ch.Next != nil && f.Group != catalogue.Options {
		out.Total = p.T("storefront.configure.total", "Total", p.MoneyShort(ch.From))
	}
	if v := k.version(ch.Also); v != "" && ch.Next != nil {
		out.Moves = p.T("storefront.configure.moves", "Version", v)
	}
	if f.Engine != nil {
		out.Text = engineLine(p.Base, f.Engine)
	}
	if also := k.beside(ch.Also); len(also) > 0 {
		out.Note = p.T("storefront.configure.with", "Parts", p.P.List(k.namesOf(also)))
	}
	if len(ch.Brings) > 0 {
		out.Note = strings.TrimSpace(p.T("storefront.configure.brings", "Parts", p.P.List(k.namesOf(ch.Brings))) + " " + out.Note)
	}
	switch ch.State {
	case configurator.Included:
		out.Current, out.Delta = true, p.T("storefront.configure.included")
		out.Note = p.T("storefront.configure.included_in", "Parts", p.P.List(k.namesOf(ch.With)))
	case configurator.Chosen, configurator.Taken:
		p.inCar(k, &out, ch)
	case configurator.Offered:
		if ch.Delta.IsZero() {
			out.Delta = p.T("storefront.configure.no_charge")
		}
	}
	if ch.Clash != nil {
		p.explain(k, &out, ch)
	}
	return out
}

// inCar writes a choice that the car has, picked or not.
func (p *ConfigurePage) inCar(k *car, out *ConfigureChoice, ch configurator.Choice) {
	out.Current = true
	if ch.Feature.Group == catalogue.Options {
		out.Delta = p.Delta(ch.Delta.Neg())
	} else {
		out.Delta = p.T("storefront.configure.selected")
	}
	if ch.State == configurator.Chosen {
		return
	}
	switch {
	case ch.Clash != nil: // told with the clash
	case ch.Saves:
		out.Note = p.T("storefront.configure.saves")
	case ch.Feature.Group != catalogue.Options:
		out.Delta = p.T("storefront.configure.ours")
	}
}

func (p *ConfigurePage) explain(k *car, out *ConfigureChoice, ch configurator.Choice) {
	c := ch.Clash
	out.Why = clashWords(p.Base, k, c)
	if c.Hold == nil {
		out.Because = because(k, c)
	}
	out.Many = ch.Feature.Group == catalogue.Options
	if ch.Next == nil {
		return
	}
	out.Switch = p.T("storefront.configure.switch", "Name", out.Name)
	if c.Leaving {
		out.Delta, out.Switch = p.T("storefront.configure.needed"), p.T("storefront.configure.leave_out", "Name", out.Name)
		out.Changes = append(out.Changes, p.T("storefront.configure.if_left_out"))
	}
	if len(c.Drops) > 0 {
		out.Changes = append(out.Changes, p.T("storefront.configure.gives_up", "Parts", p.P.List(k.namesOf(c.Drops))))
	}
	if len(c.Adds) > 0 {
		out.Changes = append(out.Changes, p.T("storefront.configure.also_adds", "Parts", p.P.List(k.namesOf(c.Adds))))
	}
	if len(c.Leaves) > 0 {
		out.Changes = append(out.Changes, p.T("storefront.configure.also_leaves", "Parts", p.P.List(k.namesOf(c.Leaves))))
	}
	out.Changes = append(out.Changes, p.T("storefront.configure.new_total", "Total", p.MoneyShort(c.RepairTotal)))
}

// clashWords says what does not go with what.
func clashWords(b web.Base, k *car, c *configurator.Clash) string {
	name := k.name(c.Feature)
	switch {
	case c.Hold != nil:
		return holdWords(b, k, c.Hold)
	case c.Feature == "":
		return b.T("storefront.configure.clash")
	case len(c.Picks) == 0:
		return b.T("storefront.configure.not_sold", "Part", name)
	case c.Leaving:
		return b.T("storefront.configure.needed_by", "Parts", b.P.List(k.namesOf(c.Picks)))
	}
	return b.T("storefront.configure.excludes", "A", name, "B", b.P.List(k.namesOf(c.Picks)))
}

func holdWords(b web.Base, k *car, h *configurator.Hold) string {
	if h.Until == "" {
		return b.T("storefront.configure.held", "Part", k.name(h.Feature))
	}
	return b.T("storefront.configure.held_until", "Part", k.name(h.Feature), "Day", b.Date(h.Until.Time(k.market.Zone())))
}

// because are the product office's sentences for the rules behind a clash.
func because(k *car, c *configurator.Clash) []string {
	var out []string
	for _, r := range c.Rules {
		if words := k.say(r.Because); words != "" && !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	return out
}
