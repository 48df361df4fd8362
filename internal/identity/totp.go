package identity

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// base32Plain is how authenticator apps write their secrets.
var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// newTOTPSecret makes a secret for an authenticator app, of the length that RFC 4226 recommends.
func newTOTPSecret() string {
	b := make([]byte, sha1.Size)
	_, _ = rand.Read(b) // it never fails
	return base32Plain.EncodeToString(b)
}

// totpAddress is what an app reads from its picture.
func totpAddress(email, secret string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/Forecourt:" + email, RawQuery: url.Values{"secret": {secret}, "issuer": {"Forecourt"}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {fmt.Sprint(codeStep)}}.Encode()}
	return u.String()
}

// TOTPCode is the code that an authenticator app shows at an instant (RFC 6238: SHA-1, six digits, thirty seconds).
func TOTPCode(secret string, at time.Time) (string, error) {
	key, err := base32Plain.DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("identity: a secret of an app cannot be read: %w", err)
	}
	m := hmac.New(sha1.New, key)
	_ = binary.Write(m, binary.BigEndian, at.Unix()/codeStep)
	sum := m.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000), nil
}
