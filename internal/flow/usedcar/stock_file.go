package usedcar

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/sheet"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/usedcars/intake"
	"forecourt/internal/world"
)

// stockArgs asks to go on with a file of used cars.
type stockArgs struct {
	File intake.ID `json:"file"`
}

func (stockArgs) Kind() string { return "usedcar.stock_file" }

// How much of a file is done at a time: a job stays well within its time, and begins another one for the rest.
const (
	stockBatch = 2000
	stockFor   = 5 * time.Second
)

// PlaceOf is how a dealer's country writes and where the dealer offers used cars; sale.ErrDealer when it offers none.
func (s *Service) PlaceOf(d id.Dealer, now time.Time) (*intake.Place, error) {
	w := s.World.Now()
	dealer, ok := w.Dealer(d)
	if !ok {
		return nil, sale.ErrDealer
	}
	mk, err := s.Market(dealer.Market)
	if err != nil {
		return nil, err
	}
	p := &intake.Place{Dealer: d, Market: mk.Code, Country: mk.Country, Currency: string(mk.Currency), Group: ',', Miles: mk.Miles(), Today: world.Today(mk, now), Names: map[string]id.Brand{}, Words: s.lexicon()}
	if s.Words.Printer(mk.Locale).Decimal1(15)[1] == ',' {
		p.Group = '.'
	}
	for _, b := range w.Brands {
		p.Names[intake.Fold(b.Name)], p.Names[intake.Fold(string(b.Code))] = b.Code, b.Code
		if dealer.TakesPart(b.Code, Flow) {
			p.Shops = append(p.Shops, b.Code)
		}
	}
	slices.Sort(p.Shops)
	if len(p.Shops) == 0 {
		return nil, sale.ErrDealer
	}
	return p, nil
}

// lexicon is made once: it has some hundred words in six languages.
func (s *Service) lexicon() *intake.Lexicon {
	s.once.Do(func() { s.words = intake.NewLexicon(s.Words) })
	return s.words
}

// TakeStockTx takes a file in and guesses what its columns are. Nothing changes before its sender has seen that, and then what
// would become of each line.
func (s *Service) TakeStockTx(ctx context.Context, tx *db.Tx, scope intake.Scope, name string, file *sheet.Sheet) (intake.ID, error) {
	p, err := s.PlaceOf(scope.Dealer, tx.Now)
	if err != nil {
		return "", err
	}
	known, err := intake.Known(tx.DB, scope.Dealer)
	if err != nil {
		return "", err
	}
	key, err := intake.AddTx(tx, scope, p.Market, name, file.Header, intake.Guess(file.Header, known, p.Miles), file)
	if err != nil {
		return "", err
	}
	return key, s.auditStockTx(ctx, tx, scope, p, "used.file", key)
}

// MapStockTx says which column is what, keeps that for the dealer's next file, and begins to look at the lines.
func (s *Service) MapStockTx(ctx context.Context, tx *db.Tx, scope intake.Scope, key intake.ID, fields []intake.Field) error {
	f, err := intake.Of(tx.DB, scope.Dealer, key)
	if err != nil {
		return err
	}
	if err := intake.MapTx(tx, f, fields); err != nil {
		return err
	}
	return s.Jobs.InsertTx(ctx, tx, stockArgs{key}, nil)
}

// RemapStockTx goes back to the columns of a file that was looked at and not carried out.
func (s *Service) RemapStockTx(tx *db.Tx, scope intake.Scope, key intake.ID) error {
	if _, err := intake.Of(tx.DB, scope.Dealer, key); err != nil {
		return err
	}
	return intake.MoveTx(tx, key, intake.Checked, intake.Mapping)
}

// ApplyStockTx begins to carry a file out that was looked at.
func (s *Service) ApplyStockTx(ctx context.Context, tx *db.Tx, scope intake.Scope, key intake.ID) error {
	p, err := s.PlaceOf(scope.Dealer, tx.Now)
	if err != nil {
		return err
	}
	if _, err := intake.Of(tx.DB, scope.Dealer, key); err != nil {
		return err
	}
	if err := intake.MoveTx(tx, key, intake.Checked, intake.Applying); err != nil {
		return err
	}
	if err := s.auditStockTx(ctx, tx, scope, p, "used.import", key); err != nil {
		return err
	}
	return s.Jobs.InsertTx(ctx, tx, stockArgs{key}, nil)
}

func (s *Service) auditStockTx(ctx context.Context, tx *db.Tx, scope intake.Scope, p *intake.Place, act string, key intake.ID) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: scope.Actor, Action: act, Subject: "used_import:" + string(key), Market: string(p.Market), New: map[string]string{"dealer": string(scope.Dealer)}})
}

// workStock goes on with a file for a while, and leaves the rest to another job.
func (s *Service) workStock(ctx context.Context, key intake.ID) error {
	begin, cancel := context.WithTimeout(ctx, stockFor)
	defer cancel()
	for begin.Err() == nil {
		over, err := s.WorkStock(ctx, key)
		if err != nil || over {
			return err
		}
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.Jobs.InsertTx(ctx, tx, stockArgs{key}, nil) })
}

// WorkStock looks at, or carries out, the next lines of a file in one transaction; true when there are no more. The file is
// locked meanwhile: whoever works on it too has the lines behind. Cut off anywhere, it goes on where the last transaction ended.
func (s *Service) WorkStock(ctx context.Context, key intake.ID) (over bool, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		over = false
		f, err := intake.LockTx(tx, key)
		if errors.Is(err, intake.ErrNone) {
			over = true
			return nil
		}
		if err != nil {
			return err
		}
		if f.State != intake.Checking && f.State != intake.Applying {
			over = true
			return nil
		}
		lines, err := intake.Open(tx.DB, key, stockBatch)
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			return s.workLinesTx(ctx, tx, f, lines)
		}
		over = true
		next := intake.Checked
		if f.State == intake.Applying {
			next = intake.Done
		}
		return intake.MoveTx(tx, key, f.State, next)
	})
	return over, err
}

// workLinesTx judges lines and, when the file is being carried out, does what they ask for. A line whose car somebody else
// wrote at this moment stays open, and is judged anew by the next round.
func (s *Service) workLinesTx(ctx context.Context, tx *db.Tx, f *intake.File, lines []intake.Line) error {
	p, err := s.PlaceOf(f.Dealer, tx.Now)
	if err != nil {
		return err
	}
	tx.By = f.Actor
	parsed := p.Parse(f.Fields, lines)
	at, err := s.standingTx(tx, f, parsed)
	if err != nil {
		return err
	}
	var adds []*usedcars.Car
	var changes []usedcars.Change
	for i, l := range parsed {
		line, deed := p.Judge(l, at)
		lines[i] = line
		switch {
		case deed == nil:
		case deed.Was == nil:
			deed.Car.ID = usedcars.NewNumber()
			adds = append(adds, deed.Car)
		default:
			changes = append(changes, usedcars.Change{Was: deed.Was, Car: deed.Car})
		}
	}
	if f.State == intake.Applying {
		if err := s.bringTx(ctx, tx, f, lines, adds, changes, at.Kms); err != nil {
			return err
		}
	}
	return intake.SettleTx(tx, f.ID, lines)
}

// standingTx reads what is known of the VINs of some lines; who is about to change them has their rows locked.
func (s *Service) standingTx(tx *db.Tx, f *intake.File, parsed []intake.Parsed) (at intake.Standing, err error) {
	seen := map[string]bool{}
	for _, l := range parsed {
		if l.VIN != "" {
			seen[l.VIN] = true
		}
	}
	vins := slices.Sorted(maps.Keys(seen))
	if at.Before, err = intake.FirstTx(tx, f.ID, parsed); err != nil {
		return at, err
	}
	if f.State == intake.Applying {
		at.Cars, err = usedcars.LockStandingTx(tx, vins)
	} else {
		at.Cars, err = usedcars.Standing(tx.DB, vins)
	}
	if err != nil {
		return at, err
	}
	if at.Ordered, err = ordering.LiveVINs(tx.DB, vins); err != nil {
		return at, err
	}
	at.Kms, err = usedcars.MostKmOf(tx.DB, vins)
	return at, err
}

// bringTx writes new cars as drafts and what is new about others, and who did it.
func (s *Service) bringTx(ctx context.Context, tx *db.Tx, f *intake.File, lines []intake.Line, adds []*usedcars.Car, changes []usedcars.Change, kms map[string]int) error {
	added, err := usedcars.BringTx(tx, usedcars.Delivery{Adds: adds, Changes: changes, Fell: func(was, now *usedcars.Car) bool { return now.Km < max(was.Km, kms[now.VIN]) }, Say: s.sayer(), Actor: f.Actor, Why: "import:" + string(f.ID)})
	if err != nil {
		return err
	}
	for i, l := range lines {
		if l.Outcome == intake.New && !added[l.VIN] {
			lines[i].Outcome = ""
		}
	}
	for _, x := range changes {
		if x.Was.State == usedcars.Listed && x.Car.State == usedcars.Draft {
			if err := s.lineOverTx(ctx, tx, x.Car.ID); err != nil {
				return err
			}
		}
	}
	var rows []audit.Row
	row := func(act string, c, was *usedcars.Car) {
		r := audit.Row{Actor: f.Actor, Action: act, Subject: "used_car:" + string(c.ID), Market: string(c.Market), Brand: string(c.Brand), New: facts(c), Reason: "import:" + string(f.ID)}
		if was != nil {
			r.Old = facts(was)
		}
		rows = append(rows, r)
	}
	for _, c := range adds {
		if added[c.VIN] {
			row("used.add", c, nil)
		}
	}
	for _, x := range changes {
		row("used.change", x.Car, x.Was)
	}
	return audit.WriteManyTx(ctx, tx, rows)
}

func facts(c *usedcars.Car) map[string]any {
	return map[string]any{"state": string(c.State), "price_minor": c.PriceMinor, "km": c.Km}
}

// sayer gives the words of cars, each kind once: most cars of a file are alike.
func (s *Service) sayer() func(*usedcars.Car) string {
	type kind [9]string
	said := map[kind]string{}
	return func(c *usedcars.Car) string {
		k := kind{string(c.Market), c.Make, c.Model, c.Version, c.Engine, c.Body, c.Fuel, c.Gearbox, c.Colour}
		if _, ok := said[k]; !ok {
			said[k] = s.wordsOf(c)
		}
		return said[k]
	}
}

// Said are rows that came by API: each names its fields.
type Said []map[intake.Field]string

// Rows gives them as a file would, and its header.
func (a Said) Rows() (header []string, rows intake.Rows) {
	var used []intake.Field
	for _, f := range intake.Fields {
		if slices.ContainsFunc(a, func(m map[intake.Field]string) bool { _, ok := m[f]; return ok }) {
			used, header = append(used, f), append(header, string(f))
		}
	}
	return header, &saidRows{a, used, 0}
}

type saidRows struct {
	all    Said
	fields []intake.Field
	n      int
}

// Next implements intake.Rows; lines are counted from 1.
func (r *saidRows) Next() (sheet.Row, error) {
	if r.n == len(r.all) {
		return sheet.Row{}, io.EOF
	}
	r.n++
	out := sheet.Row{Line: r.n}
	for _, f := range r.fields {
		out.Cells = append(out.Cells, sheet.Clean(r.all[r.n-1][f], intake.Limits.Cell))
	}
	return out, nil
}

// BringStock carries rows out at once that came by API, or with dry says only what would happen. Each row is answered in their order.
func (s *Service) BringStock(ctx context.Context, scope intake.Scope, rows Said, dry bool) ([]intake.Line, error) {
	var key intake.ID
	header, _ := rows.Rows()
	err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := s.PlaceOf(scope.Dealer, tx.Now)
		if err != nil {
			return err
		}
		_, each := rows.Rows()
		fields := make([]intake.Field, len(header))
		for i, h := range header {
			fields[i] = intake.Field(h)
		}
		if key, err = intake.AddTx(tx, scope, p.Market, "API", header, fields, each); err != nil {
			return err
		}
		if err := intake.MoveTx(tx, key, intake.Mapping, intake.Checking); err != nil {
			return err
		}
		return s.auditStockTx(ctx, tx, scope, p, "used.file", key)
	})
	if err == nil {
		err = s.through(ctx, key)
	}
	if err == nil && !dry {
		if err = s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.ApplyStockTx(ctx, tx, scope, key) }); err == nil {
			err = s.through(ctx, key)
		}
	}
	if err != nil {
		return nil, err
	}
	return intake.Lines(s.DB.Read(ctx), key, "", 0, len(rows))
}

// through works on a file until nothing is left of it.
func (s *Service) through(ctx context.Context, key intake.ID) error {
	for {
		over, err := s.WorkStock(ctx, key)
		if err != nil || over {
			return err
		}
	}
}

// ExplainTx keeps why the mileage of a dealer's car fell, in words.
func (s *Service) ExplainTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, words string) error {
	c, err := ownTx(tx, staff, key)
	if err != nil {
		return err
	}
	if err := usedcars.ExplainTx(tx, c, words, staff.Actor()); err != nil {
		return err
	}
	return s.auditTx(ctx, tx, staff, "used.mileage", c, "")
}
