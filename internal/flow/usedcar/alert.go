package usedcar

import (
	"context"
	"errors"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/usedcars"

	"github.com/riverqueue/river"
)

// alertEvery is how often it is looked whether searches have something to tell.
const alertEvery = 10 * time.Second

// The hour of a market's day at which daily letters go out.
const dailyHour = 7

// lettersAtOnce bounds how many letters one transaction hands to the workers.
const lettersAtOnce = 500

// matchArgs asks to look for what happened to cars since the last time.
type matchArgs struct{}

func (matchArgs) Kind() string { return "usedcar.match" }

// alertArgs asks to send one letter.
type alertArgs struct {
	Letter id.Alert `json:"letter"`
}

func (alertArgs) Kind() string { return "usedcar.alert" }

// searchArgs asks to write to who asked for a search, the so manieth time.
type searchArgs struct {
	Search id.Search `json:"search"`
	N      int       `json:"n"`
}

func (searchArgs) Kind() string { return "usedcar.search" }

// matcher is given more time than other jobs: after an import there is much to look at.
type matcher struct {
	river.WorkerDefaults[matchArgs]
	s *Service
}

// matchTimeout bounds one look; what it did not get to is looked at by the next.
const matchTimeout = 5 * time.Minute

// Timeout implements river.Worker.
func (*matcher) Timeout(*river.Job[matchArgs]) time.Duration { return matchTimeout }

// Work looks.
func (m *matcher) Work(ctx context.Context, _ *river.Job[matchArgs]) error { return m.s.Match(ctx) }

// SlowJobs are the kinds that may run for longer than others.
var SlowJobs = []string{matchArgs{}.Kind()}

// RegisterAlerts adds the workers of saved searches and gives their periodic job.
func (s *Service) RegisterAlerts(w *river.Workers) []*river.PeriodicJob {
	river.AddWorker(w, &matcher{s: s})
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[alertArgs]) error { return s.alert(ctx, j.Args.Letter) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[searchArgs]) error { return s.searchLetter(ctx, j.Args) }))
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(alertEvery), func() (river.JobArgs, *river.InsertOpts) {
		return matchArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: alertEvery}}
	}, &river.PeriodicJobOpts{RunOnStart: true})}
}

// Match holds what happened to cars since the last time against all searches, and hands out the letters that are due. The
// events, what they mean to whom and the letters' jobs are written by one transaction: a crash loses none and tells none twice.
func (s *Service) Match(ctx context.Context) error {
	for more := true; more; {
		err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			more, err = s.matchTx(ctx, tx)
			return err
		})
		if errors.Is(err, usedcars.ErrAlertsBusy) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	for n := lettersAtOnce; n == lettersAtOnce; {
		err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = s.queueLettersTx(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) queueLettersTx(ctx context.Context, tx *db.Tx) (int, error) {
	due, err := usedcars.QueueLettersTx(tx, lettersAtOnce)
	todo := make([]river.JobArgs, len(due))
	for i, k := range due {
		todo[i] = alertArgs{k}
	}
	if err == nil && len(todo) > 0 {
		err = s.Jobs.InsertManyTx(ctx, tx, todo...)
	}
	return len(due), err
}

// matchTx looks at a handful of events.
func (s *Service) matchTx(ctx context.Context, tx *db.Tx) (more bool, err error) {
	events, more, err := usedcars.EventsTx(ctx, tx)
	if err != nil || len(events) == 0 {
		return more, err
	}
	var keys []id.UsedCar
	for _, e := range events {
		keys = append(keys, e.Car)
	}
	slices.Sort(keys)
	cars, err := usedcars.OnOfferTx(tx, slices.Compact(keys))
	if err != nil {
		return false, err
	}
	type shop struct {
		brand  id.Brand
		market id.Market
	}
	news := map[shop]*batch{}
	for _, e := range events {
		c, ok := cars[e.Car]
		if !ok || !worth(e, c) {
			continue // gone by now, or the price is another one
		}
		at := shop{c.Brand, c.Market}
		if news[at] == nil {
			news[at] = &batch{events: map[id.UsedCar][]usedcars.CarEvent{}}
		}
		news[at].add(e, c.Entry)
	}
	for at, b := range news {
		if err := s.tellTx(ctx, tx, at.brand, at.market, b); err != nil {
			return false, err
		}
	}
	return more, nil
}

// worth tells whether an event is still true of its car: of a cut also that it may be told as one, which the law allows only
// below the lowest price of the thirty days before (Directive 98/6/EC, art. 6a).
func worth(e usedcars.CarEvent, c usedcars.OnOffer) bool {
	return e.Kind != usedcars.AlertDrop || c.PriceMinor == e.Price && c.PriorMinor > 0
}

// batch is what happened in a shop.
type batch struct {
	events map[id.UsedCar][]usedcars.CarEvent
	cars   []usedcars.Entry
}

func (b *batch) add(e usedcars.CarEvent, c usedcars.Entry) {
	if len(b.events[e.Car]) == 0 {
		b.cars = append(b.cars, c)
	}
	if e.Kind != usedcars.AlertDrop {
		e.Price = c.PriceMinor
	}
	b.events[e.Car] = append(b.events[e.Car], e)
}

// tellTx holds a shop's news against its searches.
func (s *Service) tellTx(ctx context.Context, tx *db.Tx, b id.Brand, m id.Market, news *batch) error {
	searches, err := usedcars.SearchesOnTx(tx, b, m)
	if err != nil || len(searches) == 0 {
		return err
	}
	in, err := s.inOf(b, m, tx.Now)
	if err != nil {
		return err
	}
	asks, err := asksTx(tx, in, searches, news.cars)
	if err != nil {
		return err
	}
	pile, due := usedcars.NewPile(news.cars), map[id.Search]time.Time{}
	var told []usedcars.Told
	for i, x := range searches {
		for _, car := range pile.Match(asks[i]) {
			for _, e := range news.events[car] {
				if !e.At.After(x.Created) {
					continue // it was on the page when the search was saved
				}
				told = append(told, usedcars.Told{Search: x.ID, CarEvent: e})
				due[x.ID] = dueOf(in.Market, x.Pace, tx.Now)
			}
		}
	}
	return usedcars.TellTx(ctx, tx, told, func(k id.Search) time.Time { return due[k] })
}

// dueOf is when a letter goes out: at once, or at the next morning of the market.
func dueOf(mk *market.Market, p usedcars.Pace, now time.Time) time.Time {
	if p != usedcars.Daily {
		return now
	}
	here := now.In(mk.Zone())
	next := time.Date(here.Year(), here.Month(), here.Day(), dailyHour, 0, 0, 0, mk.Zone())
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next
}

// asksTx are the questions of searches, their words looked up in the texts of these cars. Places and words that many ask for
// are looked up once.
func asksTx(tx *db.Tx, in In, searches []*usedcars.Search, cars []usedcars.Entry) ([]usedcars.Ask, error) {
	asks, near := make([]usedcars.Ask, len(searches)), map[string]map[id.Dealer]float64{}
	texts := make([]int32, 0, len(cars))
	for _, c := range cars {
		texts = append(texts, c.Text)
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	number, questions, of := map[string]int{}, []string{}, map[int]int{}
	for i, x := range searches {
		q := ReadSaved(x.Query)
		from := q.Near
		q.Near = ""
		asks[i] = q.Ask(in, nil)
		if from != "" {
			if _, known := near[from]; !known {
				near[from] = nil
				q.Near = from
				if at := q.Place(in); at != nil {
					near[from] = Distances(in, *at)
				}
			}
			asks[i].Near, asks[i].WithinKm = near[from], float64(in.Market.Km(q.Within))
		}
		if q.Words == "" {
			continue
		}
		if _, known := number[q.Words]; !known {
			number[q.Words] = len(questions)
			questions = append(questions, q.Words)
		}
		asks[i].Worded, of[i] = true, number[q.Words]
	}
	if len(questions) == 0 {
		return asks, nil
	}
	said, err := usedcars.FindWordsOf(tx.DB, in.Market.Code, questions, texts)
	for i, n := range of {
		if err == nil {
			asks[i].Texts = said[n].Texts
		}
	}
	return asks, err
}
