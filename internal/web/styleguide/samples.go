package styleguide

import (
	"fmt"
	"html/template"
	"strings"

	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"rsc.io/qr"
)

// The types below have the fields that the parts of the surfaces ask for.

type step struct {
	Label, URL    string
	Done, Current bool
}

var sampleSteps = []step{{Label: "Car", URL: "#steps", Done: true}, {Label: "Dealer", URL: "#steps", Done: true}, {Label: "Your details", Current: true}, {Label: "Check and pay"}}

var sampleErrors = web.FieldErrors{Keys: map[string]string{"sample-email": "checkout.error.email"}, Order: []string{"sample-email"}}

type priceLine struct {
	Label    string
	Amount   money.Money
	Included bool
}

type priceTable struct {
	Car, Road  []priceLine
	Total, VAT money.Money
	Rate       string
	Proof      *proof
}

type proof struct{ Code, URL string }

func pounds(minor int64) money.Money { return money.Of(minor, "GBP") }

var samplePrice = priceTable{
	Car:   []priceLine{{"Duster Journey", pounds(23_150_00), false}, {"Terracotta, metallic", pounds(650_00), false}, {"Black cloth", pounds(0), true}},
	Road:  []priceLine{{"Delivery to the dealer", pounds(625_00), false}, {"Vehicle tax for the first year", pounds(440_00), false}},
	Total: pounds(24_865_00), VAT: pounds(4_070_83), Rate: "20%", Proof: &proof{"K7QF-3M2P-9XTR-4HWV", "/styleguide"},
}

// row is a line of the dealer's queue, with the clock it shows.
type row struct {
	Chosen, Offered, Main, Disputed    bool
	Task, URL, Who, Text, Tail, Detail string
	Action, Number                     string
	Due                                due
}

type due struct {
	Tone, Icon, Top, Small, Below string
	Dial                          bool
	Used                          int
}

var sampleRows = []row{
	{Task: "New order", URL: "#queue", Who: "Near Leeds (LS)", Text: "Sandero Stepway, Flame red", Detail: "£100 reserved", Action: "Open", Number: "FC-1111-1111",
		Due: due{Tone: "bad", Dial: true, Used: 100, Top: "0 h 00 min", Small: "too late"}},
	{Chosen: true, Offered: true, Main: true, Task: "New order", URL: "#queue", Who: "Near Bradford (BD)", Text: "Jogger Extreme, Sand", Detail: "£100 reserved", Action: "Answer", Number: "FC-2222-2222",
		Due: due{Tone: "warn", Dial: true, Used: 92, Top: "0 h 38 min", Small: "left in opening hours", Below: "by today, 17:00"}},
	{Offered: true, Task: "New order", URL: "#queue", Who: "Near York (YO)", Text: "Duster Expression, Schist", Detail: "£100 reserved", Action: "Answer", Number: "FC-3333-3333",
		Due: due{Dial: true, Used: 30, Top: "5 h 20 min", Small: "left in opening hours"}},
	{Disputed: true, Task: "Handover", URL: "#queue", Who: "Priya Raman", Text: "Duster Journey, Terracotta", Tail: "4 471 902", Detail: "Paid in full", Action: "Hand over", Number: "FC-4444-4444",
		Due: due{Icon: "calendar", Top: "10:30", Small: "today"}},
}

type badge struct{ Tone, Icon, Label string }

var sampleBadges = []badge{{"", "", "Draft"}, {"good", "check", "Live"}, {"info", "flag", "Preview"}, {"warn", "clock", "Waits"}, {"bad", "pause", "Paused"}}

type paint struct{ Name, Hex, Finish string }

var samplePaints = []paint{{"Terracotta", "#a8502f", "metallic"}, {"Glacier white", "#f2f2ef", "solid"}, {"Pearl black", "#141518", "pearl"}, {"Cedar", "#4d5b45", "metallic"},
	{"Iron blue", "#3d5a73", "metallic"}, {"Sand", "#b8a688", "solid"}}

type seat struct{ Name, Hex, Stitch string }

var sampleSeats = []seat{{"Grey cloth", "#6b6e70", "#8b8f92"}, {"Black, copper stitch", "#1e2022", "#a8502f"}, {"Sand leather", "#b8a688", "#f2f2ef"}, {"Blue wool", "#33475b", "#b9bcc0"}}

type qrCode struct {
	Size int
	Path template.HTML
}

func drawQR(text string) qrCode {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return qrCode{}
	}
	var b strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	return qrCode{code.Size + 8, template.HTML(b.String())}
}
