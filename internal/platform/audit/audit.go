package audit

import (
	"context"
	"encoding/json"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/log"

	"github.com/jackc/pgx/v5"
)

// Row is one act. Actor is "staff:<user id>", "buyer" or "system"; Subject e.g. "order:<id>".
type Row struct {
	Actor   string
	Action  string
	Subject string
	Market  string
	Brand   string
	Old     any
	New     any
	Reason  string
}

// WriteTx writes the row.
func WriteTx(ctx context.Context, tx *db.Tx, r Row) error {
	oldDoc, err := doc(r.Old)
	if err != nil {
		return err
	}
	newDoc, err := doc(r.New)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO audit_log (at, actor, action, subject, market, brand, old, new, reason, request_id)
		VALUES (?, ?, ?, ?, nullif(?, ''), nullif(?, ''), ?, ?, ?, ?)`,
		tx.Now, r.Actor, r.Action, r.Subject, r.Market, r.Brand, oldDoc, newDoc, r.Reason, log.RequestID(ctx)).Error
}

// WriteManyTx writes many rows in one go.
func WriteManyTx(ctx context.Context, tx *db.Tx, rows []Row) error {
	lines := make([][]any, len(rows))
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	for i, r := range rows {
		oldDoc, err := doc(r.Old)
		if err != nil {
			return err
		}
		newDoc, err := doc(r.New)
		if err != nil {
			return err
		}
		lines[i] = []any{tx.Now, r.Actor, r.Action, r.Subject, null(r.Market), null(r.Brand), oldDoc, newDoc, r.Reason, log.RequestID(ctx)}
	}
	_, err := tx.Pgx().CopyFrom(ctx, pgx.Identifier{"audit_log"}, []string{"at", "actor", "action", "subject", "market", "brand", "old", "new", "reason", "request_id"}, pgx.CopyFromRows(lines))
	return err
}

func doc(v any) (*string, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	s := string(b)
	return &s, err
}
