package usedcar

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/mail"
	"forecourt/internal/usedcars"

	"github.com/riverqueue/river"
)

// busyAgain is when a letter is tried again that another worker has.
const busyAgain = 15 * time.Second

// withLinks is how many cars of a letter have lines of their own; the rest is a list.
const withLinks = 24

// CarNews is what a letter says of one event.
type CarNews struct {
	Kind  usedcars.AlertKind
	Car   string // "Renault Clio Techno"
	Facts string
	Price string
	Prior string // of a drop, the lowest of the thirty days before
	Held  bool   // somebody has it at this moment
	Link  string
}

// AlertFacts are what a letter to the reader of a search says.
type AlertFacts struct {
	ID, To         string
	At             time.Time
	Shop           string // "Renault Italia"
	Search         string // its choices in words
	News           []CarNews
	List, Page     string // the search's cars, and the page of the search
	Off            string
	Confirm, Until string // of a search that nobody said yes to yet
}

// shopURL is a shop's address.
func (s *Service) shopURL(b id.Brand, m id.Market) string {
	return s.BaseURL + "/" + string(b) + "/" + string(m)
}

// factsOf is what every letter about a search says.
func (s *Service) factsOf(x *usedcars.Search, in In, p *i18n.Printer, now time.Time) AlertFacts {
	b, _ := in.World.Brand(x.Brand)
	q, shop := ReadSaved(x.Query), s.shopURL(x.Brand, x.Market)
	f := AlertFacts{To: x.Email, At: now, Shop: b.Name + " " + in.Market.Name, Search: p.Series(q.Labels(p, in)), List: q.URL(shop), Page: shop + "/used/alerts/" + s.pageToken(x.ID), Off: shop + "/used/alerts/" + s.offToken(x.ID) + "/off"}
	if f.Search == "" {
		f.Search = p.T("used.search.all")
	}
	return f
}

// searchLetter writes to who asked for a search: to say yes, or, who did long ago, where it is. The address alone learns which.
func (s *Service) searchLetter(ctx context.Context, a searchArgs) error {
	x, err := usedcars.SearchByID(s.DB.Read(ctx), a.Search)
	if errors.Is(err, usedcars.ErrNoSearch) || err == nil && x.State == usedcars.SearchEnded {
		return nil // forgotten meanwhile
	}
	if err != nil {
		return err
	}
	now := s.DB.Clock.Now()
	in, err := s.inOf(x.Brand, x.Market, now)
	if err != nil {
		return err
	}
	p := s.Words.Printer(in.Market.Speak(x.Locale)).For(string(Flow))
	f := s.factsOf(x, in, p, now)
	f.ID = "used.search." + string(x.ID) + "." + strconv.Itoa(a.N)
	if x.State == usedcars.SearchWaiting {
		f.Confirm, f.Until = s.shopURL(x.Brand, x.Market)+"/used/alerts/"+s.confirmToken(x.ID)+"/confirm", p.Date(x.DueAt.In(in.Market.Zone()))
	}
	m, err := s.Letters.Set(SearchNotice(p, f))
	if err != nil {
		return err
	}
	return s.Sender.Send(ctx, m)
}

// SearchNotice asks an address whether it wants to be told, or says where its search is.
func SearchNotice(p *i18n.Printer, f AlertFacts) mail.Notice {
	n := mail.Notice{ID: f.ID, To: f.To, Words: p, At: f.At}
	if f.Confirm != "" {
		n.Subject = p.T("mail.used_search.subject", "Shop", f.Shop)
		n.Parts = []mail.Part{{Text: p.T("mail.used_search.intro", "Shop", f.Shop)}, {Text: f.Search}, {Text: p.T("mail.used_search.confirm", "Until", f.Until)}, {Link: f.Confirm}, {Text: p.T("mail.used_search.else")}}
		return n
	}
	n.Off, n.Subject = f.Off, p.T("mail.used_search.known_subject", "Shop", f.Shop)
	n.Parts = []mail.Part{{Text: p.T("mail.used_search.known", "Shop", f.Shop)}, {Text: f.Search}, {Text: p.T("mail.used_search.page")}, {Link: f.Page}}
	return n
}

// alert sends one letter. Who takes it has it to himself for a while; what is not true any more is left out, and a letter of
// which nothing is left does not go. A crash between the sending and its note repeats the mail under the same Message-ID.
func (s *Service) alert(ctx context.Context, key id.Alert) error {
	var n *mail.Notice
	told := 0
	err := s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		n = nil
		l, err := usedcars.TakeLetterTx(tx, key)
		if err != nil || l == nil {
			return err
		}
		f, err := s.newsTx(tx, l)
		if err != nil {
			return err
		}
		if f == nil || len(f.News) == 0 {
			return usedcars.LetterGoneTx(tx, key, 0)
		}
		p := s.Words.Printer(l.Search.Locale).For(string(Flow))
		x := AlertNotice(p, *f)
		n, told = &x, len(f.News)
		return nil
	})
	if errors.Is(err, usedcars.ErrLetterBusy) {
		return river.JobSnooze(busyAgain)
	}
	if err != nil || n == nil {
		return err
	}
	m, err := s.Letters.Set(*n)
	if err == nil {
		err = s.Sender.Send(ctx, m)
	}
	return errors.Join(err, s.DB.InTx(context.WithoutCancel(ctx), func(_ context.Context, tx *db.Tx) error {
		if err != nil {
			return usedcars.LetterBackTx(tx, key)
		}
		return usedcars.LetterGoneTx(tx, key, told)
	}))
}

// newsTx is what is still true of a letter; nil when its reader is not told any more, or the shop shows no used cars.
func (s *Service) newsTx(tx *db.Tx, l *usedcars.AlertLetter) (*AlertFacts, error) {
	x := l.Search
	if x.State != usedcars.SearchOn {
		return nil, nil
	}
	in, err := s.inOf(x.Brand, x.Market, tx.Now)
	if err != nil {
		return nil, err
	}
	if st := in.World.Switch(x.Brand, x.Market, Flow).State; st != market.Live && st != market.Paused {
		return nil, nil
	}
	var keys []id.UsedCar
	for _, e := range l.Events {
		keys = append(keys, e.Car)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	shown, err := usedcars.CarsBy(tx.DB, keys)
	if err != nil {
		return nil, err
	}
	own, err := ownCarsTx(tx, keys, x.Email)
	if err != nil {
		return nil, err
	}
	cars := map[id.UsedCar]usedcars.Shown{}
	for _, c := range shown {
		if !own[c.ID] {
			cars[c.ID] = c
		}
	}
	p := s.Words.Printer(x.Locale).For(string(Flow))
	f := s.factsOf(x, in, p, tx.Now)
	f.ID = "used.alert." + string(l.ID)
	for _, e := range l.Events {
		if c, ok := cars[e.Car]; ok && worth(e, usedcars.OnOffer{Entry: usedcars.Entry{PriceMinor: c.PriceMinor}, PriorMinor: c.PriorMinor}) {
			f.News = append(f.News, s.newsOf(p, in, e, c))
		}
	}
	return &f, nil
}

// ownCarsTx are those of some cars that an address has, waits for or buys: he hears of them by other letters.
func ownCarsTx(tx *db.Tx, cars []id.UsedCar, email string) (map[id.UsedCar]bool, error) {
	emails, buyers, err := usedcars.WaitersTx(tx, cars)
	if err != nil {
		return nil, err
	}
	var all []id.Buyer
	for _, of := range buyers {
		all = append(all, of...)
	}
	his, err := ordering.BuyersAt(tx.DB, all, email)
	if err != nil {
		return nil, err
	}
	own := map[id.UsedCar]bool{}
	for _, c := range cars {
		own[c] = slices.Contains(emails[c], email) || slices.ContainsFunc(buyers[c], func(b id.Buyer) bool { return slices.Contains(his, b) })
	}
	return own, nil
}

func (s *Service) newsOf(p *i18n.Printer, in In, e usedcars.CarEvent, c usedcars.Shown) CarNews {
	n := CarNews{Kind: e.Kind, Car: strings.TrimSpace(c.Title() + " " + c.Version), Price: p.MoneyShort(in.Market.Amount(c.PriceMinor)), Held: c.State == usedcars.Held,
		Link: s.shopURL(c.Brand, c.Market) + "/used/" + c.Slug()}
	facts := []string{c.Year(), distanceOf(p, in, c.Km), p.T("used.fuel." + c.Fuel)}
	if d, ok := in.World.Dealer(c.Dealer); ok {
		facts = append(facts, d.Town)
	}
	n.Facts = strings.Join(facts, ", ")
	if e.Kind == usedcars.AlertDrop {
		n.Prior = p.MoneyShort(in.Market.Amount(c.PriorMinor))
	}
	return n
}

// distanceOf writes what a car has driven, in kilometres, in the market's unit.
func distanceOf(p *i18n.Printer, in In, km int) string {
	return p.Distance(int64(km)*1000, in.Market.Unit())
}

// AlertNotice writes the letter: each event once, then where the search is and how it ends.
func AlertNotice(p *i18n.Printer, f AlertFacts) mail.Notice {
	n := mail.Notice{ID: f.ID, To: f.To, Words: p, At: f.At, Off: f.Off}
	first := f.News[0]
	n.Subject = p.T("mail.used_alert.subject_"+string(first.Kind), "Car", first.Car, "Price", first.Price)
	if len(f.News) > 1 {
		n.Subject = p.N("mail.used_alert.subject_many", len(f.News), "Shop", f.Shop)
	}
	n.Parts = append(n.Parts, mail.Part{Text: p.T("mail.used_alert.intro", "Shop", f.Shop) + "\n" + f.Search})
	var rest []string
	for i, x := range f.News {
		text := p.T("mail.used_alert."+string(x.Kind), "Car", x.Car, "Price", x.Price)
		if x.Prior != "" {
			text += "\n" + p.T("used.prior", "Price", x.Prior)
		}
		text += "\n" + x.Facts
		if x.Held {
			text += "\n" + p.T("mail.used_alert.held")
		}
		if i < withLinks {
			n.Parts = append(n.Parts, mail.Part{Text: text}, mail.Part{Link: x.Link})
		} else {
			rest = append(rest, strings.ReplaceAll(text, "\n", ", ")+" "+x.Link)
		}
	}
	if len(rest) > 0 {
		n.Parts = append(n.Parts, mail.Part{Items: rest})
	}
	return mailEnd(n, p, f)
}

func mailEnd(n mail.Notice, p *i18n.Printer, f AlertFacts) mail.Notice {
	n.Parts = append(n.Parts, mail.Part{Text: p.T("mail.used_alert.list")}, mail.Part{Link: f.List}, mail.Part{Text: p.T("mail.used_alert.page")}, mail.Part{Link: f.Page},
		mail.Part{Text: p.T("mail.used_alert.off")}, mail.Part{Link: f.Off})
	return n
}
