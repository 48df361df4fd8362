package main

import (
	"context"
	"fmt"
	"time"

	"forecourt/internal/platform/db"
)

// sampleOrders are bought first, so that the pages about orders have something to show.
const sampleOrders = 24

// sample buys orders at one dealer and gives their pages and ids.
func (h *house) sample(ctx context.Context) (pages, ids []string, err error) {
	b, err := newBuyer(h.shop, h.bankAddr, 0)
	if err != nil {
		return nil, nil, err
	}
	defer b.close()
	for range sampleOrders {
		if _, err := b.buy(dealerCode); err != nil {
			return nil, nil, err
		}
		pages = append(pages, b.orderPath())
	}
	if err := h.db.Read(ctx).Raw(`SELECT id FROM orders WHERE dealer = ? LIMIT ?`, dealerCode, sampleOrders).Scan(&ids).Error; err != nil {
		return nil, nil, err
	}
	_, _, err = h.drained(ctx, drainAtMost)
	return pages, ids, err
}

// sharedPages compares pages that all visitors share with a fixed page.
func (h *house) sharedPages(ctx context.Context, d time.Duration) ([]figure, error) {
	return sideBySide(ctx, []target{
		h.page(h.floorAddr, h.onlyFloor, "", "/static"),
		h.page(h.shop, h.onlyShop, "", shopPath),
		h.page(h.shop, h.onlyShop, "", shopPath+"/new/duster/configure"),
	}, d, 3)
}

// ownPages compares pages that belong to one reader with one query and one small template.
func (h *house) ownPages(ctx context.Context, d time.Duration, pages, ids []string) ([]figure, error) {
	dealer, err := newBuyer(h.shop, "", 0)
	if err != nil {
		return nil, err
	}
	defer dealer.close()
	if err := dealer.signIn(); err != nil {
		return nil, err
	}
	queries := make([]string, len(ids))
	for i, id := range ids {
		queries[i] = "/query/" + id
	}
	return sideBySide(ctx, []target{
		h.page(h.floorAddr, h.floorAndPG, "", queries...),
		h.page(h.shop, h.shopAndPG, "", pages...),
		h.page(h.shop, h.shopAndPG, dealer.cookie, "/dealer"),
	}, d, 3)
}

func (h *house) onlyFloor() []int  { return []int{h.floor.pid()} }
func (h *house) onlyShop() []int   { return []int{h.serve.pid()} }
func (h *house) floorAndPG() []int { return []int{h.floor.pid(), -h.pgPid} }
func (h *house) shopAndPG() []int  { return []int{h.serve.pid(), -h.pgPid} }

func (h *house) page(addr string, pids func() []int, cookie string, paths ...string) target {
	t := target{addr: addr, pids: pids}
	for _, p := range paths {
		t.requests = append(t.requests, request("GET", addr, p, browser, cookie, ""))
	}
	return t
}

// stored says what the database holds at the end: figures over an empty one mean little.
func (h *house) stored(ctx context.Context) (string, error) {
	var r struct {
		Orders, Mails, Unsent, Events int
		Size                          string
	}
	_, err := db.One(h.db.Read(ctx), &r, `SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM mails) AS mails,
		(SELECT count(*) FROM mails WHERE sent_at IS NULL) AS unsent, (SELECT count(*) FROM provider_events) AS events,
		pg_size_pretty(pg_database_size(current_database())) AS size`)
	return fmt.Sprintf("%d orders, %d mails recorded (%d unsent, the sink took %d), %d card events, database %s", r.Orders, r.Mails, r.Unsent, h.mails.taken.Load(), r.Events, r.Size), err
}
