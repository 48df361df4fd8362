package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/net/html"
)

// write sends a message to the dealer; sent again after a kill, it is still one.
func (j *journey) write(ctx context.Context) (bool, error) {
	if !j.writes {
		return false, nil
	}
	b := j.buyer
	if err := b.open(ctx, j.order); err != nil {
		return false, err
	}
	if err := b.press(ctx, "/messages", url.Values{"body": {"May I see the boot?"}}); err != nil {
		return false, err
	}
	j.wrote++
	return false, nil
}

// move asks the second dealer to take the order over, who says yes or no.
func (j *journey) move(ctx context.Context) (bool, error) {
	if !j.moves {
		return false, nil
	}
	b, other := j.buyer, j.staff[secondDealer]
	if err := b.open(ctx, j.order+"/change/dealer"); err != nil {
		return false, err
	}
	if err := b.press(ctx, "/change/dealer", url.Values{"dealer": {secondDealer}}); err != nil {
		return false, err
	}
	j.asked++
	if err := other.open(ctx, j.shop+"/dealer/requests/"+j.number); err != nil {
		return false, err
	}
	if j.takes {
		j.holder = secondDealer
		return false, other.press(ctx, "/accept", nil)
	}
	reasons := other.values("reason")
	if len(reasons) == 0 {
		return false, errors.New("the dealer who was asked finds no reasons to say no")
	}
	return false, other.press(ctx, "/decline", url.Values{"reason": {reasons[j.rnd.IntN(len(reasons))]}})
}

// letOpen is the dealer's word that the car may go before its rest is paid. The deposit is taken by a job:
// what is open is certain, and the word possible, once it is there.
func (j *journey) letOpen(ctx context.Context) error {
	d := j.dealer()
	for end := time.Now().Add(2 * time.Minute); !d.has("/deferral"); {
		if time.Now().After(end) {
			return fmt.Errorf("after two minutes the dealer can not let the rest stay open: %s", d.heading())
		}
		if err := errors.Join(sleep(ctx, 500*time.Millisecond), j.atDesk(ctx)); err != nil {
			return err
		}
	}
	why := d.values("why")
	day := find(d.doc, func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") == "day" })
	if len(why) == 0 || day == nil {
		return errors.New("the form to let the rest stay open has no reasons or no day")
	}
	j.opened++
	return d.press(ctx, "/deferral", url.Values{"why": {why[j.rnd.IntN(len(why))]}, "day": {attr(day, "max")}, "defer_note": {"waits for the bank"}})
}

// payRest pays at the desk what the dealer let stay open.
func (j *journey) payRest(ctx context.Context) (bool, error) {
	if !j.later {
		return false, nil
	}
	if err := j.atDesk(ctx); err != nil {
		return false, err
	}
	return false, j.dealer().press(ctx, "/payments", url.Values{"reference": {"REST"}})
}
