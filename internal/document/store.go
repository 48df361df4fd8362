package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// Issue is what a new document is made of.
type Issue struct {
	Order   id.Order
	Market  id.Market
	Brand   id.Brand
	Kind    Kind
	Edition int         // 1 when zero
	Refers  id.Document // the invoice, for a credit note
	Content Content
	Fresh   bool // the caller, who holds the order's lock, has seen that there is no such edition
}

// What the database is asked for: an address may hold anything.
var (
	numberShape = regexp.MustCompile(`^[A-Z0-9]{2,8}-[AICH]-[0-9]{4}-[0-9]{5,12}$`)
	nameShape   = regexp.MustCompile(`^[a-z_]{3,20}$`)
)

// IssueTx writes a document under the next number of its entity's series. The same kind and edition for
// an order again answers the one that is there, unchanged. The number belongs to the transaction: when it
// is rolled back the next document gets it. Whoever issues several kinds does it in the order of the
// constants. Errors: ErrEntity when nobody issues, ErrSums when the lines are not the total, ErrCredited
// when the invoice was taken back before.
func IssueTx(tx *db.Tx, in Issue) (*Document, error) {
	in.Edition = max(in.Edition, 1)
	if !in.Fresh {
		if old, err := oneOf(tx.DB, `WHERE order_id = ? AND kind = ? AND edition = ?`, in.Order, in.Kind, in.Edition); err == nil || !errors.Is(err, ErrNone) {
			return old, err
		}
	}
	c := in.Content
	if c.Seller.Code == "" || c.Seller.Prefix == "" {
		return nil, ErrEntity.With("market", string(in.Market))
	}
	day, err := time.Parse(time.DateOnly, c.Day)
	if err != nil {
		return nil, fmt.Errorf("document: day of issue: %w", err)
	}
	c.Kind, c.Edition, c.IssuedAt, c.Market, c.Brand = in.Kind, in.Edition, tx.Now.UTC(), string(in.Market), string(in.Brand)
	if err := c.complete(); err != nil {
		return nil, err
	}
	if err := c.refer(tx, in); err != nil {
		return nil, err
	}
	seq, prefix, err := nextTx(tx, c.Seller, in.Kind, day.Year())
	if err != nil {
		return nil, err
	}
	c.Number = fmt.Sprintf("%s-%s-%d-%05d", prefix, letters[in.Kind], day.Year(), seq)
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	d := &Document{ID: id.New[id.Document](), Order: in.Order, Market: in.Market, Brand: in.Brand, Kind: in.Kind, Edition: in.Edition, Entity: c.Seller.Code,
		Number: c.Number, Refers: in.Refers, Total: c.Total, SHA256: Hash(string(raw)), IssuedAt: c.IssuedAt, Raw: string(raw), Content: c}
	err = tx.Exec(`INSERT INTO documents (id, order_id, market, brand, kind, edition, entity, series, year, seq, number, refers, currency, total_minor, content, sha256, issued_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, '')::uuid, ?, ?, ?, ?, ?)`,
		d.ID, d.Order, d.Market, d.Brand, d.Kind, d.Edition, d.Entity, letters[d.Kind], day.Year(), seq, d.Number, string(d.Refers), d.Total.Currency, d.Total.Minor, d.Raw, d.SHA256, d.IssuedAt).Error
	if err != nil {
		return nil, fmt.Errorf("document: issue %s: %w", d.Number, err)
	}
	return d, nil
}

// refer names the invoice on its credit note. It may not give back more than was asked.
func (c *Content) refer(tx *db.Tx, in Issue) error {
	if in.Kind != CreditNote {
		return nil
	}
	inv, err := oneOf(tx.DB, `WHERE id = ? AND order_id = ? AND kind = 'invoice'`, in.Refers, in.Order)
	if err != nil {
		return err
	}
	var taken int
	if _, err := db.One(tx.DB, &taken, `SELECT count(*) FROM documents WHERE refers = ?`, in.Refers); err != nil {
		return err
	}
	if taken > 0 || c.Total.Minor > inv.Total.Minor || c.Total.Currency != inv.Total.Currency {
		return ErrCredited
	}
	c.Refers = &Ref{Number: inv.Number, Day: inv.Content.Day, SHA256: inv.SHA256}
	return nil
}

// nextTx takes the next number. The update locks the counter until the transaction ends.
func nextTx(tx *db.Tx, e Entity, k Kind, year int) (int64, string, error) {
	var r struct {
		Last   int64
		Prefix string
	}
	_, err := db.One(tx.DB, &r, `INSERT INTO document_series (entity, series, year, prefix, last) VALUES (?, ?, ?, ?, 1)
		ON CONFLICT (entity, series, year) DO UPDATE SET last = document_series.last + 1 RETURNING last, prefix`, e.Code, letters[k], year, e.Prefix)
	if err != nil {
		return 0, "", fmt.Errorf("document: number for %s: %w", e.Code, err)
	}
	return r.Last, r.Prefix, nil
}

const columns = `SELECT id, order_id, market, brand, kind, edition, entity, number, coalesce(refers::text, '') AS refers, currency, total_minor, content, sha256, issued_at FROM documents `

type documentRow struct {
	ID, OrderID, Market, Brand, Kind, Entity, Number, Refers, Currency, Content, Sha256 string
	Edition                                                                             int
	TotalMinor                                                                          int64
	IssuedAt                                                                            time.Time
}

func (r *documentRow) document() (*Document, error) {
	d := &Document{ID: id.Document(r.ID), Order: id.Order(r.OrderID), Market: id.Market(r.Market), Brand: id.Brand(r.Brand), Kind: Kind(r.Kind), Edition: r.Edition,
		Entity: r.Entity, Number: r.Number, Refers: id.Document(r.Refers), Total: money.Of(r.TotalMinor, money.Currency(r.Currency)), SHA256: r.Sha256, IssuedAt: r.IssuedAt, Raw: r.Content}
	if err := json.Unmarshal([]byte(r.Content), &d.Content); err != nil {
		return nil, fmt.Errorf("document: content of %s: %w", r.Number, err)
	}
	return d, nil
}

func oneOf(g *gorm.DB, where string, args ...any) (*Document, error) {
	var r documentRow
	ok, err := db.One(g, &r, columns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	if !ok {
		return nil, ErrNone
	}
	return r.document()
}

// ByNumber reads a document of an order; another order's does not exist.
func ByNumber(g *gorm.DB, o id.Order, number string) (*Document, error) {
	if !numberShape.MatchString(number) {
		return nil, ErrNone
	}
	return oneOf(g, `WHERE order_id = ? AND number = ?`, o, number)
}

// Latest is the newest edition of a kind for an order; ErrNone when there is none.
func Latest(g *gorm.DB, o id.Order, k Kind) (*Document, error) {
	return oneOf(g, `WHERE order_id = ? AND kind = ? ORDER BY edition DESC LIMIT 1`, o, k)
}

// Of lists an order's documents in the order of their issue.
func Of(g *gorm.DB, o id.Order) ([]*Document, error) {
	var rows []documentRow
	if err := g.Raw(columns+`WHERE order_id = ? ORDER BY issued_at, number`, o).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	out := make([]*Document, len(rows))
	for i := range rows {
		d, err := rows[i].document()
		if err != nil {
			return nil, err
		}
		out[i] = d
	}
	return out, nil
}

// PaperList and TextList are sub-selects that give what is filed under the order o as JSON, for reads that
// fetch several tables at once (FiledFromJSON).
const (
	PaperList = `(SELECT json_agg(json_build_object('kind', d.kind, 'number', d.number, 'at', d.issued_at) ORDER BY d.issued_at, d.number) FROM documents d WHERE d.order_id = o.id)`
	TextList  = `(SELECT json_agg(json_build_object('name', t.name, 'version', t.version, 'at', t.accepted_at)
		ORDER BY array_position(ARRAY['terms', 'withdrawal', 'seller_dealer', 'seller_maker', 'seller_group', 'privacy'], t.name), t.accepted_at) FROM order_texts t WHERE t.order_id = o.id)`
)

// FiledOf lists what is filed under an order.
func FiledOf(g *gorm.DB, key id.Order) (papers, texts []Filed, err error) {
	var r struct{ Papers, Texts []byte }
	if _, err := db.One(g, &r, `SELECT `+PaperList+` AS papers, `+TextList+` AS texts FROM orders o WHERE o.id = ?`, key); err != nil {
		return nil, nil, fmt.Errorf("document: %w", err)
	}
	if papers, err = FiledFromJSON(r.Papers); err == nil {
		texts, err = FiledFromJSON(r.Texts)
	}
	return papers, texts, err
}

// TextOf is a text that an order's buyer accepted.
func TextOf(g *gorm.DB, o id.Order, name string) (Text, error) {
	var t Text
	if !nameShape.MatchString(name) {
		return t, ErrNone
	}
	ok, err := db.One(g, &t, `SELECT name, version, lang, title, title_lang, body, sha256, accepted_at FROM order_texts WHERE order_id = ? AND name = ? ORDER BY accepted_at DESC LIMIT 1`, o, name)
	if err == nil && !ok {
		err = ErrNone
	}
	return t, err
}

// AcceptTx keeps the words of a text that the buyer accepted now.
func AcceptTx(tx *db.Tx, o id.Order, t Text) error {
	err := tx.Exec(`INSERT INTO order_texts (order_id, name, version, lang, title, title_lang, body, sha256, accepted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o, t.Name, t.Version, t.Lang, t.Title, t.TitleLang, t.Body, Hash(t.Words()), tx.Now).Error
	if err != nil {
		return fmt.Errorf("document: accept %s: %w", t.Name, err)
	}
	return nil
}

// TextsOf lists the texts that an order's buyer accepted, terms first.
func TextsOf(g *gorm.DB, o id.Order) ([]Text, error) {
	var out []Text
	err := g.Raw(`SELECT name, version, lang, title, title_lang, body, sha256, accepted_at FROM order_texts WHERE order_id = ?
		ORDER BY array_position(ARRAY['terms', 'withdrawal', 'seller_dealer', 'seller_maker', 'seller_group', 'privacy'], name), accepted_at, version`, o).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return out, nil
}

// Hole is a series whose documents are not exactly the numbers one to the last.
type Hole struct {
	Entity, Series string
	Year           int
	Last, Written  int64
}

// Holes lists the series with a missing number; none is the promise.
func Holes(g *gorm.DB) ([]Hole, error) {
	var out []Hole
	err := g.Raw(`SELECT s.entity, s.series, s.year, s.last, count(d.seq) AS written FROM document_series s
		LEFT JOIN documents d ON d.entity = s.entity AND d.series = s.series AND d.year = s.year
		GROUP BY s.entity, s.series, s.year, s.last HAVING count(d.seq) <> s.last OR max(d.seq) <> s.last OR min(d.seq) <> 1 ORDER BY 1, 2, 3`).Scan(&out).Error
	return out, err
}
