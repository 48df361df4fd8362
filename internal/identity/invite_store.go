package identity

import (
	"context"
	"encoding/json"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type invitationRow struct {
	ID, GroupCode, GroupName, Email, Name, InvitedBy string
	Roles                                            []byte
	CreatedAt, ExpiresAt                             time.Time
	SentAt, AcceptedAt, WithdrawnAt                  *time.Time
}

const invitationColumns = `i.id, i.group_code, g.name AS group_name, i.email, i.name, i.roles, i.invited_by, i.created_at, i.expires_at, i.sent_at, i.accepted_at, i.withdrawn_at
	FROM staff_invitations i JOIN dealer_groups g ON g.code = i.group_code `

func (r invitationRow) invitation() (Invitation, error) {
	i := Invitation{ID: id.Invitation(r.ID), Group: id.Group(r.GroupCode), GroupName: r.GroupName, Email: r.Email, Name: r.Name, By: id.User(r.InvitedBy),
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, Open: r.AcceptedAt == nil && r.WithdrawnAt == nil, Sent: r.SentAt != nil}
	return i, json.Unmarshal(r.Roles, &i.Grants)
}

func insertInvitationTx(tx *db.Tx, i Invitation, hash []byte) error {
	roles, err := json.Marshal(i.Grants)
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO staff_invitations (id, group_code, email, name, roles, token_hash, invited_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		i.ID, i.Group, i.Email, i.Name, string(roles), hash, i.By, tx.Now, i.ExpiresAt).Error
	return err
}

// withdrawInvitationsTx ends what is open for an e-mail in a group: a new invitation makes the old link worthless.
func withdrawInvitationsTx(tx *db.Tx, g id.Group, email string) error {
	return tx.Exec(`UPDATE staff_invitations SET withdrawn_at = ? WHERE group_code = ? AND email = ? AND accepted_at IS NULL AND withdrawn_at IS NULL`, tx.Now, g, email).Error
}

func endInvitationTx(tx *db.Tx, i id.Invitation) (bool, error) {
	return db.Changed(tx.DB, `UPDATE staff_invitations SET withdrawn_at = ? WHERE id = ? AND accepted_at IS NULL AND withdrawn_at IS NULL`, tx.Now, i)
}

// acceptInvitationTx is the one moment in which a link is used: two that come together meet here.
func acceptInvitationTx(tx *db.Tx, i id.Invitation, who id.User) (bool, error) {
	return db.Changed(tx.DB, `UPDATE staff_invitations SET accepted_at = ?, accepted_by = ? WHERE id = ? AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > ?`, tx.Now, who, i, tx.Now)
}

func invitationByHash(g *gorm.DB, hash []byte) (Invitation, bool, error) {
	var r invitationRow
	ok, err := db.One(g, &r, `SELECT `+invitationColumns+`WHERE i.token_hash = ?`, hash)
	if err != nil || !ok {
		return Invitation{}, false, err
	}
	i, err := r.invitation()
	return i, true, err
}

// InvitationByID reads one, for the job that mails it.
func (s *Users) InvitationByID(ctx context.Context, key id.Invitation) (Invitation, bool, error) {
	var r invitationRow
	ok, err := db.One(s.db.Read(ctx), &r, `SELECT `+invitationColumns+`WHERE i.id = ?`, key)
	if err != nil || !ok {
		return Invitation{}, false, err
	}
	i, err := r.invitation()
	return i, true, err
}

// MarkInvited notes that the letter was handed over.
func (s *Users) MarkInvited(ctx context.Context, key id.Invitation) error {
	return s.db.Read(ctx).Exec(`UPDATE staff_invitations SET sent_at = ? WHERE id = ? AND sent_at IS NULL`, s.db.Clock.Now(), key).Error
}

// openInvitations lists what waits in a group, all of whose sites are among those asked about.
func openInvitations(g *gorm.DB, group id.Group, sites string) ([]Invitation, error) {
	var rows []invitationRow
	err := g.Raw(`SELECT `+invitationColumns+`WHERE i.group_code = ? AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(i.roles) x WHERE x ->> 'dealer' <> ALL (string_to_array(?, ','))) ORDER BY i.created_at, i.id`, group, sites).Scan(&rows).Error
	out := make([]Invitation, len(rows))
	for n, r := range rows {
		if out[n], err = r.invitation(); err != nil {
			return nil, err
		}
	}
	return out, err
}
