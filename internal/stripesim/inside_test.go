package stripesim

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"
	"time"
)

func TestAmountText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		minor          int64
		currency, lang string
		want           string
	}{
		{10_000, "gbp", "en", "£100.00"}, {123_456_705, "gbp", "en", "£1,234,567.05"}, {5, "usd", "en", "USD\u00a00.05"},
		{50_000, "eur", "it", "500,00\u00a0€"}, {123_450, "eur", "it", "1234,50\u00a0€"}, {1_234_550, "eur", "it", "12.345,50\u00a0€"},
		{50_000, "eur", "fr", "500,00\u00a0€"}, {123_450, "eur", "fr", "1\u202f234,50\u00a0€"},
		{123_450, "eur", "de", "1.234,50\u00a0€"},
		{123_450, "eur", "es", "1234,50\u00a0€"}, {1_234_550, "eur", "es", "12.345,50\u00a0€"},
		{150_000, "ron", "ro", "1.500,00\u00a0RON"}, {5, "eur", "ro", "0,05\u00a0EUR"},
	} {
		if got := amountText(c.minor, c.currency, c.lang); got != c.want {
			t.Errorf("%d %s in %s: %q, want %q", c.minor, c.currency, c.lang, got, c.want)
		}
	}
}

// TestWordsAreComplete: no language lacks a word, a problem or the name of a test card.
func TestWordsAreComplete(t *testing.T) {
	t.Parallel()
	for _, w := range []pageWords{wordsEN, wordsIT, wordsFR, wordsDE, wordsES, wordsRO} {
		v := reflect.ValueOf(w)
		for i := range v.NumField() {
			if v.Field(i).Kind() == reflect.String && v.Field(i).String() == "" {
				t.Errorf("%s lacks %s", w.Lang, v.Type().Field(i).Name)
			}
		}
		for _, group := range cardGroups {
			if w.Groups[group] == "" {
				t.Errorf("%s lacks the heading %s", w.Lang, group)
			}
		}
		for key := range wordsEN.Problems {
			if w.Problems[key] == "" {
				t.Errorf("%s lacks the problem %s", w.Lang, key)
			}
		}
		for code := range declineTexts {
			if w.Problems[code] == "" {
				t.Errorf("%s lacks the decline %s", w.Lang, code)
			}
		}
		for _, c := range testCards {
			if w.Tests[c.Test] == "" || !luhn(c.Number) {
				t.Errorf("%s lacks the card %s, or it is no number", w.Lang, c.Test)
			}
		}
	}
}

func TestWordsFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ locale, accept, want string }{
		{"en-GB", "it", "en"}, {"it", "", "it"}, {"fr", "", "fr"}, {"de", "", "de"}, {"es", "", "es"}, {"ro", "", "ro"},
		{"auto", "fr-CA,fr;q=0.9", "fr"}, {"auto", "ro-MD,ro;q=0.9", "ro"}, {"", "de-AT", "de"}, {"", "nl", "en"}, {"auto", "", "en"},
	} {
		if got := wordsFor(c.locale, c.accept).Lang; got != c.want {
			t.Errorf("%q with %q gives %s, want %s", c.locale, c.accept, got, c.want)
		}
	}
}

// TestCompactKeepsEverything writes the journal anew and reads it back to the same state.
func TestCompactKeepsEverything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := New(Options{SecretKey: "sk_test_x", Dir: dir, WebhookURLs: []string{"http://127.0.0.1:1"}, WebhookSecret: "whsec_x"})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		b.commit(func(t *tx) {
			id := fmt.Sprintf("cs_%d", n)
			t.put(change{Session: &session{ID: id, Status: sessionOpen, Amount: 100, Currency: "gbp", ExpiresAt: t.now.Unix() + 3600, Manual: n > 0}})
			t.submit(id, typedCard{fate: testCards[n], month: 1, year: 2090, name: "Test Buyer", lastFour: "0000"})
			t.put(change{Kept: &kept{Key: id, Status: 200, Body: []byte("{}"), At: t.now.Unix()}})
		})
	}
	b.commit(func(t *tx) { fillShelves(t) })
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, journalName)
	old, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := compact(old, path, b.st)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again := newState()
	if good, err := replay(bytes.NewReader(raw), again); err != nil || good != int64(len(raw)) {
		t.Fatalf("replay: %d of %d bytes, %v", good, len(raw), err)
	}
	if was, is := written(b.st), written(again); !bytes.Equal(was, is) {
		t.Errorf("compacted state differs:\n%s\n%s", was, is)
	}
	shelves := reflect.ValueOf(*again)
	for i := range shelves.NumField() {
		if s := shelves.Field(i); s.Kind() == reflect.Struct && s.FieldByName("order").IsValid() && s.FieldByName("order").Len() == 0 {
			t.Errorf("nothing of %s was written", shelves.Type().Field(i).Name)
		}
	}
	if len(again.mails.list) != len(b.st.mails.list) || len(again.ends.list) != len(b.st.ends.list) {
		t.Errorf("deadlines: %d and %d, want %d and %d",
			len(again.mails.list), len(again.ends.list), len(b.st.mails.list), len(b.st.ends.list))
	}
}

// fillShelves puts something on every shelf that the payments above leave empty.
func fillShelves(t *tx) {
	who := &customer{ID: "cus_00000001", Created: t.now.Unix()}
	t.put(change{Customer: who})
	for _, name := range []string{"disputed", "inquiry", "fraud_warning", "reviewed", "refund_fails", "slow_ok"} {
		pi := newIntent(t.now)
		pi.Amount, pi.Currency, pi.Customer, pi.KeepFor, pi.Card = 500, "eur", who.ID, "off_session", byName(name).use(t.now)
		t.confirm(nil, &pi, byName(name), false)
		if c := t.st.charges.byID[pi.Charge]; name == "refund_fails" {
			t.refund(&refund{ID: "re_1", Intent: pi.ID, Charge: c.ID, Amount: 200, Currency: "eur", Status: refundSucceeded})
		}
	}
}

func written(st *state) []byte {
	var all []byte
	st.snapshot(func(c change) { all = append(all, encodeLine([]change{c})...) })
	return all
}

func TestCardForm(t *testing.T) {
	t.Parallel()
	now := clockAt(2026, 11)
	good := cardForm{Number: "4242 4242-4242 4242", Expiry: "12/30", CVC: "123", Name: " Ada  Lovelace "}
	for name, c := range map[string]struct {
		change func(*cardForm)
		want   cardProblems
	}{
		"good":              {func(*cardForm) {}, cardProblems{}},
		"four-digit year":   {func(f *cardForm) { f.Expiry = "01 / 2031" }, cardProblems{}},
		"without slash":     {func(f *cardForm) { f.Expiry = "1226" }, cardProblems{}},
		"this month":        {func(f *cardForm) { f.Expiry = "11/26" }, cardProblems{}},
		"last month":        {func(f *cardForm) { f.Expiry = "10/26" }, cardProblems{Expiry: "past_expiry"}},
		"past year":         {func(f *cardForm) { f.Expiry = "12/25" }, cardProblems{Expiry: "past_expiry"}},
		"month 13":          {func(f *cardForm) { f.Expiry = "13/30" }, cardProblems{Expiry: "bad_month"}},
		"no year":           {func(f *cardForm) { f.Expiry = "12" }, cardProblems{Expiry: "bad_month"}},
		"far year":          {func(f *cardForm) { f.Expiry = "12/95" }, cardProblems{Expiry: "bad_year"}},
		"Luhn":              {func(f *cardForm) { f.Number = "4242424242424241" }, cardProblems{Number: "bad_number"}},
		"letters":           {func(f *cardForm) { f.Number = "4242abcd42424242" }, cardProblems{Number: "bad_number"}},
		"short code":        {func(f *cardForm) { f.CVC = "99" }, cardProblems{CVC: "bad_cvc"}},
		"code with a sign":  {func(f *cardForm) { f.CVC = "+12" }, cardProblems{CVC: "bad_cvc"}},
		"Amex, three":       {func(f *cardForm) { f.Number = "378282246310005" }, cardProblems{CVC: "bad_cvc"}},
		"Amex, four":        {func(f *cardForm) { f.Number = "378282246310005"; f.CVC = "1234" }, cardProblems{}},
		"no name":           {func(f *cardForm) { f.Name = " " }, cardProblems{Name: "bad_name"}},
		"nothing":           {func(f *cardForm) { *f = cardForm{} }, cardProblems{"bad_number", "bad_month", "bad_cvc", "bad_name"}},
		"digits of another": {func(f *cardForm) { f.Number = "४२४२४२४२४२४२४२४२" }, cardProblems{Number: "bad_number"}},
	} {
		f := good
		c.change(&f)
		card, got := f.read(now)
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if !got.any() && card.name != "Ada Lovelace" {
			t.Errorf("%s: name %q", name, card.name)
		}
	}
}

func clockAt(year int, month time.Month) time.Time {
	return time.Date(year, month, 22, 12, 0, 0, 0, time.UTC)
}

// TestAClosedJournalIsFree: the lock goes when the bank closes, even while a child between fork and
// exec still holds a copy of the handle.
func TestAClosedJournalIsFree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, err := openJournal(dir, newState())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = openJournal(dir, newState()); err == nil {
		t.Fatal("two card banks have one journal")
	}
	copied, err := syscall.Dup(int(j.file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(copied) })
	if err = j.close(); err != nil {
		t.Fatal(err)
	}
	again, err := openJournal(dir, newState())
	if err != nil {
		t.Fatal(err)
	}
	if err = again.close(); err != nil {
		t.Fatal(err)
	}
}
