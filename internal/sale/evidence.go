package sale

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/document"
	"forecourt/internal/document/pack"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/talk"
)

// step, movement and message are what an evidence pack tells beside the papers: ids and facts, no contact data. said and
// asked are what buyer and dealer wrote to each other, in their own words as long as these are kept.
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
	said struct {
		Seq    int       `json:"seq"`
		Side   string    `json:"side"`
		Dealer string    `json:"dealer"`
		At     time.Time `json:"at"`
		words
		Photo *picture `json:"photo,omitempty"`
	}
	words struct {
		Words  string `json:"words"`
		SHA256 string `json:"sha256"` // of the words, also when they are erased
		Erased bool   `json:"erased,omitempty"`
	}
	picture struct {
		File   string `json:"file,omitempty"` // in the pack; none once it is erased
		SHA256 string `json:"sha256"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
	}
	asked struct {
		Dealer   string    `json:"dealer"`
		At       time.Time `json:"at"`
		Question words     `json:"question"`
		Answer   *answered `json:"answer,omitempty"`
	}
	answered struct {
		At time.Time `json:"at"`
		words
	}
	talked struct {
		Questions []asked `json:"questions"`
		Messages  []said  `json:"messages"`
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
	more, err := s.talkFiles(ctx, o.ID)
	return append(files, more...), docs, err
}

// talkFiles are what buyer and dealer wrote to each other, with their pictures; nothing when nobody wrote.
func (s *Service) talkFiles(ctx context.Context, o id.Order) ([]pack.File, error) {
	g := s.DB.Read(ctx)
	records, err := talk.RecordsOf(g, o)
	if err != nil {
		return nil, err
	}
	questions, err := allocation.QuestionRecords(g, o)
	if err != nil || len(records)+len(questions) == 0 {
		return nil, err
	}
	var files []pack.File
	t := talked{Questions: []asked{}, Messages: []said{}}
	for _, q := range questions {
		a := asked{Dealer: string(q.Dealer), At: q.AskedAt.UTC(), Question: words{q.Question, hex.EncodeToString(q.QuestionHash), q.Erased}}
		if q.AnsweredAt != nil {
			a.Answer = &answered{q.AnsweredAt.UTC(), words{q.Answer, hex.EncodeToString(q.AnswerHash), q.Erased}}
		}
		t.Questions = append(t.Questions, a)
	}
	for _, r := range records {
		m := said{Seq: r.Seq, Side: string(r.Side), Dealer: string(r.Dealer), At: r.At.UTC(), words: words{r.Body, hex.EncodeToString(r.BodyHash), r.Erased}}
		if r.PhotoHash != nil {
			m.Photo = &picture{SHA256: hex.EncodeToString(r.PhotoHash), Width: r.Width, Height: r.Height}
			if r.JPEG != nil {
				m.Photo.File = fmt.Sprintf("talk/%03d.jpg", r.Seq)
				files = append(files, pack.File{Name: m.Photo.File, Data: r.JPEG})
			}
		}
		t.Messages = append(t.Messages, m)
	}
	raw, err := json.MarshalIndent(t, "", "  ")
	return append(files, pack.File{Name: pack.TalkName, Data: raw}), err
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
