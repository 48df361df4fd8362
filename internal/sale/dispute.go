package sale

import (
	"context"
	"encoding/json"
	"errors"

	"forecourt/internal/document/pack"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
)

// disputeNews reads the disputes of a payment at the bank and writes what changed.
func (s *Service) disputeNews(ctx context.Context, p *payment.Payment) error {
	if p.IntentID == "" {
		return nil
	}
	all, err := s.Gateway.DisputesOf(ctx, p.IntentID)
	if err != nil {
		return err
	}
	for _, d := range all {
		err = errors.Join(err, s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
			return s.disputeTx(ctx, tx, o, p, d)
		}))
	}
	return err
}

// disputeTx writes one dispute down: its row, its lines in the ledger, its place in the story. News may come
// in any order and twice: what a status implies is posted with it, each once.
func (s *Service) disputeTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, d payment.Dispute) error {
	if d.Amount.Currency != p.Amount.Currency || d.Amount.Minor <= 0 || d.Amount.Minor > p.Amount.Minor {
		return s.findTx(tx, payment.Finding{Account: p.Account, Kind: "dispute_amount", Object: d.ID, Order: o.ID, Market: o.Market})
	}
	fresh, err := payment.KeepDisputeTx(tx, p, d)
	if err != nil || !fresh {
		return err
	}
	said := map[string]string{payment.InquiryOpen: payment.SaidInquiry, payment.InquiryAsked: payment.SaidInquiry, payment.InquiryClosed: payment.SaidInquiryOver,
		payment.DisputeAsks: payment.SaidDisputed, payment.DisputeJudged: payment.SaidAnswered, payment.DisputeWon: payment.SaidDisputeWon, payment.DisputeLost: payment.SaidDisputeLost}[d.Status]
	if said == "" {
		return s.findTx(tx, payment.Finding{Account: p.Account, Kind: "dispute_status", Object: d.ID, Order: o.ID, Market: o.Market, Detail: d.Status})
	}
	if _, err := payment.NoteTx(tx, p, said, d.Reason, d.ID); err != nil {
		return err
	}
	if err := postDisputeTx(tx, o, p, d); err != nil {
		return err
	}
	if err := payment.CountLostTx(tx, p); err != nil {
		return err
	}
	if p.State == payment.Returning { // a refund may have waited for this
		if err := s.settleLaterTx(ctx, tx, p); err != nil {
			return err
		}
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: "system", Action: "payment.dispute", Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand),
		New: map[string]string{"dispute": d.ID, "status": d.Status}, Reason: d.Reason})
}

// postDisputeTx writes the money of a dispute: taken while the bank decides, then given to one side.
func postDisputeTx(tx *db.Tx, o *ordering.Order, p *payment.Payment, d payment.Dispute) error {
	post := func(k payment.Kind) error { return payment.PostPartTx(tx, o.ID, p, k, d.Amount, d.ID) }
	switch d.Status {
	case payment.DisputeAsks, payment.DisputeJudged:
		return post(payment.KindDispute)
	case payment.DisputeWon:
		return errors.Join(post(payment.KindDispute), post(payment.KindDisputeWon))
	case payment.DisputeLost:
		return errors.Join(post(payment.KindDispute), post(payment.KindDisputeLost))
	}
	return nil
}

// knowDisputeTx refuses a handover while a payment is disputed, unless whoever hands over says that he knows; his
// word is written down (docs/decisions/0024).
func (s *Service) knowDisputeTx(ctx context.Context, tx *db.Tx, staff Staff, o *ordering.Order, h HandOver) error {
	open, err := payment.DisputedTx(tx, o.ID)
	if err != nil || !open {
		return err
	}
	if !h.Disputed {
		return ErrDisputed
	}
	return AuditTx(ctx, tx, staff, "order.hand_over_disputed", o, o.State, "")
}

// disputed tells a refund that the bank refuses because its payment is disputed, or was.
func disputed(err error) bool {
	var g *payment.GatewayError
	return errors.As(err, &g) && (g.Code == "charge_disputed" || g.Code == "refund_disputed_payment")
}

// DisputePack is the evidence of a dispute as one file: what EvidenceOf holds, the story of the money with
// every signed entry of the ledger, and the dispute itself, sealed with a manifest of their hashes. The same dispute in the same state gives the same
// bytes.
func (s *Service) DisputePack(ctx context.Context, f Office, key string) (name string, zip []byte, err error) {
	g := s.DB.Read(ctx)
	d, err := payment.DisputeBy(g, key)
	if err != nil {
		return "", nil, err
	}
	if !f.runs(d.Market) {
		return "", nil, payment.ErrNoDispute
	}
	o, err := ordering.Get(g, d.Order)
	if err != nil {
		return "", nil, err
	}
	files, _, err := s.EvidenceOf(ctx, o)
	if err != nil {
		return "", nil, err
	}
	said, err := payment.SaidOf(g, o.ID)
	if err != nil {
		return "", nil, err
	}
	entries, err := payment.Postings(g, o.ID)
	if err != nil {
		return "", nil, err
	}
	for name, v := range map[string]any{"dispute.json": d, "money.json": said, "order.json": o, "ledger.json": entries} {
		raw, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return "", nil, err
		}
		files = append(files, pack.File{Name: name, Data: raw})
	}
	zip, err = s.Seal.Seal(o.Number, d.UpdatedAt, files)
	return o.Number + "-" + d.ID, zip, err
}
