package main

import (
	"errors"
	"strings"
	"testing"

	"forecourt/config"
	"forecourt/internal/id"
	"forecourt/internal/identity"
)

func TestWhatAUserLacksIsSaidFirst(t *testing.T) {
	t.Parallel()
	anna := identity.User{Email: "anna@example.com", Name: "Anna Whitcombe"}
	with := func(r identity.Role, d id.Dealer, m ...id.Market) identity.User {
		u := anna
		u.Role, u.Dealer, u.Markets = r, d, m
		return u
	}
	for name, c := range map[string]struct {
		user                              identity.User
		list, disable, apiClient, partner bool
		want                              []string
	}{
		"nothing":           {want: []string{"-email", "-name", "-role"}},
		"no role":           {user: anna, want: []string{"-role"}},
		"unknown role":      {user: with("king", ""), want: []string{`"king"`}},
		"dealer of none":    {user: with(identity.RoleDealer, ""), want: []string{"-dealer"}},
		"manager of none":   {user: with(identity.RoleManager, ""), want: []string{"-market"}},
		"manager, a dealer": {user: with(identity.RoleManager, "gb-leeds-northgate", "gb"), want: []string{"-dealer"}},
		"dealer":            {user: with(identity.RoleDealer, "gb-leeds-northgate")},
		"group's manager":   {user: identity.User{Email: "a@example.com", Name: "Anna", Role: identity.RoleDealer, Dealer: "gb-x", Grants: []identity.Grant{{Role: identity.GroupManager, Dealer: "gb-x"}}}},
		"no such role":      {user: identity.User{Email: "a@example.com", Name: "Anna", Role: identity.RoleDealer, Dealer: "gb-x", Grants: []identity.Grant{{Role: "king", Dealer: "gb-x"}}}, want: []string{`"king"`}},
		"manager":           {user: with(identity.RoleManager, "", "gb")},
		"head office":       {user: with(identity.RoleHQ, "")},
		"disable whom":      {disable: true, want: []string{"-email"}},
		"disable":           {user: anna, disable: true},
		"client of none":    {apiClient: true, want: []string{"-dealer", "-name"}},
		"a partner":         {apiClient: true, partner: true, want: []string{"-name"}},
		"a dealer's":        {user: identity.User{Name: "Plug finder", Dealer: "gb-x"}, apiClient: true, partner: true, want: []string{"-partner"}},
		"list":              {list: true},
	} {
		got := missing(c.user, c.list, c.disable, c.apiClient, c.partner)
		if len(got) != len(c.want) {
			t.Errorf("%s: %q", name, got)
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s: %q does not name %s", name, got[i], want)
			}
		}
	}
}

func TestMistakesInSettingsSayWhereToReadOn(t *testing.T) {
	t.Parallel()
	err := explained(config.Mistakes{"SECRET_KEY is missing"})
	if !strings.HasSuffix(err.Error(), "config/example.env") || !strings.Contains(err.Error(), "SECRET_KEY") {
		t.Errorf("got %v", err)
	}
	other := errors.New("the disk is full")
	if !errors.Is(explained(other), other) || explained(nil) != nil || strings.Contains(explained(other).Error(), "example.env") {
		t.Error("other errors are changed")
	}
}
