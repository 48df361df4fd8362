package storefront

import (
	"context"
	"strconv"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Rate is what the buyer thinks of the dealer, with a form as long as it may be said or changed.
type Rate struct {
	Text   string
	Open   bool
	Stars  []StarChoice
	Words  string
	Most   int // characters of the words
	Button string
}

// StarChoice is one of five.
type StarChoice struct {
	Value int
	Label string
	On    bool
}

// rating is there from the handover on.
func rating(b web.Base, o *openOrder) *Rate {
	if !sale.CanRate(o.State) || o.dealer == nil {
		return nil
	}
	r := &Rate{Text: b.T("rate.text", "Dealer", o.dealerName(), "Days", int(allocation.RatingOpen.Hours()/24)), Open: o.rating.Changeable(o.shop.now), Most: allocation.MostRatingNote, Button: b.T("rate.button")}
	given := 0
	if o.rating != nil {
		given, r.Words, r.Button = o.rating.Stars, o.rating.Words, b.T("rate.change")
		r.Text = b.T("rate.changeable", "Day", b.Date(o.rating.GivenAt.Add(allocation.RatingOpen)))
		if !r.Open {
			r.Text = b.T("rate.said", "Stars", b.T("rate.star."+strconv.Itoa(given)))
		}
	}
	for n := 5; n >= 1; n-- {
		r.Stars = append(r.Stars, StarChoice{n, b.T("rate.star." + strconv.Itoa(n)), n == given})
	}
	return r
}

// rateDealer keeps it. What was typed is kept when it is refused.
func (h *Handlers) rateDealer(c echo.Context) error {
	return h.act(c, func(o *openOrder, f *web.Form) (deed, error) {
		stars, _ := strconv.Atoi(f.Value("stars"))
		return deed{name: "rate", done: "rate", over: []*fault.Fault{ordering.ErrMoved, allocation.ErrRated}, fields: map[string]string{allocation.ErrRateWords.Key: "words", allocation.ErrStars.Key: "stars"},
			do: func(ctx context.Context, tx *db.Tx) error {
				return h.NewCar.RateTx(ctx, tx, o.ID, stars, f.Text("words"))
			},
			keep: func(p *OrderPage) {
				if p.Rate == nil {
					return
				}
				p.Rate.Words = f.Text("words")
				for i := range p.Rate.Stars {
					p.Rate.Stars[i].On = p.Rate.Stars[i].Value == stars
				}
			}}, nil
	})
}
