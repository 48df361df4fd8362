package network

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type membershipRow struct {
	ID, Dealer, Market, Brand, Flow, Terms, TermsLang, SignedName, SignedBy, LeavesOn string
	TermsHash, RecordHash                                                             []byte
	SignedAt                                                                          time.Time
}

const membershipColumns = `id, dealer, market, brand, flow, terms, terms_lang, terms_hash, signed_name, signed_by, signed_at, record_hash, coalesce(leaves_on::text, '') AS leaves_on
	FROM pilot_memberships WHERE left_at IS NULL `

func memberships(g *gorm.DB, where string, args ...any) ([]Membership, error) {
	var rows []membershipRow
	err := g.Raw(`SELECT `+membershipColumns+where+` ORDER BY dealer, brand, flow`, args...).Scan(&rows).Error
	out := make([]Membership, len(rows))
	for i, r := range rows {
		out[i] = Membership{ID: id.Membership(r.ID), Dealer: id.Dealer(r.Dealer), Market: id.Market(r.Market), Brand: id.Brand(r.Brand), Flow: id.Flow(r.Flow),
			Terms: r.Terms, Lang: r.TermsLang, Name: r.SignedName, By: r.SignedBy, At: r.SignedAt.UTC(), LeavesOn: market.Date(r.LeavesOn)}
		copy(out[i].Text[:], r.TermsHash)
		copy(out[i].Record[:], r.RecordHash)
	}
	return out, err
}

// Members lists who takes part in the pilots, by dealer.
func Members(g *gorm.DB) (map[id.Dealer][]Membership, error) {
	all, err := memberships(g, "")
	out := map[id.Dealer][]Membership{}
	for _, m := range all {
		out[m.Dealer] = append(out[m.Dealer], m)
	}
	return out, err
}

// MembersAt lists in what a dealer takes part.
func MembersAt(g *gorm.DB, d id.Dealer) ([]Membership, error) {
	return memberships(g, "AND dealer = ?", d)
}

// JoinTx keeps a signed membership; false when the dealer takes part already.
func JoinTx(tx *db.Tx, m Membership) (bool, error) {
	return db.Changed(tx.DB, `INSERT INTO pilot_memberships (id, dealer, market, brand, flow, terms, terms_lang, terms_hash, signed_name, signed_by, signed_at, record_hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (dealer, brand, flow) WHERE left_at IS NULL DO NOTHING`,
		m.ID, m.Dealer, m.Market, m.Brand, m.Flow, m.Terms, m.Lang, m.Text[:], m.Name, m.By, m.At, m.Record[:])
}

// NoticeTx says when a dealer leaves; false when it takes no part or has said so already.
func NoticeTx(tx *db.Tx, d id.Dealer, b id.Brand, f id.Flow, on market.Date, by string) (bool, error) {
	return db.Changed(tx.DB, `UPDATE pilot_memberships SET notice_at = ?, notice_by = ?, leaves_on = ? WHERE dealer = ? AND brand = ? AND flow = ? AND left_at IS NULL AND leaves_on IS NULL`,
		tx.Now, by, on, d, b, f)
}

// LeavingTx lists those whose last day may be over, as a market further east sees it; the caller looks at the
// site's own day. Others that do the same work are passed over.
func LeavingTx(tx *db.Tx) ([]Membership, error) {
	return memberships(tx.DB, "AND leaves_on <= ?::date AND id IN (SELECT id FROM pilot_memberships WHERE left_at IS NULL AND leaves_on IS NOT NULL FOR UPDATE SKIP LOCKED)", market.DateOf(tx.Now.Add(14*time.Hour)))
}

// LeaveTx ends a membership whose notice is over.
func LeaveTx(tx *db.Tx, m id.Membership) (bool, error) {
	return db.Changed(tx.DB, `UPDATE pilot_memberships SET left_at = ? WHERE id = ? AND left_at IS NULL AND leaves_on IS NOT NULL`, tx.Now, m)
}

// SeedTx notes dealers of the files, who signed on paper, once: one that has left is not brought back by an import.
func SeedTx(tx *db.Tx, d *Dealer) error {
	for b, flows := range d.Takes {
		for _, f := range flows {
			if err := tx.Exec(`INSERT INTO pilot_memberships (id, dealer, market, brand, flow, terms, terms_lang, terms_hash, signed_name, signed_by, signed_at, record_hash)
				SELECT ?, ?, ?, ?, ?, ?, '', sha256(''::bytea), '', 'system', ?, sha256(''::bytea) WHERE NOT EXISTS (SELECT 1 FROM pilot_memberships WHERE dealer = ? AND brand = ? AND flow = ?)`,
				id.New[id.Membership](), d.Code, d.Market, b, f, onPaper, tx.Now, d.Code, b, f).Error; err != nil {
				return err
			}
		}
	}
	return nil
}
