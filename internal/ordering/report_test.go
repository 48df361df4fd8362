package ordering

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
)

const vin = "VF1RJA00061234567"

// reported is a flow whose stages are those of a car from the factory.
const reported = id.Flow("reported")

func init() {
	Declare(Machine{Flow: reported, Stages: []State{Offered, Accepted, Ordered, Built, InTransit, Arrived, Prepared, Ready, HandedOver}})
}

func all(text string) (out []Report, err error) {
	f, err := ReadReports(strings.NewReader(text))
	for err == nil {
		var r Report
		if r, err = f.Next(); err == nil {
			out = append(out, r)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return out, err
}

func TestFilesOfReports(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"commas":      "vin,stage,date\n" + vin + ",built,2026-11-20\n",
		"semicolons":  "\ufeffDate;VIN;Stage;Order;Correction\r\n2026-11-20; vf1rja000 61234567 ;BUILT;;no\r\n\r\n;;;;\r\n",
		"tabs":        "vin\tstage\tdate\n" + vin + "\tbuilt\t2026-11-20",
		"more":        "id,vin,colour,stage,date\n1," + vin + ",\"red, dark\",built,2026-11-20\n",
		"short quote": "vin,stage,date\n" + vin + ",\"built\",2026-11-20\n",
	} {
		got, err := all(text)
		if err != nil || len(got) != 1 || got[0].VIN != vin || got[0].Stage != Built || got[0].On != "2026-11-20" || got[0].Outcome != "" || got[0].Correction {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"nothing": {"", ErrReportEmpty}, "a head alone": {"vin,stage,date\n", ErrReportEmpty}, "no head": {vin + ",built,2026-11-20\n", ErrReportColumns}, "a column short": {"vin,stage\n" + vin + ",built\n", ErrReportColumns},
		"a workbook": {"PK\x03\x04rest", ErrReportKind}, "packed": {"\x1f\x8b\x08", ErrReportKind}, "an old workbook": {"\xd0\xcf\x11\xe0", ErrReportKind}, "paper": {"%PDF-1.7", ErrReportKind},
		"UTF-16": {"\xff\xfev\x00i\x00n\x00", ErrReportCode}, "UTF-16 without mark": {"v\x00i\x00n\x00", ErrReportCode}, "Latin-1": {"vin,stage,date,place\n" + vin + ",built,2026-11-20,M\xfcnchen\n", ErrReportCode},
		"zero late": {"vin,stage,date\n" + strings.Repeat(vin+",built,2026-11-20\n", 300) + "a\x00b,x,y\n", ErrReportCode},
	} {
		if _, err := all(c.text); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for text, why := range map[string]string{"VF1RJA0006123456,built,2026-11-20": "vin", "VF1RJA0006123456I,built,2026-11-20": "vin", "=1+1,built,2026-11-20": "vin", vin + ",prepared,2026-11-20": "stage", vin + ",,2026-11-20": "stage",
		vin + ",built,20.11.2026": "date", vin + ",built,2026-02-30": "date", vin + ",built,0000-01-01": "date", vin + ",built,": "date", vin + ",built": "date", vin + ",built,2026-11-20,12": "number", strings.Repeat("V", 9000) + ",built,2026-11-20": "vin"} {
		got, err := all("vin,stage,date,order\n" + text + "\n")
		if err != nil || len(got) != 1 || got[0].Outcome != Rejects || got[0].Why != why || len(got[0].VIN) > longestField {
			t.Errorf("%.60s: %+v, %v", text, got, err)
		}
	}
}

// endless is a file that is made while it is read.
type endless struct {
	rows, n int
	left    string
}

func (e *endless) Read(b []byte) (int, error) {
	if e.left == "" {
		if e.n > e.rows {
			return 0, io.EOF
		}
		e.left = "vin,stage,date\n"
		if e.n > 0 {
			e.left = fmt.Sprintf("VF1RJA0006%07d,built,2026-11-20\n", e.n)
		}
		e.n++
	}
	n := copy(b, e.left)
	e.left = e.left[n:]
	return n, nil
}

func TestALongFileIsReadRowByRow(t *testing.T) {
	var before, after runtime.MemStats
	f, err := ReadReports(&endless{rows: MostReports})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for {
		if _, err = f.Next(); err != nil {
			break
		}
		n++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if n != MostReports || !errors.Is(err, io.EOF) {
		t.Errorf("%d rows, %v", n, err)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 2<<20 {
		t.Errorf("%d bytes are kept", grown)
	}
	f, _ = ReadReports(&endless{rows: MostReports + 1})
	for err = nil; err == nil; {
		_, err = f.Next()
	}
	if !errors.Is(err, ErrReportMany) {
		t.Errorf("one more row: %v", err)
	}
}

func TestWhatAReportDoes(t *testing.T) {
	t.Parallel()
	const today = "2026-11-24"
	for name, c := range map[string]struct {
		state State
		vin   string
		r     Report
		known []string
		want  Outcome
		why   string
	}{
		"on":                     {Ordered, "", Report{Stage: InTransit, On: "2026-11-20"}, nil, Moves, ""},
		"here":                   {Built, "", Report{Stage: Built, On: today}, nil, Notes, ""},
		"again":                  {Built, "", Report{Stage: Built, On: "2026-11-20"}, []string{"2026-11-20"}, Same, ""},
		"again, much later":      {HandedOver, vin, Report{Stage: Built, On: "2026-11-20"}, []string{"2026-11-20"}, Same, ""},
		"again, as a correction": {Built, "", Report{Stage: Built, On: "2026-11-20", Correction: true}, []string{"2026-11-20"}, Same, ""},
		"another day":            {Built, "", Report{Stage: Built, On: "2026-11-21"}, []string{"2026-11-20"}, Rejects, "other_day"},
		"corrected":              {Built, "", Report{Stage: Built, On: "2026-11-21", Correction: true}, []string{"2026-11-20"}, Corrects, ""},
		"back":                   {Arrived, vin, Report{Stage: Built, On: "2026-11-20"}, nil, Rejects, "behind"},
		"back, corrected":        {Arrived, vin, Report{Stage: Built, On: "2026-11-20", Correction: true}, nil, Corrects, ""},
		"ahead, corrected":       {Ordered, "", Report{Stage: Arrived, On: "2026-11-20", Correction: true}, nil, Rejects, "ahead"},
		"tomorrow":               {Ordered, "", Report{Stage: Built, On: "2026-11-25"}, nil, Rejects, "future"},
		"before the order":       {Ordered, "", Report{Stage: Built, On: "2026-10-01"}, nil, Rejects, "early"},
		"another car":            {Arrived, "VF1RJA00069999999", Report{Stage: Arrived, On: today}, nil, Rejects, "other_vin"},
		"an offer":               {Offered, "", Report{Stage: Ordered, On: today}, nil, Rejects, "not_accepted"},
	} {
		c.r.VIN = vin
		o := &Order{Flow: reported, State: c.state, VIN: c.vin, CreatedAt: time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC)}
		if got, why := c.r.Judge(o, today, c.known); got != c.want || why != c.why {
			t.Errorf("%s: %s %s, want %s %s", name, got, why, c.want, c.why)
		}
	}
}
