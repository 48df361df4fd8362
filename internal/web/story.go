package web

import (
	"strconv"
	"strings"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
)

// StoryLine is one line of what became of a payment, in plain words.
type StoryLine struct {
	When string
	Text string
}

// StoryEntry is one payment with its lines, as buyers and staff read it.
type StoryEntry struct {
	Title  string
	Amount money.Money
	Lines  []StoryLine
}

// bankTime is how long the buyer's bank may take to show what the card bank has sent.
const bankTime = 10 * 24 * time.Hour

// Story tells each payment step by step.
func (b Base) Story(ps []*payment.Payment, said []payment.Said, now time.Time) []StoryEntry {
	var out []StoryEntry
	for _, p := range ps {
		out = append(out, StoryEntry{Title: b.T("story.title."+string(p.Purpose), "Means", b.T("pay.means."+string(p.Means)), "Attempt", p.Attempt), Amount: p.Amount, Lines: b.StoryOf(p, said, now)})
	}
	return out
}

// StoryOf tells one payment; said may be of other payments too.
func (b Base) StoryOf(p *payment.Payment, said []payment.Said, now time.Time) []StoryLine {
	var out []StoryLine
	line := func(at time.Time, key string, args ...any) {
		out = append(out, StoryLine{When: b.DateTime(at), Text: b.T(key, args...)})
	}
	for _, s := range said {
		if s.Payment != p.ID {
			continue
		}
		switch what := s.What; what {
		case string(payment.Open), string(payment.Capturing): // between two lines that tell more
		case payment.SaidDeclined:
			line(s.At, "story.declined", "Why", b.declined(s.Code))
		case string(payment.Captured):
			key := "story.captured.desk"
			if p.Card() {
				key = "story.captured.card"
			} else if p.Means == payment.ByTransfer {
				key = "story.captured.transfer"
			}
			line(s.At, key)
		case string(payment.Returning):
			if b.P.Has("story.because." + s.Code) {
				line(s.At, "story.because."+s.Code)
			} else {
				line(s.At, "story.returning")
			}
		case payment.SaidRefundSent:
			if s.Code == "transfer" {
				line(s.At, "story.refund_sent_transfer")
				continue
			}
			line(s.At, "story.refund_sent")
			if p.State == payment.Refunded && p.RefundStatus == payment.RefundDone {
				if by := s.At.Add(bankTime); now.Before(by) {
					line(s.At, "story.bank_time", "By", b.Date(by))
				} else {
					line(by, "story.landed")
				}
			}
		case payment.SaidPartDue, payment.SaidPartSent, payment.SaidPartFailed:
			reason, minor, _ := strings.Cut(s.Code, " ")
			n, _ := strconv.ParseInt(minor, 10, 64)
			key := "story." + what
			if what == payment.SaidPartDue {
				key += "." + reason
			}
			line(s.At, key, "Amount", b.Money(money.Of(n, p.Amount.Currency)))
		default:
			line(s.At, "story."+what)
		}
	}
	if len(out) == 0 { // from before there was a history
		line(p.UpdatedAt, "pay.state."+string(p.State))
	}
	return out
}

// declined says a bank's no in plain words.
func (b Base) declined(code string) string {
	if key := "story.decline." + code; code != "" && b.P.Has(key) {
		return b.T(key)
	}
	return b.T("story.decline.other")
}
