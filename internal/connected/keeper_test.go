package connected_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/vehicle"
)

func TestNothingIsStoredThatWasNotAgreedTo(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car()
	all := `{"battery_pct":10,"odometer_km":12000,"lamps":["oil"],"tyre_kpa":{"fl":230}}`
	before := c.says(all)
	y.wants("by default", "unwanted", before)
	y.clock.Advance(time.Second)
	c.agree(connected.Battery)
	y.wants("what was measured before the yes", "unwanted", before)
	y.clock.Advance(time.Minute)
	y.wants("after it", "accepted", c.says(all))
	if got := c.values(); got != `{"battery_pct":10}` || c.warned() != "battery_low raised;" {
		t.Errorf("the page shows %s, warns %s", got, c.warned())
	}
	y.tx(func(tx *db.Tx) error { return connected.SetConsentTx(tx, c.keeper, connected.Battery, false) })
	if got := c.values(); got != "" || c.warned() != "" {
		t.Errorf("after the no the page shows %s, warns %s", got, c.warned())
	}
	if n := y.count(`SELECT count(*) FROM car_messages WHERE readings <> '{}'`); n != 0 {
		t.Errorf("%d messages say something still", n)
	}
	if n := y.count(`SELECT count(*) FROM car_consents WHERE keeper_id = ?`, c.keeper); n != 2 {
		t.Errorf("%d words of the keeper are kept as evidence", n)
	}
}

func TestAPauseStoresNothingHoweverLateItComes(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery)
	y.tx(func(tx *db.Tx) error { return connected.PauseTx(tx, c.keeper, y.clock.Now().Add(time.Hour)) })
	if o := c.sees(); !o.Paused.Equal(y.clock.Now().Add(time.Hour)) || !o.Lent.IsZero() {
		t.Errorf("paused until %s, lent until %s", o.Paused, o.Lent)
	}
	y.clock.Advance(time.Minute)
	inside := c.says(`{"battery_pct":10}`)
	y.wants("in the pause", "unwanted", inside)
	y.clock.Advance(2 * time.Hour)
	y.wants("later", "unwanted accepted", inside, c.says(`{"battery_pct":60}`))
	y.tx(func(tx *db.Tx) error { return connected.PauseTx(tx, c.keeper, time.Time{}) })
	y.clock.Advance(48 * time.Hour)
	y.wants("without end", "unwanted", c.says(`{"battery_pct":20}`))
	if o := c.sees(); !o.Paused.Equal(connected.Endless) {
		t.Errorf("paused until %s", o.Paused)
	}
	y.tx(func(tx *db.Tx) error { return connected.ResumeTx(tx, c.keeper) })
	y.clock.Advance(time.Second)
	y.wants("resumed", "accepted", c.says(`{"battery_pct":59}`))
	for _, until := range []time.Time{y.clock.Now(), y.clock.Now().AddDate(2, 0, 0)} {
		if err := y.try(func(tx *db.Tx) error { return connected.PauseTx(tx, c.keeper, until) }); !errors.Is(err, connected.ErrInvalid) {
			t.Errorf("a pause until %s: %v", until, err)
		}
	}
}

func TestALentCarTellsWhatIsDangerousAndNoMore(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Kinds...)
	y.wants("before", "accepted", c.says(`{"odometer_km":100,"battery_pct":80}`))
	y.tx(func(tx *db.Tx) error { return connected.LendTx(tx, c.keeper, time.Time{}) })
	y.clock.Advance(90 * time.Minute)
	y.wants("lent", "accepted unwanted", c.says(`{"odometer_km":400,"battery_pct":10,"lamps":["brake"]}`), c.says(`{"odometer_km":410,"battery_pct":9}`))
	if got := c.values(); got != `{"odometer_km":100}{"battery_pct":80}{"lamps":["brake"]}` || c.warned() != "brake_fault raised;" {
		t.Errorf("the page shows %s, warns %s", got, c.warned())
	}
	for _, v := range c.sees().Values {
		if v.Kind == connected.Lamps && (!v.Lent || v.At.Hour() != 0 || v.At.Minute() != 0) {
			t.Errorf("the page tells when the lent car was used: %s", v.At)
		}
	}
	if n := y.count(`SELECT count(*) FROM car_messages WHERE keeper_id = ?`, c.keeper); n != 1 {
		t.Errorf("%d messages are stored", n)
	}
	y.tx(func(tx *db.Tx) error { return connected.BackTx(tx, c.keeper) })
	y.clock.Advance(time.Second)
	y.wants("back", "accepted", c.says(`{"odometer_km":420,"battery_pct":70,"lamps":[]}`))
	if got := c.values(); got != `{"odometer_km":420}{"battery_pct":70}{"lamps":[]}` || c.warned() != "" {
		t.Errorf("the page shows %s, warns %s", got, c.warned())
	}
}

// After a resale nothing reaches the old keeper, nothing of his reaches the new one, and the new one begins anew.
func TestAResaleDetaches(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Kinds...)
	machine := y.partner()
	y.tx(func(tx *db.Tx) error {
		if err := connected.SetChannelTx(tx, c.keeper, connected.Mail, "old@example.com"); err != nil {
			return err
		}
		return connected.GrantTx(tx, c.keeper, &connected.Grant{Client: machine, Kinds: connected.Kinds, Until: tx.Now.AddDate(0, 1, 0)})
	})
	y.clock.Advance(time.Second)
	his := c.says(`{"battery_pct":10,"odometer_km":12000}`)
	y.wants("of the old keeper", "accepted", his)
	onItsWay := c.says(`{"battery_pct":9,"lamps":["oil"]}`)
	y.clock.Advance(time.Minute)
	was := c.keeper
	is := c.keep()
	for name, err := range map[string]error{
		"reads": func() error {
			_, err := connected.ForKeeper(y.DB.Read(t.Context()), y.rules, was, y.clock.Now())
			return err
		}(),
		"consents": y.try(func(tx *db.Tx) error { return connected.SetConsentTx(tx, was, connected.Battery, true) }),
		"pauses":   y.try(func(tx *db.Tx) error { return connected.PauseTx(tx, was, time.Time{}) }),
		"lends":    y.try(func(tx *db.Tx) error { return connected.LendTx(tx, was, time.Time{}) }),
		"limits":   y.try(func(tx *db.Tx) error { return connected.SetThresholdTx(tx, y.rules, was, "battery_low", 30) }),
		"is told":  y.try(func(tx *db.Tx) error { return connected.SetChannelTx(tx, was, connected.Mail, "old@example.com") }),
		"grants": y.try(func(tx *db.Tx) error {
			return connected.GrantTx(tx, was, &connected.Grant{Client: machine, Kinds: connected.Kinds, Until: tx.Now.Add(time.Hour)})
		}),
	} {
		if !errors.Is(err, connected.ErrNoKeeper) {
			t.Errorf("the old keeper still %s: %v", name, err)
		}
	}
	y.wants("late ones of the old keeper", "detached detached", onItsWay, his)
	y.clock.Advance(time.Minute)
	y.wants("the new one agreed to nothing", "unwanted", c.says(`{"battery_pct":8,"odometer_km":12010}`))
	if got := c.values(); got != "" || c.warned() != "" || len(c.sees().Consents) != 0 || len(c.sees().Grants) != 0 || len(c.sees().Channels) != 0 || len(c.sees().Warnings) != 0 {
		t.Errorf("the new keeper finds %s, %+v", got, c.sees())
	}
	c.agree(connected.Battery)
	y.clock.Advance(time.Minute)
	y.wants("the new one agreed", "accepted", c.says(`{"battery_pct":7}`))
	if c.warned() != "battery_low raised;" {
		t.Errorf("the new keeper is warned %s", c.warned())
	}
	y.clock.Advance(12 * time.Hour)
	y.sweep()
	for _, m := range y.Mails.Sent() {
		if m.To == "old@example.com" {
			t.Errorf("the old keeper got %q", m.Text)
		}
	}
	if err := y.try(func(tx *db.Tx) error {
		_, err := connected.SharedTx(tx, connected.Reader{Client: machine}, c.vin)
		return err
	}); !errors.Is(err, connected.ErrNoCar) {
		t.Errorf("who was let in by the old keeper reads still: %v", err)
	}
	y.tx(connected.ForgetTx)
	if n := y.count(`SELECT count(*) FROM car_messages WHERE keeper_id = ?`, was); n != 0 {
		t.Errorf("%d messages of the old keeper are kept", n)
	}
	if n := y.count(`SELECT count(*) FROM car_messages WHERE keeper_id = ?`, is); n != 1 {
		t.Errorf("%d messages of the new keeper are kept", n)
	}
	c.leave()
	y.clock.Advance(time.Minute)
	y.wants("nobody keeps it", "detached", c.says(`{"battery_pct":6}`))
}

func TestWhoOnlySaysThatHeKeepsACarHearsNothing(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery)
	owner := c.keeper
	var claim *vehicle.Keeper
	y.tx(func(tx *db.Tx) (err error) { claim, err = y.keepTx(tx, c.vehicle, vehicle.Claimed); return err })
	if _, err := connected.ForKeeper(y.DB.Read(t.Context()), y.rules, claim.ID, y.clock.Now()); !errors.Is(err, connected.ErrNoKeeper) {
		t.Errorf("whoever types a VIN reads its signals: %v", err)
	}
	y.wants("the owner's", "accepted", c.says(`{"battery_pct":50}`))
	y.clock.Advance(time.Minute)
	y.tx(func(tx *db.Tx) error { // a dealer saw his papers
		_, err := vehicle.KeepTx(tx, c.vehicle, claim.Garage, vehicle.Papers, "")
		return err
	})
	if c.keeper = claim.ID; c.values() != "" || c.sees().Since.Before(y.clock.Now()) {
		t.Errorf("the new owner finds %s since %s", c.values(), c.sees().Since)
	}
	if _, err := connected.ForKeeper(y.DB.Read(t.Context()), y.rules, owner, y.clock.Now()); !errors.Is(err, connected.ErrNoKeeper) {
		t.Errorf("the old owner still reads: %v", err)
	}
}

func TestNobodyActsForAnother(t *testing.T) {
	t.Parallel()
	y := open(t)
	c, d := y.car(connected.Battery), y.car(connected.Battery)
	y.wants("both", "accepted accepted", c.says(`{"battery_pct":10}`), d.says(`{"battery_pct":10}`))
	his := c.sees().Open()[0]
	machine := y.partner()
	g := &connected.Grant{Client: machine, Kinds: []connected.Kind{connected.Battery}, Until: y.clock.Now().Add(time.Hour)}
	y.tx(func(tx *db.Tx) error { return connected.GrantTx(tx, c.keeper, g) })
	for name, act := range map[string]func(tx *db.Tx) error{
		"dismiss": func(tx *db.Tx) error { return connected.DismissTx(tx, d.keeper, his.ID) },
		"take":    func(tx *db.Tx) error { return connected.TakeTx(tx, d.keeper, his.ID) },
		"offer":   func(tx *db.Tx) error { return connected.OfferTx(tx, d.keeper, his.ID) },
	} {
		if err := y.try(act); !errors.Is(err, connected.ErrNoWarning) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := y.try(func(tx *db.Tx) error { return connected.RevokeTx(tx, d.keeper, g.ID) }); !errors.Is(err, connected.ErrNoGrant) {
		t.Errorf("revoke: %v", err)
	}
	for _, k := range []id.Keeper{"", "nobody", id.New[id.Keeper](), id.Keeper(c.vehicle)} {
		if err := y.try(func(tx *db.Tx) error { return connected.SetConsentTx(tx, k, connected.Battery, false) }); !errors.Is(err, connected.ErrNoKeeper) {
			t.Errorf("keeper %q: %v", k, err)
		}
	}
	if c.values() != `{"battery_pct":10}` {
		t.Errorf("something changed: %s", c.values())
	}
}

func TestAGrantIsReadAndSeenAndEnds(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery, connected.Odometer, connected.Lamps)
	y.wants("signals", "accepted", c.says(`{"battery_pct":15,"odometer_km":42000,"lamps":["oil"]}`))
	machine, other := y.partner(), y.partner()
	read := func(r connected.Reader) (*connected.Shared, error) {
		var s *connected.Shared
		err := y.try(func(tx *db.Tx) (err error) { s, err = connected.SharedTx(tx, r, c.vin); return err })
		return s, err
	}
	if _, err := read(connected.Reader{Client: machine}); !errors.Is(err, connected.ErrNoCar) {
		t.Fatalf("read without a grant: %v", err)
	}
	g := &connected.Grant{Client: machine, Kinds: []connected.Kind{connected.Battery, connected.Tyres}, Until: y.clock.Now().Add(24 * time.Hour)}
	site := &connected.Grant{Dealer: "it-torino-mole", Kinds: []connected.Kind{connected.Lamps}, Until: y.clock.Now().Add(24 * time.Hour)}
	if y.count(`SELECT count(*) FROM dealers WHERE code = ?`, site.Dealer) == 0 {
		var code string
		if _, err := db.One(y.DB.Read(t.Context()), &code, `SELECT code FROM dealers WHERE market = 'it' ORDER BY code LIMIT 1`); err != nil {
			t.Fatal(err)
		}
		site.Dealer = id.Dealer(code)
	}
	y.tx(func(tx *db.Tx) error {
		return errors.Join(connected.GrantTx(tx, c.keeper, g), connected.GrantTx(tx, c.keeper, site))
	})
	s, err := read(connected.Reader{Client: machine})
	if err != nil || len(s.Latest) != 1 || *s.Latest[connected.Battery].Charge != 15 || len(s.Warnings) != 1 || s.Warnings[0].Rule != "battery_low" {
		t.Fatalf("%+v, %v", s, err)
	}
	if text := s.Speech(y.cars.Printer(s.Market, ""), "km"); !strings.Contains(text, "15") || strings.Contains(text, "42") || strings.Contains(text, "olio") {
		t.Errorf("it says %q", text)
	}
	if s, err := read(connected.Reader{Client: other, Dealer: site.Dealer}); err != nil || len(s.Latest) != 1 || s.Warnings[0].Rule != "oil_pressure" {
		t.Errorf("the dealer reads %+v, %v", s, err)
	}
	if _, err := read(connected.Reader{Client: other}); !errors.Is(err, connected.ErrNoCar) {
		t.Errorf("another machine read: %v", err)
	}
	o := c.sees()
	if len(o.Reads) != 2 || o.Reads[0].Dealer != site.Dealer || o.Reads[1].Grant != g.ID || o.Reads[1].Who != "Partner" || len(o.Reads[1].Kinds) != 1 || len(o.Grants) != 2 {
		t.Errorf("the keeper sees %+v, %+v", o.Reads, o.Grants)
	}
	y.tx(func(tx *db.Tx) error { return connected.PauseTx(tx, c.keeper, y.clock.Now().Add(time.Hour)) })
	if s, err := read(connected.Reader{Client: machine}); err != nil || !s.Silent || len(s.Latest) != 0 || len(s.Warnings) != 0 {
		t.Errorf("in a pause a machine reads %+v, %v", s, err)
	}
	y.tx(func(tx *db.Tx) error {
		return errors.Join(connected.ResumeTx(tx, c.keeper), connected.RevokeTx(tx, c.keeper, site.ID))
	})
	if _, err := read(connected.Reader{Client: other, Dealer: site.Dealer}); !errors.Is(err, connected.ErrNoCar) {
		t.Errorf("read after the end: %v", err)
	}
	y.clock.Advance(25 * time.Hour)
	if _, err := read(connected.Reader{Client: machine}); !errors.Is(err, connected.ErrNoCar) {
		t.Errorf("read after its time: %v", err)
	}
}

func TestAGrantHasAnEndAndAReader(t *testing.T) {
	t.Parallel()
	y := open(t)
	c, machine := y.car(), y.partner()
	soon, kinds := y.clock.Now().Add(time.Hour), []connected.Kind{connected.Battery}
	for name, g := range map[string]connected.Grant{
		"nobody":     {Kinds: kinds, Until: soon},
		"two":        {Client: machine, Dealer: "it-torino-mole", Kinds: kinds, Until: soon},
		"no end":     {Client: machine, Kinds: kinds},
		"long":       {Client: machine, Kinds: kinds, Until: soon.AddDate(2, 0, 0)},
		"nothing":    {Client: machine, Until: soon},
		"place":      {Client: machine, Kinds: []connected.Kind{"place"}, Until: soon},
		"no dealer":  {Dealer: "it-nowhere", Kinds: kinds, Until: soon},
		"no machine": {Client: id.New[id.APIClient](), Kinds: kinds, Until: soon},
	} {
		if err := y.try(func(tx *db.Tx) error { return connected.GrantTx(tx, c.keeper, &g) }); !errors.Is(err, connected.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
