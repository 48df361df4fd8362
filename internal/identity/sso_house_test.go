package identity

import (
	"context"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity/idptest"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/outward"
)

const pennine = id.Group("gb-pennine")

// house is a group with its provider, its manager and a colleague.
type house struct {
	*SSO
	idp   *idptest.Provider
	chief User
	amy   User
}

func demoReach() outward.Options { return outward.Options{Demo: true, Timeout: time.Minute} }

func ssoHouse(t *testing.T) *house {
	t.Helper()
	users, amy := staffed(t)
	s, err := NewSSO(users, []byte("a secret of the tests, 32 bytes or more"), shopURL, demoReach())
	must(t, err)
	h := &house{SSO: s, idp: idptest.New(t), amy: amy, chief: colleague(t, users, "chief@example.com", Grant{GroupManager, leeds})}
	must(t, h.save(t, h.setting(), h.idp.Secret))
	return h
}

func (h *house) setting() Provider {
	return Provider{Issuer: h.idp.URL, ClientID: h.idp.Client, Domains: []string{"example.com"}}
}

func (h *house) save(t *testing.T, p Provider, secret string) error {
	t.Helper()
	return h.users.act(t, func(ctx context.Context, tx *db.Tx) error { return h.SaveTx(ctx, tx, h.chief, p, secret) })
}

func person(subject, email string) idptest.Person {
	return idptest.Person{Subject: subject, Email: email, Verified: true}
}

func (h *house) begin(t *testing.T) Departure {
	t.Helper()
	d, err := h.Begin(t.Context(), pennine, "/dealer", "", false)
	must(t, err)
	return d
}

// answer is the way back of somebody who went by d.
func (h *house) answer(t *testing.T, d Departure, who idptest.Person) Return {
	t.Helper()
	q := h.idp.Visit(t, d.URL, who).Query()
	return Return{Group: pennine, State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Browser: d.Browser}
}

func (h *house) comes(t *testing.T, who idptest.Person) (Entry, error) {
	t.Helper()
	return h.Finish(t.Context(), h.answer(t, h.begin(t), who))
}
