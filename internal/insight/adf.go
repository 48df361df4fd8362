package insight

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/money"
)

// Lead is an order as dealers' systems take leads in. Who buys is empty until the dealer accepted.
type Lead struct {
	ID        id.Order
	Number    string
	Market    id.Market
	Brand     string // its name
	Model     string
	Version   string
	Body      string
	Colour    string
	VIN       string
	Stock     string // number of a car that exists
	Total     money.Money
	State     string
	CreatedAt time.Time
	Wish      string // first day on which the buyer can fetch the car, "2026-12-24"
	Name      string
	Email     string
	Phone     string
	Street    string
	Town      string
	Postcode  string
}

// Vendor is the site to which leads go.
type Vendor struct {
	Code    id.Dealer
	Name    string
	Email   string
	Phone   string
	Street  string
	Town    string
	Post    string
	Country id.Market
	Zone    *time.Location
}

// adf is the Auto-lead Data Format 1.0; the order of the fields is that of its DTD.
type adf struct {
	XMLName   xml.Name   `xml:"adf"`
	Prospects []prospect `xml:"prospect"`
}

type prospect struct {
	Status      string   `xml:"status,attr"`
	ID          adfID    `xml:"id"`
	RequestDate string   `xml:"requestdate"`
	Vehicle     vehicle  `xml:"vehicle"`
	Customer    customer `xml:"customer"`
	Vendor      vendor   `xml:"vendor"`
	Provider    provider `xml:"provider"`
}

type adfID struct {
	Sequence int    `xml:"sequence,attr"`
	Source   string `xml:"source,attr"`
	Value    string `xml:",chardata"`
}

type vehicle struct {
	Interest string  `xml:"interest,attr"`
	Status   string  `xml:"status,attr"`
	Year     string  `xml:"year"`
	Make     string  `xml:"make"`
	Model    string  `xml:"model"`
	VIN      string  `xml:"vin,omitempty"`
	Stock    string  `xml:"stock,omitempty"`
	Trim     string  `xml:"trim,omitempty"`
	Body     string  `xml:"bodystyle,omitempty"`
	Colours  *colour `xml:"colorcombination,omitempty"`
	Price    price   `xml:"price"`
	Comments string  `xml:"comments"`
}

type colour struct {
	Exterior   string `xml:"exteriorcolor"`
	Preference int    `xml:"preference"`
}

type price struct {
	Type     string         `xml:"type,attr"`
	Currency money.Currency `xml:"currency,attr"`
	Value    string         `xml:",chardata"`
}

type customer struct {
	Contact   contact    `xml:"contact"`
	Timeframe *timeframe `xml:"timeframe,omitempty"`
}

type timeframe struct {
	Earliest string `xml:"earliestdate"`
}

type contact struct {
	Name    adfName  `xml:"name"`
	Email   string   `xml:"email,omitempty"`
	Phone   *phone   `xml:"phone,omitempty"`
	Address *address `xml:"address,omitempty"`
}

type adfName struct {
	Part  string `xml:"part,attr"`
	Value string `xml:",chardata"`
}

type phone struct {
	Type  string `xml:"type,attr"`
	Value string `xml:",chardata"`
}

type address struct {
	Street  street `xml:"street"`
	City    string `xml:"city"`
	Post    string `xml:"postalcode"`
	Country string `xml:"country"`
}

type street struct {
	Line  int    `xml:"line,attr"`
	Value string `xml:",chardata"`
}

type vendor struct {
	ID      adfID   `xml:"id"`
	Name    string  `xml:"vendorname"`
	Contact contact `xml:"contact"`
}

type provider struct {
	Name    adfName `xml:"name"`
	Service string  `xml:"service"`
	URL     string  `xml:"url"`
}

// source names us in the ids of a lead.
const source = "Forecourt"

// WriteADF writes leads of a site as ADF 1.0. Signs that XML can not hold become the sign for that; everything else is
// escaped. site is the address of ours.
func WriteADF(w io.Writer, v Vendor, site string, leads []Lead) error {
	if _, err := io.WriteString(w, xml.Header+"<?ADF VERSION=\"1.0\"?>\n"); err != nil {
		return err
	}
	doc := adf{Prospects: make([]prospect, len(leads))}
	for i, l := range leads {
		doc.Prospects[i] = prospectOf(v, site, l)
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(doc); err != nil {
		return err
	}
	return e.Close()
}

func prospectOf(v Vendor, site string, l Lead) prospect {
	at := l.CreatedAt.In(v.Zone)
	p := prospect{Status: "new", ID: adfID{1, source, l.Number}, RequestDate: at.Format(time.RFC3339),
		Vehicle: vehicle{Interest: "buy", Status: "new", Year: strconv.Itoa(at.Year()), Make: l.Brand, Model: l.Model, VIN: l.VIN, Stock: l.Stock, Trim: l.Version, Body: l.Body,
			Price: price{"quote", l.Total.Currency, amount(l.Total.Minor)}, Comments: "Order " + l.Number + ", " + strings.ReplaceAll(l.State, "_", " ")},
		Vendor: vendor{ID: adfID{1, source, string(v.Code)}, Name: v.Name, Contact: contact{Name: adfName{"full", v.Name}, Email: v.Email, Phone: phoneOf(v.Phone),
			Address: &address{street{1, v.Street}, v.Town, v.Post, strings.ToUpper(string(v.Country))}}},
		Provider: provider{Name: adfName{"full", source}, Service: "Online orders", URL: site}}
	if l.Colour != "" {
		p.Vehicle.Colours = &colour{l.Colour, 1}
	}
	if l.Wish != "" {
		p.Customer.Timeframe = &timeframe{l.Wish}
	}
	if l.Name == "" {
		p.Customer.Contact.Name = adfName{"full", "Order " + l.Number} // the format wants a name; nobody is named yet
		return p
	}
	p.Customer.Contact = contact{Name: adfName{"full", l.Name}, Email: l.Email, Phone: phoneOf(l.Phone), Address: &address{street{1, l.Street}, l.Town, l.Postcode, strings.ToUpper(string(l.Market))}}
	return p
}

func phoneOf(number string) *phone {
	if number == "" {
		return nil
	}
	return &phone{"voice", number}
}

// amount writes minor units with a dot and two decimals.
func amount(minor int64) string {
	cents := strconv.FormatInt(minor%100, 10)
	return strconv.FormatInt(minor/100, 10) + "." + strings.Repeat("0", 2-len(cents)) + cents
}
