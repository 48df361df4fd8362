package identity

import (
	"net/url"
	"testing"
	"time"
)

// TestCodesAreThoseOfTheStandard: the vectors of RFC 6238, appendix B, of which the last six digits are shown.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	secret := base32Plain.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got, err := TOTPCode(secret, time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("at %d: %s %v, want %s", at, got, err, want)
		}
	}
	if _, err := TOTPCode("not base 32!", time.Unix(59, 0)); err == nil {
		t.Error("a secret that is none has a code")
	}
	if a, b := newTOTPSecret(), newTOTPSecret(); a == b || len(a) != 32 {
		t.Errorf("secrets: %s %s", a, b)
	}
}

func TestTheAddressForAnApp(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(totpAddress("anna+one@example.com", "ABC"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Forecourt:anna+one@example.com" || q.Get("secret") != "ABC" || q.Get("issuer") != "Forecourt" || q.Get("period") != "30" || q.Get("digits") != "6" || q.Get("algorithm") != "SHA1" {
		t.Errorf("%s", u)
	}
}
