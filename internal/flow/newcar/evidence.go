package newcar

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/document"
	"forecourt/internal/document/pack"
	"forecourt/internal/ordering"
)

// step, movement and message are what an evidence pack tells beside the papers: ids and facts, no contact data.
type (
	step struct {
		Seq    int       `json:"seq"`
		From   string    `json:"from"`
		Event  string    `json:"event"`
		To     string    `json:"to"`
		At     time.Time `json:"at"`
		Actor  string    `json:"actor"`
		Reason string    `json:"reason,omitempty"`
	}
	movement struct {
		ID          string    `json:"id"`
		Purpose     string    `json:"purpose"`
		Attempt     int       `json:"attempt"`
		Means       string    `json:"means"`
		State       string    `json:"state"`
		AmountMinor int64     `json:"amount_minor"`
		Currency    string    `json:"currency"`
		Intent      string    `json:"intent,omitempty"`
		Refund      string    `json:"refund,omitempty"`
		Begun       time.Time `json:"begun"`
		Changed     time.Time `json:"changed"`
	}
	message struct {
		Template string     `json:"template"`
		Seq      int        `json:"seq"`
		Audience string     `json:"audience"`
		Written  time.Time  `json:"written"`
		Sent     *time.Time `json:"sent,omitempty"`
	}
)

// EvidenceOf gathers what happened with an order, for a pack that proves it: the papers as they were hashed,
// the accepted texts in their words, every step, payment and message. Prints of the papers are added by the
// door that has the words for them.
func (s *Service) EvidenceOf(ctx context.Context, o *ordering.Order) ([]pack.File, []*document.Document, error) {
	g := s.DB.Read(ctx)
	docs, err := document.Of(g, o.ID)
	if err != nil {
		return nil, nil, err
	}
	texts, err := document.TextsOf(g, o.ID)
	if err != nil {
		return nil, nil, err
	}
	whole, err := WholeOf(g, o.ID)
	if err != nil {
		return nil, nil, err
	}
	mails, err := messagesOf(g, o.ID)
	if err != nil {
		return nil, nil, err
	}
	var files []pack.File
	for _, d := range docs {
		files = append(files, pack.File{Name: "papers/" + d.Number + ".json", Data: []byte(d.Raw)})
	}
	for _, t := range texts {
		files = append(files, pack.File{Name: "texts/" + t.Name + "-" + t.Version + ".txt", Data: []byte(t.Words())})
	}
	for name, v := range map[string]any{"history.json": steps(whole), "payments.json": movements(whole), "messages.json": mails} {
		raw, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return nil, nil, fmt.Errorf("newcar: evidence: %w", err)
		}
		files = append(files, pack.File{Name: name, Data: raw})
	}
	return files, docs, nil
}

func steps(w Whole) []step {
	out := []step{}
	for _, h := range w.History {
		out = append(out, step{h.Seq, string(h.From), string(h.Event), string(h.To), h.At.UTC(), h.Actor, h.Reason})
	}
	return out
}

func movements(w Whole) []movement {
	out := []movement{}
	for _, p := range w.Payments {
		out = append(out, movement{string(p.ID), string(p.Purpose), p.Attempt, string(p.Means), string(p.State), p.Amount.Minor, string(p.Amount.Currency), p.IntentID, p.RefundID, p.CreatedAt.UTC(), p.UpdatedAt.UTC()})
	}
	return out
}
