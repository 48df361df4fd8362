package payment

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// commissionLegs are the lines of what the maker owes a dealer more; below zero less.
func commissionLegs(b id.Brand, d id.Dealer, minor int64) []Line {
	return []Line{{Account: CommissionSpent, Party: MakerParty(b), Minor: minor}, {Account: CommissionPayable, Party: DealerParty(d), Minor: -minor}}
}

// PostCommissionTx keeps what a dealer is owed for the car it hands over, and posts it. Once per order and ref, which
// tells a handover from one before it that was undone; the first has none. The caller holds the order's lock.
func PostCommissionTx(tx *db.Tx, c Commission, ref string) error {
	if c.Amount.Minor <= 0 || c.Net.Minor < 0 || c.Net.Currency != c.Amount.Currency {
		return ErrNegative
	}
	ok, err := db.Changed(tx.DB, `INSERT INTO commissions (order_id, market, dealer, version, channel, currency, net_minor, amount_minor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		c.Order, c.Market, c.Dealer, c.Version, c.Channel, c.Amount.Currency, c.Net.Minor, c.Amount.Minor, tx.Now)
	if err != nil || !ok && ref == "" {
		return orPosted(err)
	}
	_, err = post(tx, c.Order, nil, KindCommission, ref, c.Amount.Currency, commissionLegs(c.Brand, c.Dealer, c.Amount.Minor))
	return err
}

func orPosted(err error) error {
	if err != nil {
		return fmt.Errorf("payment: commission: %w", err)
	}
	return nil
}

// CommissionBackTx takes a commission back because its sale was. An order without one has nothing to take back.
// ref tells a handover that was undone from a withdrawal, which has none.
func CommissionBackTx(tx *db.Tx, o id.Order, b id.Brand, ref string) error {
	c, err := CommissionOf(tx.DB, o)
	if err != nil || c == nil || c.Stands.Minor == 0 {
		return err
	}
	_, err = post(tx, o, nil, KindCommissionBack, ref, c.Amount.Currency, commissionLegs(b, c.Dealer, -c.Stands.Minor))
	return err
}

// ObjectTx adds what a side says about a commission. The dealer's first word opens the objection; the maker answers one
// that is open. The caller holds the order's lock.
func ObjectTx(tx *db.Tx, c *Commission, side CommissionSide, u id.User, words string) error {
	if l := len([]rune(words)); l == 0 || l > MostObjectionWords {
		return ErrObjection
	}
	switch {
	case c.State == "" && side == SideMaker:
		return ErrNoObjection
	case c.State != "" && c.State != ObjectionOpen:
		return ErrObjectionMet
	case len(c.Words) >= MostObjectionTurns:
		return ErrObjectionMay
	case c.State == "":
		err := tx.Exec(`INSERT INTO commission_objections (order_id, market, dealer, state, opened_at) VALUES (?, ?, ?, 'open', ?)`, c.Order, c.Market, c.Dealer, tx.Now).Error
		if err != nil {
			return orPosted(err)
		}
		c.State = ObjectionOpen
	}
	c.Words = append(c.Words, CommissionWord{Side: side, Body: words, At: tx.Now})
	return orPosted(tx.Exec(`INSERT INTO commission_words (order_id, seq, side, by_user, body, created_at) VALUES (?, ?, ?, ?, ?, ?)`, c.Order, len(c.Words), side, u, words, tx.Now).Error)
}

// SettleObjectionTx ends an objection: the commission stays what it stands at, or becomes another by a posting of the
// difference. Of a car that was taken back nothing is owed, whatever is settled. The caller holds the order's lock.
func SettleObjectionTx(tx *db.Tx, c *Commission, u id.User, to ObjectionState, minor int64) error {
	if c.State != ObjectionOpen {
		return ErrNoObjection
	}
	switch {
	case to == ObjectionStands:
		minor = c.Amount.Minor
	case to != ObjectionCorrected, minor < 0:
		return ErrFeeAmount
	case minor == c.Amount.Minor:
		return ErrFeeSame
	}
	ok, err := db.Changed(tx.DB, `UPDATE commission_objections SET state = ?, settled_at = ?, settled_by = ?, settled_minor = ? WHERE order_id = ? AND state = 'open'`, to, tx.Now, u, minor, c.Order)
	if err != nil {
		return orPosted(err)
	}
	if !ok {
		return ErrNoObjection
	}
	if diff := minor - c.Amount.Minor; diff != 0 && !c.back() {
		_, err = post(tx, c.Order, nil, KindCommissionSettled, "", c.Amount.Currency, commissionLegs(c.Brand, c.Dealer, diff))
	}
	return err
}

// back tells whether the commission was taken back with the sale.
func (c *Commission) back() bool { return c.Stands.Minor != c.Amount.Minor && c.State == ObjectionOpen }

type commissionRow struct {
	OrderID, Number, Market, Dealer, Brand, Model, Version, Channel, Currency, State string
	NetMinor, AmountMinor, StandsMinor                                               int64
	At                                                                               time.Time
	OpenedAt, SettledAt                                                              *time.Time
	Words                                                                            []byte
}

const commissionColumns = `c.order_id, o.number, c.market, c.dealer, o.brand, coalesce(o.snapshot ->> 'model_name', '') AS model, c.version, c.channel, c.currency, c.net_minor, c.amount_minor, c.at,
	coalesce((SELECT -sum(l.amount_minor) FROM ledger_lines l WHERE l.order_id = c.order_id AND l.account = 'commission_payable'), 0) AS stands_minor,
	coalesce(b.state, '') AS state, b.opened_at, b.settled_at`

func (r commissionRow) commission() (*Commission, error) {
	cur := money.Currency(r.Currency)
	c := &Commission{Order: id.Order(r.OrderID), Number: r.Number, Market: id.Market(r.Market), Dealer: id.Dealer(r.Dealer), Brand: id.Brand(r.Brand), Model: r.Model, Version: r.Version, Channel: r.Channel,
		Net: money.Of(r.NetMinor, cur), Amount: money.Of(r.AmountMinor, cur), Stands: money.Of(r.StandsMinor, cur), At: r.At, State: ObjectionState(r.State)}
	c.Opened = db.OrZero(r.OpenedAt)
	c.Settled = db.OrZero(r.SettledAt)
	if len(r.Words) > 0 {
		if err := json.Unmarshal(r.Words, &c.Words); err != nil {
			return nil, fmt.Errorf("payment: commission: %w", err)
		}
	}
	return c, nil
}

// CommissionOf is the commission of an order with all that was said about it; nil when it has none.
func CommissionOf(g *gorm.DB, o id.Order) (*Commission, error) {
	var r commissionRow
	ok, err := db.One(g, &r, `SELECT `+commissionColumns+`,
		(SELECT json_agg(json_build_object('Side', w.side, 'Name', coalesce(u.name, ''), 'Body', w.body, 'At', w.created_at) ORDER BY w.seq) FROM commission_words w LEFT JOIN users u ON u.id = w.by_user WHERE w.order_id = c.order_id) AS words
		FROM commissions c JOIN orders o ON o.id = c.order_id LEFT JOIN commission_objections b ON b.order_id = c.order_id WHERE c.order_id = ?`, o)
	if err != nil || !ok {
		return nil, err
	}
	return r.commission()
}

// Objections lists commissions that dealers of some markets object to, or objected to since an instant: the open ones
// first, each the oldest first.
func Objections(g *gorm.DB, markets []id.Market, since time.Time, limit int) ([]*Commission, error) {
	if len(markets) == 0 {
		return nil, nil
	}
	var rows []commissionRow
	err := g.Raw(`SELECT `+commissionColumns+` FROM commission_objections b JOIN commissions c ON c.order_id = b.order_id JOIN orders o ON o.id = c.order_id
		WHERE b.market IN ? AND (b.state = 'open' OR b.settled_at > ?) ORDER BY b.state <> 'open', b.opened_at, o.number LIMIT ?`, markets, since, limit).Scan(&rows).Error
	out := make([]*Commission, len(rows))
	for i, r := range rows {
		if err == nil {
			out[i], err = r.commission()
		}
	}
	return out, err
}

// CommissionByNumber is the commission of an order by its number, as its dealer or the office of its market asks for it:
// ErrNoCommission for one of another.
func CommissionByNumber(g *gorm.DB, number string, d id.Dealer, markets []id.Market) (*Commission, error) {
	var o string
	codes := make([]string, len(markets), len(markets)+1)
	for i, m := range markets {
		codes[i] = string(m)
	}
	ok, err := db.One(g, &o, `SELECT c.order_id FROM commissions c JOIN orders o ON o.id = c.order_id WHERE o.number = ? AND (c.dealer = ? OR c.market IN ?)`, number, d, append(codes, "-"))
	if err != nil {
		return nil, orPosted(err)
	}
	if !ok {
		return nil, ErrNoCommission
	}
	return CommissionOf(g, id.Order(o))
}
