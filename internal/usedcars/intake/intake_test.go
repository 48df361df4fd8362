package intake

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/sheet"
	"forecourt/internal/usedcars"

	"pgregory.net/rapid"
)

func place(t testing.TB, m id.Market) *Place {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := &Place{Dealer: "x-one", Market: m, Country: "IT", Currency: "EUR", Group: '.', Today: "2026-11-30", Shops: []id.Brand{"dacia", "renault"}, Names: map[string]id.Brand{"dacia": "dacia", "renault": "renault", "alpine": "alpine"}, Words: NewLexicon(c)}
	if m == "gb" {
		p.Country, p.Currency, p.Group, p.Miles = "GB", "GBP", ',', true
	}
	return p
}

// A number is read as its country writes it, or not at all.
func TestNumbersAreNeverGuessed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]int64{ // in Italy, in Britain; -1 for none
		"14990": {1499000, 1499000}, "14.990": {1499000, -1}, "14,990": {-1, 1499000}, "14.990,50": {1499050, 1499050}, "14,990.50": {1499050, 1499050}, "14990.5": {1499050, 1499050}, "14990,5": {1499050, 1499050}, "€ 14.990,-": {1499000, -1},
		"14 990 €": {1499000, 1499000}, "14\u202f990,00 EUR": {1499000, 1499000}, "14'990": {1499000, 1499000}, "1.234.567": {123456700, 123456700}, "1.234,567": {-1, -1}, "12.34.567": {-1, -1}, "14.99.0": {-1, -1}, "120 15000": {-1, -1}, "14k": {-1, -1}, "ca. 14000": {-1, -1},
		"": {-1, -1}, "-": {-1, -1}, "free": {-1, -1}, "1e5": {-1, -1}, "0x10": {-1, -1}, "14990.125": {-1, -1}, "99999999999999999999": {-1, -1}, "=14990": {1499000, 1499000},
	} {
		for i, group := range []byte{'.', ','} {
			got, why := amount(text, group)
			if why != "" {
				got = -1
			}
			if got != want[i] {
				t.Errorf("%q with %c between groups: %d %s, not %d", text, group, got, why, want[i])
			}
		}
	}
	for _, text := range []string{"-14990", "(14990)", "- 5", "\u221214990"} {
		if _, why := amount(text, '.'); why != WhyNegative {
			t.Errorf("%q: %s", text, why)
		}
	}
	for text, want := range map[string]int{"41000": 41000, "41.000 km": 41000, "41000.0": 41000, "0": 0, "41,5": -1, "-3": -1, "45k": -1, "5": 5} {
		n, why := count(text, '.')
		if why != "" {
			n = -1
		}
		if n != want {
			t.Errorf("%q: %d %s", text, n, why)
		}
	}
	for text, want := range map[string]market.Date{"2021-03-05": "2021-03-05", "5.3.2021": "2021-03-05", "05/03/2021": "2021-03-05", "05-03-21": "2021-03-05", "03/2021": "2021-03-01", "44260": "2021-03-05", "44260.5": "2021-03-05", "2021-03-05T00:00:00": "2021-03-05", "12/31/2021": "", "31.2.2021": "", "2021": "", "1899-01-01": "", "x": "", "99999": ""} {
		if got, ok := day(text); got != want || ok != (want != "") {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// Dealers' programs of six countries are understood by the words above their columns.
func TestColumnsAreGuessed(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"VIN,Reg. No.,Make,Model,Derivative,Fuel type,Transmission,Body type,Colour,Doors,Seats,BHP,CO2 (g/km),Euro class,Date first registered,Mileage,Previous owners,Retail price (GBP),VAT status":                    "vin plate make model version fuel gearbox body colour doors seats hp co2 emission registered miles owners price vat",
		"Telaio,Targa,Marca,Modello,Allestimento,Alimentazione,Cambio,Carrozzeria,Colore,Numero porte,Posti,Potenza kW,Emissioni CO2,Classe Euro,Prima immatricolazione,Chilometri,Proprietari,Prezzo vendita,Regime IVA": "vin plate make model version fuel gearbox body colour doors seats kw co2 emission registered km owners price vat",
		"FIN,Kennzeichen,Marke,Modell,Ausführung,Kraftstoff,Getriebe,Karosserie,Farbe,Anzahl Türen,Sitze,Leistung (PS),CO2,Schadstoffklasse,Erstzulassung,Kilometerstand,Vorbesitzer,Preis (EUR),MwSt.":                   "vin plate make model version fuel gearbox body colour doors seats hp co2 emission registered km owners price vat",
		"Numéro de châssis,Immatriculation,Marque,Modèle,Finition,Énergie,Boîte de vitesses,Carrosserie,Couleur,Portes,Places,Puissance ch,CO2,Norme Euro,Mise en circulation,Kilométrage,Propriétaires,Prix TTC,TVA":     "vin plate make model version fuel gearbox body colour doors seats hp co2 emission registered km owners price vat",
		"Bastidor,Matrícula,Marca,Modelo,Acabado,Combustible,Cambio,Carrocería,Color,Puertas,Plazas,Potencia CV,CO2,Norma Euro,Fecha de matriculación,Kilómetros,Propietarios,PVP,IVA":                                    "vin plate make model version fuel gearbox body colour doors seats hp co2 emission registered km owners price vat",
		"Serie șasiu,Număr înmatriculare,Marca,Model,Versiune,Combustibil,Cutie de viteze,Caroserie,Culoare,Uși,Locuri,Putere CP,CO2,Clasa de emisii,Prima înmatriculare,Rulaj,Proprietari,Preț,TVA":                      "vin plate make model version fuel gearbox body colour doors seats hp co2 emission registered km owners price vat",
		"note,VIN,vin,photo url": " vin  ",
	} {
		fields := Guess(strings.Split(header, ","), nil, strings.HasPrefix(header, "VIN,Reg"))
		var got []string
		for _, f := range fields {
			got = append(got, string(f))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s:\n%q, not\n%q", header, strings.Join(got, " "), want)
		}
	}
	known := map[string]Field{"wert": Price, "preis": None}
	if got := Guess([]string{"Wert", "Preis", "FIN"}, known, false); !slices.Equal(got, []Field{Price, None, VIN}) {
		t.Errorf("what was said the last time: %q", got)
	}
	if err := checkColumns([]Field{VIN, Price}, 3); err != ErrColumns {
		t.Error(err)
	}
	if err := checkColumns([]Field{VIN, "soul"}, 2); err != ErrColumns {
		t.Error(err)
	}
	if err := checkColumns([]Field{VIN, VIN}, 2); err != ErrTwice {
		t.Error(err)
	}
	if err := checkColumns([]Field{Price, None}, 2); err != ErrNoVIN {
		t.Error(err)
	}
	if got := Lacks([]Field{VIN, Make, HP, Miles}); slices.ContainsFunc(got, func(a []Field) bool { return slices.Contains(a, KW) || slices.Contains(a, Km) }) || len(got) != len(needed)-3 {
		t.Errorf("%q", got)
	}
}

func TestWordsAreUnderstood(t *testing.T) {
	t.Parallel()
	l := place(t, "it").Words
	for _, x := range []struct {
		f          Field
		text, want string
	}{
		{Fuel, "Benzina", "petrol"}, {Fuel, "GAZOLE", "diesel"}, {Fuel, "Elektro", "electric"}, {Fuel, "Híbrido enchufable", "plugin"}, {Fuel, "Benzina/GPL", "lpg"}, {Fuel, "Benzina Diesel", ""}, {Fuel, "lpg", "lpg"}, {Fuel, "Wasser", ""}, {Gearbox, "Cambio automatico", "automatic"},
		{Gearbox, "Schaltgetriebe", "manual"}, {Body, "Station Wagon", "estate"}, {Colour, "Grigio metallizzato", "grey"}, {Colour, "Weiß", "white"}, {Emission, "EURO 6d-TEMP", "euro6d"}, {Emission, "euro5", "euro5"}, {VAT, "IVA esposta", "qualifying"}, {VAT, "Differenzbesteuert", "margin"}, {VAT, "si", ""},
	} {
		if got, ok := l.Choice(x.f, x.text); got != x.want || ok != (x.want != "") {
			t.Errorf("%s %q: %q", x.f, x.text, got)
		}
	}
	if got := l.pieces("led, Klimaanlage | Navigatore / unknown thing"); len(got) == 0 || !slices.Contains(got, "led") {
		t.Errorf("%q", got)
	}
}

// A line that is no car is refused for its first fault.
func TestLinesAreJudged(t *testing.T) {
	t.Parallel()
	p := place(t, "it")
	good := map[Field]string{VIN: "VF1RJA00061234567", Make: "Renault", Model: "Clio", Body: "hatch", Fuel: "petrol", Gearbox: "manual", Colour: "grey", Doors: "5", Seats: "5", KW: "67", CO2: "118", Emission: "euro6", Registered: "2021-03-05", Km: "41.000", Owners: "1", Price: "14.990", VAT: "margin"}
	mine := func(c usedcars.Car) *usedcars.Car { return &c }
	base := usedcars.Car{ID: "U-7K2M9X", VIN: good[VIN], Dealer: "x-one", Market: "it", Currency: "EUR", Brand: "renault", Make: "Renault", Model: "Clio", Body: "hatch", Fuel: "petrol", Gearbox: "manual", Colour: "grey", Doors: 5, Seats: 5, KW: 67, CO2: 118, Emission: "euro6", Registered: "2021-03-05",
		Km: 41000, Owners: 1, PriceMinor: 1499000, VAT: usedcars.Margin, State: usedcars.Listed}
	held, other := base, base
	held.State, other.Dealer = usedcars.Held, "x-two"
	for name, c := range map[string]struct {
		set  map[Field]string
		was  *usedcars.Car
		kms  int
		want Outcome
		why  Why
	}{
		"new": {nil, nil, 0, New, ""}, "new, driven farther once": {nil, nil, 50000, New, WhyFell}, "the same": {nil, mine(base), 41000, Same, ""}, "a price": {map[Field]string{Price: "13990"}, mine(base), 41000, Changes, ""}, "less driven": {map[Field]string{Km: "31000"}, mine(base), 41000, Changes, WhyFell},
		"more driven": {map[Field]string{Km: "42000"}, mine(base), 41000, Changes, ""}, "held, the same": {nil, mine(held), 0, Same, ""}, "held": {map[Field]string{Price: "13990"}, mine(held), 0, Rejects, WhyTaken}, "another's": {nil, mine(other), 0, Rejects, WhyElsewhere}, "a price of nothing": {map[Field]string{Price: "1"}, nil, 0, Rejects, WhyPrice},
		"an absurd price": {map[Field]string{Price: "1499000000"}, nil, 0, Rejects, WhyPrice}, "a slip in the price": {map[Field]string{Price: "1499"}, mine(base), 0, Rejects, WhyJump}, "below nought": {map[Field]string{Price: "-14990"}, nil, 0, Rejects, WhyNegative}, "no VIN": {map[Field]string{VIN: ""}, nil, 0, Rejects, WhyVIN},
		"a wrong VIN": {map[Field]string{VIN: "VF1RJA0006123456O"}, nil, 0, Rejects, WhyVIN}, "a wrong American check digit": {map[Field]string{VIN: "1HGCM82633A004353"}, nil, 0, New, WhyCheck}, "a right one": {map[Field]string{VIN: "1HGCM82633A004352"}, nil, 0, New, ""}, "another country": {map[Field]string{Market: "fr"}, nil, 0, Rejects, WhyMarket}, "another currency": {map[Field]string{Currency: "GBP"}, nil, 0, Rejects, WhyCurrency},
		"another dealer": {map[Field]string{Dealer: "x-two"}, nil, 0, Rejects, WhyDealer}, "a shop not his": {map[Field]string{Shop: "Alpine"}, nil, 0, Rejects, WhyShop}, "tomorrow": {map[Field]string{Registered: "2026-12-01"}, nil, 0, Rejects, WhyFuture}, "two ways to read": {map[Field]string{Km: "41,000"}, nil, 0, Rejects, WhyNumber},
		"no fuel": {map[Field]string{Fuel: ""}, nil, 0, Rejects, WhyMissing}, "water": {map[Field]string{Fuel: "water"}, nil, 0, Rejects, WhyChoice}, "doors": {map[Field]string{Doors: "50"}, nil, 0, Rejects, WhyRange}, "a long name": {map[Field]string{Make: strings.Repeat("x", 41)}, nil, 0, Rejects, WhyText},
		"far": {map[Field]string{Km: "2000001"}, nil, 0, Rejects, WhyRange}, "another shop while it is for sale": {map[Field]string{Shop: "dacia"}, mine(base), 0, Rejects, WhyShop}, "half a battery": {map[Field]string{BatteryPct: "91"}, nil, 0, Rejects, WhyMissing},
	} {
		line := Line{No: 2}
		var fields []Field
		for _, f := range Fields {
			v, ok := good[f]
			if x, set := c.set[f]; set {
				v, ok = x, true
			}
			if ok {
				fields, line.Cells = append(fields, f), append(line.Cells, v)
			}
		}
		at := Standing{Kms: map[string]int{good[VIN]: c.kms}, Cars: map[string]*usedcars.Car{}}
		if c.was != nil {
			at.Cars[good[VIN]] = c.was
		}
		got, deed := p.Judge(p.Parse(fields, []Line{line})[0], at)
		if got.Outcome != c.want || got.Fault.Why != c.why || (deed != nil) != (c.want == New || c.want == Changes) {
			t.Errorf("%s: %s %+v", name, got.Outcome, got.Fault)
		}
	}
	twice := p.Parse([]Field{VIN}, []Line{{No: 7, Cells: []string{good[VIN]}}})[0]
	if got, _ := p.Judge(twice, Standing{Before: map[string]int{good[VIN]: 3}}); got.Fault.Why != WhyTwice {
		t.Errorf("%+v", got)
	}
	if got, _ := p.Judge(twice, Standing{Ordered: map[string]bool{good[VIN]: true}}); got.Fault.Why != WhyOrdered {
		t.Errorf("%+v", got)
	}
}

// A stock that is taken home and sent back is what it was.
func TestWhatIsTakenHomeIsReadAsItWas(t *testing.T) {
	t.Parallel()
	for _, m := range []id.Market{"it", "gb"} {
		p := place(t, m)
		rapid.Check(t, func(r *rapid.T) {
			one := func(of []string) string { return rapid.SampledFrom(of).Draw(r, "one") }
			text := func(n int) string { return sheet.Clean(rapid.StringN(0, n, -1).Draw(r, "text"), n) }
			n := func(least, most int) int { return rapid.IntRange(least, most).Draw(r, "n") }
			c := usedcars.Car{ID: "U-7K2M9X", Dealer: p.Dealer, Market: m, Currency: p.Currency, Brand: "dacia", VIN: fmt.Sprintf("VF1RJA0006%07d", n(0, 9_999_999)), Plate: strings.ToUpper(text(16)), Make: one([]string{"Dacia", "=SUM(A1)", "-x", "Škoda"}), Model: "a" + text(50), Version: text(80), Engine: text(80),
				Body: one(usedcars.Bodies), Fuel: one(usedcars.Fuels), Gearbox: one(usedcars.Gearboxes), Colour: one(usedcars.Colours), Doors: n(2, 7), Seats: n(1, 9), KW: n(1, 1500), CO2: n(0, 900), Emission: one(usedcars.Emissions), Registered: "2021-03-05", Km: n(0, usedcars.MostKm),
				Owners: n(0, 30), Equipment: usedcars.Equipment[n(0, 14):], PriceMinor: int64(n(10000, 100_000_000)), VAT: usedcars.Margin, Bought: int64(n(0, 100_000_000)), State: usedcars.Listed}
			if n(0, 1) == 1 {
				c.Battery = usedcars.Battery{Pct: n(1, 100), How: text(40), On: "2026-01-02"}
			}
			if c.Plate = sheet.Clean(c.Plate, 16); len([]rune(c.Plate)) > 16 {
				r.Skip()
			}
			var b bytes.Buffer
			w := csv.NewWriter(&b)
			cells := Cells(&c)
			for i := range cells {
				cells[i] = sheet.Defuse(cells[i])
				if cells[i] != "" && strings.ContainsAny(cells[i][:1], "=+@") {
					r.Fatalf("%q is a formula", cells[i])
				}
			}
			head := make([]string, len(Taken))
			for i, f := range Taken {
				head[i] = string(f)
			}
			if w.WriteAll([][]string{head, cells}) != nil {
				r.Fatal("not written")
			}
			s, err := sheet.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), Limits)
			if err != nil {
				r.Fatal(err)
			}
			row, err := s.Next()
			if err != nil {
				r.Fatal(err)
			}
			fields := Guess(s.Header, nil, p.Miles)
			if !slices.Equal(fields, Taken) {
				r.Fatalf("the columns are taken for %q", fields)
			}
			got, deed := p.Judge(p.Parse(fields, []Line{{No: row.Line, Cells: row.Cells}})[0], Standing{Cars: map[string]*usedcars.Car{c.VIN: &c}})
			if got.Outcome != Same {
				r.Fatalf("%s %+v: %+v", got.Outcome, got.Fault, deed)
			}
			if got, deed = p.Judge(p.Parse(fields, []Line{{Cells: row.Cells}})[0], Standing{}); got.Outcome != New || !alike(deed.Car, &c) {
				r.Fatalf("elsewhere it would be another car: %+v", got.Fault)
			}
		})
	}
}
