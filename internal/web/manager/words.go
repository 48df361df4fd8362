package manager

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/web"
	"forecourt/internal/world"
)

// Badge is a state in words, with the tone of its colour and an icon or none.
type Badge struct {
	Label string
	Tone  string // good, info, bad or empty
	Icon  string
}

func switchBadge(b web.Base, st market.State) Badge {
	out := Badge{Label: b.T("manager.state." + string(st))}
	switch st {
	case market.Live:
		out.Tone = "good"
	case market.Preview:
		out.Tone = "info"
	case market.Paused:
		out.Tone, out.Icon = "bad", "pause"
	}
	return out
}

func orderBadge(b web.Base, state string) Badge {
	out := Badge{Label: b.T("manager.order." + state)}
	switch state {
	case "offered":
		out.Tone = "info"
	case "choosing", "returning":
		out.Tone = "warn"
	case "ready", "handed_over":
		out.Tone = "good"
	}
	return out
}

// shopName is "Dacia, new cars"; the market stands beside it.
func shopName(b web.Base, w *world.World, brand id.Brand, flow id.Flow) string {
	name := string(brand)
	if x, ok := w.Brand(brand); ok {
		name = x.Name
	}
	return b.T("manager.shop", "Brand", name, "Flow", b.T("manager.flow."+string(flow)))
}

func marketName(w *world.World, m id.Market) string {
	if x, ok := w.Market(m); ok {
		return x.Name
	}
	return string(m)
}

// instant is a moment in the market's own zone.
func instant(b web.Base, w *world.World, m id.Market, t time.Time) string {
	if x, ok := w.Market(m); ok {
		return b.P.DateTime(t.In(x.Zone()))
	}
	return b.DateTime(t)
}

// age is a length of time in the two largest units that matter.
func age(b web.Base, d time.Duration) string {
	d = max(d, 0)
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return b.T("manager.age.minutes", "Minutes", minutes)
	case hours < 48:
		return b.T("manager.age.hours", "Hours", hours, "Minutes", minutes)
	}
	return b.N("manager.age.days", hours/24)
}

// actor names who did something: a person, the buyer without a name, or the system.
func actor(b web.Base, a insight.Act) string {
	if a.Who != "" {
		return a.Who
	}
	if key := "manager.actor." + a.Actor; b.P.Has(key) {
		return b.T(key)
	}
	return b.T("manager.actor.system")
}

// known is the text of a key, or the code itself for one that has no words yet.
func known(b web.Base, prefix, code string) string {
	if b.P.Has(prefix + code) {
		return b.T(prefix + code)
	}
	return code
}
