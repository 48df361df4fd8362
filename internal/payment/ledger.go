package payment

import (
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Account is one account of the ledger. A positive line is a debit (what somebody has, is owed or has
// spent), a negative one a credit (what somebody owes or has earned); the lines of a posting sum to zero.
type Account string

// The chart of accounts. Where a ledger line has a party, it is the one whose book the line stands in.
const (
	Buyer          Account = "buyer"             // buyer receivable: credits are what the buyer paid, debits what was sold to or given back to him
	CardBank       Account = "card_bank"         // card clearing: money at the card bank
	Bank           Account = "bank"              // money on our bank account, by transfer
	Desk           Account = "desk"              // money in the till of the dealer at whose desk it was paid
	Reserved       Account = "authorised"        // memo: reserved on cards and not taken; no money
	ReservedContra Account = "authorised_contra" // its contra account
	DealerPayable  Account = "dealer_payable"    // credit: what we hold for a dealer, or its group, that sells; debit: what a dealer took at its desk for a maker
	DealerClaim    Account = "dealer_claim"      // the credit again, in the seller's own book: its claim on us
	Sales          Account = "sales"             // by seller, without VAT
	Refunds        Account = "refunds"           // sales taken back, by seller, without VAT: contra to sales
	VATPayable     Account = "vat_payable"       // by seller
	Fees           Account = "fees"              // of the card bank, by who bears them
	Interest       Account = "interest"          // legal increase of late refunds, by who bears it
	Disputes       Account = "disputes"          // money that the card bank took back while it decides
	// CommissionSpent and CommissionPayable are what a maker spends on dealers for cars they hand over, by maker, and
	// what it owes them for it, by dealer. Neither is the buyer's money.
	CommissionSpent   Account = "commission"
	CommissionPayable Account = "commission_payable"
	GoodwillSpent     Account = "goodwill" // what a seller that is no maker gave buyers whom it left without news
	Unsplit           Account = "seller"   // a sale whose seller and VAT were not told apart; only in postings of before
)

// Kind is what happened.
type Kind string

// The kinds of posting. Those above the blank line are the buyer's money on its way or none at all;
// those below say what the money is for.
const (
	KindAuthorise      Kind = "authorise"       // money was reserved on a card
	KindRelease        Kind = "release"         // and is no more: taken, released or lost
	KindCapture        Kind = "capture"         // the card bank took it
	KindRefund         Kind = "refund"          // the card bank gives it back; once per refund
	KindRefundFailed   Kind = "refund_failed"   // a refund came back to us
	KindDesk           Kind = "desk"            // the buyer paid at a dealer's desk
	KindDeskReturn     Kind = "desk_return"     // and got it back there
	KindDeskStruck     Kind = "desk_struck"     // he never did: what was recorded was a slip
	KindTransfer       Kind = "transfer"        // the buyer paid by bank transfer
	KindTransferReturn Kind = "transfer_return" // and got it back so
	KindDispute        Kind = "dispute"         // the card bank took money back at the buyer's word; an inquiry moves nothing
	KindDisputeWon     Kind = "dispute_won"     // and gave it to us again
	KindDisputeLost    Kind = "dispute_lost"    // or to the buyer for good
	KindFee            Kind = "fee"             // the card bank's own

	KindHandover  Kind = "handover"        // the sale; again, with a reference, after one that was undone
	KindUndone    Kind = "handover_undone" // the sale taken back within minutes: the car never left
	KindRestate   Kind = "restate"         // tells seller and VAT of a sale apart that was posted before they were
	KindClaim     Kind = "claim"           // what dealer, seller and we owe one another for money that came after the sale
	KindCredit    Kind = "credit"          // the sale taken back after a withdrawal
	KindValueLoss Kind = "value_loss"      // kept of a withdrawn sale
	KindInterest  Kind = "interest"        // the legal increase of a late refund

	KindCommission        Kind = "commission"         // what a dealer is owed for a car it handed over
	KindCommissionSettled Kind = "commission_settled" // and more or less after its objection
	KindCommissionBack    Kind = "commission_back"    // taken back with the sale

	KindGoodwill Kind = "goodwill" // what a silent dealer gives a buyer, by the silence's number; taken back as "back"

	KindDealerChange Kind = "dealer_change" // what dealers owe one another because an order went from one to another
)

// twoSided are the kinds of one amount between two accounts: the first is debited, the second credited.
var twoSided = map[Kind][2]Account{
	KindAuthorise:      {Reserved, ReservedContra},
	KindRelease:        {ReservedContra, Reserved},
	KindCapture:        {CardBank, Buyer},
	KindRefund:         {Buyer, CardBank},
	KindRefundFailed:   {CardBank, Buyer},
	KindDesk:           {Desk, Buyer},
	KindDeskReturn:     {Buyer, Desk},
	KindDeskStruck:     {Buyer, Desk},
	KindTransfer:       {Bank, Buyer},
	KindTransferReturn: {Buyer, Bank},
	KindDispute:        {Disputes, CardBank},
	KindDisputeWon:     {CardBank, Disputes},
	KindDisputeLost:    {Buyer, Disputes},
}

// givesBack tells whether a kind returns money to the buyer: no payment may give back more than it took.
func (k Kind) givesBack() bool {
	return k == KindRefund || k == KindDeskReturn || k == KindDeskStruck || k == KindTransferReturn || k == KindDisputeLost
}

// Party is a legal person whose books the ledger tells apart: "dealer:gb-leeds-northgate", "maker:dacia".
type Party string

// DealerParty is a dealer as a party.
func DealerParty(d id.Dealer) Party { return Party("dealer:" + d) }

// MakerParty is a brand's national company as a party.
func MakerParty(b id.Brand) Party { return Party("maker:" + b) }

func (p Party) maker() bool { return strings.HasPrefix(string(p), "maker:") }

// GroupParty is the retail group that sells a brand in a market as a party; there is one at a time.
func GroupParty(m id.Market, b id.Brand) Party { return Party("group:" + string(m) + "-" + string(b)) }

// Sale is what a handover makes of the buyer's money. VAT is what Total contains.
type Sale struct {
	Seller Party
	Dealer id.Dealer // who hands the car over; the seller or its agent
	Total  money.Money
	VAT    money.Money
	// DealerHolds tells that card payments of this sale go to the dealer's own account at the card bank:
	// then we hold nothing for it.
	DealerHolds bool
}

// legs are the lines of a sale.
func (s Sale) legs(w whereabouts) []Line {
	out := []Line{
		{Account: Buyer, Minor: s.Total.Minor},
		{Account: Sales, Party: s.Seller, Minor: s.VAT.Minor - s.Total.Minor},
		{Account: VATPayable, Party: s.Seller, Minor: -s.VAT.Minor},
	}
	return append(out, s.between(w)...)
}

// whereabouts is where the money of an order lies, in minor units.
type whereabouts struct {
	held  int64 // at the card bank and on our bank account, without the card bank's fees
	desk  int64 // in the till of the dealer who has the order
	moved int64 // was in the tills of dealers who had it before: they owe it to us
	given int64 // was never money: a dealer who was silent owes it to us (Goodwill)
}

// between is what seller, dealer and we owe one another. A maker's money is ours: a dealer who hands over
// for it owes what it took at its desk. Another seller is owed what we hold, and what dealers owe us of before or for a silence;
// the desk's money is its own.
func (s Sale) between(w whereabouts) []Line {
	owed := w.held + w.moved + w.given
	switch {
	case s.Seller.maker():
		return []Line{{Account: DealerPayable, Party: DealerParty(s.Dealer), Minor: w.desk}, {Account: Desk, Minor: -w.desk}}
	case s.DealerHolds:
		owed = w.moved + w.given
	}
	return []Line{{Account: DealerPayable, Party: s.Seller, Minor: -owed}, {Account: DealerClaim, Party: s.Seller, Minor: owed}}
}

// DealerChange says from whom to whom an order goes.
type DealerChange struct {
	From, To             id.Dealer
	SellerFrom, SellerTo Party
	DealerHolds          bool // as in Sale
}

// legs are the lines of a change of dealer. The dealer of before owes us what lies in its till: it is the buyer's, and
// the sale will be another's. The card bank's fees are borne by who will sell.
func (c DealerChange) legs(desk, fees int64) []Line {
	out := []Line{{Account: DealerPayable, Party: DealerParty(c.From), Minor: desk}, {Account: Desk, Minor: -desk}}
	if c.SellerFrom != c.SellerTo {
		out = append(out, Line{Account: Fees, Party: c.SellerFrom, Minor: -fees}, Line{Account: Fees, Party: c.SellerTo, Minor: fees})
	}
	return out
}

// Kept is the part of a withdrawn sale that the seller keeps because the car lost value.
type Kept struct {
	Seller Party
	Dealer id.Dealer
	Amount money.Money // what the buyer does not get back
	VAT    money.Money // contained in Amount; zero where the law sees damages in it
	Held   money.Money // how much of Amount stays at the card bank or on our bank account, and not in the dealer's till
	// DealerHolds is that of the sale.
	DealerHolds bool
}

// legs are the lines of what is kept.
func (k Kept) legs() []Line {
	out := []Line{
		{Account: Buyer, Minor: k.Amount.Minor},
		{Account: Sales, Party: k.Seller, Minor: k.VAT.Minor - k.Amount.Minor},
		{Account: VATPayable, Party: k.Seller, Minor: -k.VAT.Minor},
	}
	return append(out, Sale{Seller: k.Seller, Dealer: k.Dealer, DealerHolds: k.DealerHolds}.between(whereabouts{held: k.Held.Minor, desk: k.Amount.Minor - k.Held.Minor})...)
}

// Faults of the ledger.
var (
	ErrNotSold  = fault.New(fault.Conflict, "fault.conflict", "payment.PostCredit")
	ErrNegative = fault.New(fault.Invalid, "pay.too_much", "payment.Post")
)
