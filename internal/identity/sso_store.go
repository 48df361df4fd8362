package identity

import (
	"context"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type providerRow struct {
	GroupCode, GroupName, Issuer, ClientID, ACR, Version, Domains string
	Sealed                                                        []byte
	Required, Trusted                                             bool
	SavedAt                                                       time.Time
}

const selectProvider = `SELECT p.group_code, g.name AS group_name, p.issuer, p.client_id, p.sealed, p.required, p.trusted, p.acr, p.version, p.saved_at,
	coalesce((SELECT string_agg(d.domain, ',' ORDER BY d.domain) FROM sso_domains d WHERE d.group_code = p.group_code), '') AS domains
	FROM sso_providers p JOIN dealer_groups g ON g.code = p.group_code `

func (r providerRow) provider() Provider {
	p := Provider{Group: id.Group(r.GroupCode), GroupName: r.GroupName, Issuer: r.Issuer, ClientID: r.ClientID, Required: r.Required, Trusted: r.Trusted, ACR: r.ACR,
		SavedAt: r.SavedAt, sealed: r.Sealed, version: r.Version}
	if r.Domains != "" {
		p.Domains = strings.Split(r.Domains, ",")
	}
	return p
}

func providerOf(g *gorm.DB, group id.Group, lock bool) (Provider, bool, error) {
	query := selectProvider + `WHERE p.group_code = ?`
	if lock {
		query += ` FOR UPDATE OF p`
	}
	var r providerRow
	ok, err := db.One(g, &r, query, group)
	return r.provider(), ok, err
}

func providerForDomain(g *gorm.DB, domain string) (Provider, bool, error) {
	var r providerRow
	ok, err := db.One(g, &r, selectProvider+`WHERE p.group_code = (SELECT group_code FROM sso_domains WHERE domain = ?)`, domain)
	return r.provider(), ok, err
}

// requires tells whether the group lets nobody in by another way.
func requires(g *gorm.DB, group id.Group) (bool, error) {
	var one int
	return db.One(g, &one, `SELECT 1 FROM sso_providers WHERE group_code = ? AND required`, group)
}

func saveProviderTx(tx *db.Tx, p Provider, by string) error {
	return tx.Exec(`INSERT INTO sso_providers (group_code, issuer, client_id, sealed, required, trusted, acr, version, saved_by, saved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (group_code) DO UPDATE SET issuer = EXCLUDED.issuer, client_id = EXCLUDED.client_id, sealed = EXCLUDED.sealed, required = EXCLUDED.required, trusted = EXCLUDED.trusted,
			acr = EXCLUDED.acr, version = EXCLUDED.version, saved_by = EXCLUDED.saved_by, saved_at = EXCLUDED.saved_at`,
		p.Group, p.Issuer, p.ClientID, p.sealed, p.Required, p.Trusted, p.ACR, p.version, by, tx.Now).Error
}

// claimDomainsTx makes the group's domains those of p. One that another group has, or under which somebody
// outside the group has an account, is refused: the answer to a stranger's login would lead to the wrong house.
func claimDomainsTx(tx *db.Tx, p Provider) error {
	list := strings.Join(p.Domains, ",")
	var one int
	taken, err := db.One(tx.DB, &one, `SELECT 1 FROM users u LEFT JOIN dealers d ON d.code = u.dealer
		WHERE u.disabled_at IS NULL AND split_part(u.email, '@', 2) = ANY (string_to_array(?, ',')) AND d.group_code IS DISTINCT FROM ? LIMIT 1`, list, p.Group)
	if err != nil || taken {
		return orConflict(err, ErrSSOTaken)
	}
	if err := tx.Exec(`DELETE FROM sso_domains WHERE group_code = ? AND domain <> ALL (string_to_array(?, ','))`, p.Group, list).Error; err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO sso_domains (domain, group_code) SELECT x, ? FROM unnest(string_to_array(?, ',')) x
		WHERE NOT EXISTS (SELECT 1 FROM sso_domains WHERE domain = x AND group_code = ?)`, p.Group, list, p.Group).Error
	if db.Constraint(err) == "sso_domains_pkey" {
		return ErrSSOTaken
	}
	return err
}

func dropProviderTx(tx *db.Tx, group id.Group) error {
	if err := tx.Exec(`DELETE FROM sso_attempts WHERE group_code = ?`, group).Error; err != nil {
		return err
	}
	return tx.Exec(`DELETE FROM sso_providers WHERE group_code = ?`, group).Error
}

func releaseTx(tx *db.Tx, group id.Group) (bool, error) {
	return db.Changed(tx.DB, `UPDATE sso_providers SET required = false WHERE group_code = ? AND required`, group)
}

// staffOutside counts who works for the group and has no mail address that its provider speaks for.
func staffOutside(g *gorm.DB, group id.Group, domains []string) (n int, err error) {
	_, err = db.One(g, &n, `SELECT count(*) FROM users u JOIN dealers d ON d.code = u.dealer AND d.group_code = ?
		WHERE u.disabled_at IS NULL AND EXISTS (SELECT 1 FROM staff_roles r WHERE r.user_id = u.id AND r.ended_at IS NULL)
		AND split_part(u.email, '@', 2) <> ALL (string_to_array(?, ','))`, group, strings.Join(domains, ","))
	return n, err
}

// endLinksTx forgets one colleague of the group, or all when who is empty.
func endLinksTx(tx *db.Tx, group id.Group, who id.User, by string) error {
	return tx.Exec(`UPDATE sso_links SET ended_at = ?, ended_by = ? WHERE group_code = ? AND ended_at IS NULL AND (? = '' OR user_id::text = ?)`, tx.Now, by, group, who, who).Error
}

// endGroupSessionsTx ends what a provider opened for the group's staff, one person's aside.
func endGroupSessionsTx(tx *db.Tx, group id.Group, but id.User) error {
	return tx.Exec(`DELETE FROM sessions s USING users u JOIN dealers d ON d.code = u.dealer
		WHERE s.via = 'sso' AND substring(s.data FROM 1 FOR 36) = convert_to(u.id::text, 'UTF8') AND d.group_code = ? AND u.id::text <> ?`, group, but).Error
}

func countLinks(g *gorm.DB, group id.Group, who id.User) (n int, err error) {
	_, err = db.One(g, &n, `SELECT count(*) FROM sso_links WHERE group_code = ? AND user_id::text = ? AND ended_at IS NULL`, group, who)
	return n, err
}

func linkedTo(g *gorm.DB, who id.User, p Provider) (bool, error) {
	var one int
	return db.One(g, &one, `SELECT 1 FROM sso_links WHERE user_id = ? AND group_code = ? AND issuer = ? AND ended_at IS NULL`, who, p.Group, p.Issuer)
}

func linkedOf(g *gorm.DB, group id.Group) (out []Linked, err error) {
	err = g.Raw(`SELECT u.id, u.name, u.email, l.linked_at, l.used_at FROM sso_links l JOIN users u ON u.id = l.user_id
		WHERE l.group_code = ? AND l.ended_at IS NULL ORDER BY u.name, u.id`, group).Scan(&out).Error
	return out, err
}

// useLinkTx is the account behind a subject, used now.
func useLinkTx(tx *db.Tx, p Provider, subject string) (who id.User, ok bool, err error) {
	var key string
	ok, err = db.One(tx.DB, &key, `UPDATE sso_links SET used_at = ? WHERE group_code = ? AND issuer = ? AND subject = ? AND ended_at IS NULL RETURNING user_id`, tx.Now, p.Group, p.Issuer, subject)
	return id.User(key), ok, err
}

// linkTx notes who somebody is at the provider; ErrSSOSubject when he, or that subject, is somebody else there.
func linkTx(tx *db.Tx, p Provider, who id.User, subject string) error {
	ok, err := db.Changed(tx.DB, `INSERT INTO sso_links (id, user_id, group_code, issuer, subject, linked_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id.New[string](), who, p.Group, p.Issuer, subject, tx.Now, tx.Now)
	if err != nil || !ok {
		return orConflict(err, ErrSSOSubject)
	}
	return nil
}

// openInvitationTx is the invitation of the group to a mail address, when one can be accepted.
func openInvitationTx(tx *db.Tx, group id.Group, email string) (Invitation, bool, error) {
	var r invitationRow
	ok, err := db.One(tx.DB, &r, `SELECT `+invitationColumns+`WHERE i.group_code = ? AND i.email = ? AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > ?`, group, email, tx.Now)
	if err != nil || !ok {
		return Invitation{}, false, err
	}
	i, err := r.invitation()
	return i, true, err
}

// groupsOf lists the groups in which an account has a role.
func groupsOf(g *gorm.DB, who id.User) (out []id.Group, err error) {
	err = g.Raw(`SELECT DISTINCT coalesce(r.group_code, d.group_code) FROM staff_roles r LEFT JOIN dealers d ON d.code = r.dealer WHERE r.user_id = ? AND r.ended_at IS NULL ORDER BY 1`, who).Scan(&out).Error
	return out, err
}

// attempt is somebody on his way to the provider and back.
type attempt struct {
	GroupCode, Version, Nonce, Verifier, Next string
	Again                                     bool
	Begun, Now                                int64 // seconds, by the database's clock: providers keep the true time
}

// attemptLife is how long somebody may take at his provider.
const attemptLife = 10 * time.Minute

func keepAttempt(ctx context.Context, d *db.DB, state, browser []byte, a attempt) error {
	return d.Read(ctx).Exec(`INSERT INTO sso_attempts (group_code, state, browser, version, nonce, verifier, next, again, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, current_timestamp + make_interval(secs => ?))`,
		a.GroupCode, state, browser, a.Version, a.Nonce, a.Verifier, a.Next, a.Again, attemptLife.Seconds()).Error
}

// takeAttempt gives an attempt once, to the browser that began it.
func takeAttempt(ctx context.Context, d *db.DB, state, browser []byte, group id.Group) (attempt, bool, error) {
	var a attempt
	ok, err := db.One(d.Read(ctx), &a, `DELETE FROM sso_attempts WHERE state = ? AND browser = ? AND group_code = ? AND expires_at > current_timestamp
		RETURNING group_code, version, nonce, verifier, next, again, floor(extract(epoch FROM created_at))::bigint AS begun, floor(extract(epoch FROM clock_timestamp()))::bigint AS now`, state, browser, group)
	return a, ok, err
}
