package web

import (
	"net/http"
	"net/url"
	"strings"

	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"

	"github.com/labstack/echo/v4"
)

// LangField asks for a page in a language of its market; langCookie keeps what was asked for. Words that are
// no language of the market are as good as none, wherever they come from.
const (
	LangField  = "lang"
	langCookie = "lang"
	langAge    = 365 * 24 * 60 * 60
)

const (
	localeKey = "forecourt.locale"
	onlyKey   = "forecourt.locale.only"
	queryKey  = "forecourt.query"
)

// LanguageLink leads to the same page in another language of the market.
type LanguageLink struct{ URL, Lang, Name string }

// Locale is what a visitor of a market reads: what the address asks for, else what was asked for before,
// else what the page speaks by itself (SpeakTo), else the market's first.
func (k *Kit) Locale(c echo.Context, m *market.Market) string {
	own, _ := c.Get(localeKey).(string)
	if len(m.Also) == 0 || c.Get(onlyKey) != nil {
		return m.Speak(own)
	}
	if l, ok := m.LocaleOf(c.QueryParam(LangField)); ok {
		return l
	}
	if kept, err := c.Cookie(langCookie); err == nil {
		if l, ok := m.LocaleOf(kept.Value); ok {
			return l
		}
	}
	return m.Speak(own)
}

// SpeakTo says which language a page has by itself, such as that of the order it shows.
func SpeakTo(c echo.Context, locale string) { c.Set(localeKey, locale) }

// SpeakOnly is for documents: what was agreed stands in the language it was agreed in, whoever reads it.
func SpeakOnly(c echo.Context, locale string) {
	c.Set(localeKey, locale)
	c.Set(onlyKey, true)
}

// Remember keeps the language that a visitor followed a link to, for this shop alone. What then answers
// depends on the visitor, so that nobody in between may hand it to another.
func (k *Kit) Remember(c echo.Context, shop string, m *market.Market) {
	if len(m.Also) == 0 {
		return
	}
	c.Response().Header().Add("Vary", "Cookie")
	asked := c.QueryParam(LangField)
	if _, ok := m.LocaleOf(asked); !ok || !reads(c) {
		return
	}
	c.SetCookie(&http.Cookie{Name: langCookie, Value: asked, Path: shop, MaxAge: langAge, HttpOnly: true,
		Secure: strings.HasPrefix(k.BaseURL, "https://"), SameSite: http.SameSiteLaxMode})
}

func reads(c echo.Context) bool {
	return c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead
}

// CountQuery names the query of a page that visitors share: its links must not carry what else one of them
// came with.
func CountQuery(c echo.Context, q url.Values) { c.Set(queryKey, q) }

// languages lists the market's other languages. An answer to a form has no address to lead to.
func (k *Kit) languages(c echo.Context, m *market.Market, locale string) []LanguageLink {
	if len(m.Also) == 0 || !reads(c) || c.Get(onlyKey) != nil {
		return nil
	}
	q, shared := c.Get(queryKey).(url.Values)
	if !shared {
		q = c.QueryParams()
	}
	var out []LanguageLink
	path := "/" + strings.TrimLeft(c.Request().URL.EscapedPath(), "/") // two slashes would lead to another site
	for _, l := range m.Locales() {
		if l == locale {
			continue
		}
		p, there := k.Catalogue.Printer(l), url.Values{}
		for name, values := range q {
			there[name] = values
		}
		there.Set(LangField, i18n.LanguageOf(l))
		out = append(out, LanguageLink{URL: path + "?" + there.Encode(), Lang: p.Lang(), Name: p.T("shared.this_language")})
	}
	return out
}

// LocalePath is the address of a public page in a locale of its market: the first one needs no word.
func LocalePath(path string, m *market.Market, locale string) string {
	if locale == m.Locale {
		return path
	}
	return path + "?" + LangField + "=" + i18n.LanguageOf(locale)
}
