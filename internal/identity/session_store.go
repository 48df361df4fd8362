package identity

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

// userValue is the only value of a session.
const userValue = "user"

// codec writes a session as its user's id and its absolute end, so that the sessions of a user can
// be found and bytes from elsewhere are never decoded into objects.
type codec struct{}

var errForm = errors.New("identity: a session of another form")

func (codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	who, _ := values[userValue].(string)
	if !id.IsKey(who) || len(values) != 1 {
		return nil, errForm
	}
	return deadline.UTC().AppendFormat([]byte(who+" "), time.RFC3339Nano), nil
}

func (codec) Decode(b []byte) (time.Time, map[string]any, error) {
	if len(b) < 38 || b[36] != ' ' || !id.IsKey(string(b[:36])) {
		return time.Time{}, nil, errForm
	}
	deadline, err := time.Parse(time.RFC3339Nano, string(b[37:]))
	if err != nil {
		return time.Time{}, nil, errForm
	}
	return deadline, map[string]any{userValue: string(b[:36])}, nil
}

// sessionStore keeps the sessions of scs in PostgreSQL with few writes: a
// session that was read is prolonged now and then instead of written at each request.
type sessionStore struct{ db *db.DB }

// Find, Commit and Delete complete scs.Store; the library prefers those with a request's context.
func (sessionStore) Find(string) ([]byte, bool, error) { return nil, false, errOutside }

// Commit is never asked, see Find.
func (sessionStore) Commit(string, []byte, time.Time) error { return errOutside }

// Delete is never asked, see Find.
func (sessionStore) Delete(string) error { return errOutside }

// DeleteCtx ends a session. What is past its time is removed by SweepTx.
func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.db.Read(ctx).Exec(`DELETE FROM sessions WHERE token = ?`, token).Error
}

// storedSession remembers what was read in this request. The token is the stored one, hashed.
type storedSession struct {
	token  string
	public string
	expiry time.Time
	idle   time.Duration
	site   id.Dealer
	half   bool
	locked bool
	origin
}

// origin is how a session began.
type origin struct {
	via     string
	vouched bool // a provider asked for a second factor
}

// How a session can begin.
const (
	viaOwn = "own" // a password or a passkey of the account's own
	viaSSO = "sso" // the group's provider
)

// FindCtx implements the reading half of scs.CtxStore. Data of another form, written by an older
// version, is as good as none: its owner signs in again.
func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	r, ok, err := findSession(ctx, s.db, token)
	if err != nil || !ok {
		return nil, false, err
	}
	if _, _, err := (codec{}).Decode(r.Data); err != nil {
		return nil, false, nil
	}
	if v := visitOf(ctx); v != nil {
		v.stored = storedSession{token: token, public: r.Public, expiry: r.Expiry, idle: time.Duration(r.Idle * float64(time.Second)),
			site: id.Dealer(r.Site), half: r.Stage == stageHalf, locked: r.Locked, origin: origin{r.Via, r.Vouched}}
	}
	return r.Data, true, nil
}

// What a session is worth.
const (
	stageHalf = "half" // the password was right, the second factor is still asked for
	stageFull = "full"
)

// seenAfter spares a write per request: the lock of an idle session is exact to half a minute.
const seenAfter = 30 * time.Second

// CommitCtx prolongs a session that was read in this request, or stores a new one.
func (s sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	v := visitOf(ctx)
	if v == nil {
		return errOutside
	}
	if v.stored.token != token {
		return insertSession(ctx, s.db, token, b, expiry, v)
	}
	if v.passive || expiry.Sub(v.stored.expiry) < prolongAfter && v.stored.idle < seenAfter {
		return nil
	}
	return prolongSession(ctx, s.db, token, expiry)
}
