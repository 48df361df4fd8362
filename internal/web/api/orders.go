package api

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/insight"
	"forecourt/internal/platform/fault"

	"github.com/labstack/echo/v4"
)

const (
	defaultLimit = 50
	maxLimit     = 100
)

var errQuery = fault.New(fault.Invalid, "fault.invalid", "api.listOrders")

type orderList struct {
	Orders []orderItem `json:"orders"`
	Next   *string     `json:"next"` // cursor of the next page; null on the last
}

// orderItem is an order as the dealer's system sees it. Absent facts are null, never left out.
type orderItem struct {
	Number  string     `json:"number"`
	Flow    id.Flow    `json:"flow"`
	State   string     `json:"state"`
	Model   string     `json:"model"`
	Version string     `json:"version"`
	VIN     *string    `json:"vin"`
	DueAt   *time.Time `json:"due_at"`
	Pickup  *slot      `json:"pickup"`
	Buyer   *buyer     `json:"buyer"` // null until the dealer accepted
}

type slot struct {
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
}

type buyer struct {
	Name string `json:"name"`
}

// listOrders lists the orders of the caller's dealer, newest first. The dealer comes from the token
// and from nowhere else.
func (s *Surface) listOrders(c echo.Context, caller identity.Caller) error {
	limit, after, err := paging(c)
	if err != nil {
		return err
	}
	// One more than asked for tells whether there is another page.
	rows, err := insight.Feed(s.kit.DB.Read(c.Request().Context()), caller.Dealer, after, limit+1)
	if err != nil {
		return err
	}
	out := orderList{Orders: []orderItem{}}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = ptr(cursor(rows[limit-1].ID))
	}
	for _, r := range rows {
		out.Orders = append(out.Orders, item(r))
	}
	return c.JSON(http.StatusOK, out)
}

func item(r insight.FeedOrder) orderItem {
	o := orderItem{Number: r.Number, Flow: r.Flow, State: r.State, Model: r.Model, Version: r.Version}
	if r.VIN != "" {
		o.VIN = &r.VIN
	}
	if !r.DueAt.IsZero() {
		o.DueAt = ptr(r.DueAt.UTC())
	}
	if !r.PickupFrom.IsZero() {
		o.Pickup = &slot{StartsAt: r.PickupFrom.UTC(), EndsAt: r.PickupTo.UTC()}
	}
	if r.BuyerName != "" {
		o.Buyer = &buyer{Name: r.BuyerName}
	}
	return o
}

func ptr[T any](v T) *T { return &v }

func paging(c echo.Context) (limit int, after id.Order, err error) {
	limit = defaultLimit
	if raw := c.QueryParam("limit"); raw != "" {
		if limit, err = strconv.Atoi(raw); err != nil || limit < 1 || limit > maxLimit {
			return 0, "", errQuery
		}
	}
	if raw := c.QueryParam("cursor"); raw != "" {
		key, err := base64.RawURLEncoding.DecodeString(raw)
		if err != nil || !id.IsKey(string(key)) {
			return 0, "", errQuery
		}
		after = id.Order(key)
	}
	return limit, after, nil
}

// cursor is opaque to callers: what it is made of may change.
func cursor(o id.Order) string { return base64.RawURLEncoding.EncodeToString([]byte(o)) }
