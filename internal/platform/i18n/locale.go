package i18n

import (
	"slices"
	"strings"

	"forecourt/internal/platform/money"
)

const (
	noBreak       = "\u00a0"
	narrowNoBreak = "\u202f"
)

// rules is how one locale writes. Patterns of dates use %E weekday, %d day, %D day in two digits,
// %M month, %m short month, %n month in two digits, %y year, %H hour in two digits, %h hour,
// %i minutes.
type rules struct {
	tag           string
	decimal       string
	group         string
	minGroup      int // digits a number needs before it is grouped at all
	symbolFirst   bool
	symbols       map[money.Currency]string // others are written as their code
	codes         []money.Currency          // of which it is known that they are
	percentGap    string
	signGap       string // before a colon or a semicolon
	unitGap       string
	weekdays      [7]string // from Sunday
	months        [12]string
	shortMonths   [12]string
	dateFull      string
	dateLong      string
	dateShort     string
	dayMonth      string
	timeShort     string
	dateTime      string
	listLast      string // before the last of a list
	listLastAlter func(next string) string
}

// locales in the order in which they serve a language whose region is unknown.
var locales = []*rules{&enGB, &itIT, &frFR, &deDE, &esES, &roRO}

// rulesFor finds the locale, else one of the same language, else the base.
func rulesFor(locale string) *rules {
	language, _, _ := strings.Cut(locale, "-")
	var sameLanguage *rules
	for _, r := range locales {
		if r.tag == locale {
			return r
		}
		if sameLanguage == nil && strings.HasPrefix(r.tag, language+"-") {
			sameLanguage = r
		}
	}
	if sameLanguage != nil {
		return sameLanguage
	}
	return locales[0]
}

// Locales lists the locales whose formats are known and whose language has words.
func Locales() []string {
	var out []string
	for _, r := range locales {
		if dir, err := embedded.ReadDir("locales/" + LanguageOf(r.tag)); err == nil && len(dir) > 0 {
			out = append(out, r.tag)
		}
	}
	return out
}

// LanguageOf is the language of a locale: "en" of "en-GB".
func LanguageOf(locale string) string {
	language, _, _ := strings.Cut(locale, "-")
	return language
}

// Writes tells whether a locale's way to write a currency is known: its sign, or that it stands as its code.
func Writes(locale string, c money.Currency) bool {
	for _, r := range locales {
		if r.tag == locale {
			_, known := r.symbols[c]
			return known || slices.Contains(r.codes, c)
		}
	}
	return false
}

var enGB = rules{
	tag: "en-GB", decimal: ".", group: ",", minGroup: 4, symbolFirst: true,
	codes:       []money.Currency{"RON"},
	symbols:     map[money.Currency]string{"GBP": "£", "EUR": "€", "USD": "US$"},
	unitGap:     " ",
	weekdays:    [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	months:      [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	shortMonths: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"},
	dateFull:    "%E, %d %M %y", dateLong: "%d %M %y", dateShort: "%d %m %y", dayMonth: "%d %M",
	timeShort: "%H:%i", dateTime: "%d %M %y at %H:%i", listLast: " and ",
}

var itIT = rules{
	tag: "it-IT", decimal: ",", group: ".", minGroup: 5,
	codes:       []money.Currency{"RON"},
	symbols:     map[money.Currency]string{"GBP": "£", "EUR": "€"},
	unitGap:     " ",
	weekdays:    [7]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
	months:      [12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	shortMonths: [12]string{"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
	dateFull:    "%E %d %M %y", dateLong: "%d %M %y", dateShort: "%d %m %y", dayMonth: "%d %M",
	timeShort: "%H:%i", dateTime: "%d %M %y alle ore %H:%i", listLast: " e ",
}

var frFR = rules{
	tag: "fr-FR", decimal: ",", group: narrowNoBreak, minGroup: 4,
	codes:      []money.Currency{"RON"},
	symbols:    map[money.Currency]string{"GBP": "£GB", "EUR": "€", "USD": "$US"},
	percentGap: noBreak, signGap: narrowNoBreak, unitGap: narrowNoBreak,
	weekdays:    [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	months:      [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	shortMonths: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
	dateFull:    "%E %d %M %y", dateLong: "%d %M %y", dateShort: "%d %m %y", dayMonth: "%d %M",
	timeShort: "%H:%i", dateTime: "%d %M %y à %H:%i", listLast: " et ",
}

var deDE = rules{
	tag: "de-DE", decimal: ",", group: ".", minGroup: 4,
	codes:      []money.Currency{"RON"},
	symbols:    map[money.Currency]string{"GBP": "£", "EUR": "€", "USD": "$"},
	percentGap: noBreak, unitGap: " ",
	weekdays: [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
	months:   [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	dateFull: "%E, %d. %M %y", dateLong: "%d. %M %y", dateShort: "%D.%n.%y", dayMonth: "%d. %M",
	timeShort: "%H:%i", dateTime: "%d. %M %y um %H:%i", listLast: " und ",
}

var esES = rules{
	tag: "es-ES", decimal: ",", group: ".", minGroup: 5,
	codes:      []money.Currency{"RON"},
	symbols:    map[money.Currency]string{"EUR": "€", "USD": "US$"},
	percentGap: noBreak, unitGap: " ",
	weekdays:    [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
	months:      [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	shortMonths: [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
	dateFull:    "%E, %d de %M de %y", dateLong: "%d de %M de %y", dateShort: "%d %m %y", dayMonth: "%d de %M",
	timeShort: "%h:%i", dateTime: "%d de %M de %y a las %h:%i", listLast: " y ", listLastAlter: spanishAnd,
}

var roRO = rules{
	tag: "ro-RO", decimal: ",", group: ".", minGroup: 4,
	codes:      []money.Currency{"RON", "EUR"},
	percentGap: noBreak, unitGap: " ",
	weekdays:    [7]string{"duminică", "luni", "marți", "miercuri", "joi", "vineri", "sâmbătă"},
	months:      [12]string{"ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august", "septembrie", "octombrie", "noiembrie", "decembrie"},
	shortMonths: [12]string{"ian.", "feb.", "mar.", "apr.", "mai", "iun.", "iul.", "aug.", "sept.", "oct.", "nov.", "dec."},
	dateFull:    "%E, %d %M %y", dateLong: "%d %M %y", dateShort: "%d %m %y", dayMonth: "%d %M",
	timeShort: "%H:%i", dateTime: "%d %M %y la %H:%i", listLast: " și ",
}
