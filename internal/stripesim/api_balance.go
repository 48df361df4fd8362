package stripesim

var balanceExpands = []string{"source"}

func readBalanceLine(t *tx, c *call) (any, *apiError) {
	x := c.expand(balanceExpands...)
	if err := c.done(); err != nil {
		return nil, err
	}
	l := t.st.balance.byID[c.id]
	if l == nil {
		return nil, missing("balance_transaction", c.id)
	}
	return t.balanceNow(l, x), nil
}

func listBalance(t *tx, c *call) (any, *apiError) {
	x, created := c.expand(balanceExpands...), c.created()
	source, kind, currency := c.text("source"), c.text("type"), c.text("currency")
	return page(c, "/v1/balance_transactions", &t.st.balance,
		func(l *balanceLine) bool {
			return (source == "" || l.Source == source) && (kind == "" || l.Type == kind) &&
				(currency == "" || l.Currency == currency) && created(l.Created)
		},
		func(l *balanceLine) obj { return t.balanceNow(l, x) })
}

func (t *tx) balanceNow(l *balanceLine, x expansion) obj {
	o := t.st.balanceObject(l, x)
	o["status"] = l.statusAt(t.now)
	return o
}
