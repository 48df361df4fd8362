package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"forecourt/config"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
)

// missing says what the flags lack for what they ask, before anybody types a password.
func missing(u identity.User, list, disable, apiClient, partner bool) []string {
	var out []string
	need := func(bad bool, what string) {
		if bad {
			out = append(out, what)
		}
	}
	for _, g := range u.Grants {
		need(g.Role.May() == nil, fmt.Sprintf("-site-role: %q is none of service, handover, sales, site_manager, group_manager", g.Role))
		need(u.Role != identity.RoleDealer, "-site-role belongs to the role dealer only")
	}
	switch {
	case list:
	case disable:
		need(u.Email == "", "-email is missing: the login to end")
	case apiClient:
		need(u.Dealer == "" && !partner, "-dealer is missing: the code of the client's dealer (forecourt user -dealers lists them)")
		need(u.Dealer != "" && partner, "-partner belongs to no -dealer")
		need(u.Name == "", "-name is missing: what to call the system")
	default:
		need(u.Email == "", "-email is missing: the e-mail address of the login")
		need(u.Name == "", "-name is missing: the name of the person")
		switch u.Role {
		case identity.RoleDealer:
			need(u.Dealer == "", "-dealer is missing: the code of the dealer (forecourt user -dealers lists them)")
		case identity.RoleManager, identity.RoleAgent:
			need(len(u.Markets) == 0, "-market is missing: a manager or an agent has at least one market")
		case identity.RoleHQ:
		case "":
			need(true, "-role is missing: dealer, manager, hq or agent")
		default:
			need(true, fmt.Sprintf("-role: %q is none of dealer, manager, hq, agent", u.Role))
		}
		need(u.Dealer != "" && (u.Role == identity.RoleManager || u.Role == identity.RoleHQ || u.Role == identity.RoleAgent), "-dealer belongs to the role dealer only")
	}
	return out
}

// checkDealer refuses a code that no dealer has; none is fine.
func checkDealer(ctx context.Context, d *db.DB, code id.Dealer) error {
	if code == "" {
		return nil
	}
	var n int
	if _, err := db.One(d.Read(ctx), &n, `SELECT count(*) FROM dealers WHERE code = ?`, code); err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("-dealer: there is no dealer %q; forecourt user -dealers lists them", code)
	}
	return nil
}

// listDealers prints the code and the name of every dealer.
func listDealers(ctx context.Context, d *db.DB) error {
	var rows []struct{ Code, Name string }
	if err := d.Read(ctx).Raw(`SELECT code, coalesce(doc ->> 'name', '') AS name FROM dealers ORDER BY code`).Scan(&rows).Error; err != nil {
		return err
	}
	if len(rows) == 0 {
		fmt.Println("There are no dealers yet. Load them with: forecourt import")
	}
	for _, r := range rows {
		fmt.Printf("%-28s %s\n", r.Code, r.Name)
	}
	return nil
}

// addUser makes or changes a login. The password comes from standard input, so that it is in no
// argument list and no shell history.
func addUser(ctx context.Context, d *db.DB, users *identity.Users, u identity.User) error {
	if err := checkDealer(ctx, d, u.Dealer); err != nil {
		return err
	}
	fmt.Fprint(os.Stderr, "Password (at least 12 characters): ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return errors.New("no password on standard input")
	}
	made, err := users.Upsert(ctx, u, strings.TrimRight(line, "\r\n"))
	if err != nil {
		return err
	}
	fmt.Printf("Login %s is ready (%s).\n", made.Email, made.Role)
	return nil
}

// clientRights are what a system may do beside reading its dealer's orders; a partner's has no dealer.
type clientRights struct{ partner, reports, stock, cars bool }

// addClient makes an API client of a dealer's or a partner's system.
func addClient(ctx context.Context, d *db.DB, s config.Settings, u identity.User, may clientRights) error {
	if err := checkDealer(ctx, d, u.Dealer); err != nil {
		return err
	}
	seeds := s.TokenKeys
	if len(seeds) == 0 {
		seeds = []string{identity.NewSeed()} // nothing is signed here
	}
	keys, err := identity.ParseKeys(seeds...)
	if err != nil {
		return err
	}
	tokens := identity.NewTokens(d, keys)
	add := func() (id.APIClient, string, error) { return tokens.AddClient(ctx, u.Dealer, u.Name) }
	if may.partner {
		add = func() (id.APIClient, string, error) { return tokens.AddPartner(ctx, u.Name) }
	}
	client, secret, err := add()
	if err != nil {
		return err
	}
	for _, x := range []struct {
		wanted bool
		allow  func(context.Context, id.APIClient) error
	}{{may.reports && !may.partner, tokens.AllowReports}, {may.stock && !may.partner, tokens.AllowStock}, {may.cars, tokens.AllowCars}} {
		if !x.wanted {
			continue
		}
		if err := x.allow(ctx, client); err != nil {
			return err
		}
	}
	fmt.Printf("client_id     %s\nclient_secret %s   (shown once)\n", client, secret)
	base := s.BaseURL
	if base == "" {
		base = "http://localhost:8080"
	}
	fmt.Printf("POST %s/api/v1/token; description at %s/api/v1/openapi.json\n", base, base)
	return nil
}
