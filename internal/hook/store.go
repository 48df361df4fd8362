package hook

import (
	"encoding/json"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type addressRow struct {
	ID        string
	Market    string
	GroupCode string
	Dealer    *string
	URL       string `gorm:"column:url"`
	Kinds     string
	State     string
	PausedWhy string
	Failures  int
	CreatedBy string
	CreatedAt time.Time
	Waiting   int
	Dead      int
}

const addressColumns = `a.id, a.market, a.group_code, a.dealer, a.url, array_to_json(a.kinds)::text AS kinds, a.state, a.paused_why, a.failures, a.created_by, a.created_at`

func (r *addressRow) address() (*Address, error) {
	a := &Address{ID: id.Hook(r.ID), Market: id.Market(r.Market), Group: id.Group(r.GroupCode), URL: r.URL, State: State(r.State), PausedWhy: r.PausedWhy,
		Failures: r.Failures, CreatedBy: id.User(r.CreatedBy), CreatedAt: r.CreatedAt, Waiting: r.Waiting, Dead: r.Dead}
	if r.Dealer != nil {
		a.Dealer = id.Dealer(*r.Dealer)
	}
	return a, json.Unmarshal([]byte(r.Kinds), &a.Kinds)
}

// OfGroup lists the addresses of a group that were not ended, oldest first, with what waits at each.
func OfGroup(g *gorm.DB, group id.Group) ([]*Address, error) {
	var rows []addressRow
	err := g.Raw(`SELECT `+addressColumns+`,
			(SELECT count(*) FROM hook_deliveries d WHERE d.address_id = a.id AND d.state = 'waiting') AS waiting,
			(SELECT count(*) FROM hook_deliveries d WHERE d.address_id = a.id AND d.state = 'dead') AS dead
		FROM hook_addresses a WHERE a.group_code = ? AND a.state <> 'ended' ORDER BY a.created_at, a.id`, group).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]*Address, len(rows))
	for i := range rows {
		if out[i], err = rows[i].address(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Get reads an address that was not ended. Whose it is, is for the caller to ask.
func Get(g *gorm.DB, key id.Hook) (*Address, error) {
	return addressOf(g, `SELECT `+addressColumns+` FROM hook_addresses a WHERE a.id = ? AND a.state <> 'ended'`, key)
}

// LockTx reads an address and locks it until the transaction ends.
func LockTx(tx *db.Tx, key id.Hook) (*Address, error) {
	return addressOf(tx.DB, `SELECT `+addressColumns+` FROM hook_addresses a WHERE a.id = ? AND a.state <> 'ended' FOR UPDATE`, key)
}

func addressOf(g *gorm.DB, query string, key id.Hook) (*Address, error) {
	if !id.IsKey(string(key)) {
		return nil, ErrNoHook
	}
	var r addressRow
	ok, err := db.One(g, &r, query, key)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoHook
	}
	return r.address()
}

// AddTx registers an address with its first secret. ErrMany when the group has MostAddresses.
func AddTx(tx *db.Tx, s Seal, a *Address) error {
	if err := tx.Exec(`SELECT 1 FROM dealer_groups WHERE code = ? FOR UPDATE`, a.Group).Error; err != nil {
		return err
	}
	var n int
	if _, err := db.One(tx.DB, &n, `SELECT count(*) FROM hook_addresses WHERE group_code = ? AND state <> 'ended'`, a.Group); err != nil {
		return err
	}
	if n >= MostAddresses {
		return ErrMany
	}
	kinds, err := json.Marshal(a.Kinds)
	if err != nil {
		return err
	}
	a.ID, a.State, a.CreatedAt = id.New[id.Hook](), Active, tx.Now
	err = tx.Exec(`INSERT INTO hook_addresses (id, market, group_code, dealer, url, kinds, state, created_by, created_at, changed_at)
		VALUES (?, ?, ?, nullif(?, ''), ?, ARRAY(SELECT jsonb_array_elements_text(?::jsonb)), 'active', ?, ?, ?)`,
		a.ID, a.Market, a.Group, a.Dealer, a.URL, string(kinds), a.CreatedBy, tx.Now, tx.Now).Error
	if err != nil {
		return err
	}
	return addSecretTx(tx, s, a.ID)
}

// ChangeKindsTx says anew what an address is told of, from now on.
func ChangeKindsTx(tx *db.Tx, a *Address, kinds []string) error {
	b, err := json.Marshal(kinds)
	if err != nil {
		return err
	}
	a.Kinds = kinds
	return tx.Exec(`UPDATE hook_addresses SET kinds = ARRAY(SELECT jsonb_array_elements_text(?::jsonb)), changed_at = ? WHERE id = ?`, string(b), tx.Now, a.ID).Error
}

func addSecretTx(tx *db.Tx, s Seal, h id.Hook) error {
	return tx.Exec(`INSERT INTO hook_secrets (address_id, n, sealed, created_at)
		SELECT ?, coalesce((SELECT max(n) FROM hook_secrets WHERE address_id = ?), 0) + 1, ?, ?`, h, h, s.close(h, newSecret()), tx.Now).Error
}

// RotateTx makes a new secret; the one before counts for OldSecret longer, an older one no more. The caller holds the
// address's lock.
func RotateTx(tx *db.Tx, s Seal, a *Address) error {
	err := tx.Exec(`UPDATE hook_secrets SET expires_at = CASE WHEN expires_at IS NULL THEN CAST(? AS timestamptz) ELSE ? END
		WHERE address_id = ? AND (expires_at IS NULL OR expires_at > ?)`, tx.Now.Add(OldSecret), tx.Now, a.ID, tx.Now).Error
	if err != nil {
		return err
	}
	return addSecretTx(tx, s, a.ID)
}

// Secrets tells how many secrets of an address count, and whether the newest can still be shown.
func Secrets(g *gorm.DB, h id.Hook, now time.Time) (count int, show bool, err error) {
	var r struct {
		Count int
		Show  bool
	}
	_, err = db.One(g, &r, `SELECT count(*) AS count, coalesce(bool_or(expires_at IS NULL AND shown_at IS NULL AND created_at > ?), false) AS show
		FROM hook_secrets WHERE address_id = ? AND (expires_at IS NULL OR expires_at > ?)`, now.Add(-ShowSecret), h, now)
	return r.Count, r.Show, err
}

// ShowTx gives the newest secret, once and only a short while after it was made; ErrMoved later.
func ShowTx(tx *db.Tx, s Seal, h id.Hook) (string, error) {
	var r struct{ Sealed []byte }
	ok, err := db.One(tx.DB, &r, `UPDATE hook_secrets SET shown_at = ? WHERE address_id = ? AND expires_at IS NULL AND shown_at IS NULL AND created_at > ? RETURNING sealed`,
		tx.Now, h, tx.Now.Add(-ShowSecret))
	if err != nil {
		return "", err
	}
	if !ok {
		return "", ErrMoved
	}
	return s.open(h, r.Sealed)
}

// secretsOf are all that count, newest first.
func secretsOf(g *gorm.DB, s Seal, h id.Hook, now time.Time) ([]string, error) {
	var rows []struct{ Sealed []byte }
	if err := g.Raw(`SELECT sealed FROM hook_secrets WHERE address_id = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY n DESC`, h, now).Scan(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]string, len(rows))
	for i, r := range rows {
		secret, err := s.open(h, r.Sealed)
		if err != nil {
			return nil, err
		}
		out[i] = secret
	}
	return out, nil
}

// MoveTx pauses, resumes or ends an address that the caller has locked. Resumed, all that waits is due now.
func MoveTx(tx *db.Tx, a *Address, to State, why string) error {
	if a.State == to || a.State == Ended {
		return ErrMoved
	}
	ok, err := db.Changed(tx.DB, `UPDATE hook_addresses SET state = ?, paused_why = ?, failures = 0, failing_since = NULL, wait_until = NULL, changed_at = ? WHERE id = ? AND state = ?`,
		to, why, tx.Now, a.ID, a.State)
	if err != nil {
		return err
	}
	if !ok {
		return ErrMoved
	}
	a.State, a.PausedWhy, a.Failures = to, why, 0
	if to == Active {
		return tx.Exec(`UPDATE hook_deliveries SET next_at = ? WHERE address_id = ? AND state = 'waiting' AND next_at > ?`, tx.Now, a.ID, tx.Now).Error
	}
	return nil
}

type deliveryRow struct {
	ID          string
	N           int64
	AddressID   string
	OrderID     string
	Number      string
	Dealer      string
	Kind        string
	OrderSeq    int
	AddressSeq  *int64
	At          time.Time
	Facts       []byte
	Body        *string
	State       string
	Attempts    int
	Tried       int
	NextAt      time.Time
	LastAt      *time.Time
	LastCode    int
	LastWhy     string
	DeliveredAt *time.Time
	Gone        bool
}

// deliveryColumns tell of a delivery whether its order was transferred away after it.
const deliveryColumns = `d.id, d.n, d.address_id, d.order_id, d.facts ->> 'number' AS number, d.dealer, d.kind, d.order_seq, d.address_seq, d.at, d.facts, d.body, d.state, d.attempts, d.tried,
	d.next_at, d.last_at, d.last_code, d.last_why, d.delivered_at,
	d.state = 'withheld' OR EXISTS (SELECT FROM hook_deliveries t WHERE t.address_id = d.address_id AND t.order_id = d.order_id AND t.dealer = d.dealer
		AND t.kind = 'order.transferred_away' AND t.order_seq > d.order_seq) AS gone`

func (r *deliveryRow) delivery() *Delivery {
	d := &Delivery{ID: id.Event(r.ID), N: r.N, Address: id.Hook(r.AddressID), Order: id.Order(r.OrderID), Number: r.Number, Dealer: id.Dealer(r.Dealer), Kind: r.Kind, OrderSeq: r.OrderSeq, At: r.At,
		Facts: r.Facts, State: Fate(r.State), Attempts: r.Attempts, Tried: r.Tried, NextAt: r.NextAt, LastCode: r.LastCode, LastWhy: r.LastWhy, Gone: r.Gone}
	d.AddressSeq, d.Body, d.LastAt, d.DeliveredAt = db.OrZero(r.AddressSeq), db.OrZero(r.Body), db.OrZero(r.LastAt), db.OrZero(r.DeliveredAt)
	return d
}

// DeliveriesOf lists deliveries of an address, newest first, before one of them (0: from the newest). A fate narrows.
func DeliveriesOf(g *gorm.DB, h id.Hook, fate Fate, before int64, limit int) ([]*Delivery, error) {
	var rows []deliveryRow
	err := g.Raw(`SELECT `+deliveryColumns+` FROM hook_deliveries d WHERE d.address_id = @h AND (@fate = '' OR d.state = @fate) AND (@before = 0 OR d.n < @before) ORDER BY d.n DESC LIMIT @limit`,
		map[string]any{"h": h, "fate": string(fate), "before": before, "limit": limit}).Scan(&rows).Error
	out := make([]*Delivery, len(rows))
	for i := range rows {
		out[i] = rows[i].delivery()
	}
	return out, err
}

// DeliveryOf reads a delivery of an address.
func DeliveryOf(g *gorm.DB, h id.Hook, key id.Event) (*Delivery, error) {
	if !id.IsKey(string(key)) {
		return nil, ErrNoHook
	}
	var r deliveryRow
	ok, err := db.One(g, &r, `SELECT `+deliveryColumns+` FROM hook_deliveries d WHERE d.address_id = ? AND d.id = ?`, h, key)
	if err == nil && !ok {
		err = ErrNoHook
	}
	return r.delivery(), err
}

// AttemptsOf lists the attempts of a delivery, newest first, the last hundred.
func AttemptsOf(g *gorm.DB, key id.Event) ([]Attempt, error) {
	var out []Attempt
	err := g.Raw(`SELECT at, code, why, took_ms FROM hook_attempts WHERE delivery_id = ? ORDER BY n DESC LIMIT 100`, key).Scan(&out).Error
	return out, err
}

// ReplayTx sends one event again, with the same id and body, delivered before or not.
func ReplayTx(tx *db.Tx, d *Delivery) error {
	if d.Gone {
		return ErrWithheld
	}
	ok, err := db.Changed(tx.DB, `UPDATE hook_deliveries SET state = 'waiting', attempts = 0, next_at = ? WHERE id = ? AND state IN ('delivered', 'dead', 'waiting')`, tx.Now, d.ID)
	if err == nil && !ok {
		err = ErrWithheld
	}
	return err
}

// ReplaySinceTx sends all events of an address again that happened since an instant, the newest MostReplayed of them, and
// counts them. What belongs to orders that went to another dealer stays out.
func ReplaySinceTx(tx *db.Tx, h id.Hook, since time.Time) (int, error) {
	r := tx.Exec(`UPDATE hook_deliveries SET state = 'waiting', attempts = 0, next_at = @now WHERE id IN (
		SELECT d.id FROM hook_deliveries d WHERE d.address_id = @h AND d.at >= @since AND d.state <> 'withheld'
			AND NOT EXISTS (SELECT FROM hook_deliveries t WHERE t.address_id = d.address_id AND t.order_id = d.order_id AND t.dealer = d.dealer AND t.kind = 'order.transferred_away' AND t.order_seq > d.order_seq)
		ORDER BY d.n DESC LIMIT @limit)`, map[string]any{"now": tx.Now, "h": h, "since": since, "limit": MostReplayed})
	return int(r.RowsAffected), r.Error
}

// Due lists active addresses for which something is to be sent.
func Due(g *gorm.DB, now time.Time, n int) ([]id.Hook, error) {
	var out []id.Hook
	err := g.Raw(`SELECT a.id FROM hook_addresses a WHERE a.state = 'active' AND (a.wait_until IS NULL OR a.wait_until <= @now)
		AND EXISTS (SELECT FROM hook_deliveries d WHERE d.address_id = a.id AND d.state = 'waiting' AND d.next_at <= @now) ORDER BY a.id LIMIT @n`, map[string]any{"now": now, "n": n}).Scan(&out).Error
	return out, err
}

// Next is the delivery that an address gets next; nil when nothing is due. Of one order an event waits for the one before.
func next(g *gorm.DB, h id.Hook, now time.Time) (*Delivery, error) {
	var r deliveryRow
	ok, err := db.One(g, &r, `SELECT `+deliveryColumns+` FROM hook_deliveries d JOIN hook_addresses a ON a.id = d.address_id
		WHERE d.address_id = @h AND d.state = 'waiting' AND d.next_at <= @now AND a.state = 'active' AND (a.wait_until IS NULL OR a.wait_until <= @now)
			AND NOT EXISTS (SELECT FROM hook_deliveries p WHERE p.address_id = d.address_id AND p.order_id = d.order_id AND p.state = 'waiting' AND p.order_seq < d.order_seq)
		ORDER BY d.n LIMIT 1`, map[string]any{"h": h, "now": now})
	if err != nil || !ok {
		return nil, err
	}
	return r.delivery(), nil
}

// Parcel is a message that is ready to go.
type Parcel struct {
	*Delivery
	URL     string
	Secrets []string
}

// PackTx gives the next parcel of an address; nil when nothing is due. A body is made once, with the address's next number;
// what was made before is sent as it is.
func PackTx(tx *db.Tx, s Seal, h id.Hook) (*Parcel, error) {
	d, err := next(tx.DB, h, tx.Now)
	if err != nil || d == nil {
		return nil, err
	}
	if d.Body == "" {
		if _, err := db.One(tx.DB, &d.AddressSeq, `UPDATE hook_addresses SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq`, h); err != nil {
			return nil, err
		}
		if d.Body, err = bodyOf(d); err != nil {
			return nil, err
		}
		ok, err := db.Changed(tx.DB, `UPDATE hook_deliveries SET body = ?, address_seq = ? WHERE id = ? AND body IS NULL AND state = 'waiting'`, d.Body, d.AddressSeq, d.ID)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, ErrMoved // somebody else made it, or it is withheld since a moment: the next round sees
		}
	}
	p := &Parcel{Delivery: d}
	if p.Secrets, err = secretsOf(tx.DB, s, h, tx.Now); err != nil {
		return nil, err
	}
	_, err = db.One(tx.DB, &p.URL, `SELECT url FROM hook_addresses WHERE id = ?`, h)
	return p, err
}

// MarkTx keeps what came of an attempt. paused tells that the address is paused by it.
func MarkTx(tx *db.Tx, p *Parcel, a Answer) (paused bool, err error) {
	state, nextAt, delivered := Delivered, p.NextAt, &tx.Now
	if !a.OK() {
		delivered = nil
		wait, again := Wait(p.Attempts + 1)
		if state = Dead; again {
			state, nextAt = Waiting, tx.Now.Add(wait)
		}
	}
	// Guarded by the count: of two that sent the same one marks. Withheld meanwhile, it stays so.
	ok, err := db.Changed(tx.DB, `UPDATE hook_deliveries SET state = ?, attempts = attempts + 1, tried = tried + 1, next_at = ?, last_at = ?, last_code = ?, last_why = ?, delivered_at = coalesce(?, delivered_at)
		WHERE id = ? AND state = 'waiting' AND attempts = ? AND tried = ?`, state, nextAt, tx.Now, a.Code, a.Why, delivered, p.ID, p.Attempts, p.Tried)
	if err != nil || !ok {
		return false, err
	}
	if err := tx.Exec(`INSERT INTO hook_attempts (delivery_id, n, at, code, why, took_ms) VALUES (?, ?, ?, ?, ?, ?)`, p.ID, p.Tried+1, tx.Now, a.Code, a.Why, a.Took.Milliseconds()).Error; err != nil {
		return false, err
	}
	if a.OK() {
		return false, tx.Exec(`UPDATE hook_addresses SET failures = 0, failing_since = NULL, wait_until = NULL WHERE id = ? AND failures > 0`, p.Address).Error
	}
	return failedTx(tx, p.Address, a)
}

func failedTx(tx *db.Tx, h id.Hook, a Answer) (paused bool, err error) {
	var r struct {
		Failures int
		Since    time.Time
	}
	ok, err := db.One(tx.DB, &r, `UPDATE hook_addresses SET failures = failures + 1, failing_since = coalesce(failing_since, ?) WHERE id = ? AND state = 'active'
		RETURNING failures, failing_since AS since`, tx.Now, h)
	if err != nil || !ok {
		return false, err
	}
	why := ""
	switch {
	case a.Why == "gone":
		why = ByGone
	case giveUp(r.Failures, r.Since, tx.Now):
		why = ByFailing
	}
	if why == "" {
		return false, tx.Exec(`UPDATE hook_addresses SET wait_until = ? WHERE id = ?`, tx.Now.Add(rest(r.Failures)), h).Error
	}
	return true, tx.Exec(`UPDATE hook_addresses SET state = 'paused', paused_why = ?, changed_at = ? WHERE id = ?`, why, tx.Now, h).Error
}

// ForgetTx forgets deliveries that are over and older than Life. The last one of an order at an address stays: it counts on.
func ForgetTx(tx *db.Tx) error {
	return tx.Exec(`DELETE FROM hook_deliveries d USING hook_addresses a WHERE a.id = d.address_id AND d.at < ? AND (d.state <> 'waiting' OR a.state <> 'active')
		AND EXISTS (SELECT FROM hook_deliveries l WHERE l.address_id = d.address_id AND l.order_id = d.order_id AND l.order_seq > d.order_seq)`, tx.Now.Add(-Life)).Error
}
