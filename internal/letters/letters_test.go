package letters

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"forecourt/internal/platform/mail"
	"forecourt/internal/sale"
)

var update = flag.Bool("update", false, "write the golden letters anew")

// each runs a test for every template in every language.
func each(t *testing.T, test func(t *testing.T, l sale.Letter)) {
	for _, name := range templateNames() {
		for in := range countries {
			t.Run(name+"/"+in, func(t *testing.T) {
				t.Parallel()
				test(t, sample(name, in))
			})
		}
	}
}

func TestEveryLetterIsComplete(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, l sale.Letter) {
		m := compose(t, l)
		tidy(t, m)
		want := l.Buyer.Email
		if plans[l.Template].country {
			want = l.Market.Access.Mail
		}
		if plans[l.Template].dealer {
			want = l.Dealer.Email
		}
		if m.To != want || m.Lang != l.Market.Language() || m.Date != l.At {
			t.Errorf("to %q in %q of %v", m.To, m.Lang, m.Date)
		}
		for _, fact := range []string{l.Order.Number, "Dacia Duster Journey", "hybrid 140", "Cedar green", l.Link} {
			if !strings.Contains(m.Text, fact) {
				t.Errorf("the text lacks %q", fact)
			}
		}
		if !strings.Contains(m.HTML, `<html lang="`+m.Lang+`">`) || !strings.Contains(m.HTML, `<a href="`+l.Link+`"`) {
			t.Error("the HTML lacks its language or its link")
		}
	})
}

func TestLettersDoWithoutAnAppointment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, l sale.Letter) {
		l.Appointment = nil
		m := compose(t, l)
		tidy(t, m)
		if l.Template == "slot" && strings.Contains(m.Text, l.Order.PickupCode) {
			t.Error("an appointment that is gone is confirmed")
		}
	})
}

var gap = regexp.MustCompile(`[ \t]{2,}|\n{4,}`)

func tidy(t *testing.T, m mail.Message) {
	t.Helper()
	for part, s := range map[string]string{"subject": m.Subject, "text": m.Text, "facts of the HTML": strings.Join(facts(m.HTML), " ")} {
		if found := gap.FindString(s); found != "" {
			t.Errorf("%s: double blanks %q in\n%s", part, found, s)
		}
		for _, leftover := range []string{"[", "]", "{", "}", "<no value>", "mail.", "!", "ZgotmplZ", " ,", "()", ".."} {
			if strings.Contains(strings.ReplaceAll(s, m.To, ""), leftover) {
				t.Errorf("%s: %q left over in\n%s", part, leftover, s)
			}
		}
	}
	if m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("subject %q", m.Subject)
	}
}

var (
	head    = regexp.MustCompile(`(?s)<head>.*?</head>`)
	href    = regexp.MustCompile(`<a href="([^"]*)"[^>]*>([^<]*)</a>`)
	picture = regexp.MustCompile(`<img [^>]*alt="([^"]*)"[^>]*>`)
	tags    = regexp.MustCompile(`<[^>]*>`)
	signs   = regexp.MustCompile(`(?m)^=+$|^-- ?$|^- |:\n`)
)

// facts are the words of an HTML part in reading order, with the address of each link after its text.
func facts(h string) []string {
	h = href.ReplaceAllString(picture.ReplaceAllString(head.ReplaceAllString(h, ""), " $1 "), "$2 $1 ")
	return fields(html.UnescapeString(tags.ReplaceAllString(h, " ")))
}

// fields are words without what only sets them: colons, rules, bullets, capitals.
func fields(s string) []string {
	var out []string
	for _, f := range strings.Fields(strings.ToLower(signs.ReplaceAllString(s, "\n"))) {
		if f = strings.TrimSuffix(f, ":"); f != "" {
			out = append(out, f)
		}
	}
	return out
}

func TestTextAndHTMLSayTheSame(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, l sale.Letter) {
		m := compose(t, l)
		_, text, _ := strings.Cut(m.Text, "\n") // the title stands below the brand's name in HTML
		title, _, _ := strings.Cut(m.Text, "\n")
		want := append(fields(l.Brand.Name+" "+title), fields(text)...)
		if got := facts(m.HTML); !slices.Equal(got, want) {
			t.Errorf("HTML: %q\ntext: %q", got, want)
		}
	})
}

func TestLettersAreTheSameEveryTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, l sale.Letter) {
		a, b := compose(t, l), compose(t, l)
		if a.Text != b.Text || a.HTML != b.HTML || a.ID != b.ID || a.Subject != b.Subject {
			t.Error("two letters from the same facts differ")
		}
	})
}

func TestPlacedAsWritten(t *testing.T) {
	t.Parallel()
	for in := range countries {
		for kind, body := range map[string]func(mail.Message) string{
			"txt":  func(m mail.Message) string { return m.Text },
			"html": func(m mail.Message) string { return m.HTML },
		} {
			got := body(compose(t, sample("placed", in)))
			name := filepath.Join("testdata", "placed."+in+"."+kind)
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; look at it, then run the test with -update:\n%s", name, got)
			}
		}
	}
}

func TestMessageIDsAreMadeFromTheOrder(t *testing.T) {
	t.Parallel()
	m := compose(t, sample("reoffered", "gb"))
	if m.ID != "reoffered.2.0190b0c2-7f00-7000-8000-0000000000a1" {
		t.Errorf("id %q", m.ID)
	}
	if got := m.Headers["References"]; got != "<order.0190b0c2-7f00-7000-8000-0000000000a1@forecourt.example.com>" {
		t.Errorf("references %q", got)
	}
}

func TestAHostileNameStaysAName(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, l sale.Letter) {
		l.Buyer.Name = "Bob<script>alert(1)</script>\r\nBcc: all@example.com\u202e\" onload=\"x"
		l.Order.Snapshot.Colour = "<b>red</b>"
		m := compose(t, l)
		if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, "\" onload") {
			t.Errorf("not escaped:\n%s", m.HTML)
		}
		if strings.ContainsAny(m.Subject+m.ToName, "\r\n\u202e") || strings.Contains(m.Text, "\nBcc:") {
			t.Errorf("a name forged a line: %q\n%s", m.ToName, m.Text)
		}
	})
}

func TestDealersReadNothingOfTheBuyer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, l sale.Letter) {
		if !plans[l.Template].staff() {
			return
		}
		m := compose(t, l)
		all := strings.Join([]string{m.ID, m.To, m.ToName, m.Subject, m.Text, html.UnescapeString(m.HTML)}, "\n")
		b := l.Buyer
		for _, secret := range []string{b.Name, b.Email, b.Phone, b.Street, b.Town, b.Postcode, l.Order.PickupCode, l.Order.VIN} {
			if strings.Contains(all, secret) {
				t.Errorf("the dealer reads %q", secret)
			}
		}
	})
}

func TestIncompleteLettersAreRefused(t *testing.T) {
	t.Parallel()
	s := writerOf(t, words(t))
	for what, spoil := range map[string]func(*sale.Letter){
		"an unknown template": func(l *sale.Letter) { l.Template = "welcome" },
		"no dealer":           func(l *sale.Letter) { l.Dealer = nil },
		"no order":            func(l *sale.Letter) { l.Order = nil },
		"no time":             func(l *sale.Letter) { l.At = time.Time{} },
		"no offer":            func(l *sale.Letter) { l.Entries = nil },
	} {
		l := sample("placed", "gb")
		spoil(&l)
		if m, err := s.Compose(l); err == nil {
			t.Errorf("%s: wrote %q", what, m.Subject)
		}
	}
}
