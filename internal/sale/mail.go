package sale

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/mail"
	"forecourt/internal/platform/money"

	"github.com/riverqueue/river"
)

// Letter is everything a message about an order may say. Templates: placed, reoffered, choose,
// accepted, ordered, built, in_transit, arrived, prepared, ready, slot, desk_payment, deferred, handed_over, handover_undone, overdue,
// cancelled, money_back, second_payment, withdraw_link, withdrawn, taken_back, changed, change_refused, moved, move_refused,
// move_proposed, part_back, part_failed, car_corrected, payment_corrected, on_plan, silence, message for the buyer; dealer_offer, dealer_asked, dealer_car_asked, dealer_moved,
// dealer_cancelled, dealer_withdrawn, dealer_refund_due, dealer_changed, dealer_silent, dealer_message, dealer_remind,
// offer_silent, dealer_answered, dealer_let_go for the dealer; question for the buyer of an offer; country_silent, offer_country for the market's desk.
type Letter struct {
	Template    string
	Seq         int
	Audience    string // "buyer", "dealer" or "country"
	At          time.Time
	Order       *ordering.Order
	Buyer       ordering.Buyer // empty for a dealer: contact data shows only after accept
	Dealer      *network.Dealer
	Market      *market.Market
	Brand       market.Brand
	Entries     []*allocation.Entry
	Payments    []*payment.Payment
	PaidMinor   int64
	Appointment *network.Appointment
	Leaving     *ordering.Leaving    // nil while nobody left
	Deferral    *ordering.Deferral   // nil while no dealer let the rest open
	ByRule      bool                 // of an offer: the market's rule found the dealer, the buyer did not name it
	Request     *ordering.Request    // the question that it is about
	Other       *network.Dealer      // the dealer of a question who does not have the order after it
	Exchange    *ordering.Exchange   // the buyer's own car; nil when he pays in money alone
	Part        *payment.Part        // what went back of a payment, when it is about that
	Goodwill    money.Money          // what the dealer gives for the silence that it is about; nothing where the market sets none
	Correction  *ordering.Correction // the slip that was put right, when it is about that
	Link        string               // the order's page, or the dealer's portal
	PayLink     string               // of what is owed, by card; for the buyer
}

// Letters writes a letter in its reader's language; package letters does.
type Letters interface {
	mail.Setter
	Compose(l Letter) (mail.Message, error)
}

// Sender hands a message to the mail server or the sink.
type Sender interface {
	Send(ctx context.Context, m mail.Message) error
}

// sendMail sends a recorded message once: a message marked as sent is not sent again. Between the
// sending and the mark lies the one instant in which a crash repeats it, under the same Message-ID.
func (s *Service) sendMail(ctx context.Context, a mailArgs) error {
	m, at, ok, err := ordering.ClaimMail(s.DB.Read(ctx), a.Order, a.Template, a.Seq)
	if errors.Is(err, ordering.ErrClaimed) {
		return river.JobSnooze(2 * time.Second)
	}
	if err != nil || !ok {
		return err
	}
	if err := s.write(ctx, m, at); err != nil {
		return errors.Join(err, ordering.UnclaimMail(s.DB.Read(context.WithoutCancel(ctx)), m))
	}
	return ordering.MarkSent(s.DB.Read(ctx), m, s.DB.Clock.Now())
}

// write composes a message and hands it over.
func (s *Service) write(ctx context.Context, m ordering.Mail, at time.Time) error {
	l, err := s.letter(ctx, m)
	if err != nil {
		return err
	}
	l.At = at
	msg, err := s.Letters.Compose(l)
	if err != nil {
		return err
	}
	return s.Sender.Send(ctx, msg)
}

// ofAnOffer are the letters about one round: Seq is its number.
var ofAnOffer = map[string]bool{"placed": true, "reoffered": true, "dealer_offer": true, "question": true, "dealer_remind": true, "offer_silent": true,
	"dealer_answered": true, "dealer_let_go": true, "offer_country": true}

func (s *Service) letter(ctx context.Context, m ordering.Mail) (Letter, error) {
	g, w := s.DB.Read(ctx), s.World.Now()
	o, err := ordering.Get(g, m.Order)
	if err != nil {
		return Letter{}, err
	}
	l := Letter{Template: m.Template, Seq: m.Seq, Audience: m.Audience, Order: o}
	if l.Market, err = s.Market(o.Market); err != nil {
		return l, err
	}
	l.Brand, _ = w.Brand(o.Brand)
	l.Dealer, _ = w.Dealer(o.Dealer)
	whole, err := WholeOf(g, o.ID)
	if err != nil {
		return l, err
	}
	l.Entries, l.Payments, l.PaidMinor, l.Appointment, l.Leaving, l.Deferral, l.Exchange = whole.Entries, whole.Payments, whole.PaidMinor, whole.Appointment, whole.Leaving, whole.Deferral, whole.Exchange
	// A letter about an offer names the dealer of that round, who may not have the order any more.
	if ofAnOffer[m.Template] {
		for _, e := range l.Entries {
			if e.Round == m.Seq {
				l.Dealer, _ = w.Dealer(e.Dealer)
			}
		}
	}
	if (m.Template == "dealer_offer" || m.Template == "reoffered") && o.AnyDealer != ordering.OnlyNamed {
		agreed, err := ordering.AgreedHow(g, o.ID)
		if err != nil {
			return l, err
		}
		for _, a := range agreed {
			l.ByRule = l.ByRule || a.ByRule && l.Dealer != nil && a.Dealer == l.Dealer.Code
		}
	}
	if m.Audience == "country" {
		l.Link = s.BaseURL + "/manager/orders/" + o.Number
		if m.Template == "offer_country" {
			l.Link += "/receipt"
		}
		return l, nil
	}
	if err := s.about(g, &l, whole); err != nil {
		return l, err
	}
	if m.Audience == "dealer" {
		l.Link = s.BaseURL + dealerDoors[m.Template]
		if dealerDoors[m.Template] != "/dealer" {
			l.Link = s.BaseURL + or(dealerDoors[m.Template], "/dealer/orders/") + o.Number
		}
		return l, nil
	}
	if l.Buyer, err = ordering.BuyerOf(g, o.Buyer); err != nil {
		return l, err
	}
	if ofThePlace[m.Template] {
		l.Dealer, _ = w.Dealer(o.Place())
	}
	l.Link, l.PayLink = s.OrderURL(o, s.Tokens.Link(m.Link)), s.PayURL(o.Brand, o.Market, o.Number, o.ID)
	return l, nil
}

// ofThePlace are the buyer's letters about where the goods are on their way to, or wait: they name that site, which need not be
// the one that sells.
var ofThePlace = map[string]bool{"in_transit": true, "arrived": true, "prepared": true, "ready": true, "slot": true}

// dealerDoors lead dealers to what is not an order of theirs: one that they are asked about, or the list it has left.
var dealerDoors = map[string]string{"dealer_asked": "/dealer/requests/", "dealer_moved": "/dealer", "dealer_let_go": "/dealer"}
