package storefront

import (
	"forecourt/internal/finance"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"
)

// Finance is the representative example for a car, ready to show. Its figures only come together: a
// monthly amount without the rest would be an advertisement that the law forbids.
type Finance struct {
	Title   string
	Open    string // what opens the figures; it holds none itself
	Lede    string // with the price of the whole car, which is said first
	Warning market.Said
	Rows    []FinanceRow
	Notices []market.Said
	Note    string
}

// FinanceRow is a figure of the example. Chief ones are at least as prominent as any other.
type FinanceRow struct {
	Label, Value string
	Chief        bool
}

// financeOf makes the example that the market's law of the day wants for a price; nil without one.
func financeOf(b web.Base, s *shop, price money.Money) *Finance {
	law, ok := s.market.FinanceAt(s.day)
	if !ok {
		return nil
	}
	e, ok := finance.Of(law, price.Minor)
	if !ok {
		return nil
	}
	out := &Finance{Title: b.T("storefront.finance.title"), Open: b.T("storefront.finance.open"), Lede: b.T("storefront.finance.lede", "Total", b.Money(price)), Warning: s.read(law.Warning),
		Notices: s.market.SayAll(law.Notices, s.lang()), Note: b.T("storefront.finance.note", "Lender", law.Lender)}
	amount := func(minor int64) string { return b.Money(s.market.Amount(minor)) }
	out.add(b.T("storefront.finance.kind"), b.T("storefront.finance.kind_"+string(law.Product)))
	out.add(b.T("storefront.finance.price"), amount(e.Price))
	if e.Deposit > 0 {
		out.add(b.T("storefront.finance.deposit"), amount(e.Deposit))
	}
	out.add(b.T("storefront.finance.credit"), amount(e.Credit))
	out.add(b.T("storefront.finance.rate"), b.P.Percent(law.RateBP))
	out.add(b.T("storefront.finance.duration"), b.N("storefront.finance.months", law.Months))
	out.payments(b, law, &e, amount)
	out.costs(b, s, law, &e, amount)
	out.add(b.T("storefront.finance.lender"), law.Lender)
	return out
}

func (f *Finance) add(label, value string) {
	f.Rows = append(f.Rows, FinanceRow{Label: label, Value: value})
}

func (f *Finance) chief(label, value string) {
	f.Rows = append(f.Rows, FinanceRow{Label: label, Value: value, Chief: true})
}

// payments lists the instalments, the last one by itself where it holds odd cents.
func (f *Finance) payments(b web.Base, law market.Finance, e *finance.Example, amount func(int64) string) {
	if e.Last == e.Each {
		f.add(b.N("storefront.finance.instalments", e.Count), amount(e.Each))
	} else {
		f.add(b.N("storefront.finance.instalments", e.Count-1), amount(e.Each))
		f.add(b.T("storefront.finance.last"), amount(e.Last))
	}
	if e.Final > 0 {
		f.add(b.T("storefront.finance.final_"+string(law.Product)), amount(e.Final))
	}
}

// costs lists what the credit costs, down to the total and the rate of charge.
func (f *Finance) costs(b web.Base, s *shop, law market.Finance, e *finance.Example, amount func(int64) string) {
	f.add(b.T("storefront.finance.interest"), amount(e.Interest()))
	for _, x := range e.Fees {
		label := s.read(x.Label).Text
		if x.Times > 1 {
			label = b.N("storefront.finance.fee_each", x.Times, "Fee", label, "Amount", amount(x.Each))
		}
		f.add(label, amount(x.Total))
	}
	f.chief(b.T("storefront.finance.charge"), amount(e.Charge))
	total := "storefront.finance.total"
	if law.WithDeposit && e.Deposit > 0 {
		total = "storefront.finance.total_deposit"
	}
	f.chief(b.T(total), amount(e.Total))
	f.chief(b.T("storefront.finance.apr"), b.P.Percent1(e.APR))
}

func sampleFinance() *Finance {
	return &Finance{Title: "Finance", Open: "Example", Lede: "One way to pay", Warning: market.Said{Text: "Caution"}, Rows: []FinanceRow{{"Credit", "£1", false}, {"APR", "6.1%", true}}, Notices: []market.Said{{Text: "Broker", Lang: "it"}}, Note: "Invented"}
}
