package usedcar_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
	"forecourt/internal/web/manager"
	"forecourt/internal/web/webtest"
)

func (s *shopfront) agent(email string, m id.Market) *webtest.Browser {
	return s.house.Person(identity.User{Email: email, Name: "Sam Whitlock", Role: identity.RoleAgent, Markets: []id.Market{m}})
}

func TestAnAgentHoldsACarForACustomer(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.house.Open(manager.New(s.house.Kit, s.NewCar).SellUsed(s.UsedCar).Routes())
	s.Work()
	sam, chiara, boss := s.agent("sam@example.com", "gb"), s.agent("chiara@example.com", "it"), s.house.Manager("harriet@example.com", "gb")
	for _, typed := range []string{"U-7K2M9X", "u-7k2m9x", "UU1RJU00X247K2M9X", "ab21cde", "AB21+CDE", "dustre"} {
		s.says(sam.Get("/manager/used?q="+typed), 200, "/manager/used/U-7K2M9X/hold", "£15,990.00")
	}
	for _, b := range []*webtest.Browser{chiara, s.house.Stranger()} { // of another market, and nobody
		if a := b.Get("/manager/used?q=U-7K2M9X"); strings.Contains(a.Body, "Duster") {
			t.Error("somebody finds a car who may not")
		}
	}
	hold := "/manager/used/U-7K2M9X/hold"
	s.says(sam.Post(hold, fields("email", "priya")), 422, `id="email-error"`, `value="priya"`)
	s.is(usedcars.Listed)
	s.says(chiara.Post(hold, fields("email", "priya@example.com")), 404)
	s.says(sam.Post("/manager/used/U-ZZZZZZ/hold", fields("email", "priya@example.com")), 404)
	form := fields("email", "Priya@Example.com")
	s.says(sam.Post(hold, form), 303)
	s.says(sam.Post(hold, form), 303) // the same form, sent twice
	s.says(sam.Post(hold, fields("email", "other@example.com")), 409, "a moment quicker")
	s.is(usedcars.Held)
	link := ""
	testkit.Eventually(t, "a letter with the link", func() bool {
		for _, m := range s.Mails.Sent() {
			if m.To == "priya@example.com" {
				link = regexp.MustCompile(`/dacia/gb/used/hold/[\w-]+`).FindString(m.Text)
			}
		}
		return link != ""
	})
	buyer := s.house.Stranger()
	s.says(buyer.Get(link), 200, "Sam Whitlock of our customer service holds it for you", `value="priya@example.com"`)
	s.says(buyer.Get("/dacia/gb/used/dacia-duster-2023-u-7k2m9x"), 200, link) // it is not in his way
	s.says(buyer.Post(link, fields("act", "longer")), 303)
	s.says(boss.Get("/manager/used"), 200, "Sam Whitlock holds it for priya@example.com")
	s.acted("used.hold_for", 1)

	release := "/manager/used/U-7K2M9X/release"
	s.says(chiara.Post(release, fields()), 404)
	s.says(sam.Post(release, fields()), 303)
	s.says(sam.Post(release, fields()), 409)
	s.is(usedcars.Listed)
	s.says(buyer.Get(link), 200, "our customer service ended the hold")
	// What a buyer holds himself is nothing to an agent; the office may end it.
	s.hold()
	s.says(sam.Post(release, fields()), 404)
	s.is(usedcars.Held)
	s.says(boss.Post(release, fields()), 303)
	s.is(usedcars.Listed)
	s.acted("used.release", 2)
	// The customer goes on as everybody does.
	s.says(sam.Post(hold, fields("email", "priya@example.com")), 303)
	h, err := usedcars.HolderOf(s.DB.Read(t.Context()), s.car)
	if err != nil {
		t.Fatal(err)
	}
	if a := buyer.Post("/dacia/gb/used/hold/"+s.UsedCar.TokenOf(h.ID)+"/pay", details("seen_total", "1599000")); a.Status != http.StatusSeeOther {
		t.Fatalf("the customer orders: %d %s", a.Status, a.Body)
	}
	s.says(sam.Post(release, fields()), 409) // ordered
	s.Healthy("mail_leaves")
}

// acted counts what is in the audit log with somebody of the staff as its actor.
func (s *shopfront) acted(action string, want int) {
	s.T.Helper()
	var n int
	if _, err := db.One(s.DB.Read(s.T.Context()), &n, `SELECT count(*) FROM audit_log a JOIN users u ON a.actor = 'staff:' || u.id WHERE a.action = ?`, action); err != nil || n != want {
		s.T.Errorf("%d rows say %s, want %d, %v", n, action, want, err)
	}
}

// An agent passes the doors of the desk and those that are everybody's, and no other: what is not granted is refused.
func TestAnAgentPassesNoOtherDoor(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	office := manager.New(s.house.Kit, s.NewCar).SellUsed(s.UsedCar)
	s.house.Open(office.Routes())
	sam := s.agent("sam@example.com", "gb")
	agent := identity.User{Role: identity.RoleAgent, Markets: []id.Market{"gb"}}
	tried := 0
	for _, r := range office.Routes() {
		if agent.May(r.Perm) != (r.Perm == identity.AgentHold) {
			t.Errorf("%s %s asks for %s", r.Method, r.Path, r.Perm)
		}
		if r.Perm == identity.AgentHold || r.Method != http.MethodGet {
			continue
		}
		tried++
		if a := sam.Get(regexp.MustCompile(`:\w+`).ReplaceAllString(r.Path, "x")); a.Status != http.StatusForbidden {
			t.Errorf("GET %s answers an agent %d", r.Path, a.Status)
		}
	}
	for _, path := range []string{"/dealer", "/dealer/used", "/dealer/used/moves"} {
		if a := sam.Get(path); a.Status != http.StatusForbidden {
			t.Errorf("%s answers an agent %d", path, a.Status)
		}
	}
	if tried < 20 {
		t.Errorf("only %d doors were tried", tried)
	}
	if agent.Sees("it") || !agent.Sees("gb") || agent.At(testkit.Leeds) || agent.MayAt(identity.DealerSee, testkit.Leeds) {
		t.Error("an agent's scope is its markets")
	}
}
