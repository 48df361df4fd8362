package doctor

// beforeHandover are the states of an order whose car is not sold yet.
const beforeHandover = `'checkout', 'offered', 'choosing', 'accepted', 'ordered', 'built', 'in_transit', 'arrived', 'prepared', 'ready'`

// Invariants are all of them, in the order of the report. The schema forbids most already: these would find
// a hole in it.
var Invariants = []Invariant{
	{"I1", "ledger_balances", "every posting's lines sum to zero, and so do every order's", ""},
	{"I1", "ledger_whole", "no posting is without its lines", `
		SELECT id FROM ledger_postings k WHERE k.at > CAST(@since AS timestamptz) AND NOT EXISTS (SELECT FROM ledger_lines l WHERE l.posting_id = k.id)`},
	{"I1", "ledger_append_only", "the guards that keep the ledger append-only and balanced are on", `
		SELECT id FROM (VALUES ('ledger_postings_append_only'), ('ledger_lines_append_only'), ('ledger_postings_balance'), ('ledger_lines_balance')) g (id)
		WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgname = g.id AND t.tgenabled IN ('O', 'A'))`},
	{"I2", "ledger_matches_payments", "every payment that was taken or given back has its postings, and no other has them", `
		SELECT id FROM payments p WHERE p.state IN ('captured', 'refunded', 'struck')
			AND NOT EXISTS (SELECT FROM ledger_postings k WHERE k.payment_id = p.id AND k.kind IN ('capture', 'desk', 'transfer'))
		UNION ALL SELECT id FROM payments p WHERE p.state = 'refunded'
			AND NOT EXISTS (SELECT FROM ledger_postings k WHERE k.payment_id = p.id AND k.kind IN ('refund', 'desk_return', 'transfer_return', 'dispute_lost'))
		UNION ALL SELECT id FROM payments p WHERE p.state = 'struck' AND NOT EXISTS (SELECT FROM ledger_postings k WHERE k.payment_id = p.id AND k.kind = 'desk_struck')
		UNION ALL SELECT p.id FROM ledger_postings k JOIN payments p ON p.id = k.payment_id WHERE k.kind = 'desk_struck' AND p.state <> 'struck'
		UNION ALL SELECT id FROM payments p WHERE p.state IN ('opening', 'open', 'expired', 'authorised', 'capturing', 'voided', 'lost')
			AND EXISTS (SELECT FROM ledger_postings k WHERE k.payment_id = p.id AND k.kind IN ('capture', 'desk', 'transfer'))`},
	{"I2", "buyer_balance", "what the ledger says a buyer has paid is what the payments say", ""},
	{"I2", "disputes_as_booked", "what disputes took back, for a while or for good, is in the ledger as the disputes say", `
		SELECT d.id FROM disputes d WHERE d.status IN ('needs_response', 'under_review', 'won', 'lost')
			AND NOT EXISTS (SELECT FROM ledger_postings k WHERE k.payment_id = d.payment_id AND k.kind = 'dispute' AND k.reference = d.id)
		UNION ALL SELECT d.id FROM disputes d WHERE d.status IN ('won', 'lost')
			AND NOT EXISTS (SELECT FROM ledger_postings k WHERE k.payment_id = d.payment_id AND k.kind = 'dispute_' || d.status AND k.reference = d.id)
		UNION ALL SELECT p.id::text FROM payments p WHERE p.lost_minor > 0
			AND p.lost_minor <> (SELECT coalesce(sum(d.amount_minor), 0) FROM disputes d WHERE d.payment_id = p.id AND d.status = 'lost')`},
	{"I3", "one_order_per_vin", "no car is in two live orders", `
		SELECT unnest(array_agg(o.id)) AS id FROM orders o JOIN flows f ON f.code = o.flow WHERE o.vin IS NOT NULL AND o.state NOT IN ('cancelled', 'lapsed', 'returned') AND NOT (f.resold AND o.state = 'handed_over')
			GROUP BY o.vin, f.resold HAVING count(*) > 1`},
	{"I3", "used_car_as_held", "a used car is kept from others exactly as long as somebody has it, and sold exactly as long as its order goes on", `
		SELECT c.id FROM used_cars c WHERE c.state = 'held' AND NOT EXISTS (SELECT FROM used_holds h WHERE h.car = c.id AND h.state IN ('offered', 'holding', 'ordered'))
		UNION ALL SELECT h.car FROM used_holds h JOIN used_cars c ON c.id = h.car WHERE h.state IN ('offered', 'holding', 'ordered') AND c.state NOT IN ('held', 'sold')
		UNION ALL SELECT c.id FROM used_cars c JOIN orders o ON o.id = c.order_ref WHERE c.state = 'sold' AND o.state IN ('checkout', 'handed_over', 'returning', 'returned', 'cancelled', 'lapsed')
		UNION ALL SELECT o.id::text FROM orders o WHERE o.snapshot @> '{"used": {}}' AND o.state IN ('offered', 'accepted', 'in_transit', 'arrived', 'prepared', 'ready')
			AND NOT EXISTS (SELECT FROM used_cars c WHERE c.order_ref = o.id AND c.state = 'sold' AND c.id = o.snapshot #>> '{used,number}')`},
	{"I10", "used_holds_end", "no hold of a used car and no first refusal outlives its time by more than a minute", `
		SELECT car AS id FROM used_holds WHERE state IN ('offered', 'holding') AND due_at < CAST(@now AS timestamptz) - interval '1 minute'
		UNION ALL SELECT h.car FROM used_holds h JOIN orders o ON o.id = h.order_ref WHERE h.state = 'ordered' AND o.state IN ('cancelled', 'lapsed', 'handed_over', 'returning', 'returned')`},
	{"I3", "workshop_as_booked", "what the search for a workshop's slots reads is what is booked, and no part is kept for a visit that is over", `
		SELECT coalesce(w.dealer, b.dealer) || '/' || coalesce(w.week, b.week) AS id FROM (SELECT dealer, ((packed >> 40) / 672)::integer AS week, string_agg(int8send(packed), ''::bytea ORDER BY packed) AS packed
				FROM service_bookings WHERE state IN ('held', 'booked', 'arrived', 'in_work', 'ready') GROUP BY 1, 2) b
			FULL JOIN service_weeks w ON w.dealer = b.dealer AND w.week = b.week WHERE coalesce(b.packed, '') <> coalesce(w.packed, '')
		UNION ALL SELECT b.id::text FROM service_reservations r JOIN service_bookings b ON b.id = r.holder WHERE r.state = 'live' AND b.state IN ('done', 'cancelled', 'no_show', 'lapsed')`},
	{"I10", "workshop_holds_end", "no soft hold of a workshop's slot and no offer of an earlier one outlives its time by more than five minutes", `
		SELECT id::text FROM service_bookings WHERE state = 'held' AND due_at < CAST(@now AS timestamptz) - interval '5 minutes'
		UNION ALL SELECT id::text FROM service_waits WHERE state = 'offered' AND due_at < CAST(@now AS timestamptz) - interval '5 minutes'`},
	{"I3", "moved_as_ordered", "a used car that is fetched elsewhere is where its order says", `
		SELECT t.number AS id FROM used_transfers t JOIN orders o ON o.id = t.order_ref WHERE t.state = 'to_send' AND o.state <> 'accepted' OR t.state = 'on_way' AND o.state <> 'in_transit'
			OR t.state = 'there' AND o.state NOT IN ('arrived', 'prepared', 'ready') OR t.state = 'done' AND o.state NOT IN ('handed_over', 'returning', 'returned') OR t.state IN ('back', 'off') AND o.state <> 'cancelled'`},
	{"I9", "exchange_as_paid", "a buyer's own car counts as paid exactly when the dealer has it, at the agreed value", `
		SELECT x.order_id AS id FROM order_exchanges x WHERE (x.state = 'given') <> EXISTS (SELECT FROM payments p WHERE p.order_id = x.order_id AND p.means = 'desk_exchange'
				AND p.amount_minor = x.value_minor AND p.state IN ('captured', 'returning', 'refunded'))
		UNION ALL SELECT p.order_id FROM payments p WHERE p.means = 'desk_exchange' AND NOT EXISTS (SELECT FROM order_exchanges x WHERE x.order_id = p.order_id)`},
	{"I3", "one_order_per_car", "no order has two cars and no car two orders", `
		SELECT unnest(array_agg(id)) AS id FROM stock_cars WHERE order_ref IS NOT NULL GROUP BY order_ref HAVING count(*) > 1
		UNION ALL SELECT unnest(array_agg(id::text)) FROM orders WHERE snapshot @> '{"stock": {}}' AND state NOT IN ('cancelled', 'lapsed') GROUP BY snapshot #>> '{stock,number}' HAVING count(*) > 1`},
	{"I3", "car_as_sold", "an order of a car that exists has that very car, and no other order has one", `
		SELECT o.id::text FROM orders o WHERE o.snapshot @> '{"stock": {}}' AND o.state NOT IN ('cancelled', 'lapsed')
			AND NOT EXISTS (SELECT FROM stock_cars c WHERE c.order_ref = o.id AND c.id = o.snapshot #>> '{stock,number}')
		UNION ALL SELECT c.id FROM stock_cars c JOIN orders o ON o.id = c.order_ref JOIN configurations k ON k.code = o.configuration
			WHERE c.id IS DISTINCT FROM o.snapshot #>> '{stock,number}' AND NOT EXISTS (SELECT FROM stock_moves m WHERE m.car = c.id AND m.order_ref = o.id) OR c.selection <> k.selection OR c.vin <> o.vin`},
	// Live entries and open orders are few however many there were: each side is looked at alone.
	{"I4", "one_queue_per_order", "a paid order is in exactly one dealer's queue, or its buyer decides", `
		SELECT q.order_id AS id FROM queue_entries q JOIN orders o ON o.id = q.order_id JOIN order_states k ON k.flow = o.flow AND k.state = o.state WHERE q.state IN ('offered', 'accepted')
			AND (q.dealer <> o.dealer OR (q.state = 'offered') <> (o.state = 'offered')
				OR (q.state = 'accepted') <> (k.kind = 'dealer'))
		UNION SELECT order_id FROM queue_entries WHERE state IN ('offered', 'accepted') GROUP BY order_id HAVING count(*) > 1
		UNION SELECT o.id FROM orders o JOIN order_states k ON k.flow = o.flow AND k.state = o.state WHERE o.state NOT IN ('handed_over', 'cancelled', 'lapsed')
			AND (o.state = 'offered' OR k.kind = 'dealer')
			AND NOT EXISTS (SELECT FROM queue_entries q WHERE q.order_id = o.id AND q.state IN ('offered', 'accepted'))`},
	{"I4", "offered_only_by_consent", "no order was offered to a dealer its buyer did not agree to", `
		SELECT q.id FROM queue_entries q WHERE NOT EXISTS (SELECT FROM order_dealers d WHERE d.order_id = q.order_id AND d.dealer = q.dealer)
		UNION ALL SELECT d.order_id FROM order_dealers d JOIN orders o ON o.id = d.order_id WHERE d.how = 'rule' AND o.any_dealer = ''`},
	{"I4", "asked_of_live_orders", "a dealer is asked only about an order that stands where the answer can still come true", `
		SELECT r.order_id AS id FROM order_requests r JOIN orders o ON o.id = r.order_id WHERE r.state IN ('proposed', 'asked')
			AND (r.from_dealer <> o.dealer OR o.state = 'offered'
				OR NOT EXISTS (SELECT FROM order_edges e WHERE e.flow = o.flow AND e.from_state = o.state AND e.event = CASE r.kind WHEN 'dealer' THEN 'pass_on' ELSE 'change' END))`},
	{"I4", "moved_by_consent", "no dealer has taken an order over on the office's word without the buyer's yes before", `
		SELECT r.order_id || '/' || r.seq AS id FROM order_requests r WHERE r.ordered_by <> '' AND r.state = 'accepted'
			AND (r.agreed_at IS NULL OR r.agreed_at > r.answered_at OR NOT EXISTS (SELECT FROM order_dealers d WHERE d.order_id = r.order_id AND d.dealer = r.to_dealer AND d.agreed_at <= r.answered_at))`},
	{"I4", "receipts_chain", "the receipts of each order follow one another, none was changed or taken out, and their guard is on", `
		SELECT r.order_id || '/' || r.seq AS id FROM allocation_receipts r LEFT JOIN allocation_receipts b ON b.order_id = r.order_id AND b.seq = r.seq - 1
		WHERE r.at > CAST(@since AS timestamptz) AND (r.seq > 1 AND b.seq IS NULL OR r.prev <> coalesce(b.hash, '') OR r.hash <> sha256(r.prev || convert_to(r.body, 'UTF8'))
			OR r.body::jsonb ->> 'order' <> r.order_id::text OR r.body::jsonb ->> 'event' <> r.event)
		UNION ALL SELECT 'allocation_receipts_append_only' WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgname = 'allocation_receipts_append_only' AND t.tgenabled IN ('O', 'A'))`},
	{"", "vehicle_history", "the history of each car is one chain, none of it was changed or taken out, and its guard is on", `
		SELECT e.vehicle_id || '/' || e.seq AS id FROM vehicle_events e LEFT JOIN vehicle_events b ON b.vehicle_id = e.vehicle_id AND b.seq = e.seq - 1
		WHERE e.at > CAST(@since AS timestamptz) AND (e.seq > 1 AND b.seq IS NULL OR e.before <> coalesce(b.hash, '') OR e.body::jsonb ->> 'vehicle' <> e.vehicle_id::text OR e.body::jsonb ->> 'kind' <> e.kind)
		UNION ALL SELECT 'vehicle_events_append_only' WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgname = 'vehicle_events_append_only' AND t.tgenabled IN ('O', 'A'))`},
	{"", "keeper_of_handed_over", "who bought a car that was handed over keeps it, until it left him", `
		SELECT k.order_ref::text AS id FROM vehicle_keepers k JOIN orders o ON o.id = k.order_ref WHERE k.until IS NULL AND o.state NOT IN ('handed_over', 'returning')`},
	{"I4", "receipts_whole", "every step of a queue entry has its receipt", `
		SELECT q.id FROM queue_entries q WHERE q.receipted AND (q.state IN ('offered', 'accepted') OR q.answered_at > CAST(@since AS timestamptz))
			AND (NOT EXISTS (SELECT FROM allocation_receipts r WHERE r.order_id = q.order_id AND r.round = q.round AND r.event = 'offer')
			OR q.state <> 'offered' AND NOT EXISTS (SELECT FROM allocation_receipts r WHERE r.order_id = q.order_id AND r.round = q.round
				AND r.event IN (CASE q.state WHEN 'accepted' THEN 'accept' WHEN 'declined' THEN 'decline' WHEN 'expired' THEN 'expire' WHEN 'done' THEN 'hand_over' ELSE 'withdraw' END,
					CASE q.state WHEN 'withdrawn' THEN 'pass_on' END)))`},
	{"I4", "nothing_paid_unnoticed", "no order waits for a card that has paid", `
		SELECT p.id FROM orders o JOIN payments p ON p.order_id = o.id WHERE o.state IN ('checkout', 'lapsed', 'cancelled')
		AND p.state IN ('authorised', 'capturing', 'captured') AND p.lost_minor < p.amount_minor AND p.updated_at < CAST(@now AS timestamptz) - interval '10 minutes'`},
	{"I5", "no_forgotten_authorisation", "every reservation is captured or released 12 hours before it ends", `
		SELECT id FROM payments WHERE state IN ('authorised', 'capturing') AND capture_before - interval '12 hours' + interval '5 minutes' < CAST(@now AS timestamptz)`},
	{"I5", "reserved_in_memo", "what the ledger notes as reserved on cards is what the payments say", ""},
	{"I6", "history_is_a_path", "an order's steps follow one another and end at its state", ""},
	{"I6", "no_order_without_history", "every order has its first step", ""},
	{"I7", "events_dealt_with", "every event of the card bank is dealt with in five minutes", `
		SELECT account || '/' || id AS id FROM provider_events WHERE processed_at IS NULL AND received_at < CAST(@now AS timestamptz) - interval '5 minutes'`},
	{"I8", "one_deposit_kept", "no second deposit is kept", `
		SELECT order_id AS id FROM payments WHERE purpose = 'deposit' AND state IN ('authorised', 'capturing', 'captured') GROUP BY order_id HAVING count(*) > 1`},
	{"I8", "never_more_than_owed", "no buyer has paid more than his order costs", ""},
	{"I8", "money_returns", "what must go back is on its way within ten minutes, or disputed", `
		SELECT id FROM payments WHERE state = 'returning' AND means = 'card' AND refund_status <> 'failed'
		AND id NOT IN (SELECT payment_id FROM open_disputes WHERE taken) AND updated_at < CAST(@now AS timestamptz) - interval '10 minutes'
		UNION ALL SELECT x.id FROM payment_parts x JOIN payments p ON p.id = x.payment_id WHERE x.state = 'due' AND p.means = 'card' AND x.refund_status <> 'failed'
		AND p.id NOT IN (SELECT payment_id FROM open_disputes WHERE taken) AND x.updated_at < CAST(@now AS timestamptz) - interval '10 minutes'`},
	{"I8", "parts_add_up", "what a payment says went back in parts is what the parts say", `
		SELECT p.id FROM payments p WHERE p.part_minor > 0 AND NOT EXISTS (SELECT FROM payment_parts x WHERE x.payment_id = p.id
			HAVING sum(x.amount_minor) = p.part_minor AND coalesce(sum(x.amount_minor) FILTER (WHERE x.state = 'due'), 0) = p.part_due_minor)
		UNION ALL SELECT x.payment_id FROM payment_parts x JOIN payments p ON p.id = x.payment_id WHERE p.part_minor = 0`},
	{"I8", "left_as_told", "who left gets back what was written down, no less and no more", `
		SELECT order_id AS id FROM (
			SELECT v.order_id, v.owed_minor, v.settled_at, v.way, o.state,
				(SELECT coalesce(sum(p.amount_minor - p.kept_minor - p.part_minor) FILTER (WHERE p.state IN ('returning', 'refunded') AND p.return_reason NOT IN ('second_payment', 'mismatch', 'order_over', 'too_much')), 0)
					FROM payments p WHERE p.order_id = v.order_id) AS back,
				(SELECT coalesce(sum(p.lost_minor), 0) FROM payments p WHERE p.order_id = v.order_id) AS disputed,
				(SELECT coalesce(sum(p.amount_minor) FILTER (WHERE p.state IN ('voided', 'lost')), 0) FROM payments p WHERE p.order_id = v.order_id) AS released,
				EXISTS (SELECT FROM payments p WHERE p.order_id = v.order_id AND p.state = 'returning') AS on_its_way
			FROM leavings v JOIN orders o ON o.id = v.order_id) x
		WHERE (state IN ('cancelled', 'returned') AND (way = 'withdrawal' AND back - disputed > owed_minor OR back + released < owed_minor))
			OR (state = 'returning') <> (way = 'withdrawal' AND state <> 'returned') OR (settled_at IS NOT NULL AND on_its_way)`},
	{"I9", "price_as_quoted", "an order's total and deposit are those of its fixed price, line by line", `
		SELECT id FROM orders WHERE total_minor <> (snapshot #>> '{quote,total,minor}')::bigint
		OR deposit_minor <> (snapshot #>> '{quote,deposit,minor}')::bigint OR total_minor <> snapshot_lines_minor(snapshot)`},
	{"I9", "sold_as_ordered", "a car handed over is in the ledger as sold at the order's total, and no other is", ""},
	{"I9", "open_as_owed", "what the buyer of a car owes in the ledger is its price less what was paid, to the cent", ""},
	{"I9", "released_by_word", "no car is handed over with more open than its dealer wrote down before", ""},
	{"I9", "deferred_by_staff", "every word that lets a rest open stands in the audit, with who gave it", `
		SELECT d.order_id || '/' || d.seq AS id FROM deferrals d WHERE d.at > CAST(@since AS timestamptz)
		AND NOT EXISTS (SELECT FROM audit_log a WHERE a.subject = 'order:' || d.order_id AND a.action = 'order.defer' AND a.actor = 'staff:' || d.by_user AND a.at = d.at)`},
	{"I9", "commission_as_ruled", "a dealer is owed for a car handed over what the rule or its settled objection says, and for one taken back nothing", `
		SELECT c.order_id AS id FROM commissions c JOIN orders o ON o.id = c.order_id LEFT JOIN commission_objections b ON b.order_id = c.order_id
		WHERE greatest(c.at, b.settled_at, o.updated_at) > CAST(@since AS timestamptz)
			AND coalesce((SELECT -sum(l.amount_minor) FROM ledger_lines l WHERE l.order_id = c.order_id AND l.account = 'commission_payable'), 0)
				<> CASE WHEN o.state = 'returned' OR o.handed_over_at IS NULL THEN 0 ELSE coalesce(b.settled_minor, c.amount_minor) END`},
	{"I9", "goodwill_as_told", "what was given for a silence is in the books until the sale ends, and its buyer was told of the silence", `
		SELECT w.order_id || '/' || w.round AS id FROM goodwills w LEFT JOIN silences x ON x.order_id = w.order_id AND x.round = w.round WHERE x.buyer_told_at IS NULL OR x.dealer <> w.dealer
		UNION ALL SELECT o.id::text FROM (SELECT order_id, sum(amount_minor) FILTER (WHERE back_at IS NULL) AS given, bool_or(back_at IS NULL) AS stands FROM goodwills GROUP BY order_id) w JOIN orders o ON o.id = w.order_id
			WHERE w.stands = (o.state IN ('cancelled', 'lapsed', 'returned')) OR coalesce(w.given, 0) <> -(SELECT coalesce(sum(l.amount_minor), 0) FROM ledger_postings k
				JOIN ledger_lines l ON l.posting_id = k.id AND l.account = 'buyer' WHERE k.order_id = w.order_id AND k.kind = 'goodwill')`},
	{"I10", "cars_released", "no car is held for an order that is over, and none is gone without a handover", `
		SELECT c.id FROM stock_cars c JOIN orders o ON o.id = c.order_ref
		WHERE (c.state = 'held' AND o.state IN ('cancelled', 'lapsed', 'handed_over', 'returning', 'returned'))
			OR (c.state = 'gone' AND o.state NOT IN ('handed_over', 'returning')) OR (c.state = 'returned' AND o.state <> 'returned')`},
	{"I10", "slots_released", "no bay is held for an order that is over", `
		SELECT a.id FROM appointments a JOIN orders o ON o.id = a.order_id WHERE a.state = 'booked' AND o.state IN ('cancelled', 'lapsed', 'handed_over', 'returning', 'returned')`},
	{"I10", "deadlines_kept", "no deadline is more than five minutes late", `
		SELECT id::text FROM queue_entries WHERE state = 'offered' AND due_at < CAST(@now AS timestamptz) - interval '5 minutes'
		UNION ALL SELECT id::text FROM queue_entries WHERE state = 'offered' AND due_at > CAST(@now AS timestamptz) AND rung_due < CAST(@now AS timestamptz) - interval '5 minutes'
		UNION ALL SELECT id::text FROM order_requests WHERE state IN ('proposed', 'asked') AND due_at < CAST(@now AS timestamptz) - interval '5 minutes'
		UNION ALL SELECT number FROM used_transfers WHERE rung_due < CAST(@now AS timestamptz) - interval '5 minutes'
		UNION ALL SELECT id::text FROM orders WHERE state = 'choosing' AND due_at < CAST(@now AS timestamptz) - interval '5 minutes'
		UNION ALL SELECT id::text FROM payments WHERE due_at < CAST(@now AS timestamptz) - interval '15 minutes'`},
	{"I11", "mail_leaves", "every message leaves within ten minutes", `
		SELECT order_id || '/' || template || '/' || seq AS id FROM mails WHERE sent_at IS NULL AND created_at < CAST(@now AS timestamptz) - interval '10 minutes'
		UNION ALL SELECT id::text FROM barrier_reports WHERE sent_at IS NULL AND created_at < CAST(@now AS timestamptz) - interval '10 minutes'`},
	{"I12", "steps_have_actors", "every step of an order has an actor", ""},
	{"I12", "staff_acts_audited", "every step that staff made stands in the audit", `
		SELECT h.order_id || '/' || h.seq AS id FROM order_history h WHERE h.at > CAST(@since AS timestamptz) AND h.actor LIKE 'staff:%'
		AND NOT EXISTS (SELECT FROM audit_log a WHERE a.subject = 'order:' || h.order_id AND a.actor = h.actor AND a.at = h.at)`},
	// An instance of before, which does not sign, may work beside one of now for a while.
	{"I12", "postings_signed", "every entry of the ledger says who moved the money and within which request", `
		SELECT id FROM ledger_postings k WHERE (actor = '' OR request_id = '') AND k.at > CAST(@since AS timestamptz)
		AND k.at > (SELECT at + interval '1 hour' FROM ledger_postings WHERE actor <> '' ORDER BY id LIMIT 1)`},
	{"I12", "slips_signed", "every payment that was struck out has its correction, and every correction its step and its line in the audit", `
		SELECT p.id::text FROM payments p WHERE p.state = 'struck' AND NOT EXISTS (SELECT FROM corrections c WHERE c.payment_id = p.id AND c.was_minor = p.amount_minor
			AND c.now_minor = coalesce((SELECT n.amount_minor FROM payments n WHERE n.id = c.recorded), 0))
		UNION ALL SELECT c.order_id || '/' || c.seq FROM corrections c WHERE c.at > CAST(@since AS timestamptz)
			AND (NOT EXISTS (SELECT FROM order_history h WHERE h.order_id = c.order_id AND h.seq = c.seq AND h.event = 'correct_' || c.kind AND h.at = c.at)
				OR NOT EXISTS (SELECT FROM audit_log a WHERE a.subject = 'order:' || c.order_id AND a.action = 'order.correct_' || c.kind AND a.actor = 'staff:' || c.by_user AND a.at = c.at))`},
	{"I12", "desk_money_signed", "every payment at a desk says who recorded it", `
		SELECT id FROM payments WHERE account = 'desk' AND recorded_by = ''`},
	{"", "series_without_holes", "the numbers of each series of documents run from one to the last, each once", `
		SELECT s.entity || '/' || s.series || '/' || s.year AS id FROM document_series s LEFT JOIN documents d ON d.entity = s.entity AND d.series = s.series AND d.year = s.year
			GROUP BY s.entity, s.series, s.year, s.last HAVING count(d.seq) <> s.last OR max(d.seq) <> s.last OR min(d.seq) <> 1`},
	{"", "papers_whole", "an order that was confirmed and handed over has its invoice, over its total, and its record", `
		WITH sold AS MATERIALIZED (SELECT id, total_minor FROM orders WHERE state = 'handed_over' AND handed_over_at > CAST(@since AS timestamptz))
		SELECT o.id FROM sold o WHERE EXISTS (SELECT FROM documents c WHERE c.order_id = o.id AND c.kind = 'confirmation')
		AND (o.total_minor IS DISTINCT FROM (SELECT i.total_minor FROM documents i WHERE i.order_id = o.id AND i.kind = 'invoice' ORDER BY i.edition DESC LIMIT 1)
			OR NOT EXISTS (SELECT FROM documents h WHERE h.order_id = o.id AND h.kind = 'handover'))`},
	{"", "undone_taken_back", "an order that is not handed over has no invoice that stands, and none has two", `
		SELECT i.order_id AS id FROM documents i JOIN orders o ON o.id = i.order_id WHERE i.kind = 'invoice' AND i.issued_at > CAST(@since AS timestamptz)
			AND NOT EXISTS (SELECT FROM documents c WHERE c.refers = i.id)
			AND (o.state IN (` + beforeHandover + `, 'cancelled', 'lapsed') OR EXISTS (SELECT FROM documents j WHERE j.order_id = i.order_id AND j.kind = 'invoice' AND j.id <> i.id
				AND NOT EXISTS (SELECT FROM documents c WHERE c.refers = j.id)))`},
	{"", "handovers_stand", "a handover stands exactly while its order says when it was", `
		SELECT h.order_id AS id FROM handovers h JOIN orders o ON o.id = h.order_id WHERE h.at > CAST(@since AS timestamptz) AND o.handed_over_at IS DISTINCT FROM h.at`},
	{"", "editions_whole", "every compiled range is stored as it was published", `
		SELECT brand || '/' || model || '/' || market || '/' || from_date AS id FROM range_editions WHERE octet_length(diagram) < 40
		OR sha256(substring(diagram FROM 1 FOR octet_length(diagram) - 32)) <> substring(diagram FROM octet_length(diagram) - 31)`},
}

// Warnings are looked at like invariants, but the site works all the same: they do not make a report
// unhealthy.
var Warnings = []Invariant{
	// A range without its edition is compiled when it is asked for: slow, but right.
	{"", "ranges_published", "every range on sale is served from an edition made from its present rules", `
		SELECT s.brand || '/' || s.model || '/' || s.market AS id FROM (
			SELECT r.brand, r.model, md5(r.doc::text) AS digest, p.key AS market, (SELECT min((l ->> 'from')::date) FROM jsonb_array_elements(p.value) l) AS sold_from
			FROM ranges r, jsonb_each(r.doc -> 'prices') p) s
		WHERE sold_from <= CAST(@now AS timestamptz)::date AND NOT EXISTS (
			SELECT 1 FROM range_editions e WHERE e.brand = s.brand AND e.model = s.model AND e.market = s.market
				AND e.range_digest = s.digest AND e.from_date <= (CAST(@now AS timestamptz) + interval '14 hours')::date)`},
}
