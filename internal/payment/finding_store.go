package payment

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"

	"gorm.io/gorm"
)

// ErrNoFinding says that there is no open finding of this key.
var ErrNoFinding = fault.New(fault.NotFound, "fault.not_found", "payment.Finding")

// Finding is a difference between our books and the bank's that a person must look at.
type Finding struct {
	ID      id.Finding
	Account string
	Kind    string
	Object  string
	Order   id.Order
	Number  string
	Market  id.Market
	Detail  string
	FoundAt time.Time
	SeenAt  time.Time
}

// FindTx keeps a finding, or notes that it is there still; true when it is new.
func FindTx(tx *db.Tx, f Finding) (bool, error) {
	var fresh bool
	_, err := db.One(tx.DB, &fresh, `INSERT INTO reconcile_findings (id, account, kind, object_id, order_id, market, detail, found_at, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account, kind, object_id) WHERE closed_at IS NULL DO UPDATE SET seen_at = excluded.seen_at, detail = excluded.detail RETURNING xmax = 0`,
		id.New[id.Finding](), f.Account, f.Kind, f.Object, db.OrNull(string(f.Order)), db.OrNull(string(f.Market)), f.Detail, tx.Now, tx.Now)
	return fresh, err
}

// HealedTx closes findings of a kind that the look, which began at since, did not find any more.
func HealedTx(tx *db.Tx, account, kind string, since time.Time) error {
	return tx.Exec(`UPDATE reconcile_findings SET closed_at = ?, closed_by = 'system' WHERE account = ? AND kind = ? AND closed_at IS NULL AND seen_at < ?`, tx.Now, account, kind, since).Error
}

// CloseFindingTx is a person's word that a finding is dealt with.
func CloseFindingTx(tx *db.Tx, key id.Finding, markets []id.Market, by, reason string) (*Finding, error) {
	var f Finding
	ok, err := db.One(tx.DB, &f, `UPDATE reconcile_findings SET closed_at = ?, closed_by = ?, reason = ? WHERE id = ? AND closed_at IS NULL AND (market IN ? OR market IS NULL)
		RETURNING id, account, kind, object_id AS object, coalesce(order_id::text, '') AS order, coalesce(market, '') AS market, detail, found_at, seen_at`, tx.Now, by, reason, key, markets)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoFinding
	}
	return &f, nil
}

// OpenFindings lists what a person must look at; those without a market are everybody's.
func OpenFindings(g *gorm.DB, markets []id.Market, n int) ([]Finding, error) {
	var out []Finding
	err := g.Raw(`SELECT f.id, f.account, f.kind, f.object_id AS object, coalesce(f.order_id::text, '') AS order, coalesce(o.number, '') AS number, coalesce(f.market, '') AS market, f.detail, f.found_at, f.seen_at
		FROM reconcile_findings f LEFT JOIN orders o ON o.id = f.order_id WHERE f.closed_at IS NULL AND (f.market IN ? OR f.market IS NULL) ORDER BY f.found_at LIMIT ?`, markets, n).Scan(&out).Error
	return out, err
}

// Differences are the bank's keys of payments whose money the bank and our ledger do not agree about, by the last
// look at its balance.
func Differences(g *gorm.DB) ([]string, error) {
	var out []string
	err := g.Raw(`SELECT object_id FROM reconcile_findings WHERE closed_at IS NULL AND kind IN ('balance', 'stranger') ORDER BY object_id`).Scan(&out).Error
	return out, err
}

// Unsettled lists card payments that the bank should be asked about: those that are on their way longer than
// since, and reservations that end before soon: n of them in the order of their keys, from after one on.
func Unsettled(g *gorm.DB, account string, since, soon time.Time, after id.Payment, n int) ([]id.Payment, error) {
	if after == "" {
		after = "00000000-0000-0000-0000-000000000000"
	}
	var out []id.Payment
	err := g.Raw(`SELECT id FROM payments WHERE account = ? AND means = 'card' AND (state IN ('opening', 'open', 'capturing', 'returning') AND updated_at < ?
		OR state = 'authorised' AND capture_before < ?) AND id > ? ORDER BY id LIMIT ?`, account, since, soon, after, n).Scan(&out).Error
	return out, err
}

// UnknownEvents tells which of the bank's events were never heard of here.
func UnknownEvents(g *gorm.DB, account string, keys []string) ([]string, error) {
	var known []string
	if err := g.Raw(`SELECT id FROM provider_events WHERE account = ? AND id IN ?`, account, keys).Scan(&known).Error; err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, k := range known {
		seen[k] = true
	}
	var out []string
	for _, k := range keys {
		if !seen[k] {
			out = append(out, k)
		}
	}
	return out, nil
}

// Booked is what our ledger says of a payment's money at the card bank, in minor units, without fees.
type Booked struct {
	ID     id.Payment
	Order  id.Order
	Market id.Market
	Intent string
	Minor  int64
}

// BookedOf reads it for intents.
func BookedOf(g *gorm.DB, account string, intents []string) ([]Booked, error) {
	var out []Booked
	err := g.Raw(`SELECT p.id, p.order_id AS order, p.market, p.intent_id AS intent,
		coalesce((SELECT sum(l.amount_minor) FROM ledger_postings k JOIN ledger_lines l ON l.posting_id = k.id WHERE k.payment_id = p.id AND k.kind <> 'fee' AND l.account = 'card_bank'), 0) AS minor
		FROM payments p WHERE p.account = ? AND p.intent_id IN ?`, account, intents).Scan(&out).Error
	return out, err
}
