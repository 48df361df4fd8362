package connected

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// lockTx locks the data of a keeper who keeps his car still; ErrNoKeeper for everybody else.
func lockTx(tx *db.Tx, k id.Keeper) (*link, error) {
	return linkWhere(tx.DB, `keeper_id = ? AND until IS NULL FOR NO KEY UPDATE`, k)
}

func linkWhere(g *gorm.DB, where string, k id.Keeper) (*link, error) {
	if !id.IsKey(string(k)) {
		return nil, ErrNoKeeper
	}
	var r linkRow
	ok, err := db.One(g, &r, `SELECT `+linkColumns+` FROM car_links WHERE `+where, k)
	if err != nil {
		return nil, fmt.Errorf("connected: link: %w", err)
	}
	if !ok {
		return nil, ErrNoKeeper
	}
	return r.link()
}

// SetConsentTx says yes or no to a kind of signal. A yes counts from now on; a no forgets what was stored of that kind, and ends
// its warnings.
func SetConsentTx(tx *db.Tx, k id.Keeper, kind Kind, given bool) error {
	if !IsKind(kind) {
		return ErrInvalid
	}
	l, err := lockTx(tx, k)
	if err != nil {
		return err
	}
	if _, has := l.Consents[kind]; has == given {
		return nil
	}
	if err := tx.Exec(`INSERT INTO car_consents (keeper_id, kind, given, at) VALUES (?, ?, ?, ?)`, k, kind, given, tx.Now).Error; err != nil {
		return fmt.Errorf("connected: consent: %w", err)
	}
	if given {
		return tx.Exec(`UPDATE car_links SET consents = consents || CAST(? AS jsonb) WHERE keeper_id = ?`, asJSON(map[Kind]time.Time{kind: tx.Now}), k).Error
	}
	return forgetKindTx(tx, k, kind)
}

func forgetKindTx(tx *db.Tx, k id.Keeper, kind Kind) error {
	if err := tx.Exec(`UPDATE car_links SET consents = consents - CAST(? AS text), latest = latest - CAST(? AS text) WHERE keeper_id = ?`, kind, kind, k).Error; err != nil {
		return err
	}
	// The rows stay, empty: their numbers tell what was there already.
	for _, field := range fieldsOf[kind] {
		if err := tx.Exec(`UPDATE car_messages SET readings = readings - CAST(? AS text) WHERE keeper_id = ? AND jsonb_exists(readings, CAST(? AS text))`, field, k, field).Error; err != nil {
			return err
		}
	}
	if kind == Odometer {
		if err := tx.Exec(`DELETE FROM car_doubts WHERE keeper_id = ?`, k).Error; err != nil {
			return err
		}
	}
	return clearKindTx(tx, k, kind, "", "consent")
}

// SetThresholdTx says at which value a rule of the keeper's car warns; 0 switches it off. ErrInvalid for a rule that is not his to
// move, or beyond its bounds.
func SetThresholdTx(tx *db.Tx, rules *Rules, k id.Keeper, code string, value int) error {
	l, err := lockTx(tx, k)
	if err != nil {
		return err
	}
	for _, r := range rules.For(l.Car) {
		if r.Code != code || !r.Owner || value != 0 && (value < r.Low || value > r.High) {
			continue
		}
		if err := tx.Exec(`UPDATE car_links SET thresholds = thresholds || CAST(? AS jsonb) WHERE keeper_id = ?`, asJSON(map[string]int{code: value}), k).Error; err != nil {
			return err
		}
		if v, _ := r.judge(l.Latest[r.Kind()].Readings, map[string]int{code: value}); v == holds {
			return nil // the open one stays; a new one comes with the next signal
		}
		return clearKindTx(tx, k, "", code, "threshold")
	}
	return ErrInvalid
}

// mostSilence bounds how long something is paused; forever is said by no end.
const mostSilence = 366 * 24 * time.Hour

// PauseTx stores nothing of what is measured from now until an instant; zero: until ResumeTx.
func PauseTx(tx *db.Tx, k id.Keeper, until time.Time) error { return silenceTx(tx, k, pause, until) }

// ResumeTx ends a pause.
func ResumeTx(tx *db.Tx, k id.Keeper) error { return endSilenceTx(tx, k, pause) }

// LendTx says that somebody else drives: until an instant (zero: until BackTx) the lamps and tyres count for warnings, and nothing is
// stored that tells when or how far he drove.
func LendTx(tx *db.Tx, k id.Keeper, until time.Time) error { return silenceTx(tx, k, lend, until) }

// BackTx ends the time in which a car is lent.
func BackTx(tx *db.Tx, k id.Keeper) error { return endSilenceTx(tx, k, lend) }

func silenceTx(tx *db.Tx, k id.Keeper, kind string, until time.Time) error {
	if !until.IsZero() && (!until.After(tx.Now) || until.After(tx.Now.Add(mostSilence))) {
		return ErrInvalid
	}
	if err := endSilenceTx(tx, k, kind); err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO car_silences (keeper_id, kind, from_at, until_at) VALUES (?, ?, ?, coalesce(CAST(? AS timestamptz), 'infinity'))
		ON CONFLICT (keeper_id, kind, from_at) DO UPDATE SET until_at = excluded.until_at`, k, kind, tx.Now, db.TimeOrNull(until)).Error
}

func endSilenceTx(tx *db.Tx, k id.Keeper, kind string) error {
	if _, err := lockTx(tx, k); err != nil {
		return err
	}
	return tx.Exec(`UPDATE car_silences SET until_at = ? WHERE keeper_id = ? AND kind = ? AND until_at > ?`, tx.Now, k, kind, tx.Now).Error
}

// SetMannerTx says in which language and outside of which hours a keeper is told.
func SetMannerTx(tx *db.Tx, k id.Keeper, locale string, q Quiet) error {
	if !q.Valid() || len(locale) > 20 {
		return ErrInvalid
	}
	if _, err := lockTx(tx, k); err != nil {
		return err
	}
	return tx.Exec(`UPDATE car_links SET locale = ?, quiet_from = ?, quiet_to = ? WHERE keeper_id = ?`, locale, q.From, q.To, k).Error
}

// Channel is a way to tell a keeper something, beside his page.
type Channel string

// The channels.
const (
	Mail Channel = "mail"
	SMS  Channel = "sms"
)

var phone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// SetChannelTx says where a keeper wants to be told; an empty address ends it.
func SetChannelTx(tx *db.Tx, k id.Keeper, c Channel, address string) error {
	address = strings.TrimSpace(address)
	if c != Mail && c != SMS {
		return ErrInvalid
	}
	if _, err := lockTx(tx, k); err != nil {
		return err
	}
	if address == "" {
		return tx.Exec(`DELETE FROM car_channels WHERE keeper_id = ? AND channel = ?`, k, c).Error
	}
	if parsed, err := mail.ParseAddress(address); c == Mail && (err != nil || parsed.Address != address || len(address) > 254) || c == SMS && !phone.MatchString(address) {
		return ErrInvalid
	}
	return tx.Exec(`INSERT INTO car_channels (keeper_id, channel, address, agreed_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (keeper_id, channel) DO UPDATE SET address = excluded.address, agreed_at = excluded.agreed_at`, k, c, address, tx.Now).Error
}
