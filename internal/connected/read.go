package connected

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Value is the newest that is known of a kind.
type Value struct {
	Kind Kind
	At   time.Time // of a value measured while the car was lent, its day
	Lent bool
	Readings
}

// Threshold is a limit that the keeper may move.
type Threshold struct {
	Rule      string
	Kind      Kind
	Value     int // 0: switched off
	Low, High int
}

// Read is one time that somebody read a keeper's data.
type Read struct {
	Grant  id.Grant
	Dealer id.Dealer // empty for a partner's machine
	Client id.APIClient
	Who    string // what the machine is called
	At     time.Time
	Kinds  []Kind
}

// Doubt is a mileage that contradicted another one.
type Doubt struct {
	At, KnownAt time.Time
	Km, KnownKm int
}

// Overview is all that a keeper's page shows of his connected car.
type Overview struct {
	Keeper     id.Keeper
	Vehicle    id.Vehicle
	VIN        string
	Car        Car
	Since      time.Time
	Values     []Value
	Consents   map[Kind]time.Time // since when; what is missing is not agreed to
	Paused     time.Time          // until when; zero: not paused; Endless: until he says so
	Lent       time.Time          // likewise
	Thresholds []Threshold        // of the rules of his car that are his to move
	Channels   map[Channel]string // his addresses
	Locale     string
	Quiet      Quiet
	Warnings   []Warning // open ones first, then the last that ended
	Grants     []Grant   // newest first
	Reads      []Read    // newest first, the last fifty
	Doubts     []Doubt   // newest first, the last ten
	Keys       int       // that his car may sign with; none: it tells nothing
}

// Endless stands for no end.
var Endless = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// ForKeeper reads all that a keeper's page shows; ErrNoKeeper once he keeps the car no more.
func ForKeeper(g *gorm.DB, rules *Rules, k id.Keeper, now time.Time) (*Overview, error) {
	l, err := linkWhere(g, `keeper_id = ? AND until IS NULL`, k)
	if err != nil {
		return nil, err
	}
	o := &Overview{Keeper: k, Vehicle: l.Vehicle, VIN: l.VIN, Car: l.Car, Since: l.Since, Consents: l.Consents, Channels: map[Channel]string{}, Locale: l.Locale, Quiet: l.Quiet}
	for _, kind := range Kinds {
		if v, ok := l.Latest[kind]; ok {
			o.Values = append(o.Values, Value{Kind: kind, At: v.Shown(), Lent: v.Lent, Readings: v.Readings})
		}
	}
	for _, r := range rules.For(l.Car) {
		if !r.Owner {
			continue
		}
		limit, on := r.limit(l.Thresholds)
		if !on {
			limit = 0
		}
		o.Thresholds = append(o.Thresholds, Threshold{r.Code, r.Kind(), limit, r.Low, r.High})
	}
	if err := o.readMore(g, now); err != nil {
		return nil, fmt.Errorf("connected: overview: %w", err)
	}
	if o.Warnings, err = warningsWhere(g, `w.keeper_id = ? ORDER BY w.ended_at IS NOT NULL, w.raised_at DESC, w.id LIMIT 30`, k); err != nil {
		return nil, err
	}
	if o.Grants, err = grantsWhere(g, `g.keeper_id = ? ORDER BY g.granted_at DESC, g.id LIMIT 50`, k); err != nil {
		return nil, err
	}
	return o, o.nameMachines(g)
}

// nameMachines says what those who read, or may read, are called.
func (o *Overview) nameMachines(g *gorm.DB) error {
	var all []id.APIClient
	for _, x := range o.Grants {
		if x.Client != "" {
			all = append(all, x.Client)
		}
	}
	for _, x := range o.Reads {
		all = append(all, x.Client)
	}
	names, err := identity.ClientNames(g, all)
	for i := range o.Grants {
		o.Grants[i].Partner = names[o.Grants[i].Client]
	}
	for i := range o.Reads {
		o.Reads[i].Who = names[o.Reads[i].Client]
	}
	return err
}

// readMore reads the short lists, all in one question.
func (o *Overview) readMore(g *gorm.DB, now time.Time) error {
	var row struct {
		Keys                              int
		Silences, Channels, Reads, Doubts []byte
	}
	_, err := db.One(g, &row, `SELECT
		(SELECT count(*) FROM car_keys WHERE vehicle_id = @vehicle AND revoked_at IS NULL) AS keys,
		(SELECT json_agg(json_build_object('kind', kind, 'from', from_at, 'until', least(until_at, '9000-01-01 00:00Z'))) FROM car_silences WHERE keeper_id = @keeper AND from_at <= @now AND until_at > @now) AS silences,
		(SELECT json_object_agg(channel, address) FROM car_channels WHERE keeper_id = @keeper) AS channels,
		(SELECT json_agg(x) FROM (SELECT r.grant_id AS "Grant", coalesce(g.dealer, '') AS "Dealer", r.client AS "Client", r.at AS "At", r.kinds AS "Kinds" FROM car_reads r JOIN car_grants g ON g.id = r.grant_id
			WHERE g.keeper_id = @keeper ORDER BY r.at DESC, r.n DESC LIMIT 50) x) AS reads,
		(SELECT json_agg(x) FROM (SELECT at AS "At", known_at AS "KnownAt", km AS "Km", known_km AS "KnownKm" FROM car_doubts WHERE keeper_id = @keeper ORDER BY at DESC LIMIT 10) x) AS doubts`,
		map[string]any{"keeper": o.Keeper, "vehicle": o.Vehicle, "now": now})
	if err != nil {
		return err
	}
	o.Keys = row.Keys
	var silences []silence
	for _, x := range []struct {
		raw []byte
		to  any
	}{{row.Silences, &silences}, {row.Channels, &o.Channels}, {row.Reads, &o.Reads}, {row.Doubts, &o.Doubts}} {
		if len(x.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(x.raw, x.to); err != nil {
			return err
		}
	}
	for _, s := range silences {
		if s.Kind == pause {
			o.Paused = s.Until
		} else {
			o.Lent = s.Until
		}
	}
	return nil
}

// May tells whether the keeper agreed to a kind.
func (o *Overview) May(k Kind) bool { _, ok := o.Consents[k]; return ok }

// Open are the warnings that count.
func (o *Overview) Open() []Warning {
	return slices.DeleteFunc(slices.Clone(o.Warnings), func(w Warning) bool { return !w.Open() })
}
