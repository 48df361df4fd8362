package connected

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Grant lets somebody read some kinds of a keeper's signals until an instant: a dealer, by any of its machines, or the machine of a
// partner.
type Grant struct {
	ID      id.Grant
	Dealer  id.Dealer
	Client  id.APIClient
	Partner string // what the machine of a partner is called, where its keeper reads of it; empty for a dealer
	Kinds   []Kind
	Granted time.Time
	Until   time.Time
	Revoked time.Time
}

// Live tells whether it counts at an instant.
func (g *Grant) Live(now time.Time) bool { return g.Revoked.IsZero() && now.Before(g.Until) }

const (
	mostGrants = 20
	// MostGrant is how long a grant may count.
	MostGrant = 366 * 24 * time.Hour
)

// GrantTx writes a grant. ErrInvalid for one without end, kinds or reader, and for more than twenty at once.
func GrantTx(tx *db.Tx, k id.Keeper, g *Grant) error {
	if _, err := lockTx(tx, k); err != nil {
		return err
	}
	wrong := len(g.Kinds) == 0 || slices.ContainsFunc(g.Kinds, func(k Kind) bool { return !IsKind(k) }) || (g.Dealer == "") == (g.Client == "") || g.Client != "" && !id.IsKey(string(g.Client))
	if wrong || !g.Until.After(tx.Now) || g.Until.After(tx.Now.Add(MostGrant)) {
		return ErrInvalid
	}
	var n int
	if _, err := db.One(tx.DB, &n, `SELECT count(*) FROM car_grants WHERE keeper_id = ? AND revoked_at IS NULL AND until_at > ?`, k, tx.Now); err != nil {
		return err
	}
	if n >= mostGrants {
		return ErrInvalid
	}
	g.ID, g.Granted = id.New[id.Grant](), tx.Now
	err := tx.Exec(`INSERT INTO car_grants (id, keeper_id, dealer, client, kinds, granted_at, until_at)
		VALUES (?, ?, nullif(?, ''), CAST(nullif(?, '') AS uuid), ARRAY(SELECT DISTINCT json_array_elements_text(CAST(? AS json))), ?, ?)`, g.ID, k, g.Dealer, g.Client, asJSON(g.Kinds), tx.Now, g.Until).Error
	if c := db.Constraint(err); c == "car_grants_dealer_fkey" || c == "car_grants_client_fkey" {
		return ErrInvalid
	}
	return err
}

// RevokeTx ends a grant of a keeper at once.
func RevokeTx(tx *db.Tx, k id.Keeper, key id.Grant) error {
	if _, err := lockTx(tx, k); err != nil {
		return err
	}
	if !id.IsKey(string(key)) {
		return ErrNoGrant
	}
	ok, err := db.Changed(tx.DB, `UPDATE car_grants SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? AND keeper_id = ?`, tx.Now, key, k)
	if err == nil && !ok {
		err = ErrNoGrant
	}
	return err
}

type grantRow struct {
	ID        string
	KeeperID  string
	Dealer    *string
	Client    *string
	Kinds     []byte
	GrantedAt time.Time
	UntilAt   time.Time
	RevokedAt *time.Time
}

const grantColumns = `g.id, g.keeper_id, g.dealer, g.client, array_to_json(g.kinds)::text AS kinds, g.granted_at, g.until_at, g.revoked_at FROM car_grants g`

func grantsWhere(g *gorm.DB, where string, args ...any) ([]Grant, error) {
	var rows []grantRow
	if err := g.Raw(`SELECT `+grantColumns+` WHERE `+where, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("connected: grants: %w", err)
	}
	out := make([]Grant, len(rows))
	for i, r := range rows {
		out[i] = Grant{ID: id.Grant(r.ID), Dealer: id.Dealer(db.OrZero(r.Dealer)), Client: id.APIClient(db.OrZero(r.Client)), Granted: r.GrantedAt, Until: r.UntilAt, Revoked: db.OrZero(r.RevokedAt)}
		if err := json.Unmarshal(r.Kinds, &out[i].Kinds); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Reader is the machine that asks for a car's data, and the dealer that it belongs to; a partner's has none.
type Reader struct {
	Client id.APIClient
	Dealer id.Dealer
}

// Shared is what a reader may see of a car.
type Shared struct {
	VIN      string
	Market   id.Market
	Locale   string // of the keeper; the market's first when empty
	Silent   bool   // the keeper shares nothing at the moment: the car is paused or lent
	Kinds    []Kind
	Latest   map[Kind]Latest
	Warnings []Warning // open ones of these kinds
}

// SharedTx reads what the live grants to a reader cover of a car, and notes for its keeper that it was read, before anything is
// answered. ErrNoCar when there is none: whether the car exists is nobody's business.
func SharedTx(tx *db.Tx, r Reader, vin string) (*Shared, error) {
	var row linkRow
	ok, err := db.One(tx.DB, &row, `SELECT `+linkColumns+` FROM car_links WHERE vin = ? AND until IS NULL FOR SHARE`, vin)
	if err != nil {
		return nil, fmt.Errorf("connected: shared: %w", err)
	}
	if !ok {
		return nil, ErrNoCar
	}
	l, err := row.link()
	if err != nil {
		return nil, err
	}
	grants, err := grantsWhere(tx.DB, `g.keeper_id = @keeper AND g.revoked_at IS NULL AND g.until_at > @now AND (g.client = @client OR g.dealer = nullif(@dealer, '')) ORDER BY g.id`,
		map[string]any{"keeper": l.Keeper, "now": tx.Now, "client": r.Client, "dealer": string(r.Dealer)})
	if err != nil {
		return nil, err
	}
	if len(grants) == 0 {
		return nil, ErrNoCar
	}
	if err := furnishTx(tx, map[string]*link{string(l.Keeper): l}); err != nil {
		return nil, err
	}
	s := l.shared(grants, tx.Now)
	for _, g := range grants {
		seen := slices.DeleteFunc(slices.Clone(g.Kinds), func(k Kind) bool { return !slices.Contains(s.Kinds, k) })
		err := tx.Exec(`INSERT INTO car_reads (grant_id, client, at, kinds) VALUES (?, ?, ?, ARRAY(SELECT json_array_elements_text(CAST(? AS json))))`, g.ID, r.Client, tx.Now, asJSON(seen)).Error
		if err != nil {
			return nil, fmt.Errorf("connected: note a read: %w", err)
		}
	}
	ws, err := warningsWhere(tx.DB, `w.keeper_id = ? AND w.ended_at IS NULL ORDER BY w.raised_at, w.id`, l.Keeper)
	for _, w := range ws {
		if slices.Contains(s.Kinds, w.Kind) {
			s.Warnings = append(s.Warnings, w)
		}
	}
	return s, err
}

// shared is what grants cover of what the keeper lets be stored; nothing while the car is paused or lent.
func (l *link) shared(grants []Grant, now time.Time) *Shared {
	s := &Shared{VIN: l.VIN, Market: l.Car.Market, Locale: l.Locale, Kinds: []Kind{}, Latest: map[Kind]Latest{}, Silent: l.silent(pause, now) || l.silent(lend, now)}
	if s.Silent {
		return s
	}
	for _, k := range Kinds {
		_, agreed := l.Consents[k]
		if !agreed || !slices.ContainsFunc(grants, func(g Grant) bool { return slices.Contains(g.Kinds, k) }) {
			continue
		}
		s.Kinds = append(s.Kinds, k)
		if v, ok := l.Latest[k]; ok {
			s.Latest[k] = v
		}
	}
	return s
}
