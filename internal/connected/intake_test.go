package connected_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/vehicle"

	"golang.org/x/sync/errgroup"
)

func TestAMessageIsStoredOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery, connected.Odometer)
	m := c.says(`{"battery_pct":64,"odometer_km":12000}`)
	y.wants("first", "accepted", m)
	y.wants("again", "known", m)
	next := c.says(`{"battery_pct":63}`)
	y.wants("twice at once", "accepted known", next, next)
	y.clock.Advance(24 * time.Hour)
	y.wants("a day later", "known known", m, next)
	if n := y.count(`SELECT count(*) FROM car_messages`); n != 2 {
		t.Errorf("%d messages are stored", n)
	}
	if got := c.values(); got != `{"odometer_km":12000}{"battery_pct":63}` {
		t.Errorf("the page shows %s", got)
	}
}

func TestALateMessageReplacesNothing(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery, connected.Odometer, connected.Tyres)
	early := c.signed(y.clock.Now(), 1, `{"battery_pct":80,"odometer_km":1000,"tyre_kpa":{"fl":230}}`)
	y.clock.Advance(time.Hour)
	late := c.signed(y.clock.Now(), 2, `{"battery_pct":15,"odometer_km":1050}`)
	y.wants("the later one first", "accepted accepted", late, early)
	if got := c.values(); got != `{"odometer_km":1050}{"battery_pct":15}{"tyre_kpa":{"fl":230}}` {
		t.Errorf("the page shows %s", got)
	}
	if got := c.warned(); got != "battery_low raised;" {
		t.Errorf("warnings %s: the older charge cleared the newer warning", got)
	}
}

func TestWhatIsNotTheCarsIsRefused(t *testing.T) {
	t.Parallel()
	y := open(t)
	c, d := y.car(connected.Battery), y.car(connected.Battery)
	stranger := &car{y: y, vin: c.vin, key: ed25519.NewKeyFromSeed([]byte(strings.Repeat("s", 32)))}
	thief := &car{y: y, vin: c.vin, key: d.key} // signs for another car with its own good key
	good := c.says(`{"battery_pct":50}`)
	part := strings.Split(good, ".")
	y.wants("all at once", "forged unknown_key unreadable unreadable forged accepted", thief.says(`{"battery_pct":1}`), stranger.says(`{"battery_pct":1}`), "nonsense", part[0]+"."+part[1],
		part[0]+"."+part[1]+"."+strings.Repeat("A", len(part[2])), good)
	y.tx(func(tx *db.Tx) error { return connected.RevokeKeyTx(tx, c.vehicle, c.kid) })
	y.wants("after the key's end", "revoked_key accepted", c.says(`{"battery_pct":2}`), d.says(`{"battery_pct":40}`))
	if err := y.try(func(tx *db.Tx) error {
		_, err := connected.AddKeyTx(tx, c.vehicle, c.key.Public().(ed25519.PublicKey))
		return err
	}); !errors.Is(err, connected.ErrKey) {
		t.Errorf("a revoked key came back: %v", err)
	}
	if err := y.try(func(tx *db.Tx) error {
		_, err := connected.AddKeyTx(tx, c.vehicle, d.key.Public().(ed25519.PublicKey))
		return err
	}); !errors.Is(err, connected.ErrKey) {
		t.Errorf("another car's key was taken: %v", err)
	}
	if got := c.values(); got != `{"battery_pct":50}` {
		t.Errorf("the page shows %s", got)
	}
}

func TestTimesAreJudged(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery)
	now := y.clock.Now()
	y.wants("times", "future accepted detached", c.signed(now.Add(3*time.Minute), 1, `{"battery_pct":1}`), c.signed(now.Add(time.Minute), 2, `{"battery_pct":60}`), c.signed(now.Add(-2*time.Hour), 3, `{"battery_pct":3}`))
	y.clock.Advance(connected.Kept + 2*time.Hour)
	y.wants("older than is kept", "old", c.signed(now, 4, `{"battery_pct":4}`))
}

func TestWhatNoCarCanSayIsRefused(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Kinds...)
	for _, signals := range []string{`{}`, `[]`, `7`, `{"battery_pct":101}`, `{"battery_pct":-1}`, `{"battery_pct":"full"}`, `{"battery_pct":1.5}`, `{"odometer_km":-5}`, `{"odometer_km":2000001}`, `{"odometer_km":1e99}`,
		`{"tyre_kpa":{"fl":5000}}`, `{"tyre_kpa":{"spare":200}}`, `{"lamps":["disco"]}`, `{"lamps":["oil","oil"]}`, `{"service_days":99999}`, `{"position":"45.07,7.68"}`, `{"battery_pct":50,"speed":90}`} {
		y.wants(signals, "absurd", c.says(signals))
	}
	if n := y.count(`SELECT count(*) FROM car_messages`); n != 0 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestAMileageThatFallsIsKeptApart(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Odometer, connected.Battery)
	first := y.clock.Now()
	y.wants("first", "accepted", c.signed(first, 1, `{"odometer_km":50000}`))
	y.clock.Advance(time.Hour)
	fallen := c.signed(y.clock.Now(), 2, `{"odometer_km":20000,"battery_pct":55}`)
	y.wants("falls", "doubtful", fallen)
	y.wants("again", "known", fallen)
	y.wants("more, measured before", "doubtful", c.signed(first.Add(-time.Minute), 3, `{"odometer_km":60000}`))
	y.wants("rises", "accepted", c.signed(y.clock.Now(), 4, `{"odometer_km":50010}`))
	if got := c.values(); got != `{"odometer_km":50010}{"battery_pct":55}` {
		t.Errorf("the page shows %s", got)
	}
	if o := c.sees(); len(o.Doubts) != 2 || o.Doubts[0].Km != 20000 || o.Doubts[0].KnownKm != 50000 {
		t.Errorf("doubts %+v", o.Doubts)
	}
	if n := y.count(`SELECT count(*) FROM car_messages WHERE readings ->> 'odometer_km' IN ('20000', '60000')`); n != 0 {
		t.Errorf("%d doubtful mileages count as readings", n)
	}
}

// Many cars send at once, in requests of one message and of many, each message three times. What is acknowledged is there, once.
func TestAFloodLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	y := open(t)
	const cars, each = 40, 25
	var all []string
	for range cars {
		c := y.car(connected.Battery)
		for i := range each {
			all = append(all, c.signed(y.clock.Now(), int64(i+1), `{"battery_pct":50}`))
		}
	}
	acknowledged, busy := flood(t, y.in, all, 3)
	if acknowledged == 0 {
		t.Fatal("nothing got through")
	}
	if n := y.count(`SELECT count(*) FROM car_messages`); n != cars*each {
		t.Errorf("%d messages are stored of %d (%d requests were sent away)", n, cars*each, busy)
	}
}

// flood sends all messages several times over many connections, each until it is acknowledged, and counts acknowledgements and
// requests that were sent away.
func flood(t *testing.T, in *connected.Intake, all []string, times int) (acknowledged, busy int) {
	t.Helper()
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(64)
	for range times {
		for from, n := 0, 1; from < len(all); from, n = from+n, n%60+7 {
			part := all[from:min(from+n, len(all))]
			g.Go(func() error {
				for {
					out, err := in.Take(ctx, part)
					mu.Lock()
					if err == nil {
						for _, o := range out {
							if o.Verdict == connected.Refused {
								t.Errorf("a good message was refused: %s", o.Reason)
							}
						}
						acknowledged += len(out)
						mu.Unlock()
						return nil
					}
					busy++
					mu.Unlock()
					if !errors.Is(err, connected.ErrBusy) {
						return err
					}
					time.Sleep(5 * time.Millisecond)
				}
			})
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return acknowledged, busy
}

// The database ends every connection in the middle of a flood, again and again: what was acknowledged is there all the same, and what
// was not is taken when it comes again.
func TestConnectionsBreakInTheMiddleOfAFlood(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery)
	var acknowledged []int64
	var mu sync.Mutex
	var g errgroup.Group
	for w := range 8 {
		g.Go(func() error {
			for i := range 40 {
				seq := int64(w*100 + i + 1)
				out, err := y.in.Take(t.Context(), []string{c.signed(y.clock.Now(), seq, `{"battery_pct":50}`)})
				if err == nil && out[0].Verdict == connected.Accepted {
					mu.Lock()
					acknowledged = append(acknowledged, seq)
					mu.Unlock()
				}
			}
			return nil
		})
	}
	other := dbtest.Open(t, dbtest.Options{DSN: y.DSN, MaxConns: 1})
	for range 10 {
		if err := other.Read(t.Context()).Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).Error; err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing got through")
	}
	for _, seq := range acknowledged {
		if y.count(`SELECT count(*) FROM car_messages WHERE seq = ?`, seq) != 1 {
			t.Errorf("message %d was acknowledged and is not there", seq)
		}
	}
	for w := range 8 {
		for i := range 40 {
			y.take(c.signed(y.clock.Now(), int64(w*100+i+1), `{"battery_pct":50}`))
		}
	}
	if n := y.count(`SELECT count(*) FROM car_messages`); n != 320 {
		t.Errorf("%d messages are stored of 320 after all came again", n)
	}
}

// While nothing can be written, so much is let in and no more; who is sent away is told so at once, and nothing of him is taken.
func TestWhoComesWhenTheHouseIsFullIsSentAway(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery)
	part := make([]string, connected.MostAtOnce)
	for i := range part {
		part[i] = c.signed(y.clock.Now(), int64(i+1), `{"battery_pct":50}`)
	}
	hold, letGo := make(chan struct{}), make(chan struct{})
	free := sync.OnceFunc(func() { close(letGo) })
	defer free() // a test that fails here must not wait for itself
	var others errgroup.Group
	others.Go(func() error {
		return y.try(func(tx *db.Tx) error { // somebody has the car's row and does not let go
			if err := tx.Exec(`SELECT 1 FROM car_links WHERE keeper_id = ? FOR UPDATE`, c.keeper).Error; err != nil {
				return err
			}
			close(hold)
			<-letGo
			return nil
		})
	})
	<-hold
	const let = 8
	var inside errgroup.Group
	for range let {
		inside.Go(func() error {
			for { // one who looks whether it is full may stand in the last place for a moment
				_, err := y.in.Take(t.Context(), part)
				if !errors.Is(err, connected.ErrBusy) {
					return err
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := y.in.Take(ctx, part[:1])
		cancel()
		if errors.Is(err, connected.ErrBusy) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("nobody is ever sent away: %v", err)
		}
	}
	free()
	if err := errors.Join(others.Wait(), inside.Wait()); err != nil {
		t.Fatal(err)
	}
	if n := y.count(`SELECT count(*) FROM car_messages`); n != len(part) {
		t.Errorf("%d messages are stored of %d", n, len(part))
	}
	y.wants("afterwards", "known", part[0])
}

func TestTooMuchAtOnceIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Battery)
	for _, tokens := range [][]string{nil, make([]string, connected.MostAtOnce+1)} {
		if _, err := y.in.Take(t.Context(), tokens); !errors.Is(err, connected.ErrInvalid) {
			t.Errorf("%d messages: %v", len(tokens), err)
		}
	}
	y.wants("one", "accepted", c.says(`{"battery_pct":50}`))
}

// Two instances take messages of the same cars, in opposite orders, while keepers change: no message ends with two keepers, none with
// one who had left, and nothing waits for another for ever.
func TestKeepersChangeInTheMiddleOfAFlood(t *testing.T) {
	t.Parallel()
	y := open(t)
	other := connected.NewIntake(y.DB, y.rules, y.cars.Zone)
	cars := make([]*car, 6)
	for i := range cars {
		cars[i] = y.car(connected.Battery)
	}
	var forth, back []string
	for n := range 30 {
		for i, c := range cars {
			forth = append(forth, c.signed(y.clock.Now(), int64(n+1), `{"battery_pct":50}`))
			back = append(back, cars[len(cars)-1-i].signed(y.clock.Now(), int64(1000+n), `{"battery_pct":40}`))
		}
	}
	var g errgroup.Group
	for _, x := range []struct {
		in  *connected.Intake
		all []string
	}{{y.in, forth}, {other, back}} {
		for from := 0; from < len(x.all); from += 12 {
			g.Go(func() error { _, err := x.in.Take(t.Context(), x.all[from:from+12]); return err })
		}
	}
	left := map[id.Keeper]bool{}
	for _, c := range cars[:3] {
		left[c.keeper] = true
		g.Go(func() error {
			return y.try(func(tx *db.Tx) error {
				_, err := vehicle.EndKeeperTx(tx, c.keeper, vehicle.Resold)
				return err
			})
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := y.count(`SELECT count(*) FROM car_links WHERE until IS NOT NULL AND (latest <> '{}' OR consents <> '{}')`); n != 0 {
		t.Errorf("%d who left have something of their cars still", n)
	}
	for i, c := range cars {
		want := "detached"
		if !left[c.keeper] {
			want = "accepted"
		}
		y.wants("afterwards", want, c.signed(y.clock.Now(), int64(5000+i), `{"battery_pct":30}`))
	}
}
