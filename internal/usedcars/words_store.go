package usedcars

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"
)

// fold writes words as they are kept and asked for: small, without accents, one blank between two. What is neither letter
// nor digit parts words.
func fold(s string) []string {
	bare := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(s))
	return strings.Fields(bare)
}

// textTx keeps the words of a car once for all cars that have the same ones.
func textTx(tx *db.Tx, m id.Market, words string) (int, error) {
	all := fold(words)
	slices.Sort(all)
	all = slices.Compact(all)
	line := strings.Join(all, " ")
	var key int
	known := `SELECT id FROM used_texts WHERE market = ? AND words = ?`
	ok, err := db.One(tx.DB, &key, known, m, line)
	if err != nil || ok {
		return key, err
	}
	err = tx.Exec(`INSERT INTO used_words (market, word) SELECT ?, w FROM unnest(string_to_array(?, ' ')) w WHERE length(w) > 1 ON CONFLICT DO NOTHING`, m, line).Error
	if err == nil {
		ok, err = db.One(tx.DB, &key, `INSERT INTO used_texts (market, words, found) VALUES (?, ?, to_tsvector('simple', unaccent(?))) ON CONFLICT DO NOTHING RETURNING id`, m, line, line)
	}
	if err == nil && !ok { // somebody else wrote it at this moment
		_, err = db.One(tx.DB, &key, known, m, line)
	}
	if err != nil {
		return 0, fmt.Errorf("usedcars: words: %w", err)
	}
	return key, nil
}

// Said is what became of the words that somebody typed.
type Said struct {
	Texts   []int32  // that have all of them
	Instead []string // words of cars that were taken where none has the word as typed: "clio" for "cilo"
}

const (
	mostWords   = 8 // of a question; no car needs more
	longestWord = 40
)

// A market's cars have some thousand different words. To compare with each of them takes a millisecond, and finds slips in short
// words, which the threshold of pg_trgm's index does not: "clyo" has a quarter of its trigrams in common with "clio".

// FindWords finds the texts of a market that have every word of a question, each as typed, as the beginning of one, or, where
// no car has such a word, as the nearest that one has.
func FindWords(g *gorm.DB, m id.Market, question string) (Said, error) {
	asked := fold(question)
	if len(asked) == 0 {
		return Said{}, nil
	}
	asked = asked[:min(len(asked), mostWords)]
	for i, w := range asked {
		if len(w) > longestWord {
			asked[i] = strings.ToValidUTF8(w[:longestWord], "")
		}
	}
	var near []struct{ Asked, Word string }
	err := g.Raw(`SELECT a.word AS asked, n.word FROM unnest(string_to_array(?, ' ')) AS a (word)
		LEFT JOIN LATERAL (SELECT w.word FROM used_words w WHERE w.market = ? AND abs(length(w.word) - length(a.word)) < 3 AND similarity(w.word, a.word) >= 0.2
			ORDER BY similarity(w.word, a.word) DESC, w.word LIMIT 1) n ON true
		WHERE NOT EXISTS (SELECT FROM used_words w WHERE w.market = ? AND w.word LIKE a.word || '%')`, strings.Join(asked, " "), m, m).Scan(&near).Error
	if err != nil {
		return Said{}, fmt.Errorf("usedcars: near words: %w", err)
	}
	var out Said
	for _, n := range near {
		if n.Word == "" {
			return out, nil // no car has anything like it
		}
		out.Instead = append(out.Instead, n.Word)
		for i, w := range asked {
			if w == n.Asked {
				asked[i] = n.Word
			}
		}
	}
	question = strings.Join(asked, ":* & ") + ":*"
	err = g.Raw(`SELECT id FROM used_texts WHERE market = ? AND found @@ to_tsquery('simple', ?)`, m, question).Scan(&out.Texts).Error
	return out, err
}
