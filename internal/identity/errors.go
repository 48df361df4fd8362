package identity

import "forecourt/internal/platform/fault"

// What can go wrong. ErrLogin, ErrClient and ErrToken never say which part was wrong.
var (
	ErrLogin         = fault.New(fault.Invalid, "login.failed", "identity.Login")
	ErrBusy          = fault.New(fault.Unavail, "fault.unavailable", "identity.Login")
	ErrClient        = fault.New(fault.Unsigned, "fault.unsigned", "identity.IssueToken")
	ErrToken         = fault.New(fault.Unsigned, "fault.unsigned", "identity.Verify")
	ErrPassword      = fault.New(fault.Invalid, "user.password_weak", "identity.SetPassword")
	ErrUser          = fault.New(fault.Invalid, "user.invalid", "identity.User")
	ErrTaken         = fault.New(fault.Conflict, "user.taken", "identity.Create")
	ErrNoUser        = fault.New(fault.NotFound, "user.unknown", "identity.User")
	ErrNoDealer      = fault.New(fault.Invalid, "user.dealer_unknown", "identity.User")
	ErrGrant         = fault.New(fault.Forbidden, "staff.not_yours", "identity.Grant")
	ErrGrantSelf     = fault.New(fault.Forbidden, "staff.not_self", "identity.Grant")
	ErrNoRole        = fault.New(fault.Invalid, "staff.no_role", "identity.Invite")
	ErrNoInvitation  = fault.New(fault.NotFound, "invitation.gone", "identity.Invitation")
	ErrLock          = fault.New(fault.Invalid, "group.lock_minutes", "identity.Policy")
	ErrFirstYourself = fault.New(fault.Conflict, "group.first_yourself", "identity.Policy")
	ErrCode          = fault.New(fault.Invalid, "second.wrong", "identity.Check")
	ErrHasTOTP       = fault.New(fault.Conflict, "second.has_app", "identity.TOTP")
	ErrLastFactor    = fault.New(fault.Conflict, "second.last", "identity.Factors")
	ErrPasskey       = fault.New(fault.Invalid, "passkey.failed", "identity.Passkey")
	ErrPasskeyName   = fault.New(fault.Invalid, "passkey.name", "identity.Passkey")
	ErrNoDevice      = fault.New(fault.NotFound, "device.gone", "identity.EndDevice")
	ErrNoClient      = fault.New(fault.NotFound, "client.unknown", "identity.RevokeClient")
)
