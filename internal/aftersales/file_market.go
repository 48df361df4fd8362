package aftersales

import (
	"maps"
	"slices"

	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

// DecodeMarket reads one file of config/service/markets, after everything that it gives a price.
func DecodeMarket(name string, data []byte, b *Book) (*MarketBook, []filecheck.Problem) {
	f := &MarketBook{}
	c := checker{filecheck.Check(name, data, f)}
	if c.Empty() {
		return nil, c.Done()
	}
	c.Present(string(f.Market), "market")
	c.Some(len(f.Prices), "prices")
	c.Some(len(f.Inspections), "inspections")
	c.Some(len(f.Rules), "rules")
	seen := map[market.Date]bool{}
	for i := range f.Prices {
		c.begins("prices", i, f.Prices[i].From, f.Prices[i].Version, f.Prices[i].Source, seen)
		c.prices(&f.Prices[i], b, filecheck.At("prices", i))
	}
	seen = map[market.Date]bool{}
	for i := range f.Inspections {
		c.begins("inspections", i, f.Inspections[i].From, f.Inspections[i].Version, f.Inspections[i].Source, seen)
		c.inspection(&f.Inspections[i], filecheck.At("inspections", i))
	}
	seen = map[market.Date]bool{}
	for i := range f.Rules {
		c.begins("rules", i, f.Rules[i].From, f.Rules[i].Version, f.Rules[i].Source, seen)
		c.rules(&f.Rules[i], filecheck.At("rules", i))
	}
	return f, c.Done()
}

// begins checks the head of a dated thing: two of one day would leave open which counts.
func (c checker) begins(list string, i int, from market.Date, version, source string, seen map[market.Date]bool) {
	if c.date(from, filecheck.At(list, i, "from")...) && seen[from] {
		c.Say(filecheck.At(list, i, "from"), "a second one of %s begins on %s", list, from)
	}
	seen[from] = true
	c.Present(version, filecheck.At(list, i, "version")...)
	c.Present(source, filecheck.At(list, i, "source")...)
}

func (c checker) prices(p *PriceList, b *Book, path []string) {
	c.Between(p.LabourMinor, 1, mostMinor, in(path, "labour_minor")...)
	c.Between(p.Inspection, 0, mostMinor, in(path, "inspection_minor")...)
	for _, code := range slices.Sorted(maps.Keys(p.Items)) {
		at := in(path, "items", code)
		it, ok := b.Item(code)
		if !ok {
			c.Say(at, "there is no item %q on the menu", code)
			continue
		}
		for _, v := range slices.Sorted(maps.Keys(p.Items[code])) {
			if !slices.ContainsFunc(it.Variants, func(x Variant) bool { return x.Code == v }) {
				c.Say(in(at, v), "%s has no variant %q", code, v)
			}
			c.Between(p.Items[code][v], 0, mostMinor, in(at, v)...)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(p.Parts)) {
		at := in(path, "parts", code)
		if x, ok := b.Part(code); !ok {
			c.Say(at, "there is no part %q", code)
		} else if x.Kind == PartOfWork {
			c.Say(at, "%s is a part of work, whose price holds it", code)
		}
		c.Between(p.Parts[code], 1, mostMinor, at...)
	}
	for _, code := range slices.Sorted(maps.Keys(p.Contracts)) {
		at := in(path, "contracts", code)
		if _, ok := b.Contract(code); !ok {
			c.Say(at, "there is no service plan %q", code)
		}
		c.Between(p.Contracts[code], 1, mostMinor, at...)
	}
}

func (c checker) inspection(r *InspectionRule, path []string) {
	c.words(r.Name, in(path, "name")...)
	c.Between(int64(r.FirstMonths), 1, 120, in(path, "first_months")...)
	c.Between(int64(r.Minutes), 5, mostMinutes, in(path, "minutes")...)
	c.Between(int64(r.SoonDays), 0, 180, in(path, "soon_days")...)
	c.Some(len(r.Steps), in(path, "steps")...)
	for k, s := range r.Steps {
		at := item(path, "steps", k)
		c.Between(int64(s.EveryMonths), 1, 120, in(at, "every_months")...)
		if k > 0 && s.FromMonths <= r.Steps[k-1].FromMonths || k == 0 && s.FromMonths != 0 {
			c.Say(at, "steps begin at 0 months of age and rise")
		}
	}
}

func (c checker) rules(r *Rules, path []string) {
	c.Between(int64(r.NoticeMinutes), 0, 7*24*60, in(path, "notice_minutes")...)
	c.Between(int64(r.HoldMinutes), 1, 24*60, in(path, "hold_minutes")...)
	c.Between(int64(r.OfferHours), 1, 7*24, in(path, "offer_hours")...)
	c.Between(int64(r.WaitMinutes), 5, 24*60, in(path, "wait_minutes")...)
	c.Between(int64(r.CollectionsADay), 0, 50, in(path, "collections_a_day")...)
	at := in(path, "no_show")
	c.Between(int64(r.NoShow.AfterMinutes), 1, 24*60, in(at, "after_minutes")...)
	c.Between(r.NoShow.FeeMinor, 0, mostMinor, in(at, "fee_minor")...)
	c.Between(int64(r.NoShow.FreeHours), 0, 14*24, in(at, "free_hours")...)
	c.Between(r.NoShow.CancelFeeMinor, 0, mostMinor, in(at, "cancel_fee_minor")...)
	for k, x := range r.Rings {
		here := item(path, "collection", k)
		c.Between(int64(x.ToKm), 1, 200, in(here, "to_km")...)
		c.Between(x.FeeMinor, 0, mostMinor, in(here, "fee_minor")...)
		if k > 0 && (x.ToKm <= r.Rings[k-1].ToKm || x.FeeMinor < r.Rings[k-1].FeeMinor) {
			c.Say(here, "the ring up to %d km does not rise over the one before", x.ToKm)
		}
	}
}
