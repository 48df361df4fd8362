package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"forecourt/config"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
)

// addUser makes or changes a login. The password comes from standard input, so that it is in no
// argument list and no shell history.
func addUser(ctx context.Context, users *identity.Users, u identity.User) error {
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

// addClient makes an API client of a dealer's system.
func addClient(ctx context.Context, d *db.DB, s config.Settings, u identity.User) error {
	seeds := s.TokenKeys
	if len(seeds) == 0 {
		seeds = []string{identity.NewSeed()} // nothing is signed here
	}
	keys, err := identity.ParseKeys(seeds...)
	if err != nil {
		return err
	}
	client, secret, err := identity.NewTokens(d, keys).AddClient(ctx, u.Dealer, u.Name)
	if err != nil {
		return err
	}
	fmt.Printf("client_id     %s\nclient_secret %s   (shown once)\n", client, secret)
	return nil
}
