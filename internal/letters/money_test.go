package letters

import (
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
)

func says(t *testing.T, l sale.Letter, wants ...string) {
	t.Helper()
	m := compose(t, l)
	whole := strings.ReplaceAll(m.Subject+"\n"+m.Text, "\u00a0", " ")
	for _, want := range wants {
		if !strings.Contains(whole, want) {
			t.Errorf("%s lacks %q:\n%s", l.Template, want, whole)
		}
	}
}

func TestAmountsAreWrittenAsTheCountryDoes(t *testing.T) {
	t.Parallel()
	says(t, sample("placed", "gb"), "£500.00", "£24,340.00")
	says(t, sample("placed", "it"), "500,00 €", "24.340,00 €")
	says(t, sample("placed", "fr"), "500,00 €", "24\u202f340,00 €")
	says(t, sample("placed", "es"), "500,00 €", "24.340,00 €")
	says(t, sample("placed", "ro"), "500,00 RON", "24.340,00 RON")
}

func TestTimesAreTheDealers(t *testing.T) {
	t.Parallel()
	says(t, sample("placed", "gb"), "Monday, 23 November 2026 at 20:00 (UK time)")
	says(t, sample("placed", "it"), "lunedì 23 novembre 2026 alle ore 21:00 (ora italiana)")
	says(t, sample("placed", "fr"), "lundi 23 novembre 2026 à 21:00 (heure de Paris)")
	says(t, sample("placed", "es"), "lunes, 23 de noviembre de 2026 a las 21:00 (hora peninsular)")
	says(t, sample("placed", "ro"), "luni, 23 noiembrie 2026, la 22:00 (ora României)")
	l := sample("placed", "gb")
	l.Dealer.TimeZone = "Europe/Vienna"
	says(t, l, "21:00 (CET)")
}

// cancelledWith is a cancelled order with one deposit.
func cancelledWith(s payment.State, means payment.Means) sale.Letter {
	l := sample("cancelled", "gb")
	l.Payments[0].State, l.Payments[0].Means = s, means
	return l
}

func TestCancellingTellsWhatComesBack(t *testing.T) {
	t.Parallel()
	says(t, cancelledWith(payment.Returning, payment.ByCard), "£500.00 reserved on your card is released. Nothing was taken.", "7 December 2026")
	says(t, cancelledWith(payment.Refunded, payment.ByCard), "£500.00 goes back to the card")
	says(t, cancelledWith(payment.Lost, payment.ByCard), "has ended. Nothing was taken.")
	says(t, cancelledWith(payment.Expired, payment.ByCard), "Nothing was taken from your card.")
	says(t, cancelledWith(payment.Returning, payment.ByDeskCash), "Northgate Motors Leeds gives the £500.00 you paid there back")

	taken := cancelledWith(payment.Returning, payment.ByCard)
	taken.PaidMinor = 500_00
	says(t, taken, "£500.00 goes back to the card")

	// The buyer left while the deposit was being taken: the ledger does not know yet.
	racing := cancelledWith(payment.Returning, payment.ByCard)
	racing.Entries[1].State, racing.Entries[1].AnsweredAt = allocation.Withdrawn, noon.Add(-time.Hour)
	says(t, racing, "£500.00 goes back to the card")
	racing.Entries[1].AnsweredAt = noon
	says(t, racing, "£500.00 reserved on your card is released")
}

func TestCancellingTellsWhy(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"buyer": "You have cancelled", "no_dealer": "no dealer has taken it", "authorisation_lost": "your bank has ended",
		"authorisation_short": "would have ended before a dealer could answer", "": "is cancelled.",
	} {
		l := sample("cancelled", "gb")
		l.Order.CancelReason = reason
		says(t, l, want)
	}
}

func TestLeavingCostsWhatTheMoneySays(t *testing.T) {
	t.Parallel()
	says(t, sample("placed", "gb"), "The £500.00 on your card is then released, nothing is taken")
	says(t, sample("accepted", "gb"), "you get back all you have paid, £500.00, by Monday, 7 December 2026", "Still to pay: £23,840.00")
	says(t, sample("ready", "gb"), "all you have paid, £20,500.00", "£3,840.00 is still to pay", "gives back what you paid there")
	says(t, sample("handed_over", "gb"), "withdraw until the end of Monday, 7 December 2026", "£24,340.00")
	l := sample("accepted", "gb")
	l.Order.State = ordering.Cancelled // the letter comes late
	if m := compose(t, l); strings.Contains(m.Text, "You can cancel") {
		t.Error("an ended order can be left")
	}
}

func TestPaidInFullLeavesNothingToPay(t *testing.T) {
	t.Parallel()
	l := sample("desk_payment", "gb")
	l.Payments[1].Amount, l.PaidMinor = money.Of(23_840_00, "GBP"), 24_340_00
	says(t, l, "Order FC-7K3M-29QX: £23,840.00 received", "by bank transfer", "Nothing is left to pay")
}

func TestEveryWayBackHasItsLetter(t *testing.T) {
	t.Parallel()
	for in := range countries {
		for state, means := range map[payment.State]payment.Means{payment.Voided: payment.ByCard, payment.Refunded: payment.ByCard, payment.Returning: payment.ByDeskCard} {
			l := sample("money_back", in)
			l.Payments[0].State, l.Payments[0].Means = state, means
			tidy(t, compose(t, l))
			if means == payment.ByCard {
				l = sample("second_payment", in)
				l.Payments[1].State = state
				tidy(t, compose(t, l))
			}
		}
		for _, means := range payment.DeskMeans {
			l := sample("desk_payment", in)
			l.Payments[1].Means = means
			tidy(t, compose(t, l))
		}
		for _, reason := range append([]string{"unheard_of"}, allocation.DeclineReasons...) {
			l := sample("choose", in)
			l.Entries[0].Reason = reason
			tidy(t, compose(t, l))
		}
	}
}

func TestASilentDealerIsNamedAsSuch(t *testing.T) {
	t.Parallel()
	l := sample("reoffered", "gb")
	l.Entries[0].State, l.Entries[0].Reason = allocation.Expired, "silent"
	says(t, l, "The dealer we asked before did not answer in time.")
}

func TestALateChoiceHasNoDeadline(t *testing.T) {
	t.Parallel()
	l := sample("choose", "gb")
	l.Order.DueAt = time.Time{}
	says(t, l, "Your order page shows what you can do now.")
}
