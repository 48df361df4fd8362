package identity

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"

	"github.com/go-webauthn/webauthn/webauthn"
)

// How often one account may try a second factor or its own password. Right ones count too, which nobody
// who owns the account feels.
var (
	secondTries  = limit.Rule{Name: "second.account", Max: 10, Window: 15 * time.Minute}
	confirmTries = limit.Rule{Name: "confirm.account", Max: 10, Window: 15 * time.Minute}
)

// codeStep is how long a code of an authenticator app is shown; one before and one after are taken too,
// for phones whose clocks are a little off.
const (
	codeStep      = 30
	recoveryCodes = 10
)

// Factors keeps the second factors of accounts: codes of an authenticator app, recovery codes, passkeys.
type Factors struct {
	users *Users
	seal  cipher.AEAD
	web   *webauthn.WebAuthn
}

// Held is what an account has.
type Held struct {
	TOTP     bool
	Codes    int // recovery codes that are left
	Passkeys []Passkey
}

// Passkey is a key that lives in a device.
type Passkey struct {
	ID        string
	Name      string
	CreatedAt time.Time
	UsedAt    time.Time
	Used      bool
}

// NewFactors takes the process's secret, with which secrets of apps are sealed, and the address of the site,
// to which passkeys are bound.
func NewFactors(users *Users, secret []byte, baseURL string) (*Factors, error) {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("second factors"))
	block, err := aes.NewCipher(m.Sum(nil))
	if err != nil {
		return nil, err
	}
	f := &Factors{users: users}
	if f.seal, err = cipher.NewGCM(block); err != nil {
		return nil, err
	}
	f.web, err = relyingParty(baseURL)
	return f, err
}

// Of tells what the account has.
func (f *Factors) Of(ctx context.Context, u User) (Held, error) {
	return factorsOf(f.users.db.Read(ctx), u.ID)
}

// BeginTOTP gives the address that an authenticator app reads from its picture, and the secret for people
// who type it. ErrHasTOTP when an app works already.
func (f *Factors) BeginTOTP(ctx context.Context, u User) (address, secret string, err error) {
	nonce := make([]byte, f.seal.NonceSize())
	_, _ = rand.Read(nonce)
	sealed := f.seal.Seal(nonce, nonce, []byte(newTOTPSecret()), []byte(u.ID))
	err = f.users.db.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return beginTotpTx(tx, u.ID, sealed) })
	if err != nil {
		return "", "", err
	}
	r, secret, err := f.secretOf(ctx, u.ID)
	if err != nil {
		return "", "", err
	}
	if r.On {
		return "", "", ErrHasTOTP
	}
	// The one that is kept: it may be older than the one made above.
	return totpAddress(u.Email, secret), secret, nil
}

func (f *Factors) secretOf(ctx context.Context, who id.User) (totpRow, string, error) {
	r, ok, err := totpOf(f.users.db.Read(ctx), who)
	if err != nil || !ok {
		return r, "", err
	}
	n := f.seal.NonceSize()
	if len(r.Sealed) < n {
		return r, "", fmt.Errorf("identity: the sealed secret of %s is cut", who)
	}
	plain, err := f.seal.Open(nil, r.Sealed[:n], r.Sealed[n:], []byte(who))
	if err != nil {
		return r, "", fmt.Errorf("identity: the secret of %s cannot be opened: %w", who, err)
	}
	return r, string(plain), nil
}

// stepOf is the step of time whose code this is; false when it is none of the three that count now.
func stepOf(secret, code string, epoch int64) (int64, bool) {
	for _, step := range []int64{epoch / codeStep, epoch/codeStep - 1, epoch/codeStep + 1} {
		want, err := TOTPCode(secret, time.Unix(step*codeStep, 0))
		if err == nil && hmac.Equal([]byte(want), []byte(code)) {
			return step, true
		}
	}
	return 0, false
}

// ConfirmTOTP switches the app on with its first code and gives the recovery codes, which are shown once.
func (f *Factors) ConfirmTOTP(ctx context.Context, u User, code string) ([]string, error) {
	if err := limit.Take(ctx, f.users.db, secondTries, string(u.ID)); err != nil {
		return nil, err
	}
	r, secret, err := f.secretOf(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	step, ok := stepOf(secret, plainDigits(code), r.Epoch)
	if secret == "" || !ok {
		return nil, ErrCode
	}
	codes, hashes := newCodes()
	err = f.users.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if ok, err := confirmTotpTx(tx, u.ID, step); err != nil || !ok {
			return orConflict(err, ErrHasTOTP)
		}
		if err := replaceCodesTx(tx, u.ID, hashes); err != nil {
			return err
		}
		return f.auditTx(ctx, tx, u, "user.totp_on")
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// Check takes a code of the app, or a recovery code; each counts once. Wrong is ErrCode, too often is
// limit.ErrLimited, also with a right one.
func (f *Factors) Check(ctx context.Context, u User, code string) error {
	if err := limit.Take(ctx, f.users.db, secondTries, string(u.ID)); err != nil {
		return err
	}
	if digits := plainDigits(code); len(digits) == 6 {
		r, secret, err := f.secretOf(ctx, u.ID)
		if err != nil {
			return err
		}
		step, ok := stepOf(secret, digits, r.Epoch)
		if secret == "" || !r.On || !ok {
			return ErrCode
		}
		ok, err = takeStep(ctx, f.users.db, u.ID, step)
		if err != nil || !ok {
			return orConflict(err, ErrCode)
		}
		return nil
	}
	return f.users.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := takeCodeTx(tx, u.ID, hashCode(code))
		if err != nil || !ok {
			return orConflict(err, ErrCode)
		}
		return f.auditTx(ctx, tx, u, "user.recovery_code_used")
	})
}

// NewCodes replaces the recovery codes.
func (f *Factors) NewCodes(ctx context.Context, u User) ([]string, error) {
	codes, hashes := newCodes()
	return codes, f.users.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := replaceCodesTx(tx, u.ID, hashes); err != nil {
			return err
		}
		return f.auditTx(ctx, tx, u, "user.recovery_codes")
	})
}

// EndTOTP takes the app and its recovery codes away; ErrLastFactor when the group wants one and there is no
// passkey.
func (f *Factors) EndTOTP(ctx context.Context, u User) error {
	return f.drop(ctx, u, "user.totp_off", func(tx *db.Tx) error { return endTotpTx(tx, u.ID) })
}

// EndPasskey takes a passkey of the account's own away.
func (f *Factors) EndPasskey(ctx context.Context, u User, key string) error {
	return f.drop(ctx, u, "user.passkey_ended", func(tx *db.Tx) error {
		ok, err := endPasskeyTx(tx, u.ID, key)
		if err != nil || !ok {
			return orConflict(err, ErrNoDevice)
		}
		return nil
	})
}

// drop locks the account, so that two who each take one of two factors away do not leave none.
func (f *Factors) drop(ctx context.Context, u User, action string, act func(*db.Tx) error) error {
	return f.users.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockUsersTx(tx, u.ID); err != nil {
			return err
		}
		if err := act(tx); err != nil {
			return err
		}
		now, ok, err := userByID(tx.DB, u.ID, f.users.o.Demo)
		if err != nil {
			return err
		}
		if ok && now.Policy.SecondFactor && !now.Second {
			return ErrLastFactor
		}
		return f.auditTx(ctx, tx, u, action)
	})
}

// Confirm asks the owner of an account for its password again.
func (s *Users) Confirm(ctx context.Context, u User, password string) error {
	if err := limit.Take(ctx, s.db, confirmTries, string(u.ID)); err != nil {
		return err
	}
	acc, err := s.account(ctx, u.Email)
	if err != nil {
		return err
	}
	if len(password) > maxPassword {
		password = ""
	}
	ok, err := matches(ctx, password, acc.hash)
	if err != nil {
		return err
	}
	if !ok || acc.ID != u.ID {
		return ErrLogin
	}
	return nil
}

// Confirm asks the owner of an account to show once more that it is his: the password, or a code of the app, which
// is all that somebody has who came by his group's provider and never had a password here.
func (f *Factors) Confirm(ctx context.Context, u User, secret string) error {
	if len(plainDigits(secret)) == 6 && u.Second {
		return f.Check(ctx, u, secret)
	}
	return f.users.Confirm(ctx, u, secret)
}

// Unlock opens a session that was left alone: with the password, or with a code of the app. Where the group's
// provider is required the password is worth nothing: ErrUseSSO.
func (f *Factors) Unlock(ctx context.Context, u User, secret string) error {
	if u.Policy.SSO && len(plainDigits(secret)) != 6 {
		return ErrUseSSO.With("Group", string(u.Group))
	}
	return f.Confirm(ctx, u, secret)
}

func (f *Factors) auditTx(ctx context.Context, tx *db.Tx, u User, action string) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: u.Actor(), Action: action, Subject: "user:" + string(u.ID)})
}

// plainDigits is a code as apps mean it, without the blank that they show in its middle.
func plainDigits(code string) string {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	for _, r := range code {
		if r < '0' || r > '9' {
			return ""
		}
	}
	return code
}

var plainBase32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// newCodes makes recovery codes for people, "ABCD-EFGH-IJKL-MNOP" with 80 random bits each, and their hashes.
func newCodes() (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		b := make([]byte, 10)
		_, _ = rand.Read(b)
		s := plainBase32.EncodeToString(b)
		codes = append(codes, s[:4]+"-"+s[4:8]+"-"+s[8:12]+"-"+s[12:])
		hashes = append(hashes, hashCode(s))
	}
	return codes, hashes
}

// hashCode reads a recovery code as people type it.
func hashCode(code string) []byte {
	sum := sha256.Sum256([]byte(strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))))
	return sum[:]
}
