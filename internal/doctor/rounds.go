package doctor

// rounds are queries that go once through a large table for several invariants. Each gives the name of an
// invariant and the id of an offender.
var rounds = []string{ledgerRound, historyRound}

// ledgerRound sums the ledger by order and compares with the order and its payments. An order's lines sum to
// zero, and so does each of its postings: then any weighing of the postings sums to zero too, and one or two
// that do not can not hide, because no two postings of an order weigh the same (but for a million others that
// lie between). So the lines are gone through once and kept by order, not by posting.
//
// Where the money of an order lies (at the bank, in a till, in dispute, gone for fees, owed by or to a
// dealer) is what the buyer has paid: every posting that moves his money moves it between these and him.
// What a dealer owes for a silence (goodwill) is the buyer's as if he had paid it.
// What was given back, taken back or kept is told by few postings, which are looked up.
const ledgerRound = `
	SELECT v.name, x.id FROM (
		SELECT o.id,
			l.zero <> 0 OR l.weighed <> 0 AS unbalanced,
			coalesce(l.lies, 0) <> coalesce(p.taken, 0) - coalesce(b.back, 0) + coalesce(w.given, 0) AS unpaid,
			NOT coalesce(p.lately, false) AND coalesce(l.reserved, 0) NOT BETWEEN coalesce(p.held, 0) AND coalesce(p.held, 0) + coalesce(p.going, 0) AS unnoted,
			NOT coalesce(p.lately, false) AND l.lies - coalesce(p.parting, 0) > o.total_minor AS overpaid,
			coalesce(l.sold, 0) - coalesce(b.kept, 0) <> CASE WHEN b.credited THEN 0 WHEN o.state IN ('handed_over', 'returning') THEN o.total_minor
				WHEN o.state IN (` + beforeHandover + `, 'cancelled', 'lapsed') THEN 0 ELSE coalesce(l.sold, 0) - coalesce(b.kept, 0) END AS unsold,
			o.state IN ('handed_over', 'returning') AND coalesce(l.owes, 0) <> o.total_minor - coalesce(l.lies, 0) AS adrift,
			o.state IN ('handed_over', 'returning') AND coalesce(l.owes, 0) > coalesce(d.most, 0) AND NOT coalesce(b.contested, false) AS unasked
		FROM orders o
		LEFT JOIN (
			SELECT order_id, sum(amount_minor) AS zero, sum(amount_minor * (1 + posting_id % 1000003)) AS weighed,
				sum(amount_minor) FILTER (WHERE account IN ('card_bank', 'bank', 'desk', 'disputes', 'fees', 'dealer_payable', 'dealer_claim', 'goodwill')) AS lies,
				-sum(amount_minor) FILTER (WHERE account IN ('sales', 'refunds', 'vat_payable', 'seller')) AS sold,
				sum(amount_minor) FILTER (WHERE account = 'buyer') AS owes,
				sum(amount_minor) FILTER (WHERE account = 'authorised') AS reserved
			FROM ledger_lines GROUP BY order_id) l ON l.order_id = o.id
		LEFT JOIN (
			SELECT order_id,
				sum(amount_minor) FILTER (WHERE state NOT IN ('opening', 'open', 'expired', 'authorised', 'capturing', 'voided', 'lost', 'struck') AND (state <> 'returning'
					OR EXISTS (SELECT FROM ledger_postings k WHERE k.payment_id = p.id AND k.kind IN ('capture', 'desk', 'transfer')))) AS taken,
				sum(amount_minor) FILTER (WHERE state IN ('authorised', 'capturing')) AS held,
				sum(amount_minor) FILTER (WHERE state = 'returning') AS going, sum(part_due_minor) AS parting,
				bool_or(updated_at > CAST(@now AS timestamptz) - interval '5 minutes') AS lately
			FROM payments p GROUP BY order_id) p ON p.order_id = o.id
		LEFT JOIN (
			SELECT k.order_id, bool_or(k.kind = 'credit') AS credited, bool_or(k.kind = 'dispute_lost') AS contested,
				sum(l.amount_minor) FILTER (WHERE k.kind NOT IN ('credit', 'value_loss')) AS back,
				sum(l.amount_minor) FILTER (WHERE k.kind = 'value_loss') AS kept
			FROM ledger_postings k JOIN ledger_lines l ON l.posting_id = k.id AND l.account = 'buyer'
			WHERE k.kind IN ('refund', 'refund_failed', 'desk_return', 'transfer_return', 'dispute_lost', 'credit', 'value_loss')
			GROUP BY k.order_id) b ON b.order_id = o.id
		LEFT JOIN (SELECT k.order_id, -sum(l.amount_minor) AS given FROM ledger_postings k JOIN ledger_lines l ON l.posting_id = k.id AND l.account = 'buyer'
			WHERE k.kind = 'goodwill' GROUP BY k.order_id) w ON w.order_id = o.id
		LEFT JOIN (SELECT order_id, max(amount_minor) AS most FROM deferrals GROUP BY order_id) d ON d.order_id = o.id) x
	CROSS JOIN LATERAL (VALUES ('ledger_balances', unbalanced), ('buyer_balance', unpaid), ('reserved_in_memo', unnoted),
		('never_more_than_owed', overpaid), ('sold_as_ordered', unsold),
		('open_as_owed', adrift), ('released_by_word', unasked)) v (name, broken)
	WHERE (unbalanced OR unpaid OR unnoted OR overpaid OR unsold OR adrift OR unasked) AND v.broken`

// historyRound goes through all steps once, without sorting them. A step fits to the one before it when it
// begins where that one ended: then what the ends of an order's steps are worth, each with its number, is what
// the beginnings are worth with the number before, but for the first and the last.
const historyRound = `
	SELECT v.name, x.id FROM (
		SELECT o.id, h.order_id IS NULL OR h.first <> 1 AS lost, NOT h.signed AS unsigned,
			h.rest <> hashtextextended(o.state, h.last)::numeric - hashtextextended('', 0) AS astray
		FROM orders o
		LEFT JOIN (SELECT order_id, max(seq) AS last, min(seq) AS first, bool_and(actor <> '') AS signed,
				sum(hashtextextended(to_state, seq)) - sum(hashtextextended(from_state, seq - 1)) AS rest
			FROM order_history GROUP BY order_id) h ON h.order_id = o.id) x
	CROSS JOIN LATERAL (VALUES ('no_order_without_history', lost), ('steps_have_actors', unsigned), ('history_is_a_path', astray)) v (name, broken)
	WHERE (lost OR unsigned OR astray) AND v.broken`
