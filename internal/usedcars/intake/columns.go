package intake

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// mostColumns of a file; more is no stock of cars.
const mostColumns = 100

// distance is a column of which only the country says in what it counts.
const distance Field = "distance"

// headers are words that dealers' programs write above columns, in the six languages and without accents, beside the names of
// the fields themselves.
var headers = map[Field]string{
	VIN:        "vin number|vin no|fin|fahrgestellnummer|fahrzeug identifizierungsnummer|fahrzeugidentifikationsnummer|telaio|numero telaio|numero di telaio|n telaio|chassis|chassis number|numero chassis|numero de chassis|numero de serie|bastidor|numero de bastidor|serie sasiu|serie de sasiu|numar sasiu|numar identificare",
	Plate:      "number plate|registration number|reg no|reg|vrm|kennzeichen|amtliches kennzeichen|targa|immatriculation|plaque|plaque d immatriculation|matricula|placa|numar inmatriculare|numar de inmatriculare",
	Shop:       "sales channel|laden|negozio|boutique|tienda|magazin",
	Make:       "brand|manufacturer|marke|hersteller|marca|marque|constructeur|costruttore|fabricante|producator",
	Model:      "modell|modello|modele|modelo|model name",
	Version:    "trim|variant|derivative|variante|ausfuhrung|versione|allestimento|finition|acabado|versiune|echipare",
	Engine:     "motor|motore|motorizzazione|moteur|motorisation|motorizacion|motorizare",
	Body:       "body type|body style|karosserie|karosserieform|aufbau|carrozzeria|tipo carrozzeria|carrosserie|carroceria|caroserie",
	Fuel:       "fuel type|kraftstoff|kraftstoffart|alimentazione|carburante|combustibile|carburant|energie|combustible|combustibil",
	Gearbox:    "transmission|getriebe|getriebeart|cambio|tipo cambio|boite|boite de vitesses|caja de cambios|transmision|cutie|cutie de viteze|transmisie",
	Colour:     "color|farbe|aussenfarbe|colore|colore esterno|couleur|color exterior|culoare",
	Doors:      "number of doors|turen|anzahl turen|porte|numero porte|portes|nombre de portes|puertas|numero de puertas|usi|numar usi",
	Seats:      "number of seats|sitze|sitzplatze|anzahl sitze|posti|numero posti|places|nombre de places|plazas|numero de plazas|locuri|numar locuri",
	KW:         "power kw|leistung kw|leistung in kw|potenza kw|potenza in kw|puissance kw|potencia kw|putere kw",
	HP:         "bhp|ps|cv|ch|cp|power hp|power bhp|leistung ps|potenza cv|puissance ch|potencia cv|putere cp",
	CO2:        "co2 g km|co2 emissions|co2 emission|emissioni co2|emissions co2|emisiones co2|emisii co2",
	Emission:   "emission class|euro class|euro|abgasnorm|schadstoffklasse|emissionsklasse|classe euro|classe di emissione|classe emissioni|norme euro|norme antipollution|norma euro|clasa de emisii|clasa emisii",
	Registered: "first registration|first registered|registration date|date of registration|erstzulassung|ez|datum erstzulassung|immatricolazione|data immatricolazione|prima immatricolazione|premiere immatriculation|mise en circulation|date de mise en circulation|1ere mise en circulation|mec|primera matriculacion|fecha de matriculacion|fecha matriculacion|matriculacion|prima inmatriculare|data primei inmatriculari",
	Km:         "kms|kilometres|kilometers|mileage km|kilometerstand|laufleistung|chilometri|chilometraggio|km percorsi|kilometrage|kilometraje|kilometros|kilometraj|kilometri|rulaj",
	Miles:      "mileage miles|mi|odometer miles",
	distance:   "mileage|odometer",
	Owners:     "owners before|previous owners|former keepers|keepers|vorbesitzer|halter|anzahl halter|proprietari|numero proprietari|proprietari precedenti|proprietaires|nombre de proprietaires|propietarios|numero de propietarios|proprietari anteriori",
	Equipment:  "features|options|extras|ausstattung|sonderausstattung|dotazioni|optional|accessori|equipements|equipement|equipamiento|extras y equipamiento|dotari|echipamente",
	Price:      "retail price|asking price|selling price|sale price|preis|verkaufspreis|prezzo|prezzo vendita|prezzo di vendita|prix|prix de vente|prix ttc|precio|precio de venta|pvp|pret|pret de vanzare|pret vanzare",
	VAT:        "vat scheme|vat status|mwst|besteuerung|steuer|iva|regime iva|tva|regime tva|regime de tva|regimen iva|regim tva",
	Bought:     "purchase price|cost price|cost|stand in value|einkaufspreis|ek|ek preis|prezzo di acquisto|prezzo acquisto|costo|prix d achat|precio de compra|coste|pret de achizitie|pret achizitie",
	BatteryPct: "battery|battery health|soh|state of health|batteriezustand|stato batteria|etat batterie|etat de la batterie|estado bateria|estado de la bateria|stare baterie|starea bateriei",
	BatteryHow: "battery measured by",
	BatteryOn:  "battery measured on",
	Market:     "country|land|paese|pays|pais|tara",
	Currency:   "wahrung|valuta|devise|moneda",
	Dealer:     "dealer code|handler|concessionario|concessionnaire|concesionario|dealer cod",
}

// words leads from a header's words to the field.
var words = func() map[string]Field {
	out := map[string]Field{}
	for f, list := range headers {
		for w := range strings.SplitSeq(list, "|") {
			out[w] = f
		}
	}
	for _, f := range Fields {
		out[Fold(string(f))] = f
	}
	return out
}()

// Fold writes words small, without accents, one blank between two; what is neither letter nor digit parts words.
func Fold(s string) string {
	bare := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(s))
	return strings.Join(strings.Fields(bare), " ")
}

// Guess says which column is what: by what the dealer said of such a word the last time, by the word itself, and then by a
// word within it ("Prezzo vendita (EUR)"). No field is given twice.
func Guess(header []string, known map[string]Field, miles bool) []Field {
	out := make([]Field, len(header))
	var taken set
	give := func(i int, f Field) {
		switch {
		case f == distance && miles:
			f = Miles
		case f == distance:
			f = Km
		}
		if out[i] == None && IsField(f) && !taken.has(f) {
			out[i] = f
			taken.add(f)
		}
	}
	said := make([]bool, len(header)) // that a column is not to be read is knowledge too
	for i, h := range header {
		if f, ok := known[Fold(h)]; ok {
			said[i] = true
			give(i, f)
		}
	}
	for i, h := range header {
		if f, ok := words[Fold(h)]; ok && !said[i] {
			give(i, f)
		}
	}
	for i, h := range header {
		if !said[i] {
			give(i, within(Fold(h)))
		}
	}
	return out
}

// within finds the field of the longest known word of four letters or more in a header.
func within(h string) Field {
	best, found := "", None
	for w, f := range words {
		if len(w) >= 4 && (len(w) > len(best) || len(w) == len(best) && w < best) && strings.Contains(" "+h+" ", " "+w+" ") {
			best, found = w, f
		}
	}
	return found
}

// Lacks are the fields without which no line of a file can be a new car: any of each handful would do. A file without a
// column for the VIN says nothing.
func Lacks(fields []Field) [][]Field {
	var out [][]Field
	for _, any := range needed {
		if !slices.ContainsFunc(any, func(f Field) bool { return slices.Contains(fields, f) }) {
			out = append(out, any)
		}
	}
	return out
}

// checkColumns refuses a mapping that names a field twice, or one that is none, or no VIN.
func checkColumns(fields []Field, columns int) error {
	var seen set
	for _, f := range fields {
		switch {
		case f == None:
		case !IsField(f):
			return ErrColumns
		case seen.has(f):
			return ErrTwice
		default:
			seen.add(f)
		}
	}
	if len(fields) != columns {
		return ErrColumns
	}
	if !seen.has(VIN) {
		return ErrNoVIN
	}
	return nil
}
