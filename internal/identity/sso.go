package identity

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
	"forecourt/internal/platform/outward"
)

// SSO signs the staff of dealer groups in by their group's own provider (OpenID Connect).
type SSO struct {
	users  *Users
	seal   cipher.AEAD
	base   string // of the site
	reach  outward.Options
	client *http.Client

	mu   sync.Mutex
	seen map[id.Group]discovered
}

// Provider is how a group's provider is set up.
type Provider struct {
	Group     id.Group
	GroupName string
	Issuer    string
	ClientID  string
	Domains   []string // of mail, sorted; the provider speaks for nobody else
	Required  bool     // nobody of the group gets in another way
	Trusted   bool     // a second factor that the provider asked for counts as ours
	ACR       string   // a level that says so; empty when the methods alone say it
	SavedAt   time.Time

	sealed  []byte
	version string
}

// ssoChecks bounds how often one manager can make us call an address.
var ssoChecks = limit.Rule{Name: "sso.check", Max: 30, Window: time.Hour}

// maxDomains bounds what a group may claim.
const maxDomains = 20

// NewSSO takes the process's secret, with which the secrets of clients are sealed, and the address of the
// site, to which providers send people back.
func NewSSO(users *Users, secret []byte, baseURL string, o outward.Options) (*SSO, error) {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("single sign-on"))
	block, err := aes.NewCipher(m.Sum(nil))
	if err != nil {
		return nil, err
	}
	s := &SSO{users: users, base: baseURL, reach: o, client: outward.NewClient(o), seen: map[id.Group]discovered{}}
	s.seal, err = cipher.NewGCM(block)
	return s, err
}

// Callback is the address to which the group's provider sends people back; each group has its own, so that
// one provider cannot pass an answer off as another's.
func (s *SSO) Callback(g id.Group) string { return s.base + "/login/sso/" + string(g) + "/callback" }

// Of is the group's provider; false when it has none.
func (s *SSO) Of(ctx context.Context, g id.Group) (Provider, bool, error) {
	return providerOf(s.users.db.Read(ctx), g, false)
}

// ForEmail is the provider that speaks for a mail address; false when none does. It knows domains only, so it
// tells nobody who has an account.
func (s *SSO) ForEmail(ctx context.Context, email string) (Provider, bool, error) {
	domain := domainOf(fold(email))
	if !plainDomain(domain) {
		return Provider{}, false, nil
	}
	return providerForDomain(s.users.db.Read(ctx), domain)
}

func domainOf(email string) string {
	_, domain, _ := strings.Cut(email, "@")
	return domain
}

var domainShape = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)

func plainDomain(s string) bool { return len(s) <= 253 && domainShape.MatchString(s) }

// ParseDomains reads domains as people type them, one a line or with commas, with or without the sign of a mail
// address before them.
func ParseDomains(text string) []string {
	var out []string
	for _, d := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
		d = strings.TrimSuffix(strings.TrimPrefix(fold(d), "@"), ".")
		if d != "" && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	slices.Sort(out)
	return out
}

// Check reads the provider's own description of itself, before anything is saved: what is misspelt is told now and
// not to the first who wants to sign in. It calls out and belongs outside of any transaction.
func (s *SSO) Check(ctx context.Context, manager User, p Provider) error {
	if err := s.form(p); err != nil {
		return err
	}
	if err := limit.Take(ctx, s.users.db, ssoChecks, string(manager.ID)); err != nil {
		return err
	}
	_, err := s.discover(ctx, p.Issuer)
	return err
}

func (s *SSO) form(p Provider) error {
	u, err := url.Parse(p.Issuer)
	if err != nil || len(p.Issuer) > 300 || u.RawQuery != "" || u.Fragment != "" || s.reach.Check(u) != nil {
		return ErrSSOIssuer
	}
	if p.ClientID == "" || len(p.ClientID) > 200 || !printable(p.ClientID) {
		return ErrSSOClient
	}
	if len(p.Domains) == 0 || len(p.Domains) > maxDomains || slices.ContainsFunc(p.Domains, func(d string) bool { return !plainDomain(d) }) {
		return ErrSSODomain
	}
	if len(p.ACR) > 200 || !printable(p.ACR) {
		return ErrSSOLevel
	}
	return nil
}

// SaveTx sets the provider of a manager's group up, or changes it. Without a secret the one that is there
// stays, as long as issuer and client do: nobody sends it to another address. A new issuer or client is a
// new beginning: it knows nobody yet, is required of nobody, and the sessions of the old one end.
func (s *SSO) SaveTx(ctx context.Context, tx *db.Tx, manager User, p Provider, secret string) error {
	by, err := s.managerTx(tx, manager)
	if err != nil {
		return err
	}
	p.Group = by.Group
	if err := s.form(p); err != nil {
		return err
	}
	old, had, err := providerOf(tx.DB, by.Group, true)
	if err != nil {
		return err
	}
	fresh := !had || old.Issuer != p.Issuer || old.ClientID != p.ClientID
	if p.sealed = old.sealed; secret != "" {
		p.sealed = s.sealed(p, secret)
	} else if fresh {
		return ErrSSOSecret
	}
	if err := s.mayRequireTx(tx, by, p, fresh); err != nil {
		return err
	}
	if had && fresh {
		if err := endLinksTx(tx, by.Group, "", by.Actor()); err != nil {
			return err
		}
		if err := endGroupSessionsTx(tx, by.Group, by.ID); err != nil {
			return err
		}
	}
	p.version = id.New[string]()
	if err := saveProviderTx(tx, p, by.Actor()); err != nil {
		return err
	}
	if err := claimDomainsTx(tx, p); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: "group.sso", Subject: "group:" + string(by.Group), Old: told(old, had), New: told(p, true)})
}

// mayRequireTx: a manager requires only what has let himself in, and only when it can let everybody in.
func (s *SSO) mayRequireTx(tx *db.Tx, by User, p Provider, fresh bool) error {
	if !p.Required {
		return nil
	}
	linked, err := linkedTo(tx.DB, by.ID, p)
	if err != nil {
		return err
	}
	if fresh || !linked {
		return ErrSSOFirstYourself
	}
	outside, err := staffOutside(tx.DB, p.Group, p.Domains)
	if err == nil && outside > 0 {
		return ErrSSOOutside
	}
	return err
}

// told is what the audit log says of a provider: no secret, no person.
func told(p Provider, ok bool) any {
	if !ok {
		return nil
	}
	return map[string]any{"issuer": p.Issuer, "client": p.ClientID, "domains": p.Domains, "required": p.Required, "trusted": p.Trusted, "acr": p.ACR}
}

func (s *SSO) managerTx(tx *db.Tx, manager User) (User, error) {
	by, err := s.users.managerTx(tx, manager.ID)
	if err == nil && !by.May(DealerGroup) {
		err = ErrGrant
	}
	return by, err
}

// EndTx takes the provider of a manager's group away: who came through it is signed out, but the manager.
func (s *SSO) EndTx(ctx context.Context, tx *db.Tx, manager User) error {
	by, err := s.managerTx(tx, manager)
	if err != nil {
		return err
	}
	old, had, err := providerOf(tx.DB, by.Group, true)
	if err != nil || !had {
		return orConflict(err, ErrNoSSO)
	}
	if err := dropProviderTx(tx, by.Group); err != nil {
		return err
	}
	if err := endLinksTx(tx, by.Group, "", by.Actor()); err != nil {
		return err
	}
	if err := endGroupSessionsTx(tx, by.Group, by.ID); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: "group.sso_ended", Subject: "group:" + string(by.Group), Old: told(old, true)})
}

// UnlinkTx forgets who a colleague is at the provider: the next sign-on matches him by mail anew.
func (s *SSO) UnlinkTx(ctx context.Context, tx *db.Tx, manager User, who id.User) error {
	by, err := s.managerTx(tx, manager)
	if err != nil {
		return err
	}
	n, err := countLinks(tx.DB, by.Group, who)
	if err != nil || n == 0 {
		return orConflict(err, ErrNoUser)
	}
	if err := endLinksTx(tx, by.Group, who, by.Actor()); err != nil {
		return err
	}
	if who != by.ID {
		if err := endSessionsTx(tx, who); err != nil {
			return err
		}
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: "user.sso_unlinked", Subject: "user:" + string(who)})
}

// Linked is a colleague whom the provider knows.
type Linked struct {
	ID          id.User
	Name, Email string
	LinkedAt    time.Time
	UsedAt      time.Time
}

// LinkedOf lists whom the group's provider has let in, by name.
func (s *SSO) LinkedOf(ctx context.Context, g id.Group) ([]Linked, error) {
	return linkedOf(s.users.db.Read(ctx), g)
}

// ReleaseSSO lets the staff of a group sign in by their own passwords again, for the day on which its provider is
// gone. It is the operator's; ErrNoSSO when nothing is required.
func (s *Users) ReleaseSSO(ctx context.Context, g id.Group) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := releaseTx(tx, g)
		if err != nil || !ok {
			return orConflict(err, ErrNoSSO)
		}
		return audit.WriteTx(ctx, tx, audit.Row{Actor: "system", Action: "group.sso_released", Subject: "group:" + string(g)})
	})
}

// sealed closes the client's secret for this group, issuer and client, and for no other.
func (s *SSO) sealed(p Provider, secret string) []byte {
	nonce := make([]byte, s.seal.NonceSize())
	_, _ = rand.Read(nonce)
	return s.seal.Seal(nonce, nonce, []byte(secret), p.bound())
}

func (p Provider) bound() []byte {
	return []byte(string(p.Group) + "\x00" + p.Issuer + "\x00" + p.ClientID)
}

func (s *SSO) secretOf(p Provider) (string, error) {
	n := s.seal.NonceSize()
	if len(p.sealed) < n {
		return "", fmt.Errorf("identity: the sealed secret of %s is cut", p.Group)
	}
	plain, err := s.seal.Open(nil, p.sealed[:n], p.sealed[n:], p.bound())
	if err != nil {
		return "", fmt.Errorf("identity: the client's secret of %s cannot be opened: %w", p.Group, err)
	}
	return string(plain), nil
}
