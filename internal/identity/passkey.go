package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

func relyingParty(baseURL string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("identity: passkeys need the site's address, not %q", baseURL)
	}
	return webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Forecourt", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation})
}

// keyHolder is an account as the library sees it: its handle is the account's id and says nothing.
type keyHolder struct {
	u    User
	keys []webauthn.Credential
}

func (k keyHolder) WebAuthnID() []byte {
	b, _ := id.Bytes(string(k.u.ID)) // a row's own
	return b[:]
}
func (k keyHolder) WebAuthnName() string                       { return k.u.Email }
func (k keyHolder) WebAuthnDisplayName() string                { return k.u.Name }
func (k keyHolder) WebAuthnCredentials() []webauthn.Credential { return k.keys }

// Challenge is what a browser hands to a device: Key names it here, Options are the browser's.
type Challenge struct {
	Key     string          `json:"key"`
	Options json.RawMessage `json:"options"`
}

func (f *Factors) challenge(ctx context.Context, who id.User, options any, s *webauthn.SessionData) (Challenge, error) {
	doc, err := json.Marshal(options)
	if err != nil {
		return Challenge{}, err
	}
	key, err := keepChallenge(ctx, f.users.db, who, s)
	return Challenge{key, doc}, err
}

// BeginPasskey asks for a new passkey of the account. The device must see to it that its owner is there
// (PIN, finger, face), so that the key is two factors in one.
func (f *Factors) BeginPasskey(ctx context.Context, u User) (Challenge, error) {
	keys, err := credentialsOf(f.users.db.Read(ctx), u.ID)
	if err != nil {
		return Challenge{}, err
	}
	var known []protocol.CredentialDescriptor
	for _, k := range keys {
		known = append(known, k.Descriptor())
	}
	options, s, err := f.web.BeginRegistration(keyHolder{u, keys}, webauthn.WithExclusions(known),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}))
	if err != nil {
		return Challenge{}, err
	}
	return f.challenge(ctx, u.ID, options.Response, s)
}

// AddPasskey keeps the key that a device made for a challenge of BeginPasskey.
func (f *Factors) AddPasskey(ctx context.Context, u User, key, name string, answer []byte) error {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > 60 || !printable(name) {
		return ErrPasskeyName
	}
	s, ok, err := takeChallenge(ctx, f.users.db, u.ID, key)
	if err != nil || !ok {
		return orConflict(err, ErrPasskey)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(bytes.NewReader(answer))
	if err != nil {
		return badPasskey(err)
	}
	c, err := f.web.CreateCredential(keyHolder{u, nil}, s, parsed)
	if err != nil {
		return badPasskey(err)
	}
	return f.users.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertPasskeyTx(tx, u.ID, c, name); err != nil {
			return err
		}
		return f.auditTx(ctx, tx, u, "user.passkey_added")
	})
}

// AskPasskey asks whoever is there for a passkey of his.
func (f *Factors) AskPasskey(ctx context.Context) (Challenge, error) {
	options, s, err := f.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Challenge{}, err
	}
	return f.challenge(ctx, "", options.Response, s)
}

// ByPasskey tells who answered a challenge of AskPasskey. All that is wrong is ErrPasskey, with its cause for
// the log; a key whose counter ran back was copied, and is refused too.
// half is who owes a second factor after his group's provider has let him in; nobody else of a group that requires
// its provider gets in by a passkey: ErrUseSSO.
func (f *Factors) ByPasskey(ctx context.Context, key string, answer []byte, half id.User) (User, error) {
	s, ok, err := takeChallenge(ctx, f.users.db, "", key)
	if err != nil || !ok {
		return User{}, orConflict(err, ErrPasskey)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(bytes.NewReader(answer))
	if err != nil {
		return User{}, badPasskey(err)
	}
	var who User
	c, err := f.web.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		h, err := f.holder(ctx, handle)
		who = h.u
		return h, err
	}, s, parsed)
	if err != nil {
		return User{}, badPasskey(err)
	}
	if c.Authenticator.CloneWarning {
		return User{}, ErrPasskey
	}
	if who.Policy.SSO && who.ID != half {
		return User{}, ErrUseSSO.With("Group", string(who.Group))
	}
	return who, f.users.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if ok, err := usedPasskeyTx(tx, who.ID, c); err != nil || !ok {
			return orConflict(err, ErrPasskey)
		}
		if err := loggedInTx(tx, who.ID); err != nil {
			return err
		}
		return audit.WriteTx(ctx, tx, audit.Row{Actor: who.Actor(), Action: "user.signed_in", Subject: "user:" + string(who.ID)})
	})
}

func (f *Factors) holder(ctx context.Context, handle []byte) (keyHolder, error) {
	if len(handle) != 16 {
		return keyHolder{}, ErrPasskey
	}
	g := f.users.db.Read(ctx)
	u, ok, err := userByID(g, id.User(id.Text([16]byte(handle))), f.users.o.Demo)
	if err != nil || !ok {
		return keyHolder{}, orConflict(err, ErrPasskey)
	}
	keys, err := credentialsOf(g, u.ID)
	return keyHolder{u, keys}, err
}

func badPasskey(cause error) error {
	return fault.Wrap(ErrPasskey.Kind, ErrPasskey.Key, ErrPasskey.Op, cause)
}
