package identity

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"

	"github.com/alexedwards/scs/v2"
)

// How long a session lasts: without a request, and at most. prolongAfter spares a write per request.
const (
	idle         = 8 * time.Hour
	absolute     = 24 * time.Hour
	prolongAfter = 5 * time.Minute
)

// tokenLength is that of the tokens scs makes: 32 random bytes in base64.
const tokenLength = 43

// portals are the paths below which staff work.
var portals = []string{"/dealer", "/manager", "/hq", "/login", "/logout", "/account"}

// Sessions keeps members of staff signed in by a cookie. What is stored is the user's id.
type Sessions struct {
	scs   *scs.SessionManager
	users *Users
	fail  func(http.ResponseWriter, *http.Request, error)
}

// NewSessions makes the keeper of sessions. secure is false only where the site runs on plain http,
// where a browser would not keep a Secure cookie. fail answers when the database does not.
func NewSessions(users *Users, secure bool, fail func(http.ResponseWriter, *http.Request, error)) *Sessions {
	m := scs.New()
	m.IdleTimeout, m.Lifetime = idle, absolute
	m.HashTokenInStore = true
	m.Codec = codec{}
	m.Store = sessionStore{users.db}
	m.Cookie.Name = "forecourt"
	if secure {
		m.Cookie.Name = "__Host-forecourt" // only this host can have set it, and only over https
	}
	m.Cookie.Secure = secure
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	m.Cookie.Persist = false // the end is kept on the server, where nobody can move it
	return &Sessions{scs: m, users: users, fail: fail}
}

// visit is what one request knows of its visitor.
type visit struct {
	w      http.ResponseWriter
	portal bool // the session is loaded in this context
	stored storedSession
	user   func() (User, bool)

	agent   string
	passive bool   // asked by the page itself, as a stream or to renew a list: nobody sits there because of it
	stage   string // of a session that is about to be stored
	origin  origin
	waiting User // behind a lock, or before the second factor; zero when nobody is
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// Middleware finds out who asks. Below the portals it reads session and user before the handler
// runs. Elsewhere a visitor without the cookie costs nothing, one with it two queries, and only when
// somebody asks with UserOf; no public page makes or prolongs a session.
func (s *Sessions) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, v := s.token(r), &visit{w: w, agent: AgentOf(r.UserAgent()), passive: r.Header.Get("Accept") == "text/event-stream" || r.Header.Get("X-Refresh") != ""}
		ctx := context.WithValue(r.Context(), visitKey{}, v)
		if inPortal(r.URL.Path) {
			w.Header().Add("Vary", "Cookie")
			opened, err := s.open(ctx, v, token)
			if err != nil {
				s.fail(w, r, err)
				return
			}
			ctx = opened
		} else if token == "" {
			next.ServeHTTP(w, r)
			return
		} else {
			v.user = sync.OnceValues(func() (User, bool) { return s.peek(ctx, token) })
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func inPortal(path string) bool {
	for _, p := range portals {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

func (s *Sessions) token(r *http.Request) string {
	c, err := r.Cookie(s.scs.Cookie.Name)
	if err != nil || len(c.Value) != tokenLength {
		return ""
	}
	return c.Value
}

// open loads the session and its user and prolongs it. The account is read anew each time, so that
// one that was disabled is out at once.
func (s *Sessions) open(ctx context.Context, v *visit, token string) (context.Context, error) {
	v.portal, v.user = true, func() (User, bool) { return User{}, false }
	ctx, err := s.scs.Load(ctx, token)
	if err != nil {
		return nil, err
	}
	u, ok, err := s.find(ctx)
	if err != nil || !ok {
		return ctx, err
	}
	v.user = func() (User, bool) { return u, true }
	_, _, err = s.scs.Commit(ctx)
	return ctx, err
}

// peek loads without prolonging. A public page is shown to a stranger when the database is busy.
func (s *Sessions) peek(ctx context.Context, token string) (User, bool) {
	ctx, err := s.scs.Load(ctx, token)
	if err != nil {
		return User{}, false
	}
	u, ok, err := s.find(ctx)
	return u, ok && err == nil
}

// find gives the user of a session that is worth something: one before its second factor and one that is
// locked are kept as waiting, and count as a stranger's.
func (s *Sessions) find(ctx context.Context) (User, bool, error) {
	who, v := s.scs.GetString(ctx, userValue), visitOf(ctx)
	if who == "" {
		return User{}, false, nil
	}
	u, ok, err := userByID(s.users.db.Read(ctx), id.User(who), s.users.o.Demo)
	if err != nil || !ok {
		return User{}, false, err
	}
	// What began another way is worth nothing from the moment on in which the group requires its provider.
	if u.Policy.SSO && v.stored.via != viaSSO {
		return User{}, false, nil
	}
	u = u.working(v.stored.site)
	u.Vouched = v.stored.vouched
	if v.stored.half {
		v.waiting = u
		return User{}, false, nil
	}
	if !v.stored.locked && u.Policy.LockAfter > 0 && v.stored.idle >= u.Policy.LockAfter {
		if err := lockSession(ctx, s.users.db, v.stored.token); err != nil {
			return User{}, false, err
		}
		v.stored.locked = true
	}
	if v.stored.locked {
		v.waiting = u
		return User{}, false, nil
	}
	return u, true, nil
}

var errOutside = errors.New("identity: signing in and out belongs below a portal's path")

// SignIn gives the visitor a session of the user under a new token; the old one is dead, so a token
// that somebody planted before is worth nothing. It writes the cookie: call it before the answer.
func (s *Sessions) SignIn(ctx context.Context, u User) error {
	return s.begin(ctx, u, stageFull, origin{via: viaOwn})
}

// AskSecond gives the visitor a session that is good for one thing only: showing the second factor.
func (s *Sessions) AskSecond(ctx context.Context, u User) error {
	return s.begin(ctx, u, stageHalf, origin{via: viaOwn})
}

// Enter is SignIn, or AskSecond, for whom his group's provider has let in.
func (s *Sessions) Enter(ctx context.Context, e Entry) error {
	stage := stageFull
	if e.Owes {
		stage = stageHalf
	}
	return s.begin(ctx, e.User, stage, origin{viaSSO, e.Vouched})
}

// GoOn makes the visitor's own session a full one: after the second factor, and behind a lock. How it began
// stays.
func (s *Sessions) GoOn(ctx context.Context, u User) error {
	v := visitOf(ctx)
	if v == nil || v.waiting.ID != u.ID {
		return errOutside
	}
	return s.begin(ctx, u, stageFull, v.stored.origin)
}

// BySSO tells whether the visitor's session, locked or not, began at the provider of his group.
func (s *Sessions) BySSO(ctx context.Context) bool {
	v := visitOf(ctx)
	return v != nil && v.stored.via == viaSSO
}

func (s *Sessions) begin(ctx context.Context, u User, stage string, o origin) error {
	v := visitOf(ctx)
	if v == nil || !v.portal {
		return errOutside
	}
	if err := s.scs.RenewToken(ctx); err != nil {
		return err
	}
	s.scs.Put(ctx, userValue, string(u.ID))
	v.stage, v.origin = stage, o
	token, expiry, err := s.scs.Commit(ctx)
	if err != nil {
		return err
	}
	s.scs.WriteSessionCookie(ctx, v.w, token, expiry)
	v.user, v.waiting = func() (User, bool) { return u, stage == stageFull }, User{}
	v.stored.half, v.stored.locked = stage == stageHalf, false
	return nil
}

// Locked is who may open the visitor's locked session again.
func (s *Sessions) Locked(ctx context.Context) (User, bool) {
	v := visitOf(ctx)
	if v == nil || !v.stored.locked {
		return User{}, false
	}
	return v.waiting, v.waiting.ID != ""
}

// Half is who has shown a password and owes the second factor.
func (s *Sessions) Half(ctx context.Context) (User, bool) {
	v := visitOf(ctx)
	if v == nil || !v.stored.half {
		return User{}, false
	}
	return v.waiting, v.waiting.ID != ""
}

// WorkAt moves the visitor's session to another site of his; false when it is not his.
func (s *Sessions) WorkAt(ctx context.Context, site id.Dealer) (bool, error) {
	u, ok := s.UserOf(ctx)
	if !ok || !u.At(site) {
		return false, nil
	}
	return true, moveSession(ctx, s.users.db, visitOf(ctx).stored.token, site)
}

// Devices lists where the user is signed in, the one in use marked.
func (s *Sessions) Devices(ctx context.Context, who id.User) ([]Device, error) {
	return devicesOf(s.users.db.Read(ctx), who, s.here(ctx))
}

// here names the visitor's own session in the list.
func (s *Sessions) here(ctx context.Context) string {
	if v := visitOf(ctx); v != nil {
		return v.stored.public
	}
	return ""
}

// Here names the visitor's own session, as the list of devices does; empty outside the portals.
func (s *Sessions) Here(ctx context.Context) string { return s.here(ctx) }

// OtherDevices stands for all browsers but the one in use.
const OtherDevices = "others"

// EndDevice signs the user out of one browser, or of OtherDevices. A name of somebody else's is ErrNoDevice.
func (s *Sessions) EndDevice(ctx context.Context, u User, name string) error {
	here := s.here(ctx)
	return s.users.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if name == OtherDevices {
			if err := endOtherSessionsTx(tx, u.ID, here); err != nil {
				return err
			}
		} else if ok, err := endSessionTx(tx, u.ID, name); err != nil || !ok {
			return orConflict(err, ErrNoDevice)
		}
		return audit.WriteTx(ctx, tx, audit.Row{Actor: u.Actor(), Action: "user.device_ended", Subject: "user:" + string(u.ID)})
	})
}

// AgentOf is browser and system in few words; the whole line of a browser is nobody's to keep.
func AgentOf(line string) string {
	first := func(list ...string) string {
		for _, x := range list {
			if mark, name, _ := strings.Cut(x, "="); strings.Contains(line, mark) {
				return name
			}
		}
		return ""
	}
	browser := first("Edg/=Edge", "OPR/=Opera", "Firefox/=Firefox", "Chrome/=Chrome", "CriOS/=Chrome", "Safari/=Safari")
	system := first("iPhone=iPhone", "iPad=iPad", "Android=Android", "Windows=Windows", "Mac OS X=Mac", "Linux=Linux")
	return strings.Trim(browser+", "+system, ", ")
}

// SignOut ends the session and takes the cookie back.
func (s *Sessions) SignOut(ctx context.Context) error {
	v := visitOf(ctx)
	if v == nil || !v.portal {
		return errOutside
	}
	if err := s.scs.Destroy(ctx); err != nil {
		return err
	}
	s.scs.WriteSessionCookie(ctx, v.w, "", time.Time{})
	v.user = func() (User, bool) { return User{}, false }
	return nil
}

// UserOf is the user of the request's session; false for a stranger.
func (s *Sessions) UserOf(ctx context.Context) (User, bool) {
	if v := visitOf(ctx); v != nil && v.user != nil {
		return v.user()
	}
	return User{}, false
}

// Ends tells when the visitor's session is over: after so long without a request, and at the latest at an
// instant. False for a stranger and outside the portals. The first is rather too short than too long, because
// a session is not prolonged at every request.
func (s *Sessions) Ends(ctx context.Context) (still time.Duration, latest time.Time, ok bool) {
	v := visitOf(ctx)
	if v == nil || !v.portal {
		return 0, time.Time{}, false
	}
	if _, ok := v.user(); !ok {
		return 0, time.Time{}, false
	}
	return idle - prolongAfter, s.scs.Deadline(ctx), true
}

// SignOutEverywhere ends all sessions of the user.
func (s *Sessions) SignOutEverywhere(ctx context.Context, who id.User) error {
	return s.users.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return endSessionsTx(tx, who) })
}
