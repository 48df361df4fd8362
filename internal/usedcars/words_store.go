package usedcars

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
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
	said, err := FindWordsOf(g, m, []string{question}, nil)
	if err != nil {
		return Said{}, err
	}
	return said[0], nil
}

// FindWordsOf is FindWords of several questions, with two statements however many they are. With only, no other texts are
// looked at.
func FindWordsOf(g *gorm.DB, m id.Market, questions []string, only []int32) ([]Said, error) {
	out, asked, all := make([]Said, len(questions)), make([][]string, len(questions)), map[string]bool{}
	for i, q := range questions {
		asked[i] = askedWords(q)
		for _, w := range asked[i] {
			all[w] = true
		}
	}
	near, err := nearWords(g, m, slices.Sorted(maps.Keys(all)))
	if err != nil {
		return nil, err
	}
	var which []string
	for i := range asked {
		if query, ok := out[i].query(asked[i], near); ok {
			which = append(which, strconv.Itoa(i)+"="+query)
		}
	}
	if len(which) == 0 {
		return out, nil
	}
	where := ``
	args := []any{strings.Join(which, "\n"), m}
	if only != nil {
		where = ` AND t.id IN ?`
		args = append(args, append([]int32{-1}, only...))
	}
	var found []struct {
		Question int
		Text     int32
	}
	// The question and its number stand on a line; a word has neither sign in it.
	err = g.Raw(`SELECT split_part(a, '=', 1)::int AS question, t.id AS text FROM unnest(string_to_array(?, E'\n')) a
		JOIN used_texts t ON t.market = ?`+where+` AND t.found @@ to_tsquery('simple', split_part(a, '=', 2))`, args...).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("usedcars: words: %w", err)
	}
	for _, f := range found {
		out[f.Question].Texts = append(out[f.Question].Texts, f.Text)
	}
	return out, nil
}

// askedWords are the words of a question, no more and no longer than are looked at.
func askedWords(question string) []string {
	asked := fold(question)
	asked = asked[:min(len(asked), mostWords)]
	for i, w := range asked {
		if len(w) > longestWord {
			asked[i] = strings.ToValidUTF8(w[:longestWord], "")
		}
	}
	return asked
}

// nearWords gives, for each word that no car has or begins with, the nearest that one has; empty when none is like it.
func nearWords(g *gorm.DB, m id.Market, asked []string) (map[string]string, error) {
	out := map[string]string{}
	if len(asked) == 0 {
		return out, nil
	}
	var near []struct{ Asked, Word string }
	err := g.Raw(`SELECT a.word AS asked, n.word FROM unnest(string_to_array(?, ' ')) AS a (word)
		LEFT JOIN LATERAL (SELECT w.word FROM used_words w WHERE w.market = ? AND abs(length(w.word) - length(a.word)) < 3 AND similarity(w.word, a.word) >= 0.2
			ORDER BY similarity(w.word, a.word) DESC, w.word LIMIT 1) n ON true
		WHERE NOT EXISTS (SELECT FROM used_words w WHERE w.market = ? AND w.word LIKE a.word || '%')`, strings.Join(asked, " "), m, m).Scan(&near).Error
	if err != nil {
		return nil, fmt.Errorf("usedcars: near words: %w", err)
	}
	for _, n := range near {
		out[n.Asked] = n.Word
	}
	return out, nil
}

// query is what the texts are asked, false when none can answer, and notes which words were taken for others.
func (s *Said) query(asked []string, near map[string]string) (string, bool) {
	words := slices.Clone(asked)
	for i, w := range words {
		n, slip := near[w]
		if slip && n == "" {
			return "", false // no car has anything like it
		}
		if slip {
			words[i] = n
			if !slices.Contains(s.Instead, n) {
				s.Instead = append(s.Instead, n)
			}
		}
	}
	return strings.Join(words, ":* & ") + ":*", len(words) > 0
}
