package identity

import (
	"context"
	"fmt"
	"slices"

	"forecourt/internal/platform/db"
)

// EnsureDemoTx makes the demo's accounts as listed, all with DemoPassword. The password is hashed
// once and the hash shared: seventy times would be felt at the first start, and the password is no
// secret. An account that is not a demo's is never touched (ErrTaken).
func EnsureDemoTx(ctx context.Context, tx *db.Tx, users []User) error {
	have, hash, err := demoAccounts(tx.DB)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u, err = u.checked(); err != nil {
			return fmt.Errorf("demo login: %w", err)
		}
		u.Demo = true
		if old, ok := have[u.Email]; ok && same(old, u) {
			continue
		}
		if hash == "" {
			if hash, err = hashPassword(ctx, DemoPassword); err != nil {
				return err
			}
		}
		ok, err := upsertDemoTx(tx, &u, hash)
		if err != nil {
			return err
		}
		if !ok {
			return ErrTaken
		}
		if err := setRolesTx(tx, "system", &u); err != nil {
			return err
		}
	}
	return nil
}

func same(a, b User) bool {
	return a.Name == b.Name && a.Role == b.Role && a.Dealer == b.Dealer && slices.Equal(a.Markets, b.Markets) && sameGrants(a.Grants, b.Grants)
}

// sameGrants compares what was stored, in which a group's manager holds it at every site, with what is asked for.
func sameGrants(have, want []Grant) bool {
	for _, g := range want {
		if !slices.Contains(have, g) {
			return false
		}
	}
	for _, g := range have {
		if !slices.Contains(want, g) && (g.Role != GroupManager || !slices.ContainsFunc(want, func(w Grant) bool { return w.Role == GroupManager })) {
			return false
		}
	}
	return true
}
