package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/sale"
	"forecourt/internal/world"
)

// quietSale is a sale as commands with a file need it: its jobs are left to the workers, and it says nothing.
func quietSale(ctx context.Context, d *db.DB) (*sale.Service, error) {
	quiet := slog.New(slog.DiscardHandler)
	keeper, err := world.NewKeeper(ctx, d, "", quiet)
	if err != nil {
		return nil, err
	}
	inserts, err := jobs.New(d.Pool, jobs.Options{})
	if err != nil {
		return nil, err
	}
	said, err := i18n.Load()
	if err != nil {
		return nil, err
	}
	return &sale.Service{DB: d, World: keeper, Jobs: inserts, Words: said, Log: quiet}, nil
}

// fileFault says in words what is wrong with a file as a whole; words are by the fault's key.
func fileFault(err error, words map[string]string) error {
	var x *fault.Fault
	if errors.As(err, &x) && words[x.Key] != "" {
		return fmt.Errorf("the file is refused: %s", words[x.Key])
	}
	return err
}
