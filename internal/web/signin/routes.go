package signin

import (
	"context"
	"time"

	"forecourt/internal/identity"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"
)

// Door knows the accounts of staff; *identity.Users is one.
type Door interface {
	Login(ctx context.Context, email, password, ip string) (identity.User, error)
	Invited(ctx context.Context, token string) (identity.Invitation, error)
	Join(ctx context.Context, token, password string) (identity.User, error)
	ResetBy(ctx context.Context, token string) (identity.Reset, error)
	HasPassword(ctx context.Context, u identity.User) (bool, error)
}

// Keeper gives accounts another password and tells their owners; *team.Service is one.
type Keeper interface {
	Reset(ctx context.Context, token, password string) (identity.User, error)
	ChangePassword(ctx context.Context, u identity.User, here, old, fresh string) error
}

// linkTries bounds how often one address may try links of mails.
var linkTries = limit.Rule{Name: "login.link", Max: 60, Window: 15 * time.Minute}

// Surface is the sign-in page.
type Surface struct {
	kit     *web.Kit
	door    Door
	keeper  Keeper
	factors *identity.Factors
	sso     *identity.SSO
}

// New makes the surface.
func New(k *web.Kit, d Door, keep Keeper, f *identity.Factors, sso *identity.SSO) *Surface {
	return &Surface{kit: k, door: d, keeper: keep, factors: f, sso: sso}
}

// Routes are all doors of the surface. They are public: who comes here is a stranger still.
func (s *Surface) Routes() []web.Route {
	return []web.Route{
		web.GET("/login", identity.Public, s.showLogin),
		web.POST("/login", identity.Public, s.submitLogin),
		web.GET("/login/sso", identity.Public, s.showSSO),
		web.POST("/login/sso", identity.Public, s.beginSSO),
		web.GET("/login/sso/:group/callback", identity.Public, s.finishSSO),
		web.GET("/login/second", identity.Public, s.showSecond),
		web.POST("/login/second", identity.Public, s.submitSecond),
		web.POST("/login/passkey/begin", identity.Public, s.askPasskey),
		web.POST("/login/passkey", identity.Public, s.submitPasskey),
		web.GET("/login/unlock", identity.Public, s.showUnlock),
		web.POST("/login/unlock", identity.Public, s.submitUnlock),
		web.GET("/account", identity.Own, s.showAccount),
		web.GET("/account/app", identity.Own, s.showApp),
		web.POST("/account/app", identity.Own, s.submitApp),
		web.POST("/account/app/end", identity.Own, s.endApp),
		web.POST("/account/codes", identity.Own, s.newCodes),
		web.POST("/account/passkeys/begin", identity.Own, s.beginPasskey),
		web.POST("/account/passkeys", identity.Own, s.addPasskey),
		web.POST("/account/passkeys/:passkey/end", identity.Own, s.endPasskey),
		web.POST("/account/devices/end", identity.Own, s.endDevices),
		web.POST("/account/password", identity.Own, s.changePassword),
		web.GET("/login/invitation/:token", identity.Public, s.showInvitation),
		web.POST("/login/invitation/:token", identity.Public, s.join),
		web.GET("/login/reset/:token", identity.Public, s.showReset),
		web.POST("/login/reset/:token", identity.Public, s.reset),
		web.POST("/logout", identity.Public, s.submitLogout),
	}
}

// Samples gives a zero page per template, for the test that checks templates against their structs.
func Samples() map[string]any {
	return map[string]any{"shared/login": &LoginPage{SignOn: SignOn{"gb-pennine", "Pennine"}}, "shared/sso": &SSOPage{SignOn: SignOn{"gb-pennine", "Pennine"}, Next: "/"}, "shared/sso_go": &SSOGoPage{URL: "https://id.example.com", Host: "id.example.com"}, "shared/invitation": &InvitationPage{SSO: SignOn{"gb-pennine", "Pennine"}, Only: true, Roles: []string{"Sales"}},
		"shared/second": &SecondPage{}, "shared/unlock": &web.UnlockPage{App: true, Files: true, SSO: "gb-pennine", Only: true, Next: "/", Kept: []web.KeptField{{Name: "note", Value: "scratch"}}},
		"shared/reset":   &ResetPage{Name: "Anna", Email: "anna@example.com", Second: true},
		"shared/account": &AccountPage{Must: true, Due: true, Own: true, App: true, Codes: 3, Keys: []KeyLine{{ID: "x", Name: "Phone", Added: "today", Used: "today"}}, Devices: []DeviceLine{{ID: "x", Name: "Firefox, Linux", Since: "today", Seen: "today", Here: true, Locked: true}, {}}},
		"shared/app":     &AppPage{QR: web.DrawQR("otpauth://totp/x"), Secret: "ABCD EFGH"}, "shared/codes": &CodesPage{Codes: []string{"ABCD-EFGH-IJKL-MNOP"}}}
}
