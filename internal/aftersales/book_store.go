package aftersales

import (
	"encoding/json"
	"fmt"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// wholeBook is the part of the book that all markets share; the others are named by their market.
const wholeBook = "book"

// SaveBookTx writes what files say in place of what was there.
func SaveBookTx(tx *db.Tx, b *Book) error {
	if err := tx.Exec(`DELETE FROM service_books`).Error; err != nil {
		return fmt.Errorf("aftersales: book: %w", err)
	}
	docs := map[string]any{wholeBook: b}
	for code, m := range b.Markets {
		docs["market/"+string(code)] = m
	}
	for part, doc := range docs {
		raw, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		if err := tx.Exec(`INSERT INTO service_books (part, doc) VALUES (?, ?)`, part, string(raw)).Error; err != nil {
			return fmt.Errorf("aftersales: book: %w", err)
		}
	}
	return nil
}

// LoadBook reads the book; an empty one when no file was ever imported.
func LoadBook(g *gorm.DB) (*Book, error) {
	var rows []struct {
		Part string
		Doc  []byte
	}
	if err := g.Raw(`SELECT part, doc FROM service_books`).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("aftersales: book: %w", err)
	}
	b := &Book{Markets: map[id.Market]*MarketBook{}}
	for _, r := range rows {
		var dst any = b
		if r.Part != wholeBook {
			m := &MarketBook{}
			b.Markets[id.Market(strings.TrimPrefix(r.Part, "market/"))], dst = m, m
		}
		if err := json.Unmarshal(r.Doc, dst); err != nil {
			return nil, fmt.Errorf("aftersales: book %s: %w", r.Part, err)
		}
	}
	return b, nil
}
