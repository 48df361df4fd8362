package signin

import (
	"net/url"
	"strings"

	"forecourt/internal/identity"
)

// LocalPath accepts a path of this site, with its query, and nothing that a browser could read as
// another site: no scheme, no host, no backslash (browsers take it for a slash), no control sign.
func LocalPath(next string) (string, bool) {
	if len(next) > 500 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return "", false
	}
	if strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f || r > 0x7e }) {
		return "", false
	}
	u, err := url.ParseRequestURI(next)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(u.Path, "\\\r\n") {
		return "", false
	}
	return next, true
}

// home is where a role works.
func home(u identity.User) string {
	if u.Role == identity.RoleDealer {
		return "/dealer"
	}
	if u.Role == identity.RoleAgent {
		return "/manager/used" // the one page of the office that is an agent's
	}
	return "/manager"
}

// destination is where somebody goes who has just signed in: where he wanted to, unless that belongs
// to another role or would ask for a login again.
func destination(u identity.User, next string) string {
	next, ok := LocalPath(next)
	if !ok || under(next, "/login") || under(next, "/logout") {
		return home(u)
	}
	for _, portal := range []string{"/dealer", "/manager"} {
		if under(next, portal) && portal != home(u) {
			return home(u)
		}
	}
	return next
}

func under(path, portal string) bool {
	rest, ok := strings.CutPrefix(path, portal)
	return ok && (rest == "" || rest[0] == '/' || rest[0] == '?')
}
