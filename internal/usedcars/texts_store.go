package usedcars

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

// textsTx keeps the words of many cars, as textTx does for one; the answer leads from what was said to its text.
func textsTx(tx *db.Tx, m id.Market, said []string) (map[string]int, error) {
	lines := map[string]string{} // what was said, and its words in order
	var all []string
	for _, s := range said {
		if _, ok := lines[s]; !ok {
			w := fold(s)
			slices.Sort(w)
			lines[s] = strings.Join(slices.Compact(w), " ")
			all = append(all, lines[s])
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	keys, err := textKeysTx(tx, m, all)
	if err != nil {
		return nil, err
	}
	fresh := slices.DeleteFunc(slices.Clone(all), func(l string) bool { return keys[l] != 0 })
	if len(fresh) > 0 {
		if err := addTextsTx(tx, m, fresh); err != nil {
			return nil, err
		}
		if keys, err = textKeysTx(tx, m, all); err != nil {
			return nil, err
		}
	}
	out := make(map[string]int, len(lines))
	for s, l := range lines {
		out[s] = keys[l]
	}
	return out, nil
}

func textKeysTx(tx *db.Tx, m id.Market, all []string) (map[string]int, error) {
	doc, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID    int
		Words string
	}
	err = tx.Raw(`SELECT t.id, t.words FROM json_array_elements_text(?::json) l JOIN used_texts t ON t.market = ? AND t.words = l`, string(doc), m).Scan(&rows).Error
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.Words] = r.ID
	}
	return out, err
}

// addTextsTx writes new ones, in their order: who writes the same ones waits, and finds them.
func addTextsTx(tx *db.Tx, m id.Market, fresh []string) error {
	var words []string
	for _, l := range fresh {
		for w := range strings.FieldsSeq(l) {
			if len(w) > 1 {
				words = append(words, w)
			}
		}
	}
	slices.Sort(words)
	for _, x := range []struct {
		query string
		doc   []string
	}{
		{`INSERT INTO used_words (market, word) SELECT ?, w FROM json_array_elements_text(?::json) w ON CONFLICT DO NOTHING`, slices.Compact(words)},
		{`INSERT INTO used_texts (market, words, found) SELECT ?, l, to_tsvector('simple', unaccent(l)) FROM json_array_elements_text(?::json) l ON CONFLICT DO NOTHING`, fresh},
	} {
		doc, err := json.Marshal(x.doc)
		if err == nil {
			err = tx.Exec(x.query, m, string(doc)).Error
		}
		if err != nil {
			return fmt.Errorf("usedcars: words: %w", err)
		}
	}
	return nil
}
