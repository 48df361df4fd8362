package i18n

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"forecourt/internal/platform/money"
)

func TestFormatsEqualICU(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/golden.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, lines, wrong := loaded(t), 0, 0
	for s := bufio.NewScanner(f); s.Scan(); lines++ {
		cells := strings.Split(s.Text(), "\t")
		if len(cells) != 5 {
			t.Fatalf("line %d has %d cells", lines+1, len(cells))
		}
		if got := written(t, c, cells); got != cells[4] && wrong < 20 {
			wrong++
			t.Errorf("%s %s(%s %s) = %q, ICU writes %q", cells[0], cells[1], cells[2], cells[3], got, cells[4])
		}
	}
	if lines < 10_000 {
		t.Fatalf("only %d golden lines were read", lines)
	}
}

// written is what Printer makes of a golden line.
func written(t *testing.T, c *Catalogue, cells []string) string {
	t.Helper()
	p, method, argument := c.Printer(cells[0]), cells[1], cells[2]
	if p.Locale() != cells[0] {
		t.Fatalf("no formats for %s", cells[0])
	}
	if method == "List" {
		if argument == "" {
			return p.List(nil)
		}
		return p.List(strings.Split(argument, "|"))
	}
	n, err := strconv.ParseInt(argument, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	switch method {
	case "Distance":
		return p.Distance(n, Unit(cells[3]))
	case "Int":
		return p.Int(n)
	case "Decimal1":
		return p.Decimal1(n)
	case "Percent":
		return p.Percent(n)
	case "plural":
		language, _, _ := strings.Cut(cells[0], "-")
		return formNames[pluralRules[language](int(n))]
	}
	if strings.HasPrefix(method, "Money") {
		return writtenMoney(t, p, method, money.Of(n, money.Currency(cells[3])))
	}
	return writtenTime(t, p, method, time.Unix(n, 0).UTC())
}

func writtenMoney(t *testing.T, p *Printer, method string, m money.Money) string {
	t.Helper()
	switch method {
	case "Money":
		return p.Money(m)
	case "MoneyShort":
		return p.MoneyShort(m)
	case "MoneyDelta":
		return p.MoneyDelta(m)
	}
	t.Fatalf("unknown method %s", method)
	return ""
}

func writtenTime(t *testing.T, p *Printer, method string, at time.Time) string {
	t.Helper()
	switch method {
	case "Date":
		return p.Date(at)
	case "DateShort":
		return p.DateShort(at)
	case "DayMonth":
		return p.DayMonth(at)
	case "Time":
		return p.Time(at)
	case "DateTime":
		return p.DateTime(at)
	}
	t.Fatalf("unknown method %s", method)
	return ""
}

func TestSmallestAmountKeepsItsDigits(t *testing.T) {
	t.Parallel()
	p := loaded(t).Printer("en-GB")
	const smallest = -1 << 63
	if got := p.Int(smallest); got != "-9,223,372,036,854,775,808" {
		t.Error(got)
	}
	if got := p.Money(money.Of(smallest, "GBP")); got != "-£92,233,720,368,547,758.08" {
		t.Error(got)
	}
}

func TestTimesKeepTheirZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("summer", 2*60*60)
	at := time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC).In(zone)
	if got := loaded(t).Printer("it-IT").DateTime(at); got != "2 luglio 2026 alle ore 01:30" {
		t.Error(got)
	}
}
