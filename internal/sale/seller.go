package sale

import (
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
)

// SaleOf is what an order's handover sells, by its own terms: who sells, and the VAT of its price.
func SaleOf(o *ordering.Order) payment.Sale {
	return payment.Sale{Seller: SellerOf(o), Dealer: o.Dealer, Total: o.Total(), VAT: o.Snapshot.Quote.VAT, DealerHolds: o.Snapshot.Holds == "dealer"}
}

// SellerOf is the party that sells an order's car.
func SellerOf(o *ordering.Order) payment.Party {
	switch o.Snapshot.Seller {
	case market.ByMaker:
		return payment.MakerParty(o.Brand)
	case market.ByGroup:
		return payment.GroupParty(o.Market, o.Brand)
	}
	return payment.DealerParty(o.Dealer)
}
