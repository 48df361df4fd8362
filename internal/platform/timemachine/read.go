package timemachine

import (
	"time"

	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// known tells whether the schema has jumps at all: the migration may wait.
func known(g *gorm.DB) (there bool, err error) {
	_, err = db.One(g, &there, `SELECT to_regclass('clock_jumps') IS NOT NULL`)
	return there, err
}

// Ahead is how far the clock of a database was walked; zero where no jumps are known.
func Ahead(g *gorm.DB) (time.Duration, error) {
	if there, err := known(g); err != nil || !there {
		return 0, err
	}
	var secs int64
	_, err := db.One(g, &secs, `SELECT coalesce(sum(walked), 0)::bigint FROM clock_jumps`)
	return time.Duration(secs) * time.Second, err
}

// Last lists the newest jumps, the newest first; one that is walked still is the first.
func Last(g *gorm.DB, n int) ([]Jump, error) {
	if there, err := known(g); err != nil || !there {
		return nil, err
	}
	var rows []struct {
		Seq, BySecs, Walked int64
		FromAt, AskedAt     time.Time
		ToAt                *time.Time
		AskedBy             string
	}
	err := g.Raw(`SELECT seq, by_secs, walked, from_at, to_at, asked_by, asked_at FROM clock_jumps ORDER BY seq DESC LIMIT ?`, n).Scan(&rows).Error
	out := make([]Jump, len(rows))
	for i, r := range rows {
		out[i] = Jump{Seq: r.Seq, By: time.Duration(r.BySecs) * time.Second, Walked: time.Duration(r.Walked) * time.Second, From: r.FromAt, Who: r.AskedBy, Asked: r.AskedAt}
		if r.ToAt != nil {
			out[i].To = *r.ToAt
		}
	}
	return out, err
}

// Asked is how far the clock is ahead when all is walked that was asked for.
func Asked(g *gorm.DB) (time.Duration, error) {
	var secs int64
	_, err := db.One(g, &secs, `SELECT coalesce(sum(by_secs), 0)::bigint FROM clock_jumps`)
	return time.Duration(secs) * time.Second, err
}
