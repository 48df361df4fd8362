package doctor

import (
	"context"
	"encoding/json"

	"forecourt/internal/platform/db"
)

// BankLine is what the card bank's own ledger says of one payment: the offline bank tells it at
// /_sandbox/ledger. Amounts are minor units of Currency, which may be in lower case.
type BankLine struct {
	Intent       string `json:"intent"`
	OrderID      string `json:"order_id"`
	PaymentID    string `json:"payment_id"`
	Currency     string `json:"currency"`
	Held         int64  `json:"held"` // reserved, neither taken nor released
	Captured     int64  `json:"captured"`
	Refunded     int64  `json:"refunded"`
	DisputesLost int64  `json:"disputes_lost"`
}

// bankInvariants are those that only the bank's ledger can show.
var bankInvariants = []Invariant{
	{"I2", "bank_agrees", "what the card bank took and did not give back is what our ledger says, payment by payment", ""},
	{"I2", "bank_knows", "the card bank and we know the same payments, of the same orders", ""},
	{"I5", "bank_holds_as_noted", "what the card bank holds reserved is what our ledger notes", ""},
	{"I8", "one_charge", "no payment was taken twice, and no order for more than it costs", ""},
}

// bankRound compares payment by payment. One that is on its way back may be ahead of us at the bank.
const bankRound = `
	WITH bank AS (
		SELECT payment_id, min(order_id) AS order_id, min(upper(currency)) AS currency, count(DISTINCT currency) AS currencies, sum(held) AS held,
			sum(captured - refunded - disputes_lost) AS keeps, count(*) FILTER (WHERE captured > refunded) AS charges
		FROM jsonb_to_recordset(CAST(@bank AS jsonb)) b (payment_id text, order_id text, currency text, held bigint, captured bigint, refunded bigint, disputes_lost bigint)
		GROUP BY payment_id),
	ours AS (
		SELECT p.id::text, p.order_id::text, p.currency, p.state, p.intent_id,
			coalesce(-sum(l.amount_minor) FILTER (WHERE l.account = 'buyer'), 0) AS paid, coalesce(sum(l.amount_minor) FILTER (WHERE l.account = 'authorised'), 0) AS reserved
		FROM payments p LEFT JOIN ledger_postings k ON k.payment_id = p.id LEFT JOIN ledger_lines l ON l.posting_id = k.id
		WHERE p.means = 'card' GROUP BY p.id)
	SELECT v.name, coalesce(o.id, b.payment_id, '') AS id FROM bank b FULL JOIN ours o ON o.id = b.payment_id
	CROSS JOIN LATERAL (VALUES
		('bank_knows', o.id IS NULL OR o.order_id <> b.order_id OR (b.payment_id IS NULL AND o.intent_id IS NOT NULL)),
		('bank_agrees', b.payment_id IS NOT NULL AND o.state <> 'returning' AND (b.keeps <> o.paid OR b.currency <> o.currency OR b.currencies > 1)),
		('bank_holds_as_noted', o.state NOT IN ('opening', 'open', 'returning') AND b.held <> o.reserved),
		('one_charge', b.charges > 1)) v (name, broken)
	WHERE v.broken
	UNION ALL SELECT 'one_charge', t.id::text FROM bank b JOIN orders t ON t.id::text = b.order_id GROUP BY t.id HAVING sum(b.keeps) > t.total_minor`

// CompareBank compares the ledger with the card bank's own, to the cent. It is exact when nothing is under way:
// an event that is not dealt with yet is a difference.
func CompareBank(ctx context.Context, d *db.DB, lines []BankLine) (Report, error) {
	r := Report{At: d.Clock.Now()}
	doc, err := json.Marshal(lines)
	if err != nil {
		return r, err
	}
	err = d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		out := found{}
		err := out.addTx(tx, bankRound, map[string]any{"bank": string(doc)})
		r.report(out, bankInvariants, nil)
		return err
	})
	return r, err
}
