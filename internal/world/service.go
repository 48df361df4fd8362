package world

import (
	"io/fs"
	"path"
	"sort"
	"strings"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/platform/filecheck"
)

// Files of workshops: parts first, because the menu names them, and markets last, because they give everything its price.
const (
	serviceParts     = "service/parts.yaml"
	serviceMenu      = "service/menu.yaml"
	serviceRecalls   = "service/recalls.yaml"
	serviceContracts = "service/contracts.yaml"
	serviceMarkets   = "service/markets/"
)

// service lists the files of workshops: a world may do without.
func (r *reader) service() (out []string) {
	for _, name := range []string{serviceParts, serviceMenu, serviceRecalls, serviceContracts} {
		if _, err := fs.Stat(r.fs, name); err == nil {
			out = append(out, name)
		}
	}
	markets, _ := fs.Glob(r.fs, serviceMarkets+"*.yaml")
	sort.Strings(markets)
	return append(out, markets...)
}

// readService reads what workshops sell.
func (f *Files) readService(r *reader) {
	b := &aftersales.Book{Markets: map[id.Market]*aftersales.MarketBook{}}
	f.Service = b
	var brands []id.Brand
	for _, x := range f.Brands {
		brands = append(brands, x.Code)
	}
	for _, name := range r.service() {
		data := r.read(name)
		switch name {
		case serviceParts:
			b.Goods, r.found = aftersales.DecodeGoods(name, data)
		case serviceMenu:
			b.Menu, r.found = aftersales.DecodeMenu(name, data, &b.Goods)
		case serviceRecalls:
			b.Recalls, r.found = aftersales.DecodeRecalls(name, data, &b.Goods, brands...)
		case serviceContracts:
			b.Contracts, r.found = aftersales.DecodeContracts(name, data, &b.Menu)
		default:
			var m *aftersales.MarketBook
			m, r.found = aftersales.DecodeMarket(name, data, b)
			if m != nil && string(m.Market) != strings.TrimSuffix(path.Base(name), ".yaml") {
				r.found = append(r.found, filecheck.Problem{File: name, Line: 1, Reason: "this is the file of the market " + string(m.Market)})
			}
			if m != nil {
				b.Markets[m.Market] = m
			}
		}
		r.keep()
	}
}

// Service is what workshops sell, in all markets.
func (w *World) Service() *aftersales.Book { return w.service }
