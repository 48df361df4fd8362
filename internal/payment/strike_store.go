package payment

import (
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

// claimStruck marks the claim that takes back what a payment that was struck out had meant between dealer, seller and us.
const claimStruck = "struck"

// StrikeTx strikes a payment at a desk out that was recorded wrongly, with the entry that evens its own out: the ledger
// keeps both. sale is that of an order that is handed over, so that what dealer, seller and we owe one another is taken
// back too; nil before. The caller holds the order's lock. ErrStruck refuses a payment that is none of this dealer's desk
// any more: corrected before, given back in whole or part, or settled with the next dealer.
func StrikeTx(tx *db.Tx, p *Payment, sale *Sale) error {
	if !p.AtDesk() || p.State != Captured || p.PartMinor > 0 || p.KeptMinor > 0 || p.LostMinor > 0 {
		return ErrStruck
	}
	settled, err := movedOnTx(tx, p)
	if err != nil {
		return err
	}
	if settled {
		return ErrStruck
	}
	if err := MoveTx(tx, p, Struck, Change{}); err != nil {
		return err
	}
	if err := PostTx(tx, p.Order, p, KindDeskStruck); err != nil || sale == nil {
		return err
	}
	lines := sale.between(whereabouts{desk: -p.Amount.Minor})
	for _, l := range lines {
		if l.Minor != 0 {
			_, err := post(tx, p.Order, &p.ID, KindClaim, claimStruck, p.Amount.Currency, lines)
			return err
		}
	}
	return nil
}

// movedOnTx tells whether the order went from the dealer who took a payment to another one: what lay in the till is a
// debt between the two since.
func movedOnTx(tx *db.Tx, p *Payment) (bool, error) {
	var moved bool
	_, err := db.One(tx.DB, &moved, `SELECT EXISTS (SELECT FROM ledger_postings k JOIN ledger_postings d ON d.order_id = k.order_id AND d.kind = 'dealer_change' AND d.id > k.id
		WHERE k.payment_id = ? AND k.kind = 'desk')`, p.ID)
	return moved, err
}

// LockAtDeskTx reads and locks a payment at a desk of an order that the caller has locked; others do not exist.
func LockAtDeskTx(tx *db.Tx, o id.Order, key id.Payment) (*Payment, error) {
	p, err := LockTx(tx, key)
	if err != nil {
		return nil, err
	}
	if p.Order != o || !p.AtDesk() {
		return nil, ErrNoPayment
	}
	return p, nil
}
