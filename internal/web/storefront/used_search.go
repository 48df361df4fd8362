package storefront

import (
	"context"
	"net/http"
	"strings"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// UsedSavePage keeps a search: what is looked for, the address that is told, and how soon.
type UsedSavePage struct {
	web.Base
	Labels  []string // what is looked for; empty for all cars
	Email   string
	Daily   bool
	Done    bool
	Most    int // how many searches an address may have
	Days    int // how long it may take to say yes
	Query   string
	PostURL string
	BackURL string
	Errors  web.FieldErrors
}

// UsedSearchPage is a saved search behind one of its three secret links: to say yes, to change it, to end it.
type UsedSearchPage struct {
	web.Base
	View    string // confirm, page, off, over
	On      bool
	Paused  bool
	Daily   bool
	Labels  []string
	Email   string
	Since   string
	Until   string
	Notice  string
	ActURL  string
	ListURL string // its cars; of one that is over, all
}

// usedIn is where and when a query is asked.
func (s *shop) usedIn() usedcar.In {
	return usedcar.In{World: s.world, Brand: s.brand.Code, Market: s.market, Day: s.day}
}

func (h *Handlers) savePage(c echo.Context, s *shop, q usedcar.Query) *UsedSavePage {
	p := &UsedSavePage{Base: h.base(c, s, "", "used_cars"), Labels: q.Labels(h.base(c, s, "", "").P, s.usedIn()), Most: usedcars.MostSearches, Days: int(usedcars.ConfirmLife.Hours() / 24), Query: q.Saved(),
		PostURL: s.path() + "/used/save", BackURL: q.URL(s.path())}
	p.Title, p.NoIndex = p.T("used.save.title"), true
	return p
}

func (h *Handlers) showUsedSave(c echo.Context) error {
	s, err := h.usedShop(c)
	if err != nil {
		return err
	}
	p := h.savePage(c, s, usedcar.ReadQuery(c.QueryParams()))
	p.Done = c.QueryParam("done") != ""
	return h.Kit.Show(c, http.StatusOK, "storefront/used_save", p)
}

// saveUsed asks the address by letter. Whoever asks is answered the same, whatever the address has.
func (h *Handlers) saveUsed(c echo.Context) error {
	return web.Post(h.Kit, c, h.usedShop, func(s *shop, f *web.Form) (web.Act, error) {
		q := usedcar.ReadSaved(f.Value("query"))
		p := h.savePage(c, s, q)
		p.Email, p.Daily = strings.ToLower(f.Value("email")), f.Value("pace") == string(usedcars.Daily)
		if !plausibleEmail(p.Email) {
			f.Reject("email", "checkout.error.email")
		}
		pace, done, may := usedcars.AtOnce, s.path()+"/used/save?"+withQueryIn(p.Query, "done=1"), false
		if p.Daily {
			pace = usedcars.Daily
		}
		return web.Act{Name: "storefront.used_save", First: func(ctx context.Context) (err error) {
			if err := h.Kit.MayBegin(c); err != nil {
				return err
			}
			may, err = h.UsedCar.MayAsk(ctx, p.Email)
			return err
		}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			if !may {
				return done, nil
			}
			return done, h.UsedCar.SaveSearchTx(ctx, tx, s.flow(), p.Email, q, pace)
		}, Again: func(r web.Refusal) error {
			p.Errors = f.Errors()
			return h.Kit.Show(c, r.Status, "storefront/used_save", p)
		}}, nil
	})
}

func withQueryIn(query, more string) string {
	if query == "" {
		return more
	}
	return query + "&" + more
}

// searchBehind reads the search of a link and marks its page as private.
func (h *Handlers) searchBehind(c echo.Context, l usedcars.SearchLink) (*shop, *usedcars.Search, error) {
	private(c)
	s, err := h.usedShop(c)
	if err != nil {
		return nil, nil, err
	}
	x, err := h.UsedCar.SearchOf(c.Request().Context(), s.flow(), l, c.Param("token"))
	return s, x, err
}

// searchPage is a search as its reader sees it. One that ended is over, whichever link he has.
func (h *Handlers) searchPage(c echo.Context, s *shop, x *usedcars.Search, view string) *UsedSearchPage {
	p := &UsedSearchPage{Base: h.base(c, s, "", "used_cars"), View: view, On: x.State == usedcars.SearchOn, Paused: x.State == usedcars.SearchPaused, Daily: x.Pace == usedcars.Daily, Email: x.Email,
		ActURL: c.Request().URL.Path}
	p.NoIndex = true
	if x.State == usedcars.SearchEnded || x.State == usedcars.SearchWaiting && !s.now.Before(x.DueAt) {
		p.View, p.ListURL = "over", s.path()+"/used"
	} else {
		q := usedcar.ReadSaved(x.Query)
		p.Labels, p.ListURL, p.Since, p.Until = q.Labels(p.P, s.usedIn()), q.URL(s.path()), p.Date(x.Created), p.Date(x.DueAt)
	}
	p.Title = p.T("used.search.title_" + p.View)
	return p
}

func (h *Handlers) showSearch(c echo.Context, s *shop, x *usedcars.Search, view, notice string, status int) error {
	p := h.searchPage(c, s, x, view)
	if p.Notice = notice; p.View == "over" && view != "off" {
		status = http.StatusGone
	}
	return h.Kit.Show(c, status, "storefront/used_search", p)
}

func (h *Handlers) showUsedSearch(c echo.Context) error {
	s, x, err := h.searchBehind(c, usedcars.PageLink)
	if err != nil {
		return err
	}
	return h.showSearch(c, s, x, "page", "", http.StatusOK)
}

// actOnUsedSearch changes a search on its page.
func (h *Handlers) actOnUsedSearch(c echo.Context) error {
	return h.actOnSearch(c, usedcars.PageLink, "page", func(ctx context.Context, tx *db.Tx, s *shop, f *web.Form) (string, error) {
		return c.Request().URL.Path, h.UsedCar.ActOnSearchTx(ctx, tx, s.flow(), c.Param("token"), f.Value("act"))
	})
}

func (h *Handlers) showUsedConfirm(c echo.Context) error {
	s, x, err := h.searchBehind(c, usedcars.ConfirmLink)
	if err != nil {
		return err
	}
	if x.State == usedcars.SearchOn || x.State == usedcars.SearchPaused {
		return web.SeeOther(c, s.path()+"/used/alerts/"+h.UsedCar.PageTokenOf(x.ID))
	}
	return h.showSearch(c, s, x, "confirm", "", http.StatusOK)
}

// confirmUsed is the yes of an address. The page's secret is not kept with the form: what is kept says which search it was.
func (h *Handlers) confirmUsed(c echo.Context) error {
	return h.actOnSearch(c, usedcars.ConfirmLink, "confirm", func(ctx context.Context, tx *db.Tx, s *shop, _ *web.Form) (string, error) {
		key, err := h.UsedCar.ConfirmSearchTx(ctx, tx, s.flow(), c.Param("token"))
		return string(key), err
	})
}

// actOnSearch answers a form of a search's page. do says where the reader goes: an address, or the search whose page it is.
func (h *Handlers) actOnSearch(c echo.Context, l usedcars.SearchLink, view string, do func(context.Context, *db.Tx, *shop, *web.Form) (string, error)) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, x, err := h.searchBehind(c, l)
	if err != nil {
		return err
	}
	if x.State == usedcars.SearchEnded {
		return h.showSearch(c, s, x, view, "", http.StatusGone)
	}
	return h.Kit.Act(c, f, web.Act{Name: "storefront.used_" + view, Do: func(ctx context.Context, tx *db.Tx) (string, error) { return do(ctx, tx, s, f) },
		To: func(done string) string {
			if strings.HasPrefix(done, "/") {
				return done
			}
			return s.path() + "/used/alerts/" + h.UsedCar.PageTokenOf(id.Search(done))
		},
		Again: func(r web.Refusal) error {
			return h.showSearch(c, s, x, view, h.base(c, s, "", "").Sentence(r.Key), r.Status)
		}})
}

// showUsedOff asks. Mail programs and scanners open what is in a letter: that ends nothing.
func (h *Handlers) showUsedOff(c echo.Context) error {
	s, x, err := h.searchBehind(c, usedcars.OffLink)
	if err != nil {
		return err
	}
	return h.showSearch(c, s, x, "off", "", http.StatusOK)
}

// endUsedSearch ends a search, for its reader or for his mail program (RFC 8058), which sends no form of ours. Pressed twice it
// says the same.
func (h *Handlers) endUsedSearch(c echo.Context) error {
	if _, err := web.ReadForm(c); err != nil { // nothing in it counts; a body without end is refused as everywhere
		return err
	}
	s, x, err := h.searchBehind(c, usedcars.OffLink)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = h.NewCar.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return h.UsedCar.SearchOffTx(ctx, tx, s.flow(), c.Param("token"))
	})
	if err != nil {
		return err
	}
	x.State = usedcars.SearchEnded
	return h.showSearch(c, s, x, "off", "", http.StatusOK)
}
