package newcar_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

func chainOf(k *testkit.Kit, o id.Order) []allocation.Receipt {
	k.T.Helper()
	chain, err := allocation.Receipts(k.DB.Read(k.T.Context()), o)
	if err != nil {
		k.T.Fatal(err)
	}
	if !allocation.Whole(o, chain) {
		k.T.Errorf("the chain of %s is broken", o)
	}
	return chain
}

// tale is a chain in short: "offer gb-leeds-northgate".
func tale(chain []allocation.Receipt) []string {
	var out []string
	for _, r := range chain {
		out = append(out, strings.TrimSpace(string(r.Note.Event)+" "+string(r.Note.Dealer)))
	}
	return out
}

func TestEveryStepHasItsReceipt(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy(testkit.London)
	must(k, decline(k, leedsStaff, o))
	k.Clock.Advance(27 * time.Hour)
	must(k, k.NewCar.Sweep(t.Context()))
	chain := chainOf(k, o.ID)
	want := []string{"offer gb-leeds-northgate", "decline gb-leeds-northgate", "offer gb-london-kestrel", "expire gb-london-kestrel", "ask_buyer"}
	if got := tale(chain); !slices.Equal(got, want) {
		t.Fatalf("%v", got)
	}
	first, last := chain[0].Note, chain[4].Note
	if first.Strategy != allocation.Named || first.Version != "gb-2026-1" || len(first.Candidates) != 2 || first.Candidates[1].Dealer != testkit.London || first.Candidates[1].Out != "" || *first.Candidates[0].Metres > 10_000 {
		t.Errorf("%+v", first)
	}
	if len(last.Candidates) != 2 || last.Candidates[0].Out != allocation.OutAsked || chain[1].Note.Reason != "cannot_order" || chain[1].Note.By != "dealer" {
		t.Errorf("%+v", last)
	}
	// A receipt holds ids: no person, and not who of the staff it was.
	for _, r := range chain {
		for _, private := range []string{testkit.Buyer.Name, "LS6", "Leeds\"", string(leedsStaff.User)} {
			if strings.Contains(r.Body, private) {
				t.Errorf("%q in %s", private, r.Body)
			}
		}
	}
	sold := k.Deliver(k.Buy())
	if got := tale(chainOf(k, sold.ID)); !slices.Equal(got, []string{"offer gb-leeds-northgate", "accept gb-leeds-northgate", "hand_over gb-leeds-northgate"}) {
		t.Errorf("%v", got)
	}
	left := k.Buy()
	must(k, cancel(k, left.ID))
	settleAll(k, left.ID)
	if got := tale(chainOf(k, left.ID)); !slices.Equal(got, []string{"offer gb-leeds-northgate", "withdraw gb-leeds-northgate"}) {
		t.Errorf("%v", got)
	}
	k.Healthy("mail_leaves")
}

// A step that is refused leaves no receipt.
func TestARefusedStepHasNoReceipt(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	race(t, 20, func() error {
		if err := accept(k, leedsStaff, o); err != nil && !isMoved(err) {
			return err
		}
		return nil
	})
	if got := tale(chainOf(k, o.ID)); len(got) != 2 {
		t.Fatalf("%v", got)
	}
}

// The rule's receipt names everybody in question with the figures that decided.
func TestTheReceiptOfARule(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.BuyDraft(k.DraftWish(sale.Wish{Any: true}, testkit.Buyer))
	n := chainOf(k, o.ID)[0].Note
	if n.Strategy != allocation.Nearest || len(n.Candidates) < 5 || n.Candidates[0].Dealer != o.Dealer || n.Candidates[0].Score == nil || n.Due == "" {
		t.Fatalf("%+v", n)
	}
	far := 0
	for _, c := range n.Candidates {
		if c.Out == allocation.OutFar {
			far++
		}
	}
	if far == 0 {
		t.Error("nobody is too far away")
	}
}

// Another dealer takes an order over with the buyer's consent: the receipts say so, and access goes with it.
func TestAChangeOfDealerStandsOnTheReceipts(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	must(k, askDealer(k, o, testkit.London))
	must(k, takeOver(k, londonStaff, o))
	want := []string{"offer gb-leeds-northgate", "accept gb-leeds-northgate", "pass_on gb-leeds-northgate", "offer gb-london-kestrel", "accept gb-london-kestrel"}
	chain := chainOf(k, o.ID)
	if got := tale(chain); !slices.Equal(got, want) {
		t.Fatalf("%v", got)
	}
	if n := chain[2].Note; n.By != "buyer" || n.Reason != allocation.PassedOn {
		t.Errorf("%+v", n)
	}
	g := k.DB.Read(t.Context())
	if v, err := allocation.OrderAt(g, testkit.London, o.Number); err != nil || v.Name != testkit.Buyer.Name {
		t.Errorf("who has it now: %v", err)
	}
	v, err := allocation.OrderAt(g, testkit.Leeds, o.Number)
	if f, stale := allocation.Stale(err); v != nil || !stale || f.Key != "queue.gone_withdrawn" {
		t.Errorf("who had it: %v, %v", v, err)
	}
	k.Healthy("mail_leaves")
}
