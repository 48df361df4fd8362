package ordering

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type draftRow struct {
	ID            string
	Brand         string
	Market        string
	Flow          string
	Configuration string
	Dealer        string
	Fallbacks     string
	Buyer         *string
	OrderID       *string
	StockCar      *string
	AnyDealer     string
	Version       int
	Origin        string
}

const draftColumns = `id, brand, market, flow, configuration, dealer, array_to_string(fallbacks, ',') AS fallbacks, buyer, order_id, stock_car, any_dealer, version, origin`

func (r *draftRow) draft() *Draft {
	d := &Draft{ID: id.Draft(r.ID), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Flow: id.Flow(r.Flow),
		Configuration: id.BuildCode(r.Configuration), Dealer: id.Dealer(r.Dealer),
		Buyer: id.Buyer(db.OrZero(r.Buyer)), Order: id.Order(db.OrZero(r.OrderID)), Car: id.StockCar(db.OrZero(r.StockCar)), AnyDealer: AnyDealer(r.AnyDealer),
		Version: r.Version, Showroom: r.Origin == originShowroom}
	for _, f := range split(r.Fallbacks) {
		d.Fallbacks = append(d.Fallbacks, id.Dealer(f))
	}
	return d
}

func joinDealers(ds []id.Dealer) string {
	s := make([]string, len(ds))
	for i, d := range ds {
		s[i] = string(d)
	}
	return strings.Join(s, ",")
}

// AddDraftTx writes a draft; token is what its secret link will carry.
func AddDraftTx(tx *db.Tx, d *Draft, token string) error {
	return tx.Exec(`INSERT INTO drafts (id, token_hash, brand, market, flow, configuration, dealer, fallbacks, stock_car, any_dealer, origin, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, string_to_array(?, ','), ?, ?, ?, ?, ?)`,
		d.ID, HashToken(token), d.Brand, d.Market, d.Flow, d.Configuration, d.Dealer, joinDealers(d.Fallbacks), db.OrNull(string(d.Car)), d.AnyDealer, d.origin(), tx.Now, tx.Now).Error
}

// DraftAndBuild reads the draft of a secret link within its shop, with its saved build, in one
// statement; drafts of other shops do not exist.
func DraftAndBuild(g *gorm.DB, b id.Brand, m id.Market, token string) (*Draft, *Configuration, error) {
	h := HashToken(token)
	if h == nil {
		return nil, nil, ErrNoDraft
	}
	var r struct {
		Draft     draftRow `gorm:"embedded"`
		Model     string
		Selection string
		Quote     []byte
		SavedAt   time.Time
	}
	ok, err := db.One(g, &r, `SELECT d.id, d.brand, d.market, d.flow, d.configuration, d.dealer, array_to_string(d.fallbacks, ',') AS fallbacks, d.buyer, d.order_id, d.stock_car, d.any_dealer, d.version, d.origin,
		c.model, c.selection, c.quote, c.created_at AS saved_at
		FROM drafts d JOIN configurations c ON c.code = d.configuration WHERE d.token_hash = ? AND d.brand = ? AND d.market = ?`, h, b, m)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, ErrNoDraft
	}
	d := r.Draft.draft()
	c := &Configuration{Code: d.Configuration, Brand: d.Brand, Market: d.Market, Model: id.Model(r.Model), Selection: r.Selection, CreatedAt: r.SavedAt}
	return d, c, json.Unmarshal(r.Quote, &c.Quote)
}

// LockDraftTx reads the draft alone and locks it, so that two presses of one button queue up.
func LockDraftTx(tx *db.Tx, b id.Brand, m id.Market, token string) (*Draft, error) {
	h := HashToken(token)
	if h == nil {
		return nil, ErrNoDraft
	}
	var r draftRow
	ok, err := db.One(tx.DB, &r, `SELECT `+draftColumns+` FROM drafts WHERE token_hash = ? AND brand = ? AND market = ? FOR UPDATE`, h, b, m)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoDraft
	}
	return r.draft(), nil
}

// SetDraftTx writes what was decided so far. Another car or other dealers are a new version of the draft; who buys it is
// not.
func SetDraftTx(tx *db.Tx, d *Draft) error {
	ok, err := db.Changed(tx.DB, `UPDATE drafts SET configuration = @build, dealer = @dealer, fallbacks = string_to_array(@others, ','), buyer = @buyer, order_id = @order, stock_car = @car,
		any_dealer = @any, origin = @origin, updated_at = @now, version = version + CASE WHEN configuration <> @build OR dealer <> @dealer OR any_dealer <> @any
			OR fallbacks <> string_to_array(@others, ',') OR stock_car IS DISTINCT FROM @car THEN 1 ELSE 0 END WHERE id = @id`,
		map[string]any{"build": d.Configuration, "dealer": d.Dealer, "others": joinDealers(d.Fallbacks), "buyer": db.OrNull(string(d.Buyer)), "order": db.OrNull(string(d.Order)),
			"car": db.OrNull(string(d.Car)), "any": d.AnyDealer, "origin": d.origin(), "now": tx.Now, "id": d.ID})
	if err == nil && !ok {
		err = ErrNoDraft
	}
	return err
}

// UpdateBuyerTx corrects a draft's buyer before there is an order.
func UpdateBuyerTx(tx *db.Tx, b Buyer) error {
	return tx.Exec(`UPDATE buyers SET name = ?, email = ?, phone = ?, street = ?, town = ?, postcode = ? WHERE id = ? AND market = ?`,
		b.Name, b.Email, b.Phone, b.Street, b.Town, b.Postcode, b.ID, b.Market).Error
}

// SaveConfigurationTx keeps a build and its price under a short code. The same build at the same
// price has the same code, so saving twice is harmless.
func SaveConfigurationTx(tx *db.Tx, c *Configuration) error {
	quote, err := json.Marshal(c.Quote)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{string(c.Brand), string(c.Market), string(c.Model), c.Selection, string(quote)}, "\x00")))
	digest := hex.EncodeToString(sum[:16])
	c.Code = id.BuildCode(randomCode(8))
	var code string
	// Most builds were saved before: to look first spares a write that all buyers of one car would
	// queue up for.
	known := `SELECT code FROM configurations WHERE digest = ?`
	ok, err := db.One(tx.DB, &code, known, digest)
	if err == nil && !ok {
		ok, err = db.One(tx.DB, &code, `INSERT INTO configurations (code, brand, market, model, selection, quote, digest, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING RETURNING code`,
			c.Code, c.Brand, c.Market, c.Model, c.Selection, quote, digest, tx.Now)
		if err == nil && !ok { // somebody else saved it at this moment
			_, err = db.One(tx.DB, &code, known, digest)
		}
	}
	if err != nil {
		return fmt.Errorf("ordering: save configuration: %w", err)
	}
	c.Code = id.BuildCode(code)
	return nil
}

var codeForm = regexp.MustCompile(`^[2-9A-HJ-NP-Z]{8}$`)

// ParseCode reads a build code as people type it: any case, with or without the dash or blanks.
func ParseCode(s string) (id.BuildCode, bool) {
	s = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(s)))
	return id.BuildCode(s), codeForm.MatchString(s)
}

// Pretty writes a code with its dash: K7QF-3M2P.
func Pretty(c id.BuildCode) string {
	if len(c) != 8 {
		return string(c)
	}
	return string(c[:4] + "-" + c[4:])
}

// ConfigurationBy reads a saved build.
func ConfigurationBy(g *gorm.DB, code id.BuildCode) (*Configuration, error) {
	var r struct {
		Code, Brand, Market, Model, Selection string
		Quote                                 []byte
		CreatedAt                             time.Time
	}
	ok, err := db.One(g, &r, `SELECT code, brand, market, model, selection, quote, created_at FROM configurations WHERE code = ?`, code)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoDraft
	}
	c := &Configuration{Code: id.BuildCode(r.Code), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Model: id.Model(r.Model), Selection: r.Selection, CreatedAt: r.CreatedAt}
	return c, json.Unmarshal(r.Quote, &c.Quote)
}

// ConfigurationsBy reads saved builds by their codes.
func ConfigurationsBy(g *gorm.DB, codes []id.BuildCode) (map[id.BuildCode]*Configuration, error) {
	out := map[id.BuildCode]*Configuration{}
	if len(codes) == 0 {
		return out, nil
	}
	var rows []struct{ Code, Brand, Market, Model, Selection string }
	if err := g.Raw(`SELECT code, brand, market, model, selection FROM configurations WHERE code IN ?`, codes).Scan(&rows).Error; err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[id.BuildCode(r.Code)] = &Configuration{Code: id.BuildCode(r.Code), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Model: id.Model(r.Model), Selection: r.Selection}
	}
	return out, nil
}

// Lead is what a closed market keeps of a visitor's wish.
type Lead struct {
	Brand     id.Brand
	Market    id.Market
	Flow      id.Flow
	Model     id.Model
	Selection string
	Name      string
	Email     string
}

// AddLeadTx keeps a visitor's wish.
func AddLeadTx(tx *db.Tx, l Lead) error {
	return tx.Exec(`INSERT INTO leads (id, brand, market, flow, model, selection, name, email, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id.New[id.Order](), l.Brand, l.Market, l.Flow, l.Model, l.Selection, l.Name, l.Email, tx.Now).Error
}

// DraftOf is the draft that an order was placed from; empty when that is forgotten, or there was none.
func DraftOf(g *gorm.DB, o id.Order) (id.Draft, error) {
	var d id.Draft
	_, err := db.One(g, &d, `SELECT id FROM drafts WHERE order_id = ?`, o)
	return d, err
}
