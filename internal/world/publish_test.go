package world_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/world"
)

func TestAPublicationIsSeenByAnotherInstance(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, direct := range []string{s.dsn, ""} { // told by notification, and by the poll alone
		s.publish(kite(t))
		k := s.keeper(direct)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go k.Run(ctx)
		before, err := k.Now().Model("dacia", "gb", "kite", today)
		if err != nil {
			t.Fatal(err)
		}
		s.publish(kite(t, "{kind: requires, if: camera, any: [radio]}", "{kind: excludes, if: rug, any: [radio]}"))
		until(t, "the new rules", func() bool {
			m, err := k.Now().Model("dacia", "gb", "kite", today)
			return err == nil && m.Signature() != before.Signature()
		})
		m, _ := k.Now().Model("dacia", "gb", "kite", today)
		if err := m.Check(configurator.Selection{"plus", "motor", "white", "cloth", "steel", "radio", "rug"}); !errors.Is(err, configurator.ErrClash) {
			t.Fatalf("the new rule does not bite: %v", err)
		}
	}
}

func TestAReportSaysWhatThereIsAndWhatChanged(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := s.publish(kite(t))
	if len(first) != 2 || first[0].Market != "gb" || first[1].Market != "it" || first[0].Report.Changed != nil {
		t.Fatalf("%+v", first)
	}
	// Three pairs of version and colour; radio and camera in three ways, a rug or none.
	if got := first[0].Report.Cars + " " + first[1].Report.Cars; got != "18 9" {
		t.Fatalf("cars: %s", got)
	}
	second := s.publish(kite(t, "any: [blue]}", "any: [blue]}\n  - {kind: excludes, if: rug, any: [camera]}", "rug: 4000", "rug: 4500"))
	c := second[0].Report.Changed
	if c == nil || c.CarsBefore != "18" || len(c.RulesAdded) != 1 || c.RulesAdded[0] != "rug excludes camera" || c.PricesChanged != 1 {
		t.Fatalf("%+v", c)
	}
	h, err := world.History(t.Context(), s.db, "dacia", "kite")
	if err != nil || len(h) != 2 || h[0].By != "staff:1" || h[0].Note != "a test" {
		t.Fatalf("%+v, %v", h, err)
	}
	if n := s.count(`SELECT count(*) FROM audit_log WHERE action = 'range.publish' AND actor = 'staff:1' AND new ->> 'gb' <> ''`); n != 2 {
		t.Fatalf("%d audit rows", n)
	}
	former, err := world.RangeOf(t.Context(), s.db, h[1].ID)
	if err != nil || len(former.Rules) != 2 {
		t.Fatalf("%+v, %v", former, err)
	}
	s.publish(former)
	if got := cars(t, s.world()); got != "18" {
		t.Fatalf("back at the former: %s cars", got)
	}
}

func TestAPublicationThatFailsLeavesTheFormerLive(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.publish(kite(t))
	before := version(t, s.db)
	for name, c := range map[string]struct {
		old, new string
		budget   configurator.Budget
		want     error
		line     string
	}{
		"contradiction": {"{kind: requires, if: camera, any: [radio]}", "{kind: excludes, if: motor, any: [steel]}", configurator.DefaultBudget, configurator.ErrRange, ":21:"},
		"budget":        {"rug: 4000", "rug: 4001", configurator.Budget{Nodes: 2}, configurator.ErrBudget, ":20:"},
		"market":        {"  it:\n", "  xy:\n", configurator.DefaultBudget, world.ErrNoShop, ":28:"},
	} {
		r := kite(t, c.old, c.new)
		_, err := world.Publish(t.Context(), s.db, s.world(), r, "staff:1", "", s.db.Clock.Now(), c.budget)
		if !errors.Is(err, c.want) {
			t.Fatalf("%s: %v", name, err)
		}
		told := world.Refusal("dacia/kite.yaml", []byte(kiteText(t, c.old, c.new)), r, c.budget, err)
		if !strings.Contains(told.Error(), "dacia/kite.yaml"+c.line) {
			t.Errorf("%s: no line in %v", name, told)
		}
	}
	if _, err := world.Publish(t.Context(), s.db, s.world(), kite(t, "rug: 4000", "rug: 4001"), "staff:1", strings.Repeat("n", 501), s.db.Clock.Now(), configurator.DefaultBudget); !errors.Is(err, world.ErrNote) {
		t.Fatal(err)
	}
	if version(t, s.db) != before || cars(t, s.world()) != "18" {
		t.Fatal("something was changed")
	}
}

func TestPreparingWritesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	before := version(t, s.db)
	es, err := world.Prepare(t.Context(), s.world(), kite(t), s.db.Clock.Now(), configurator.DefaultBudget)
	if err != nil || len(es) != 2 {
		t.Fatal(es, err)
	}
	if n := s.count(`SELECT (SELECT count(*) FROM ranges WHERE model = 'kite') + (SELECT count(*) FROM range_editions WHERE model = 'kite') + (SELECT count(*) FROM audit_log)`); n != 0 || version(t, s.db) != before {
		t.Fatal("something was written")
	}
}

func TestPublicationsAtOnceWaitForOneAnother(t *testing.T) {
	t.Parallel()
	s := open(t)
	w := s.world()
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() {
			r := kite(t, "rug: 4000", fmt.Sprintf("rug: %d", 5000+i))
			_, errs[i] = world.Publish(t.Context(), s.db, w, r, "staff:1", "", s.db.Clock.Now(), configurator.DefaultBudget)
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := s.count(`SELECT count(*) FROM range_publications WHERE model = 'kite'`); n != len(errs) {
		t.Fatalf("%d publications", n)
	}
	// The last in the history is the one that is live, whole.
	if n := s.count(`SELECT count(*) FROM ranges r JOIN (SELECT doc FROM range_publications WHERE model = 'kite' ORDER BY id DESC LIMIT 1) p ON p.doc = r.doc
		JOIN range_editions e ON e.model = r.model AND e.range_digest = md5(r.doc::text) WHERE r.model = 'kite'`); n != 2 {
		t.Fatalf("%d editions of the live range", n)
	}
}

func TestARestartDoesNotUndoAPublication(t *testing.T) {
	t.Parallel()
	s := open(t)
	w := s.world()
	live, _ := w.Range("dacia", "spring")
	r := *live
	r.Name = "Spring as published"
	s.publish(&r)
	s.publish(kite(t))
	for _, edited := range []bool{false, true} { // the same files again, and files of which another one changed
		fsys := copyOf(t)
		if edited {
			fsys["ranges/dacia/jogger.yaml"].Data = append(fsys["ranges/dacia/jogger.yaml"].Data, "# a remark\n"...)
		}
		changed, err := world.Import(t.Context(), s.db, read(t, fsys), market.Live)
		if err != nil || changed != edited {
			t.Fatal(changed, err)
		}
		w = s.world()
		if got, _ := w.Range("dacia", "spring"); got.Name != r.Name {
			t.Fatalf("edited %t: undone", edited)
		}
		if got := cars(t, w); got != "18" {
			t.Fatal(got)
		}
	}
	fsys := copyOf(t)
	fsys["ranges/dacia/spring.yaml"].Data = append(fsys["ranges/dacia/spring.yaml"].Data, "# a remark\n"...)
	if _, err := world.Import(t.Context(), s.db, read(t, fsys), market.Live); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.world().Range("dacia", "spring"); got.Name != live.Name {
		t.Fatalf("the file's own change does not come: %s", got.Name)
	}
}

func TestImportedRangesAreServedFromWhatWasCompiled(t *testing.T) {
	t.Parallel()
	s := open(t)
	w := s.world()
	signatures := 0
	for _, b := range w.Brands {
		for _, m := range w.Markets {
			for _, r := range w.Ranges(b.Code, m.Code, today) {
				mo, err := w.Model(b.Code, m.Code, r.Model, today)
				if err != nil {
					t.Fatal(err)
				}
				e, ok := w.EditionOn(b.Code, r.Model, m.Code, today)
				if !ok || e.Signature != mo.Signature() || e.By != "import" {
					t.Errorf("%s %s %s: published %+v, served %s", b.Code, r.Model, m.Code, e, mo.Signature())
				}
				if len(r.VariableOrder) == 0 {
					t.Errorf("%s has no order", r.Model)
				}
				signatures++
			}
		}
	}
	if signatures < 40 {
		t.Fatalf("only %d", signatures)
	}
}

func TestADamagedEditionDoesNotCloseTheShop(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.publish(kite(t))
	want, err := s.world().Model("dacia", "gb", "kite", today)
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []string{
		`UPDATE range_editions SET diagram = set_byte(diagram, 20, (get_byte(diagram, 20) + 1) % 256) WHERE model = 'kite'`,
		`UPDATE range_editions SET diagram = '' WHERE model = 'kite'`,
		`DELETE FROM range_editions WHERE model = 'kite'`,
	} {
		if _, err := s.db.Pool.Exec(t.Context(), damage); err != nil {
			t.Fatal(err)
		}
		got, err := s.world().Model("dacia", "gb", "kite", today)
		if err != nil || got.From().Total != want.From().Total {
			t.Fatalf("%s: %v", damage, err)
		}
		k := s.keeper("")
		mended, err := k.Mend(t.Context())
		if err != nil || mended != 2 {
			t.Fatalf("%s: mended %d, %v", damage, mended, err)
		}
		if mended, err = k.Mend(t.Context()); err != nil || mended != 0 {
			t.Fatalf("%s: mended again: %d, %v", damage, mended, err)
		}
		if got := cars(t, s.world()); got != "18" {
			t.Fatal(got)
		}
	}
}

func TestARuleOfTheFutureComesOnItsDay(t *testing.T) {
	t.Parallel()
	s := open(t)
	es := s.publish(kite(t, "any: [blue]}", "any: [blue]}\n  - {kind: excludes, if: rug, any: [camera], from: 2026-12-24}"))
	var days []string
	for _, e := range es {
		days = append(days, string(e.Market)+" "+string(e.From))
	}
	if !slices.Equal(days, []string{"gb 2026-11-24", "gb 2026-12-24", "it 2026-11-24"}) {
		t.Fatal(days)
	}
	c := clock.NewManual(dbtest.Start)
	both := configurator.Selection{"plus", "motor", "white", "cloth", "steel", "radio", "camera", "rug"}
	w := s.world()
	mk, _ := w.Market("gb")
	check := func() error {
		m, err := w.Model("dacia", "gb", "kite", world.Today(mk, c.Now()))
		if err != nil {
			t.Fatal(err)
		}
		e, ok := w.EditionOn("dacia", "kite", "gb", world.Today(mk, c.Now()))
		if !ok || e.Signature != m.Signature() {
			t.Fatalf("served %s, published %s", m.Signature(), e.Signature)
		}
		return m.Check(both)
	}
	if err := check(); err != nil {
		t.Fatal(err)
	}
	c.Advance(30 * 24 * time.Hour)
	if err := check(); !errors.Is(err, configurator.ErrClash) {
		t.Fatal(err)
	}
}

func TestDraftsAreKeptUntilTheyAreDropped(t *testing.T) {
	t.Parallel()
	s := open(t)
	save := func(file string) (*world.Draft, error) {
		return world.SaveDraft(t.Context(), s.db, s.world(), "dacia", "kite", file, "staff:1", s.db.Clock.Now(), configurator.DefaultBudget)
	}
	d, err := save(kiteFile)
	if err != nil || len(d.Report) != 2 || d.Report[0].Report.Cars != "18" {
		t.Fatalf("%+v, %v", d, err)
	}
	for _, bad := range []string{"", "brand: dacia", strings.Replace(kiteFile, "model: kite", "model: other", 1),
		kiteText(t, "requires, if: camera, any: [radio]", "excludes, if: motor, any: [steel]")} {
		var r *world.Refused
		if _, err := save(bad); !errors.As(err, &r) || r.Problems[0].Line < 1 {
			t.Fatalf("%q: %v", bad, err)
		}
	}
	list, err := world.Drafts(t.Context(), s.db, "dacia", "kite")
	if err != nil || len(list) != 1 || list[0].ID != d.ID || list[0].File != "" {
		t.Fatalf("%+v, %v", list, err)
	}
	got, err := world.DraftBy(t.Context(), s.db, d.ID)
	if err != nil || got.File != kiteFile || got.MadeBy != "staff:1" {
		t.Fatalf("%+v, %v", got, err)
	}
	r, err := got.Range()
	if err != nil {
		t.Fatal(err)
	}
	if m, err := s.world().Try(r, "gb", today); err != nil || m.Signature() != d.Report[0].Signature {
		t.Fatal("another model is tried", err)
	}
	if err := world.DropDraft(t.Context(), s.db, d.ID); err != nil {
		t.Fatal(err)
	}
	for _, key := range []world.DraftID{d.ID, "nonsense", id.New[world.DraftID]()} {
		if _, err := world.DraftBy(t.Context(), s.db, key); !errors.Is(err, world.ErrNoDraft) {
			t.Fatal(err)
		}
	}
}

func TestOrderFilesAreReadStrictly(t *testing.T) {
	t.Parallel()
	fsys := copyOf(t)
	r := read(t, config.World).Ranges[0]
	name := fmt.Sprintf("ranges/%s/%s.order", r.Brand, r.Model)
	order, problems := world.DecodeOrder(name, world.EncodeOrder(r))
	if len(problems) > 0 || !slices.Equal(order, r.VariableOrder) || len(order) < 6 {
		t.Fatal(order, problems)
	}
	fsys[name] = fsys["brands.yaml"]
	var refused *world.Refused
	if _, err := world.Read(fsys, dbtest.Start); !errors.As(err, &refused) || refused.Problems[0].File != name {
		t.Fatalf("%v", err)
	}
	if world.DigestOf(fsys) == world.DigestOf(config.World) {
		t.Fatal("the digest does not see it")
	}
}
