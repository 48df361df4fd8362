package stripegw

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/stripe/stripe-go/v76"
)

// mostKeys bounds how many keys a call is made with, one after the other.
const mostKeys = 4

// withKeys makes a call under a key, and under the next one when the key turns out to be spoiled and done, asked then,
// finds no trace of the call at the provider. Everybody who repeats the call, in any process, walks the same row of keys,
// so that what is done under one of them is done once.
func withKeys(key string, p *stripe.Params, call func() error, done func() (bool, error)) error {
	for n := 1; ; n++ {
		p.SetIdempotencyKey(nthKey(key, n))
		err := call()
		if err == nil || !spoiled(err) {
			return err
		}
		if ok, readErr := done(); ok {
			return nil
		} else if readErr != nil || n == mostKeys {
			return err
		}
	}
}

// nthKey is written so that it is no other call's key.
func nthKey(key string, n int) string {
	if n == 1 {
		return key
	}
	return key + "#" + strconv.Itoa(n)
}

// spoiled tells that a key is of no use any more: it was answered with 500 before, and Stripe gives that answer to
// it for a day, whether or not the call was executed (https://docs.stripe.com/api/idempotent_requests).
func spoiled(err error) bool {
	var answer *stripe.Error
	return errors.As(err, &answer) && answer.HTTPStatusCode == http.StatusInternalServerError && answer.LastResponse != nil &&
		answer.LastResponse.Header.Get("Idempotent-Replayed") == "true"
}
