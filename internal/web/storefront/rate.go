package storefront

import (
	"context"
	"errors"
	"strconv"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
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
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	stars, _ := strconv.Atoi(f.Value("stars"))
	_, err = h.Kit.Once(c, f, "storefront.rate", func(ctx context.Context, tx *db.Tx) (string, error) {
		return "done", h.NewCar.RateTx(ctx, tx, o.ID, stars, f.Text("words"))
	})
	switch {
	case err == nil:
		return web.SeeOther(c, o.url()+"?done=rate")
	case errors.Is(err, ordering.ErrMoved), errors.Is(err, allocation.ErrRated):
		return web.SeeOther(c, o.url())
	case errors.Is(err, allocation.ErrRateWords):
		f.Reject("words", allocation.ErrRateWords.Key)
	case errors.Is(err, allocation.ErrStars):
		f.Reject("stars", allocation.ErrStars.Key)
	default:
		return err
	}
	return h.refuseRate(c, f, stars)
}

func (h *Handlers) refuseRate(c echo.Context, f *web.Form, stars int) error {
	o, err := h.wholeOrder(c)
	if err != nil {
		return err
	}
	p, err := h.orderPage(c, o)
	if err != nil {
		return err
	}
	if p.Errors = f.Errors(); p.Rate != nil {
		p.Rate.Words = f.Text("words")
		for i := range p.Rate.Stars {
			p.Rate.Stars[i].On = p.Rate.Stars[i].Value == stars
		}
	}
	return h.Kit.Show(c, 422, "storefront/order", p)
}
