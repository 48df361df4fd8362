package doctor_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"forecourt/internal/doctor"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"

	"github.com/jackc/pgx/v5"
)

func broken(t *testing.T, d *db.DB) map[string]int64 {
	t.Helper()
	r, err := doctor.Examine(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for _, f := range r.Invariants {
		if f.Violations > 0 {
			out[f.Name] = f.Violations
		}
		if n := int64(len(f.Rows)); n != min(f.Violations, doctor.MostRows) {
			t.Errorf("%s names %d of %d rows", f.Name, n, f.Violations)
		}
	}
	if r.Healthy != (len(out) == 0) {
		t.Fatalf("healthy is %t with %v", r.Healthy, out)
	}
	return out
}

// unguarded does what the schema's own guards refuse.
func unguarded(query string) string {
	return `BEGIN; SET LOCAL session_replication_role = replica; ` + query + `; COMMIT`
}

// heldStay is a slot of a workshop that is held longer than it may be.
const heldStay = `INSERT INTO service_bays (dealer, no, skills) SELECT dealer, 1, '{general}' FROM orders ON CONFLICT DO NOTHING;
	INSERT INTO service_technicians (dealer, no, name, skills, hours) SELECT dealer, 1, 'A', '{general}', '{}' FROM orders ON CONFLICT DO NOTHING;
	INSERT INTO service_bookings (id, brand, market, dealer, state, source, starts_at, ends_at, bay, technician, skills, minutes, mobility, lines, due_at, packed, created_at, updated_at)
	SELECT gen_random_uuid(), brand, market, dealer, 'held', 'web', '2027-11-25 09:00+00', '2027-11-25 10:00+00', 1, 1, '{general}', 60, 'none', '[]', '2026-11-24 09:00+00',
		((EXTRACT(epoch FROM timestamptz '2027-11-25 09:00+00')::bigint / 900) << 40) | (4::bigint << 32) | (1 << 24) | (1 << 16), now(), now() FROM orders LIMIT 1`

// Each case spoils a healthy house in one way that the schema does not forbid.
func TestEachInvariantFindsItsOffender(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for name, spoil := range map[string]string{
		"price_as_quoted":            `UPDATE orders SET total_minor = total_minor + 1`,
		"one_queue_per_order":        `UPDATE queue_entries SET state = 'withdrawn', answered_at = now(), receipted = false`,
		"offered_only_by_consent":    `DELETE FROM order_dealers`,
		"no_forgotten_authorisation": `UPDATE payments SET capture_before = '2026-11-24 20:00+00'`,
		"receipts_chain":             unguarded(`UPDATE allocation_receipts SET body = replace(body, 'leeds', 'london')`),
		"receipts_whole":             unguarded(`DELETE FROM allocation_receipts`),
		"nothing_paid_unnoticed":     `UPDATE orders SET state = 'lapsed'; UPDATE payments SET updated_at = '2026-11-24 09:00+00'`,
		"history_is_a_path":          `UPDATE orders SET state = 'choosing', due_at = '2026-11-25 00:00+00'`,
		"events_dealt_with":          `INSERT INTO provider_events (account, id, type, object_id, received_at) VALUES ('x', 'evt', 'y', 'z', '2026-11-24 09:00+00')`,
		"money_returns":              `UPDATE payments SET state = 'returning', updated_at = '2026-11-24 09:00+00'`,
		"mail_leaves":                `UPDATE mails SET created_at = '2026-11-24 09:00+00'`,
		"deadlines_kept":             `UPDATE queue_entries SET due_at = '2026-11-24 09:00+00'`,
		"ledger_matches_payments":    `UPDATE payments SET state = 'captured', due_at = NULL`,
		"buyer_balance":              `UPDATE payments SET state = 'captured', due_at = NULL`,
		"cars_released":              `INSERT INTO stock_cars (id, brand, market, model, dealer, selection, stage, ready_on, state, order_ref, created_at, updated_at) SELECT 'P-7K2M9X', brand, market, 'duster', dealer, 'x', 'build', '2026-12-03', 'held', id, now(), now() FROM orders; UPDATE orders SET state = 'lapsed'`,
		"car_as_sold":                `INSERT INTO stock_cars (id, brand, market, model, dealer, selection, stage, ready_on, state, order_ref, created_at, updated_at) SELECT 'P-7K2M9X', brand, market, 'duster', dealer, 'x', 'build', '2026-12-03', 'held', id, now(), now() FROM orders`,
		"one_order_per_car":          `UPDATE orders SET snapshot = snapshot || '{"stock": {"number": "P-7K2M9X"}}'; INSERT INTO orders SELECT (jsonb_populate_record(NULL::orders, to_jsonb(o) || jsonb_build_object('id', gen_random_uuid(), 'number', 'FC-2', 'pickup_code', '222222'))).* FROM orders o`,
		"used_car_as_held": `INSERT INTO used_texts (market, words, found) VALUES ('gb', 'x', ''); INSERT INTO used_cars (id, brand, market, dealer, vin, make, model, version, engine, body, fuel, gearbox, colour, doors, seats, kw, co2, emission, registered_on, km, owners, look, text_id, price_minor, currency, vat, state, listed_at, created_at, updated_at)
			SELECT 'U-7K2M9X', brand, market, dealer, 'UU1RJU00X247K2M9X', 'Dacia', 'Duster', '', '', 'suv', 'petrol', 'manual', 'grey', 5, 5, 70, 120, 'euro6', '2023-01-02', 1000, 1, '{}', (SELECT max(id) FROM used_texts), 900000, 'GBP', 'margin', 'held', now(), now(), now() FROM orders`,
		"moved_as_ordered": `INSERT INTO used_texts (market, words, found) VALUES ('gb', 'x', ''); INSERT INTO used_cars (id, brand, market, dealer, vin, make, model, version, engine, body, fuel, gearbox, colour, doors, seats, kw, co2, emission, registered_on, km, owners, look, text_id, price_minor, currency, vat, state, listed_at, created_at, updated_at)
			SELECT 'U-7K2M9X', brand, market, dealer, 'UU1RJU00X247K2M9X', 'Dacia', 'Duster', '', '', 'suv', 'petrol', 'manual', 'grey', 5, 5, 70, 120, 'euro6', '2023-01-02', 1000, 1, '{}', (SELECT max(id) FROM used_texts), 900000, 'GBP', 'margin', 'listed', now(), now(), now() FROM orders; INSERT INTO used_transfers (order_ref, number, car, brand, market, from_dealer, to_dealer, state, send_by, due_at, created_at) SELECT o.id, o.number, 'U-7K2M9X', o.brand, o.market, o.dealer, (SELECT min(code) FROM dealers d WHERE d.market = o.market AND d.code <> o.dealer), 'to_send', now(), now(), now() FROM orders o`,
		"workshop_as_booked": heldStay + `; UPDATE service_weeks SET packed = ''`,
		"workshop_holds_end": heldStay,
		"exchange_as_paid":   unguarded(`UPDATE payments SET means = 'desk_exchange'`),
		"used_holds_end": `INSERT INTO used_texts (market, words, found) VALUES ('gb', 'x', ''); INSERT INTO used_cars (id, brand, market, dealer, vin, make, model, version, engine, body, fuel, gearbox, colour, doors, seats, kw, co2, emission, registered_on, km, owners, look, text_id, price_minor, currency, vat, state, listed_at, created_at, updated_at)
			SELECT 'U-7K2M9X', brand, market, dealer, 'UU1RJU00X247K2M9X', 'Dacia', 'Duster', '', '', 'suv', 'petrol', 'manual', 'grey', 5, 5, 70, 120, 'euro6', '2023-01-02', 1000, 1, '{}', (SELECT max(id) FROM used_texts), 900000, 'GBP', 'margin', 'held', now(), now(), now() FROM orders; INSERT INTO used_holds (id, car, brand, market, token_hash, state, locale, due_at, started_at) SELECT gen_random_uuid(), id, brand, market, 'x', 'holding', 'en-GB', '2026-11-24 09:00+00', now() FROM used_cars`,
		"slots_released":     `INSERT INTO appointments (id, order_id, market, dealer, starts_at, ends_at, bay, state, created_at) SELECT gen_random_uuid(), id, market, dealer, now(), now() + interval '1 hour', 1, 'booked', now() FROM orders; UPDATE orders SET state = 'lapsed'`,
		"ledger_balances":    unguarded(`UPDATE ledger_lines SET amount_minor = amount_minor + 1 WHERE account = 'authorised'`),
		"ledger_whole":       unguarded(`INSERT INTO ledger_postings (order_id, kind, currency, at) SELECT id, 'handover', currency, now() FROM orders`),
		"ledger_append_only": `ALTER TABLE ledger_lines DISABLE TRIGGER ledger_lines_append_only`,
		"reserved_in_memo":   `UPDATE payments SET amount_minor = amount_minor + 1, updated_at = '2026-11-24 09:00+00'`,
		"never_more_than_owed": `WITH k AS (INSERT INTO ledger_postings (order_id, payment_id, kind, currency, at) SELECT order_id, id, 'capture', currency, now() FROM payments RETURNING id, order_id, currency)
			INSERT INTO ledger_lines (posting_id, order_id, currency, account, amount_minor) SELECT k.id, k.order_id, k.currency, a, n FROM k, (VALUES ('card_bank', 9999999), ('buyer', -9999999)) v (a, n);
			UPDATE payments SET updated_at = '2026-11-24 09:00+00'`,
		"sold_as_ordered":     `UPDATE orders SET state = 'handed_over', handed_over_at = now(), vin = 'VF1RJA00X747K2M9X'`,
		"open_as_owed":        `UPDATE orders SET state = 'handed_over', handed_over_at = now(), vin = 'VF1RJA00X747K2M9X'`,
		"commission_as_ruled": `INSERT INTO commissions (order_id, market, dealer, version, channel, currency, net_minor, amount_minor, at) SELECT id, market, dealer, 'a', 'online', currency, 100, 5, now() FROM orders LIMIT 1; UPDATE orders SET state = 'handed_over', handed_over_at = now(), vin = 'VF1RJA00X747K2M9X'`,
		"released_by_word": `WITH k AS (INSERT INTO ledger_postings (order_id, kind, currency, at) SELECT id, 'handover', currency, now() FROM orders RETURNING id, order_id, currency)
			INSERT INTO ledger_lines (posting_id, order_id, currency, account, party, amount_minor) SELECT k.id, k.order_id, k.currency, a, p, n FROM k, (VALUES ('buyer', '', 5), ('sales', 'maker:dacia', -5)) v (a, p, n);
			UPDATE orders SET state = 'handed_over', handed_over_at = now(), vin = 'VF1RJA00X747K2M9X'`,
		"goodwill_as_told": `INSERT INTO silences (order_id, round, market, dealer, due_at, dealer_told_at, buyer_told_at) SELECT id, 1, market, dealer, now(), now(), now() FROM orders;
			INSERT INTO goodwills (order_id, round, market, dealer, currency, amount_minor, at) SELECT id, 1, market, dealer, currency, 5, now() FROM orders`,
		"deferred_by_staff":        `INSERT INTO deferrals (order_id, seq, market, currency, reason, amount_minor, due_on, by_user, at) SELECT id, 1, market, currency, 'goodwill', 5, '2026-12-01', 'x', now() FROM orders`,
		"one_order_per_vin":        `DROP INDEX orders_one_live_vin; UPDATE orders SET vin = 'VF1RJA00X747K2M9X'; INSERT INTO orders SELECT (jsonb_populate_record(NULL::orders, to_jsonb(o) || jsonb_build_object('id', gen_random_uuid(), 'number', 'FC-2', 'pickup_code', '222222'))).* FROM orders o`,
		"one_deposit_kept":         `DROP INDEX payments_one_deposit; INSERT INTO payments SELECT (jsonb_populate_record(NULL::payments, to_jsonb(p) || jsonb_build_object('id', gen_random_uuid(), 'attempt', 2, 'session_id', 'cs_2', 'intent_id', 'pi_2'))).* FROM payments p`,
		"no_order_without_history": unguarded(`DELETE FROM order_history`),
		"steps_have_actors":        unguarded(`UPDATE order_history SET actor = '' WHERE seq = 1`),
		"staff_acts_audited":       unguarded(`UPDATE order_history SET actor = 'staff:x' WHERE seq = 1`),
		"postings_signed":          unguarded(`UPDATE ledger_postings SET at = at - interval '2 hours'; INSERT INTO ledger_postings (order_id, kind, currency, at) SELECT id, 'handover', currency, now() FROM orders`),
		"disputes_as_booked":       `INSERT INTO disputes (account, id, payment_id, order_id, market, status, reason, currency, amount_minor, created_at, updated_at) SELECT account, 'dp_1', id, order_id, market, 'needs_response', 'fraudulent', currency, 5, now(), now() FROM payments`,
		"desk_money_signed":        `INSERT INTO payments (id, order_id, market, purpose, attempt, means, account, state, currency, amount_minor, created_at, updated_at) SELECT gen_random_uuid(), id, market, 'balance', 1, 'desk_cash', 'desk', 'captured', currency, 5, now(), now() FROM orders`,
		"slips_signed":             `INSERT INTO payments (id, order_id, market, purpose, attempt, means, account, state, currency, amount_minor, created_at, updated_at, recorded_by) SELECT gen_random_uuid(), id, market, 'balance', 1, 'desk_cash', 'desk', 'struck', currency, 5, now(), now(), 'x' FROM orders`,
		"parts_add_up":             `UPDATE payments SET part_minor = 1, part_due_minor = 1`,
		"asked_of_live_orders":     `INSERT INTO order_requests (id, order_id, market, seq, kind, state, from_dealer, to_dealer, asked_at, due_at) SELECT gen_random_uuid(), id, market, 1, 'dealer', 'asked', dealer, 'gb-london-kestrel', now(), now() FROM orders`,
		"moved_by_consent":         `INSERT INTO order_requests (id, order_id, market, seq, kind, state, from_dealer, to_dealer, asked_at, due_at, answered_at, ordered_by, cause, agreed_at) SELECT gen_random_uuid(), id, market, 1, 'dealer', 'accepted', dealer, 'gb-london-kestrel', now(), now(), now(), 'staff:x', 'closes', now() FROM orders`,
		"left_as_told":             `INSERT INTO leavings (order_id, market, currency, way, told_at, owed_minor) SELECT id, market, currency, 'cancel', now(), 5 FROM orders; UPDATE orders SET state = 'cancelled'`,
		"editions_whole":           `UPDATE range_editions SET diagram = set_byte(diagram, 20, (get_byte(diagram, 20) + 1) % 256) WHERE model = 'duster' AND market = 'gb'`,
		"series_without_holes":     `INSERT INTO document_series (entity, series, year, prefix, last) VALUES ('x', 'I', 2026, 'XX', 1)`,
		"papers_whole": `INSERT INTO document_series (entity, series, year, prefix, last) VALUES ('x', 'A', 2026, 'XX', 1);
			INSERT INTO documents (id, order_id, market, brand, kind, edition, entity, series, year, seq, number, currency, total_minor, content, sha256, issued_at)
			SELECT gen_random_uuid(), id, market, brand, 'confirmation', 1, 'x', 'A', 2026, 1, 'XX-1', currency, total_minor, '{}', encode(sha256('{}'), 'hex'), now() FROM orders;
			UPDATE orders SET state = 'handed_over', handed_over_at = now(), vin = 'VF1RJA00X747K2M9X'`,
		"undone_taken_back": `INSERT INTO document_series (entity, series, year, prefix, last) VALUES ('x', 'I', 2026, 'XX', 1);
			INSERT INTO documents (id, order_id, market, brand, kind, edition, entity, series, year, seq, number, currency, total_minor, content, sha256, issued_at)
			SELECT gen_random_uuid(), id, market, brand, 'invoice', 1, 'x', 'I', 2026, 1, 'XX-1', currency, total_minor, '{}', encode(sha256('{}'), 'hex'), now() FROM orders`,
		"vehicle_history":       `INSERT INTO vehicles (id, vin, market, brand, model, title, fuel, registered_on, added_at) SELECT gen_random_uuid(), 'VF1RJA00X747K2M9X', market, brand, '', 'x', '', '2026-11-24', now() FROM orders; INSERT INTO vehicle_events (vehicle_id, seq, at, kind, body, before, hash) SELECT id, 2, now(), 'service', '{}', '', sha256('{}') FROM vehicles`,
		"keeper_of_handed_over": `INSERT INTO vehicles (id, vin, market, brand, model, title, fuel, registered_on, added_at) SELECT gen_random_uuid(), 'VF1RJA00X747K2M9X', market, brand, '', 'x', '', '2026-11-24', now() FROM orders; INSERT INTO garages (id, market, email, name, token_hash, created_at) SELECT gen_random_uuid(), market, 'a@example.com', 'A', 'x', now() FROM orders; INSERT INTO vehicle_keepers (id, vehicle_id, garage_id, since, proven_at, proven_by, order_ref) SELECT gen_random_uuid(), v.id, g.id, now(), now(), 'handover', o.id FROM vehicles v, garages g, orders o`,
		"handovers_stand":       `INSERT INTO handovers (order_id, at, by_user, checks, odometer_km) SELECT id, now(), 'x', '{keys}', 4 FROM orders`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			k.Buy()
			if b := broken(t, k.DB); len(b) > 0 {
				t.Fatalf("not healthy before: %v", b)
			}
			if _, err := k.DB.Pool.Exec(t.Context(), spoil, pgx.QueryExecModeSimpleProtocol); err != nil {
				t.Fatal(err)
			}
			if b := broken(t, k.DB); b[name] == 0 {
				t.Fatalf("not found; broken: %v", b)
			}
		})
		covered[name] = true
	}
	for _, i := range doctor.Invariants {
		if !covered[i.Name] {
			t.Errorf("nothing here spoils %s", i.Name)
		}
	}
}

// A report of a barrier is a message too: it has its own table, and somebody waits for an answer.
func TestABarrierThatNobodyHearsOfIsFound(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	const report = `INSERT INTO barrier_reports (id, brand, market, message, created_at) VALUES (gen_random_uuid(), 'dacia', 'gb', 'x', $1)`
	for at, want := range map[time.Duration]int64{-9 * time.Minute: 0, -11 * time.Minute: 1} {
		if _, err := k.DB.Pool.Exec(t.Context(), `DELETE FROM barrier_reports`); err != nil {
			t.Fatal(err)
		}
		if _, err := k.DB.Pool.Exec(t.Context(), report, k.Clock.Now().Add(at)); err != nil {
			t.Fatal(err)
		}
		if got := broken(t, k.DB)["mail_leaves"]; got != want {
			t.Errorf("after %s: %d messages stand still, want %d", -at, got, want)
		}
	}
}

func TestTheSchemaRefusesWhatMustNeverBe(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy(testkit.London)
	staff := sale.Staff{User: "0198a000-0000-7000-8000-000000000001", Dealer: testkit.Leeds}
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AcceptTx(ctx, tx, staff, o.Number) })
	for _, key := range paymentKeys(t, k, o) {
		if err := k.NewCar.Settle(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	for what, query := range map[string]string{
		"a second live queue entry":          `INSERT INTO queue_entries (id, order_id, brand, market, flow, dealer, round, state, offered_at, due_at) SELECT gen_random_uuid(), order_id, brand, market, flow, dealer, 9, 'offered', now(), now() FROM queue_entries`,
		"a dealer of another market":         `UPDATE orders SET dealer = (SELECT code FROM dealers WHERE market = 'it' LIMIT 1)`,
		"a currency of another market":       `UPDATE orders SET currency = 'EUR'`,
		"a step that the machine has not":    `INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor) SELECT id, 99, 'new', 'checkout', 'hand_over', 'handed_over', now(), 'x' FROM orders`,
		"a changed history":                  `UPDATE order_history SET actor = 'nobody'`,
		"a changed ledger":                   `UPDATE ledger_lines SET amount_minor = 1`,
		"a deleted ledger line":              `DELETE FROM ledger_lines`,
		"a line added to an old posting":     `INSERT INTO ledger_lines SELECT posting_id, order_id, currency, 'desk', 5 FROM ledger_lines LIMIT 1`,
		"a posting twice":                    `INSERT INTO ledger_postings (order_id, payment_id, kind, currency, at) SELECT order_id, payment_id, kind, currency, now() FROM ledger_postings`,
		"a second deposit kept":              `INSERT INTO payments SELECT gen_random_uuid(), order_id, market, purpose, 2, means, account, state, currency, amount_minor, 'cs_x', NULL, session_ends, 'pi_x', NULL, capture_before, NULL, '', '', due_at, created_at, updated_at, '' FROM payments`,
		"handed over without an instant":     `UPDATE orders SET state = 'handed_over', vin = 'VF1RJA00X74471902'`,
		"on its way without a VIN":           `UPDATE orders SET state = 'in_transit'`,
		"a VIN with a letter that VINs lack": `UPDATE orders SET vin = 'VF1RJA00X7447190O'`,
		"a receipt changed":                  `UPDATE allocation_receipts SET body = '{}'`,
		"a receipt taken out":                `DELETE FROM allocation_receipts`,
		"an audit row changed":               `UPDATE audit_log SET actor = 'nobody'`,
	} {
		if _, err := k.DB.Pool.Exec(t.Context(), query); err == nil {
			t.Errorf("the schema allows %s", what)
		}
	}
	if b := broken(t, k.DB); len(b) > 0 {
		t.Errorf("broken: %v", b)
	}
}

func paymentKeys(t *testing.T, k *testkit.Kit, o *ordering.Order) (out []id.Payment) {
	t.Helper()
	if err := k.DB.Read(t.Context()).Raw(`SELECT id FROM payments WHERE order_id = ?`, o.ID).Scan(&out).Error; err != nil {
		t.Fatal(err)
	}
	return out
}

func TestABackupComesBackWhole(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	file := filepath.Join(t.TempDir(), "a.dump")
	if err := db.Backup(t.Context(), k.DSN, "", file); err != nil {
		t.Fatal(err)
	}
	if err := db.Restore(t.Context(), k.DSN, "", file); err == nil {
		t.Fatal("restored over a database that is not empty")
	}
	empty := dbtest.Empty(t)
	if err := db.Restore(t.Context(), empty, "", file); err != nil {
		t.Fatal(err)
	}
	d := dbtest.Open(t, dbtest.Options{DSN: empty})
	if b := broken(t, d); len(b) > 0 {
		t.Fatalf("broken after the restore: %v", b)
	}
	got, err := ordering.Get(d.Read(t.Context()), o.ID)
	if err != nil || got.Number != o.Number || got.TotalMinor != o.TotalMinor {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := d.Pool.Exec(t.Context(), `UPDATE order_history SET actor = 'nobody'`); err == nil {
		t.Fatal("the triggers did not come back")
	}
}

func TestAReportIsKeptForAMoment(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	k.Buy()
	c := doctor.Cached{DB: k.DB, For: time.Hour}
	a, err := c.Report(t.Context())
	if err != nil || !a.Healthy {
		t.Fatal(a, err)
	}
	if _, err := k.DB.Pool.Exec(t.Context(), `DELETE FROM order_dealers`); err != nil {
		t.Fatal(err)
	}
	if b, err := c.Report(t.Context()); err != nil || !b.Healthy {
		t.Fatal("asked the database again", err)
	}
}

func TestARangeThatIsCompiledOnTheFlyIsAWarning(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]string{
		"no edition":                   `DELETE FROM range_editions WHERE model = 'duster' AND market = 'gb'`,
		"only editions of later rules": `DELETE FROM range_editions WHERE model = 'duster' AND market = 'gb' AND from_date <= '2026-11-24'`,
		"a range changed behind it":    `UPDATE ranges SET doc = jsonb_set(doc, '{prices}', jsonb_build_object('gb', doc #> '{prices,gb}')) WHERE model = 'duster'`,
	} {
		k := testkit.New(t)
		if _, err := k.DB.Pool.Exec(t.Context(), spoil); err != nil {
			t.Fatal(err)
		}
		r, err := doctor.Examine(t.Context(), k.DB)
		if err != nil || !r.Healthy {
			t.Fatalf("%s: %+v, %v", what, r, err)
		}
		last := r.Invariants[len(r.Invariants)-1]
		if last.Name != "ranges_published" || !last.Warning || last.Violations != 1 {
			t.Errorf("%s: %+v", what, last)
		}
	}
}
