package world

import (
	"encoding/json"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"

	"gorm.io/gorm"
)

// storedSum is the checksum at the end of a stored diagram.
const storedSum = `encode(substring(diagram FROM greatest(octet_length(diagram) - 31, 1)), 'hex')`

type editionRow struct {
	Brand, Model, Market, FromDate, Signature, Sum, PublishedBy string
	Report                                                      []byte
	PublishedAt                                                 time.Time
}

// loadEditions reads what is published. Diagrams that the old picture has are taken from there, open
// as they are: a publication reads only what it changed.
func (w *World) loadEditions(g *gorm.DB, old *World) error {
	w.editions, w.diagrams = map[rangeKey][]EditionInfo{}, map[string][]*stored{}
	var rows []editionRow
	err := g.Raw(`SELECT brand, model, market, from_date::text AS from_date, signature, ` + storedSum + ` AS sum, published_by, report, published_at
		FROM range_editions ORDER BY brand, model, market, from_date`).Scan(&rows).Error
	if err != nil {
		return err
	}
	have, err := readDiagrams(g, old)
	if err != nil {
		return err
	}
	for _, r := range rows {
		e := EditionInfo{Market: id.Market(r.Market), From: market.Date(r.FromDate), Signature: r.Signature, PublishedAt: r.PublishedAt, By: r.PublishedBy}
		if err := json.Unmarshal(r.Report, &e.Report); err != nil {
			return err
		}
		k := rangeKey{id.Brand(r.Brand), id.Model(r.Model)}
		w.editions[k] = append(w.editions[k], e)
		if s := have[r.Sum]; s != nil {
			w.diagrams[r.Signature] = append(w.diagrams[r.Signature], s)
		}
	}
	return nil
}

// readDiagrams gives all stored diagrams by their checksums.
func readDiagrams(g *gorm.DB, old *World) (map[string]*stored, error) {
	have, known := map[string]*stored{}, []string{""} // an empty list would match nothing
	if old != nil {
		for _, list := range old.diagrams {
			for _, s := range list {
				if _, err := s.diagram(); err == nil { // a damaged one may have been mended
					have[s.sum], known = s, append(known, s.sum)
				}
			}
		}
	}
	var rows []struct {
		Sum     string
		Diagram []byte
	}
	err := g.Raw(`SELECT `+storedSum+` AS sum, diagram FROM range_editions WHERE `+storedSum+` NOT IN ?`, known).Scan(&rows).Error
	for _, r := range rows {
		have[r.Sum] = &stored{sum: r.Sum, bytes: r.Diagram}
	}
	return have, err
}
