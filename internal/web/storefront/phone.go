package storefront

import (
	"forecourt/internal/configurator"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Phone carries a car from a wide screen to a phone: the page's own address, as a code to photograph and in
// letters. The code is drawn into the page, or is a picture that only those load who unfold it.
type Phone struct {
	Link    string
	QR      web.QR
	Picture string
	Open    bool
}

// longestCode bounds what is put into a code: phones do not read denser ones from a screen.
const longestCode = 900

// phone is the way to the car with its picks. A page of the configurator is made often and mostly looked at
// on phones, so the code is not drawn into it.
// The link carries the language: the phone does not know what was chosen at the desk.
func (k *car) phone(origin string, picks configurator.Selection, locale string) *Phone {
	lang := ""
	if locale != k.market.Locale {
		lang = i18n.LanguageOf(locale)
	}
	link := origin + k.url("configure", picks, web.LangField, lang)
	if len(link) > longestCode {
		return nil
	}
	return &Phone{Link: link, Picture: k.url("phone.svg", picks, web.LangField, lang)}
}

// showPhoneCode draws the code of a car's address. It draws addresses of this shop only.
func (h *Handlers) showPhoneCode(c echo.Context) error {
	k, err := h.openCar(c)
	if err != nil {
		return err
	}
	picks, err := configurator.Decode(c.QueryParam("s"))
	if err != nil {
		return web.ErrNotFound
	}
	locale, ok := k.market.LocaleOf(c.QueryParam(web.LangField)) // of the address alone: everybody may keep the picture
	if !ok {
		locale = k.market.Locale
	}
	p := k.phone(h.Kit.BaseURL, picks, locale)
	if p == nil {
		return web.ErrNotFound
	}
	return answerTagged(c, "image/svg+xml", "public, max-age=86400", web.DrawQR(p.Link).SVG())
}
