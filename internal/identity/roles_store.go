package identity

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// setRolesTx makes the roles of an account those of u: others end, missing ones begin.
func setRolesTx(tx *db.Tx, by string, u *User) error {
	have, err := grantsOf(tx.DB, u.ID)
	if err != nil {
		return err
	}
	for _, g := range have {
		if !slices.Contains(u.Grants, g) {
			if err := endRoleTx(tx, by, u.ID, g); err != nil {
				return err
			}
		}
	}
	for _, g := range u.Grants {
		if err := addRoleTx(tx, by, u.ID, g); err != nil {
			return err
		}
	}
	return nil
}

// grantsOf lists the roles of an account as they were given: a group's manager once, with a site of the group.
func grantsOf(g *gorm.DB, who id.User) ([]Grant, error) {
	var out []Grant
	err := g.Raw(`SELECT r.role, coalesce(r.dealer, min(d.code)) AS dealer FROM staff_roles r LEFT JOIN dealers d ON d.group_code = r.group_code
		WHERE r.user_id = ? AND r.ended_at IS NULL GROUP BY r.id, r.role, r.dealer ORDER BY 2, 1`, who).Scan(&out).Error
	return out, err
}

func addRoleTx(tx *db.Tx, by string, who id.User, g Grant) error {
	query := `INSERT INTO staff_roles (id, user_id, role, dealer, granted_by, granted_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	if g.Role == GroupManager {
		query = `INSERT INTO staff_roles (id, user_id, role, group_code, granted_by, granted_at)
			VALUES (?, ?, ?, (SELECT group_code FROM dealers WHERE code = ?), ?, ?) ON CONFLICT DO NOTHING`
	}
	err := tx.Exec(query, id.New[string](), who, g.Role, g.Dealer, by, tx.Now).Error
	switch db.Constraint(err) {
	case "staff_roles_dealer_fkey", "staff_roles_scope":
		return ErrNoDealer
	}
	return err
}

func endRoleTx(tx *db.Tx, by string, who id.User, g Grant) error {
	return tx.Exec(`UPDATE staff_roles SET ended_at = ?, ended_by = ? WHERE user_id = ? AND role = ? AND ended_at IS NULL
		AND (dealer = ? OR group_code = (SELECT group_code FROM dealers WHERE code = ?))`, tx.Now, by, who, g.Role, g.Dealer, g.Dealer).Error
}

// lockUsersTx locks accounts in the order of their ids, so that two managers who change each other wait
// instead of meeting in a circle.
func lockUsersTx(tx *db.Tx, who ...id.User) error {
	slices.Sort(who)
	for _, u := range who {
		if err := tx.Exec(`SELECT 1 FROM users WHERE id = ? FOR UPDATE`, u).Error; err != nil {
			return err
		}
	}
	return nil
}

// moveHomeTx makes another site the one where the login begins, when the account has no role at the old one.
func moveHomeTx(tx *db.Tx, who id.User) error {
	return tx.Exec(`UPDATE users u SET dealer = x.code FROM (
			SELECT min(d.code) AS code, bool_or(d.code = h.dealer) AS same FROM users h
			JOIN staff_roles r ON r.user_id = h.id AND r.ended_at IS NULL JOIN dealers d ON d.code = r.dealer OR d.group_code = r.group_code
			WHERE h.id = ?) x
		WHERE u.id = ? AND x.code IS NOT NULL AND NOT x.same`, who, who).Error
}

// Colleague is a member of a dealer's staff as the page of the staff shows him.
type Colleague struct {
	ID          id.User
	Name, Email string
	Grants      []Grant
	LastLoginAt time.Time // zero before the first
	Second      bool
	Off         bool // the login is closed
}

type colleagueRow struct {
	ID, Name, Email string
	Grants          []byte
	LastLoginAt     *time.Time
	Second, Off     bool
}

// colleagues finds the staff with a role at any of the sites. Of their roles only those at these sites are
// told: what somebody does elsewhere is nobody's business here. The sites are part of the query, so that
// no id of another group finds anybody.
const colleagues = `SELECT u.id, u.name, u.email, u.last_login_at, u.disabled_at IS NOT NULL AS off, ` + hasSecond + ` AS second,
		json_agg(json_build_object('role', r.role, 'dealer', d.code) ORDER BY d.code, r.role) AS grants
	FROM users u JOIN staff_roles r ON r.user_id = u.id AND r.ended_at IS NULL
	JOIN dealers d ON (d.code = r.dealer OR d.group_code = r.group_code) AND d.code = ANY(string_to_array(@sites, ','))
	WHERE (NOT u.demo OR @demo) AND (@who = '' OR u.id::text = @who)
	GROUP BY u.id ORDER BY u.name, u.id`

// ColleaguesOf lists the staff at the sites that the manager runs; with an id only that one, nobody when
// he has no role there.
func (s *Users) ColleaguesOf(ctx context.Context, manager User, who id.User) ([]Colleague, error) {
	return colleaguesOf(s.db.Read(ctx), manager, who, s.o.Demo)
}

func colleaguesOf(g *gorm.DB, manager User, who id.User, demo bool) ([]Colleague, error) {
	var rows []colleagueRow
	err := g.Raw(colleagues, map[string]any{"sites": joined(manager.SitesWith(DealerStaff)), "who": string(who), "demo": demo}).Scan(&rows).Error
	out := make([]Colleague, 0, len(rows))
	for _, r := range rows {
		c := Colleague{ID: id.User(r.ID), Name: r.Name, Email: r.Email, Second: r.Second, Off: r.Off}
		c.LastLoginAt = db.OrZero(r.LastLoginAt)
		if err := json.Unmarshal(r.Grants, &c.Grants); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, err
}

func joined(sites []id.Dealer) string {
	out := ""
	for i, s := range sites {
		if i > 0 {
			out += ","
		}
		out += string(s)
	}
	return out
}
