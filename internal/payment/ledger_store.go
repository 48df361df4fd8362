package payment

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// Line is one line of a posting, in minor units of the posting's currency: debits are positive.
type Line struct {
	Account Account `json:"account"`
	Party   Party   `json:"party"`
	Minor   int64   `json:"amount_minor"`
}

// Posting is one balanced entry of the journal.
type Posting struct {
	Kind      Kind
	Payment   id.Payment // empty when it is the order's
	Reference string     // the provider's key, where a kind may come several times
	Currency  money.Currency
	At        time.Time
	Actor     string // who moved it: "buyer", "staff:<user id>", "system:<job kind>", "bank:<event id>"; empty before 00080
	Request   string // the request or job it was part of
	Lines     []Line
}

// PostTx writes the posting of one movement of a whole payment, in the transaction of the state change that
// it belongs to. Posting it again changes nothing. It is for authorise, release, capture, refund, desk,
// desk_return, transfer and transfer_return; a refund carries the payment's refund id. A release of what was
// never posted as reserved is none. The caller holds the order's lock.
func PostTx(tx *db.Tx, o id.Order, p *Payment, kind Kind) error {
	ref := ""
	switch kind {
	case KindRefund:
		ref = p.RefundID
	case KindDispute, KindDisputeWon, KindDisputeLost, KindRefundFailed:
		return fmt.Errorf("payment: %s needs a reference: use PostPartTx", kind)
	}
	return PostPartTx(tx, o, p, kind, p.Amount, ref)
}

// PostPartTx writes a movement of part of a payment, or one that may come several times and is known by a
// reference: the id of the refund (refund, refund_failed), of the dispute (dispute, dispute_won,
// dispute_lost) or of the transfer. Once per payment, kind and reference; authorise, release, capture, desk
// and transfer once per payment. ErrNegative refuses an amount that is not positive or of another currency,
// ErrTooMuch one that gives the buyer more back than the payment took.
func PostPartTx(tx *db.Tx, o id.Order, p *Payment, kind Kind, m money.Money, ref string) error {
	acc, ok := twoSided[kind]
	if !ok {
		return fmt.Errorf("payment: no posting %q of one amount", kind)
	}
	if m.Minor <= 0 || m.Currency != p.Amount.Currency {
		return ErrNegative
	}
	if kind == KindRelease {
		reserved, err := reservedMinor(tx.DB, p.ID)
		if err != nil || reserved == 0 {
			return err
		}
		m.Minor = reserved
	}
	fresh, err := post(tx, o, &p.ID, kind, ref, m.Currency, []Line{{Account: acc[0], Minor: m.Minor}, {Account: acc[1], Minor: -m.Minor}})
	if err != nil || !fresh || !kind.givesBack() {
		return err
	}
	return checkLeftTx(tx, o, p.ID, kind)
}

// checkLeftTx refuses, after the posting, that a payment gave back more than it took. A legal increase is
// paid with a return by transfer or at the desk: no card refund is larger than its charge.
func checkLeftTx(tx *db.Tx, o id.Order, p id.Payment, kind Kind) error {
	var left int64
	_, err := db.One(tx.DB, &left, `SELECT coalesce(-sum(l.amount_minor), 0) FROM ledger_postings k JOIN ledger_lines l ON l.posting_id = k.id
		WHERE l.account = 'buyer' AND (k.payment_id = ? OR (? AND k.order_id = ? AND k.kind = 'interest'))`,
		p, kind == KindDeskReturn || kind == KindTransferReturn, o)
	if err == nil && left < 0 {
		err = ErrTooMuch
	}
	return err
}

func reservedMinor(g *gorm.DB, p id.Payment) (int64, error) {
	var n int64
	_, err := db.One(g, &n, `SELECT coalesce(sum(l.amount_minor), 0) FROM ledger_postings k JOIN ledger_lines l ON l.posting_id = k.id
		WHERE k.payment_id = ? AND l.account = 'authorised'`, p)
	return n, err
}

// PostFeeTx writes what the card bank charged for a payment, or, below zero, what it gave back of that, as after a
// dispute that was won; ref is the id of its balance line. Who bears it is who sells.
func PostFeeTx(tx *db.Tx, o id.Order, p *Payment, bearer Party, m money.Money, ref string) error {
	if m.Minor == 0 || m.Currency != p.Amount.Currency {
		return ErrNegative
	}
	_, err := post(tx, o, &p.ID, KindFee, ref, m.Currency, []Line{{Account: Fees, Party: bearer, Minor: m.Minor}, {Account: CardBank, Minor: -m.Minor}})
	return err
}

// UnbookedFees are those lines of the provider's balance that charge for a payment of ours, in its currency, and
// that no fee is posted for.
func UnbookedFees(g *gorm.DB, account string, lines []BalanceLine) ([]BalanceLine, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	intents, refs := make([]string, len(lines)), make([]string, len(lines))
	for i, l := range lines {
		intents[i], refs[i] = l.IntentID, l.ID
	}
	var rows []struct{ Intent, Currency, Reference string }
	err := g.Raw(`SELECT p.intent_id AS intent, p.currency, coalesce(k.reference, '') AS reference FROM payments p
		LEFT JOIN ledger_postings k ON k.payment_id = p.id AND k.kind = 'fee' AND k.reference IN ? WHERE p.account = ? AND p.intent_id IN ?`, refs, account, intents).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("payment: fees: %w", err)
	}
	ours, booked := map[string]money.Currency{}, map[string]bool{}
	for _, r := range rows {
		ours[r.Intent], booked[r.Reference] = money.Currency(r.Currency), true
	}
	var out []BalanceLine
	for _, l := range lines {
		if c, known := ours[l.IntentID]; known && c == l.Amount.Currency && !booked[l.ID] {
			out = append(out, l)
		}
	}
	return out, nil
}

// PostHandoverTx turns what the buyer paid into the seller's sale and VAT when the car is handed over, and
// writes what dealer and we owe one another for the money that the other holds. Once per order and ref, which
// tells a handover from one before it that was undone; the first has none.
func PostHandoverTx(tx *db.Tx, o id.Order, s Sale, ref string) error {
	if s.Total.Minor <= 0 || s.VAT.Minor < 0 || s.VAT.Minor > s.Total.Minor {
		return ErrNegative
	}
	w, err := whereOf(tx.DB, o)
	if err != nil {
		return err
	}
	_, err = post(tx, o, nil, KindHandover, ref, s.Total.Currency, s.legs(w))
	return err
}

// PostUndoneTx takes the sale of a handover that was undone back, line by line: buyer, seller, VAT and dealer are
// where they were before it. Once per order and ref, that of the handover; ErrNotSold when there is none.
func PostUndoneTx(tx *db.Tx, o id.Order, ref string) error {
	var r struct {
		Currency money.Currency
		Lines    []byte
	}
	ok, err := db.One(tx.DB, &r, `SELECT k.currency, json_agg(json_build_object('account', CASE l.account WHEN 'sales' THEN 'refunds' ELSE l.account END, 'party', l.party, 'amount_minor', -l.amount_minor) ORDER BY l.account, l.party) AS lines
		FROM ledger_postings k JOIN ledger_lines l ON l.posting_id = k.id
		WHERE k.order_id = ? AND k.payment_id IS NULL AND k.kind = 'handover' AND k.reference = ? GROUP BY k.id, k.currency`, o, ref)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNotSold
	}
	var legs []Line
	if err := json.Unmarshal(r.Lines, &legs); err != nil {
		return fmt.Errorf("payment: undone: %w", err)
	}
	fresh, err := post(tx, o, nil, KindUndone, ref, r.Currency, legs)
	if err == nil && !fresh {
		err = ErrNotSold
	}
	return err
}

// MovedSince tells whether an order's money moved after the posting of a handover: paid, given back, disputed or
// claimed. The card bank's own fees do not count.
func MovedSince(g *gorm.DB, o id.Order, ref string) (bool, error) {
	var moved bool
	_, err := db.One(g, &moved, `SELECT EXISTS (SELECT FROM ledger_postings k JOIN ledger_postings h ON h.order_id = k.order_id AND h.kind = 'handover' AND h.reference = @ref
		WHERE k.order_id = @order AND k.id > h.id AND k.kind NOT IN ('fee', 'authorise', 'release', 'commission'))`, map[string]any{"order": o, "ref": ref})
	return moved, err
}

// PostClaimTx writes what dealer, seller and we owe one another for a payment that came after the handover: what
// PostHandoverTx wrote for those before it. Once per payment; where nobody owes anybody anything it writes nothing.
func PostClaimTx(tx *db.Tx, o id.Order, p *Payment, s Sale) error {
	held, desk := p.Amount.Minor, int64(0)
	if p.AtDesk() {
		held, desk = desk, held
	}
	lines := slices.DeleteFunc(s.between(whereabouts{held: held, desk: desk}), func(l Line) bool { return l.Minor == 0 })
	if len(lines) == 0 {
		return nil
	}
	_, err := post(tx, o, &p.ID, KindClaim, "", p.Amount.Currency, lines)
	return err
}

// RestateTx tells seller and VAT of a sale apart that code of before posted as one sum. Once per order, and
// only where there is such a sale.
func RestateTx(tx *db.Tx, o id.Order, s Sale) error {
	var whole int64
	if _, err := db.One(tx.DB, &whole, `SELECT coalesce(sum(amount_minor), 0) FROM ledger_lines WHERE order_id = ? AND account = 'seller'`, o); err != nil || whole == 0 {
		return err
	}
	w, err := whereOf(tx.DB, o)
	if err != nil {
		return err
	}
	legs := s.legs(w)
	legs[0] = Line{Account: Unsplit, Minor: -whole}
	_, err = post(tx, o, nil, KindRestate, "", s.Total.Currency, legs)
	return err
}

// Unstated lists orders whose sale has no seller yet: RestateTx is for them.
func Unstated(g *gorm.DB, n int) ([]id.Order, error) {
	var out []id.Order
	err := g.Raw(`SELECT order_id FROM ledger_lines WHERE account = 'seller' GROUP BY order_id HAVING sum(amount_minor) <> 0 ORDER BY order_id LIMIT ?`, n).Scan(&out).Error
	return out, err
}

// Unnoted lists card payments whose reservation is not in the memo as their state is: code of before notes
// none. Reservations end within weeks, so only the last postings are looked through.
func Unnoted(g *gorm.DB, now time.Time, n int) ([]*Payment, error) {
	var rows []paymentRow
	err := g.Raw(`SELECT `+columns+` FROM payments p WHERE state IN ('authorised', 'capturing')
			AND NOT EXISTS (SELECT FROM ledger_postings k WHERE k.payment_id = p.id AND k.kind = 'authorise')
		UNION ALL SELECT `+columns+` FROM payments p WHERE state IN ('captured', 'voided', 'refunded', 'lost')
			AND id IN (SELECT payment_id FROM ledger_postings WHERE kind = 'authorise' AND at > ?)
			AND NOT EXISTS (SELECT FROM ledger_postings k WHERE k.payment_id = p.id AND k.kind = 'release') LIMIT ?`, now.AddDate(0, 0, -45), n).Scan(&rows).Error
	out := make([]*Payment, len(rows))
	for i := range rows {
		out[i] = rows[i].payment()
	}
	return out, err
}

// whereOf is where the money of an order lies.
func whereOf(g *gorm.DB, o id.Order) (whereabouts, error) {
	var r struct{ Held, Desk, Moved, Given int64 }
	_, err := db.One(g, &r, `SELECT coalesce(sum(l.amount_minor) FILTER (WHERE l.account IN ('card_bank', 'bank')), 0) AS held,
		coalesce(sum(l.amount_minor) FILTER (WHERE l.account = 'desk'), 0) AS desk,
		coalesce(-sum(l.amount_minor) FILTER (WHERE l.account = 'desk' AND k.kind = 'dealer_change'), 0) AS moved,
		coalesce(-sum(l.amount_minor) FILTER (WHERE l.account = 'buyer' AND k.kind = 'goodwill'), 0) AS given
		FROM ledger_lines l JOIN ledger_postings k ON k.id = l.posting_id WHERE l.order_id = ? AND k.kind <> 'fee'`, o)
	return whereabouts{held: r.Held, desk: r.Desk, moved: r.Moved, given: r.Given}, err
}

// MovedMinor is what dealers who had an order before took at their desks and owe us, in minor units.
func MovedMinor(g *gorm.DB, o id.Order) (int64, error) {
	w, err := whereOf(g, o)
	return w.moved, err
}

// PostDealerChangeTx settles the money of an order that goes from one dealer to another before the handover: what
// lies in the till of the first, and, where dealers hold the buyer's money themselves, all of it. ref tells the
// changes of an order apart. Without money there is nothing to post.
func PostDealerChangeTx(tx *db.Tx, o id.Order, cur money.Currency, c DealerChange, ref string) error {
	w, err := whereOf(tx.DB, o)
	if err != nil {
		return err
	}
	var fees int64
	if _, err := db.One(tx.DB, &fees, `SELECT coalesce(sum(amount_minor), 0) FROM ledger_lines WHERE order_id = ? AND account = 'fees' AND party = ?`, o, c.SellerFrom); err != nil {
		return err
	}
	if err := postSome(tx, o, KindDealerChange, ref, cur, c.legs(w.desk, fees)); err != nil || !c.DealerHolds {
		return err
	}
	return postSome(tx, o, KindDealerChange, holdsRef+ref, cur, []Line{{Account: DealerPayable, Party: DealerParty(c.From), Minor: w.held}, {Account: DealerPayable, Party: DealerParty(c.To), Minor: -w.held}})
}

// holdsRef marks what dealers owe one another because they hold the buyer's money themselves.
const holdsRef = "holds:"

// UndoHoldsTx takes back what dealers owed one another for money that they hold: the order ended, and each gives its
// own back to the buyer.
func UndoHoldsTx(tx *db.Tx, o id.Order, cur money.Currency) error {
	var legs []Line
	err := tx.Raw(`SELECT l.account, l.party, -sum(l.amount_minor) AS minor FROM ledger_lines l JOIN ledger_postings k ON k.id = l.posting_id
		WHERE l.order_id = ? AND k.kind = 'dealer_change' AND k.reference LIKE 'holds:%' GROUP BY 1, 2 ORDER BY 1, 2`, o).Scan(&legs).Error
	if err != nil {
		return fmt.Errorf("payment: holds: %w", err)
	}
	return postSome(tx, o, KindDealerChange, holdsRef+"over", cur, legs)
}

// EvenDeskTx is for after a return at a desk: where a dealer gave money back that one of before had taken, we owe it
// to that dealer. ref is the key of what was given back.
func EvenDeskTx(tx *db.Tx, o id.Order, d id.Dealer, cur money.Currency, ref string) error {
	w, err := whereOf(tx.DB, o)
	if err != nil {
		return err
	}
	n := min(w.moved, -w.desk)
	if n <= 0 {
		return nil
	}
	return postSome(tx, o, KindDealerChange, "desk:"+ref, cur, []Line{{Account: Desk, Minor: n}, {Account: DealerPayable, Party: DealerParty(d), Minor: -n}})
}

// postSome posts lines unless all of them are nothing.
func postSome(tx *db.Tx, o id.Order, kind Kind, ref string, cur money.Currency, lines []Line) error {
	for _, l := range lines {
		if l.Minor != 0 {
			_, err := post(tx, o, nil, kind, ref, cur, lines)
			return err
		}
	}
	return nil
}

// PostCreditTx takes a sale back after a withdrawal: the buyer is owed what he paid, and seller, VAT and
// dealer are where they were before the handover. What is kept (PostValueLossTx) comes after. Once per
// order; ErrNotSold when nothing was sold.
func PostCreditTx(tx *db.Tx, o id.Order) error {
	var r struct {
		Currency money.Currency
		Lines    []byte
	}
	ok, err := db.One(tx.DB, &r, `SELECT currency, json_agg(json_build_object('account', account, 'party', party, 'amount_minor', -minor) ORDER BY account, party) AS lines FROM (
		SELECT l.currency, CASE l.account WHEN 'sales' THEN 'refunds' ELSE l.account END AS account, l.party, sum(l.amount_minor) AS minor FROM ledger_lines l JOIN ledger_postings k ON k.id = l.posting_id
		WHERE l.order_id = ? AND k.kind IN ('handover', 'handover_undone', 'restate', 'claim') GROUP BY 1, 2, 3 HAVING sum(l.amount_minor) <> 0) x GROUP BY currency`, o)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNotSold
	}
	var legs []Line
	if err := json.Unmarshal(r.Lines, &legs); err != nil {
		return fmt.Errorf("payment: credit: %w", err)
	}
	_, err = post(tx, o, nil, KindCredit, "", r.Currency, legs)
	return err
}

// PostValueLossTx writes what a seller keeps of a withdrawn sale. Once per order; ErrNotSold before
// PostCreditTx.
func PostValueLossTx(tx *db.Tx, o id.Order, k Kept) error {
	if k.Amount.Minor <= 0 || k.VAT.Minor < 0 || k.VAT.Minor > k.Amount.Minor || k.Held.Minor < 0 || k.Held.Minor > k.Amount.Minor {
		return ErrNegative
	}
	credited := false
	if _, err := db.One(tx.DB, &credited, `SELECT EXISTS (SELECT 1 FROM ledger_postings WHERE order_id = ? AND payment_id IS NULL AND kind = 'credit')`, o); err != nil {
		return err
	}
	if !credited {
		return ErrNotSold
	}
	_, err := post(tx, o, nil, KindValueLoss, "", k.Amount.Currency, k.legs())
	return err
}

// PostInterestTx writes the legal increase of a late refund: the buyer is owed more, and the bearer (the
// seller) has spent it. ref tells the steps of an increase apart that grows, e.g. "2026-12-01".
func PostInterestTx(tx *db.Tx, o id.Order, bearer Party, m money.Money, ref string) error {
	if m.Minor <= 0 {
		return ErrNegative
	}
	_, err := post(tx, o, nil, KindInterest, ref, m.Currency, []Line{{Account: Interest, Party: bearer, Minor: m.Minor}, {Account: Buyer, Minor: -m.Minor}})
	return err
}

// post writes one entry with its lines, signed, in one statement; false when it is there already. Lines of nothing
// are left out.
func post(tx *db.Tx, o id.Order, p *id.Payment, kind Kind, ref string, c money.Currency, lines []Line) (bool, error) {
	values, args := make([]string, 0, len(lines)), []any{o, p, kind, ref, c, tx.Now, tx.By, tx.Request(), o, c}
	for _, l := range lines {
		if l.Minor != 0 {
			values = append(values, "(?::text, ?::text, ?::bigint)")
			args = append(args, l.Account, l.Party, l.Minor)
		}
	}
	if len(values) == 0 {
		return false, fmt.Errorf("payment: a posting %q of nothing", kind)
	}
	res := tx.Exec(`WITH k AS (INSERT INTO ledger_postings (order_id, payment_id, kind, reference, currency, at, actor, request_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id)
		INSERT INTO ledger_lines (posting_id, order_id, currency, account, party, amount_minor)
		SELECT k.id, ?::uuid, ?, l.account, l.party, l.minor FROM k, (VALUES `+strings.Join(values, ", ")+`) l (account, party, minor)`, args...)
	if res.Error != nil {
		return false, fmt.Errorf("payment: post %s: %w", kind, res.Error)
	}
	return res.RowsAffected > 0, nil
}

// PaidMinor is what the buyer has paid and not got back, in minor units, from the ledger; also after the
// handover. It is less than nothing when a legal increase was paid on top.
func PaidMinor(g *gorm.DB, o id.Order) (int64, error) {
	var n int64
	_, err := db.One(g, &n, `SELECT paid_minor FROM order_paid WHERE order_id = ?`, o)
	return n, err
}

// BuyerMinor is the balance of the buyer's account, in minor units: below zero is what the buyer is owed
// (his money before the handover, what must go back after a withdrawal), above zero what he owes.
func BuyerMinor(g *gorm.DB, o id.Order) (int64, error) {
	var n int64
	_, err := db.One(g, &n, `SELECT coalesce(sum(amount_minor), 0) FROM ledger_lines WHERE order_id = ? AND account = 'buyer'`, o)
	return n, err
}

// Postings is the journal of an order, oldest first.
func Postings(g *gorm.DB, o id.Order) ([]Posting, error) {
	var rows []struct {
		Kind      Kind
		Payment   id.Payment
		Reference string
		Currency  money.Currency
		At        time.Time
		Actor     string
		Request   string
		Lines     []byte
	}
	err := g.Raw(`SELECT k.kind, coalesce(k.payment_id::text, '') AS payment, k.reference, k.currency, k.at, k.actor, k.request_id AS request,
		(SELECT json_agg(l ORDER BY l.account) FROM ledger_lines l WHERE l.posting_id = k.id) AS lines
		FROM ledger_postings k WHERE k.order_id = ? ORDER BY k.id`, o).Scan(&rows).Error
	out := make([]Posting, len(rows))
	for i, r := range rows {
		out[i] = Posting{Kind: r.Kind, Payment: r.Payment, Reference: r.Reference, Currency: r.Currency, At: r.At, Actor: r.Actor, Request: r.Request}
		if err == nil {
			err = json.Unmarshal(r.Lines, &out[i].Lines)
		}
	}
	return out, err
}
