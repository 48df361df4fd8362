package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
)

const shopURL = "https://shop.example.com"

func factored(t *testing.T) (*Factors, User) {
	t.Helper()
	s, u := staffed(t)
	f, err := NewFactors(s, []byte("a secret of the tests, 32 bytes or more"), shopURL)
	must(t, err)
	return f, u
}

// codeAt is what an app shows some steps away from now, by the database's clock.
func (f *Factors) codeAt(t *testing.T, secret string, steps int64) string {
	t.Helper()
	var epoch int64
	_, err := db.One(f.users.db.Read(t.Context()), &epoch, `SELECT floor(extract(epoch FROM clock_timestamp()))::bigint`)
	must(t, err)
	code, err := TOTPCode(secret, time.Unix(epoch+steps*codeStep, 0))
	must(t, err)
	return code
}

// enrol sets an app up and gives its secret and the recovery codes.
func (f *Factors) enrol(t *testing.T, u User) (string, []string) {
	t.Helper()
	_, secret, err := f.BeginTOTP(t.Context(), u)
	must(t, err)
	codes, err := f.ConfirmTOTP(t.Context(), u, f.codeAt(t, secret, 0))
	must(t, err)
	return secret, codes
}

func TestAnAppIsSetUpOnceAndItsCodesCountOnce(t *testing.T) {
	t.Parallel()
	f, u := factored(t)
	address, secret, err := f.BeginTOTP(t.Context(), u)
	must(t, err)
	_, again, err := f.BeginTOTP(t.Context(), u)
	must(t, err)
	if again != secret || len(secret) < 32 || address == "" {
		t.Errorf("a page loaded again shows another secret: %q, %q", secret, again)
	}
	if n := countRows(t, f.users.db, `SELECT count(*) FROM user_totp WHERE position(convert_to(?, 'UTF8') IN sealed) > 0`, secret); n != 0 {
		t.Error("the secret lies open in the table")
	}
	if f.users.again(t, u.ID).Second {
		t.Error("an app without its first code counts")
	}
	refused(t, "before it is switched on", f.Check(t.Context(), u, f.codeAt(t, secret, 0)), ErrCode)
	_, err = f.ConfirmTOTP(t.Context(), u, f.codeAt(t, secret, 9))
	refused(t, "a code of another time", err, ErrCode)
	first := f.codeAt(t, secret, 0)
	codes, err := f.ConfirmTOTP(t.Context(), u, first[:3]+" "+first[3:])
	must(t, err)
	if len(codes) != recoveryCodes || !f.users.again(t, u.ID).Second {
		t.Errorf("%d recovery codes", len(codes))
	}
	refused(t, "the first code once more", f.Check(t.Context(), u, first), ErrCode)
	next := f.codeAt(t, secret, 1)
	must(t, f.Check(t.Context(), u, next))
	refused(t, "a code twice", f.Check(t.Context(), u, next), ErrCode)
	_, _, err = f.BeginTOTP(t.Context(), u)
	refused(t, "another app beside it", err, ErrHasTOTP)
	other := colleague(t, f.users, "other@example.com", Grant{Sales, leeds})
	refused(t, "somebody else's code", f.Check(t.Context(), other, f.codeAt(t, secret, 1)), ErrCode)
}

func TestRecoveryCodesWorkOnce(t *testing.T) {
	t.Parallel()
	f, u := factored(t)
	_, codes := f.enrol(t, u)
	var in atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := f.Check(t.Context(), u, " "+codes[0]); err == nil {
				in.Add(1)
			} else if !errors.Is(err, ErrCode) {
				t.Errorf("a loser hears %v", err)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 {
		t.Errorf("one code opened %d times", in.Load())
	}
	fresh, err := f.NewCodes(t.Context(), u)
	must(t, err)
	refused(t, "an older code", f.Check(t.Context(), u, codes[1]), ErrCode)
	must(t, f.Check(t.Context(), u, fresh[0]))
	if h, err := f.Of(t.Context(), u); err != nil || !h.TOTP || h.Codes != recoveryCodes-1 {
		t.Errorf("what is left: %+v, %v", h, err)
	}
	if n := countRows(t, f.users.db, `SELECT count(*) FROM recovery_codes WHERE position(convert_to(?, 'UTF8') IN hash) > 0`, fresh[1]); n != 0 {
		t.Error("a code lies open in the table")
	}
}

func TestTheSecondFactorIsNotGuessed(t *testing.T) {
	t.Parallel()
	f, u := factored(t)
	secret, _ := f.enrol(t, u)
	var err error
	for range secondTries.Max + 1 {
		err = f.Check(t.Context(), u, "000000")
	}
	refused(t, "the eleventh", err, limit.ErrLimited)
	refused(t, "the right one then", f.Check(t.Context(), u, f.codeAt(t, secret, 1)), limit.ErrLimited)
}

func TestTheLastFactorStaysWhereTheGroupWantsOne(t *testing.T) {
	t.Parallel()
	f, u := factored(t)
	f.users.setPolicy(t, "gb-pennine", true)
	f.enrol(t, u)
	refused(t, "the app, alone", f.EndTOTP(t.Context(), u), ErrLastFactor)
	if !f.users.again(t, u.ID).Second {
		t.Fatal("it is gone all the same")
	}
	d := newDevice(t)
	must(t, f.register(t, u, d))
	must(t, f.EndTOTP(t.Context(), u))
	h, err := f.Of(t.Context(), u)
	must(t, err)
	refused(t, "the passkey, alone", f.EndPasskey(t.Context(), u, h.Passkeys[0].ID), ErrLastFactor)
	f.users.setPolicy(t, "gb-pennine", false)
	must(t, f.EndPasskey(t.Context(), u, h.Passkeys[0].ID))
}

func (s *Users) setPolicy(t *testing.T, group string, second bool) {
	t.Helper()
	must(t, s.db.Read(t.Context()).Exec(`UPDATE dealer_groups SET second_factor = ? WHERE code = ?`, second, group).Error)
}

// Who asks a group for a second factor has one; nobody but the group's manager asks.
func TestTheGroupsPolicyIsItsManagers(t *testing.T) {
	t.Parallel()
	f, _ := factored(t)
	chief := colleague(t, f.users, "chief@example.com", Grant{GroupManager, leeds})
	site := colleague(t, f.users, "site@example.com", Grant{SiteManager, leeds})
	set := func(by User, second bool, minutes int) error {
		return f.users.act(t, func(ctx context.Context, tx *db.Tx) error { return f.users.PolicyTx(ctx, tx, by, second, minutes) })
	}
	refused(t, "a site's manager", set(site, false, 20), ErrGrant)
	refused(t, "too short", set(chief, false, 4), ErrLock)
	refused(t, "too long", set(chief, false, 121), ErrLock)
	refused(t, "without one himself", set(chief, true, 20), ErrFirstYourself)
	f.enrol(t, chief)
	must(t, set(chief, true, 20))
	if p := f.users.again(t, site.ID).Policy; !p.SecondFactor || p.LockAfter != 20*time.Minute {
		t.Errorf("the policy of a colleague is %+v", p)
	}
}

// device is an authenticator in software: one key on the curve P-256, with its owner always there.
type device struct {
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	origin  string
	counter uint32
	flags   byte // of the authenticator data: present and verified
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	d := &device{key: key, id: make([]byte, 32), origin: shopURL, flags: 0x01 | 0x04}
	_, _ = rand.Read(d.id)
	return d
}

var b64 = base64.RawURLEncoding

func (d *device) client(kind, challenge string) []byte {
	doc, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return doc
}

func (d *device) data(rp string, attested []byte) []byte {
	sum := sha256.Sum256([]byte(rp))
	flags := d.flags
	if attested != nil {
		flags |= 0x40
	}
	d.counter++
	out := append(sum[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.counter)
	return append(out, attested...)
}

// cbor writes byte strings of less than 65536 bytes.
func cborBytes(b []byte) []byte {
	head := []byte{0x59, byte(len(b) >> 8), byte(len(b))}
	return append(head, b...)
}

// create answers a challenge for a new key.
func (d *device) create(t *testing.T, options json.RawMessage) []byte {
	t.Helper()
	var o struct {
		Challenge string
		RP        struct{ ID string }
		User      struct{ ID string }
	}
	must(t, json.Unmarshal(options, &o))
	d.handle, _ = b64.DecodeString(o.User.ID)
	point, err := d.key.PublicKey.Bytes()
	must(t, err)
	public := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...)
	public = append(append(public, 0x22, 0x58, 0x20), point[33:]...)
	attested := append(make([]byte, 16), byte(len(d.id)>>8), byte(len(d.id)))
	attested = append(append(attested, d.id...), public...)
	object := append([]byte{0xa3, 0x63}, "fmt"...)
	object = append(append(object, 0x64), "none"...)
	object = append(append(append(object, 0x67), "attStmt"...), 0xa0)
	object = append(append(object, 0x68), "authData"...)
	object = append(object, cborBytes(d.data(o.RP.ID, attested))...)
	return d.answer(map[string]string{"clientDataJSON": b64.EncodeToString(d.client("webauthn.create", o.Challenge)), "attestationObject": b64.EncodeToString(object)})
}

// get answers a challenge with the key.
func (d *device) get(t *testing.T, options json.RawMessage) []byte {
	t.Helper()
	var o struct {
		Challenge string
		RPID      string `json:"rpId"`
	}
	must(t, json.Unmarshal(options, &o))
	client, data := d.client("webauthn.get", o.Challenge), d.data(o.RPID, nil)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte(nil), data...), sum[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	must(t, err)
	return d.answer(map[string]string{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(sig), "userHandle": b64.EncodeToString(d.handle)})
}

func (d *device) answer(response map[string]string) []byte {
	doc, _ := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	return doc
}

func (f *Factors) register(t *testing.T, u User, d *device) error {
	t.Helper()
	ask, err := f.BeginPasskey(t.Context(), u)
	must(t, err)
	return f.AddPasskey(t.Context(), u, ask.Key, "Desk phone", d.create(t, ask.Options))
}

func (f *Factors) enter(t *testing.T, d *device) (User, error) {
	t.Helper()
	ask, err := f.AskPasskey(t.Context())
	must(t, err)
	return f.ByPasskey(t.Context(), ask.Key, d.get(t, ask.Options), "")
}

func TestAPasskeyIsRegisteredUsedAndRevoked(t *testing.T) {
	t.Parallel()
	f, u := factored(t)
	d := newDevice(t)
	must(t, f.register(t, u, d))
	if !f.users.again(t, u.ID).Second {
		t.Error("a passkey is no second factor")
	}
	in, err := f.enter(t, d)
	must(t, err)
	if in.ID != u.ID || !in.At(leeds) {
		t.Errorf("the passkey signed in %+v", in)
	}
	h, err := f.Of(t.Context(), u)
	must(t, err)
	if len(h.Passkeys) != 1 || !h.Passkeys[0].Used || h.Passkeys[0].Name != "Desk phone" {
		t.Errorf("the list shows %+v", h.Passkeys)
	}
	other := colleague(t, f.users, "other@example.com", Grant{Sales, leeds})
	refused(t, "the same key for another account", f.register(t, other, d), ErrPasskey)
	d.handle = u.handle()
	refused(t, "somebody else's key by its id", f.EndPasskey(t.Context(), other, h.Passkeys[0].ID), ErrNoDevice)
	must(t, f.EndPasskey(t.Context(), u, h.Passkeys[0].ID))
	_, err = f.enter(t, d)
	refused(t, "a revoked key", err, ErrPasskey)
}

func (u User) handle() []byte { b, _ := id.Bytes(string(u.ID)); return b[:] }

func TestWrongPasskeysAreRefused(t *testing.T) {
	t.Parallel()
	f, u := factored(t)
	d := newDevice(t)
	ask, err := f.BeginPasskey(t.Context(), u)
	must(t, err)
	refused(t, "no name", f.AddPasskey(t.Context(), u, ask.Key, " ", d.create(t, ask.Options)), ErrPasskeyName)
	must(t, f.AddPasskey(t.Context(), u, ask.Key, "Phone", d.create(t, ask.Options)))
	for name, change := range map[string]func(*device){
		"another site's":         func(d *device) { d.origin = "https://evil.example.com" },
		"its owner not there":    func(d *device) { d.flags = 0 },
		"its owner not verified": func(d *device) { d.flags = 0x01 },
		"another key":            func(d *device) { d.key = newDevice(t).key },
		"an unknown id":          func(d *device) { d.id = newDevice(t).id },
		"an unknown account":     func(d *device) { d.handle = make([]byte, 16) },
		"no account":             func(d *device) { d.handle = nil },
	} {
		bad := *d
		change(&bad)
		_, err := f.enter(t, &bad)
		refused(t, name, err, ErrPasskey)
	}
	refused(t, "another site's at the registration", f.register(t, u, &device{key: newDevice(t).key, id: newDevice(t).id, origin: "https://evil.example.com", flags: 5}), ErrPasskey)

	first, err := f.AskPasskey(t.Context())
	must(t, err)
	answer := d.get(t, first.Options)
	_, err = f.ByPasskey(t.Context(), first.Key, answer, "")
	must(t, err)
	_, err = f.ByPasskey(t.Context(), first.Key, answer, "")
	refused(t, "an answer twice", err, ErrPasskey)
	second, err := f.AskPasskey(t.Context())
	must(t, err)
	_, err = f.ByPasskey(t.Context(), second.Key, answer, "")
	refused(t, "an answer to another challenge", err, ErrPasskey)
	for _, rubbish := range []string{"", "{}", "null", `{"id":"x"}`} {
		ask, err := f.AskPasskey(t.Context())
		must(t, err)
		_, err = f.ByPasskey(t.Context(), ask.Key, []byte(rubbish), "")
		refused(t, rubbish, err, ErrPasskey)
	}
	d.counter = 0 // a copy whose counter is behind
	_, err = f.enter(t, d)
	refused(t, "a copy", err, ErrPasskey)

	late, err := f.AskPasskey(t.Context())
	must(t, err)
	must(t, f.users.db.Read(t.Context()).Exec(`UPDATE passkey_challenges SET expires_at = current_timestamp - interval '1 second'`).Error)
	d.counter = 100
	_, err = f.ByPasskey(t.Context(), late.Key, d.get(t, late.Options), "")
	refused(t, "too late", err, ErrPasskey)
	must(t, sweep(t, f.users.db))
	if n := countRows(t, f.users.db, `SELECT count(*) FROM passkey_challenges`); n != 0 {
		t.Errorf("%d old challenges are kept", n)
	}
}
