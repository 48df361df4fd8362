package connected_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/mail"
)

// partner registers the machine of a partner.
func (y *yard) partner() id.APIClient {
	y.t.Helper()
	keys, err := identity.ParseKeys(identity.NewSeed())
	if err != nil {
		y.t.Fatal(err)
	}
	c, _, err := identity.NewTokens(y.DB, keys).AddPartner(y.t.Context(), "Partner")
	if err != nil {
		y.t.Fatal(err)
	}
	return c
}

// sweep looks once, and sends what is to be sent, twice: a job may run again.
func (y *yard) sweep() {
	y.t.Helper()
	if err := y.cars.Sweep(y.t.Context()); err != nil {
		y.t.Fatal(err)
	}
	var jobs []struct {
		Warning id.Warning
		Channel connected.Channel
	}
	if err := y.DB.Read(y.t.Context()).Raw(`SELECT args ->> 'warning' AS warning, args ->> 'channel' AS channel FROM river_job WHERE kind = 'connected.notice' ORDER BY id`).Scan(&jobs).Error; err != nil {
		y.t.Fatal(err)
	}
	for range 2 {
		for _, j := range jobs {
			if err := y.cars.Send(y.t.Context(), j.Warning, j.Channel); err != nil {
				y.t.Fatal(err)
			}
		}
	}
}

func (c *car) tellBy(ch connected.Channel, address string) {
	c.y.t.Helper()
	c.y.tx(func(tx *db.Tx) error { return connected.SetChannelTx(tx, c.keeper, ch, address) })
}

func TestASignalBecomesAWarningOnceAndIsClearedByTheNext(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Kinds...)
	say := func(signals, want string) {
		t.Helper()
		y.clock.Advance(time.Minute)
		y.wants(signals, "accepted", c.says(signals))
		if got := c.warned(); got != want {
			t.Errorf("after %s: %s, want %s", signals, got, want)
		}
	}
	say(`{"battery_pct":21}`, "")
	say(`{"battery_pct":20}`, "battery_low raised;")
	say(`{"battery_pct":18}`, "battery_low raised;")
	say(`{"battery_pct":23}`, "battery_low raised;") // between the limit and its margin
	say(`{"battery_pct":26}`, "")
	say(`{"tyre_kpa":{"fl":230,"rr":170}}`, "tyre_pressure raised;")
	say(`{"lamps":["engine"]}`, "engine_fault raised;tyre_pressure raised;")
	say(`{"lamps":[],"tyre_kpa":{"fl":230,"rr":235}}`, "")
	say(`{"service_days":40}`, "service_due raised;") // 45 in Italy
	if n := y.count(`SELECT count(*) FROM car_warnings WHERE keeper_id = ?`, c.keeper); n != 4 {
		t.Errorf("%d warnings", n)
	}
}

func TestALimitIsItsKeepers(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery)
	set := func(code string, v int) error {
		return y.try(func(tx *db.Tx) error { return connected.SetThresholdTx(tx, y.rules, c.keeper, code, v) })
	}
	y.wants("40 percent", "accepted", c.says(`{"battery_pct":40}`))
	if err := set("battery_low", 45); err != nil {
		t.Fatal(err)
	}
	y.wants("again", "accepted", c.says(`{"battery_pct":40}`))
	if c.warned() != "battery_low raised;" {
		t.Errorf("at 40 of 45: %s", c.warned())
	}
	if err := set("battery_low", 10); err != nil || c.warned() != "" {
		t.Errorf("at 40 of 10: %v, %s", err, c.warned())
	}
	if err := set("battery_low", 0); err != nil {
		t.Fatal(err)
	}
	y.wants("switched off", "accepted", c.says(`{"battery_pct":3}`))
	if c.warned() != "" {
		t.Errorf("switched off: %s", c.warned())
	}
	for code, v := range map[string]int{"battery_low": 51, "tyre_pressure": 100, "nonsense": 10, "battery_health": -1} {
		if err := set(code, v); !errors.Is(err, connected.ErrInvalid) {
			t.Errorf("%s at %d: %v", code, v, err)
		}
	}
}

func TestADismissedWarningStaysAwayUntilItsCauseWasGone(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Lamps)
	y.wants("on", "accepted", c.says(`{"lamps":["engine"]}`))
	w := c.sees().Open()[0]
	y.tx(func(tx *db.Tx) error { return connected.DismissTx(tx, c.keeper, w.ID) })
	if err := y.try(func(tx *db.Tx) error { return connected.DismissTx(tx, c.keeper, w.ID) }); !errors.Is(err, connected.ErrMoved) {
		t.Errorf("dismissed twice: %v", err)
	}
	y.wants("still on", "accepted", c.says(`{"lamps":["engine"]}`))
	if c.warned() != "" {
		t.Errorf("it came again: %s", c.warned())
	}
	y.wants("off and on", "accepted accepted", c.says(`{"lamps":[]}`), c.says(`{"lamps":["engine"]}`))
	if c.warned() != "engine_fault raised;" {
		t.Errorf("off and on: %s", c.warned())
	}
}

func TestQuietHoursDelayTheTellingAndNotTheWarning(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery)
	c.tellBy(connected.Mail, "keeper@example.com")
	c.tellBy(connected.SMS, "+393331234567")
	y.clock.Set(time.Date(2026, 11, 26, 21, 30, 0, 0, time.UTC)) // 22:30 in Italy
	y.wants("at night", "accepted", c.says(`{"battery_pct":10}`))
	y.sweep()
	if c.warned() != "battery_low raised;" || len(y.Mails.Sent()) != 0 {
		t.Errorf("at night: %s, %d mails", c.warned(), len(y.Mails.Sent()))
	}
	y.clock.Set(time.Date(2026, 11, 27, 6, 59, 0, 0, time.UTC))
	y.sweep()
	if len(y.Mails.Sent()) != 0 {
		t.Error("told before eight")
	}
	y.clock.Set(time.Date(2026, 11, 27, 7, 0, 0, 0, time.UTC))
	y.sweep()
	y.sweep()
	sent := y.Mails.Sent()
	if len(sent) != 1 || len(y.texts) != 1 || c.warned() != "battery_low told;" {
		t.Fatalf("in the morning: %d mails, %d texts, %s", len(sent), len(y.texts), c.warned())
	}
	if m := sent[0]; m.To != "keeper@example.com" || !strings.Contains(m.Subject, "Renault Megane") || !strings.Contains(m.Text, "La batteria è scesa al 10 per cento.") {
		t.Errorf("the mail says %q, %q", m.Subject, m.Text)
	}
	if x := y.texts[0]; x.To != "+393331234567" || x.Body != "Renault Megane, La batteria è scesa al 10 per cento." {
		t.Errorf("the text says %+v", x)
	}
}

func TestOnlyWhoWantsToBeToldIsTold(t *testing.T) {
	t.Parallel()
	y := open(t)
	c, d := y.car(connected.Battery), y.car(connected.Battery)
	d.tellBy(connected.Mail, "d@example.com")
	y.clock.Set(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	y.wants("both", "accepted accepted", c.says(`{"battery_pct":10}`), d.says(`{"battery_pct":10}`))
	if err := y.cars.Sweep(t.Context()); err != nil { // queued, and not sent yet
		t.Fatal(err)
	}
	d.tellBy(connected.Mail, "")
	y.sweep()
	if n := len(y.Mails.Sent()) + len(y.texts); n != 0 || c.warned() != "battery_low told;" {
		t.Errorf("%d notices, the page says %s", n, c.warned())
	}
	for _, a := range []string{"no address", "a@b@c", "Name <a@example.com>"} {
		if err := y.try(func(tx *db.Tx) error { return connected.SetChannelTx(tx, c.keeper, connected.Mail, a) }); !errors.Is(err, connected.ErrInvalid) {
			t.Errorf("%q: %v", a, err)
		}
	}
	for _, a := range []string{"07700 900123", "+44", "+44770090012345678"} {
		if err := y.try(func(tx *db.Tx) error { return connected.SetChannelTx(tx, c.keeper, connected.SMS, a) }); !errors.Is(err, connected.ErrInvalid) {
			t.Errorf("%q: %v", a, err)
		}
	}
}

// An offer is made before the keeper is told, so that the notice carries it; one that can not be made keeps nobody from hearing.
func TestAWarningCarriesItsOffer(t *testing.T) {
	t.Parallel()
	y := open(t)
	good, none, broken := y.car(connected.Battery), y.car(connected.Battery), y.car(connected.Battery)
	cars := []*car{good, none, broken}
	asked := map[id.Keeper]int{}
	y.cars.Offer = func(_ context.Context, w connected.Warning) error {
		asked[w.Keeper]++
		switch w.Keeper {
		case none.keeper:
			return connected.ErrNoOffer
		case broken.keeper:
			return errors.New("the workshop does not answer")
		}
		return nil
	}
	y.cars.Dress = func(_ context.Context, w connected.Warning, _ *i18n.Printer) ([]mail.Part, error) {
		if w.Offered.IsZero() {
			return nil, nil
		}
		return []mail.Part{{Text: "an offer"}, {Link: "https://shop.example/one-tap"}}, nil
	}
	y.clock.Set(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	for _, c := range cars {
		c.tellBy(connected.Mail, string(c.keeper)+"@example.com")
		y.wants("signal", "accepted", c.says(`{"battery_pct":10}`))
	}
	y.clock.Advance(10 * time.Second)
	y.sweep()
	if good.warned() != "battery_low told;" || none.warned() != "battery_low told;" || broken.warned() != "battery_low raised;" {
		t.Errorf("after ten seconds %s, %s, %s", good.warned(), none.warned(), broken.warned())
	}
	y.clock.Advance(time.Minute)
	y.sweep()
	y.sweep()
	if broken.warned() != "battery_low told;" || asked[good.keeper] != 1 || asked[none.keeper] != 1 || asked[broken.keeper] != 1 {
		t.Errorf("after a minute %s, asked %v", broken.warned(), asked)
	}
	for _, m := range y.Mails.Sent() {
		if has, should := strings.Contains(m.Text, "one-tap"), m.To == string(good.keeper)+"@example.com"; has != should {
			t.Errorf("the letter to %s carries an offer: %t", m.To, has)
		}
	}
	w := good.sees().Open()[0]
	y.tx(func(tx *db.Tx) error { return connected.TakeTx(tx, good.keeper, w.ID) })
	y.wants("again", "accepted", good.says(`{"battery_pct":9}`))
	if good.warned() != "battery_low taken;" {
		t.Errorf("taken: %s", good.warned())
	}
}

func TestAWarningExpires(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery)
	y.wants("low", "accepted", c.says(`{"battery_pct":10}`))
	y.clock.Advance(73 * time.Hour)
	y.sweep()
	if o := c.sees(); len(o.Open()) != 0 || len(o.Warnings) != 1 || o.Warnings[0].State != connected.Expired || o.Warnings[0].Why != "age" {
		t.Errorf("%+v", o.Warnings)
	}
}
