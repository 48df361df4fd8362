package storefront

import (
	"net/url"
	"slices"
	"strconv"

	"forecourt/internal/platform/money"
	"forecourt/internal/web"
)

// guideParams are the fields of the guide's address, in the order of its questions.
var guideParams = []string{"budget", "seats", "where", "fuel", "home", "gearbox", "must"}

// answers are what each question knows; the empty answer stands for "does not matter".
var answers = map[string][]string{
	"seats":   {"4", "5", "7"},
	"where":   {"town", "mixed", "motorway", "snow"},
	"fuel":    {"petrol", "electric", "lpg"},
	"home":    {"yes", "no"},
	"gearbox": {"automatic", "manual"},
	"must":    needKeys(),
}

// maxBudget is beyond any car; a longer number is a slip of the finger.
const maxBudget = 10_000_000

func needKeys() []string {
	out := make([]string, len(needs))
	for i, n := range needs {
		out[i] = n.key
	}
	return out
}

// readWishes reads an address. What it does not understand is told and does not count.
func readWishes(q url.Values) (wishes, web.FieldErrors) {
	errs := web.FieldErrors{Keys: map[string]string{}}
	reject := func(field, key string) {
		errs.Keys[field] = key
		errs.Order = append(errs.Order, field)
	}
	one := func(field string) string {
		v := web.CleanLine(q.Get(field))
		if v != "" && !slices.Contains(answers[field], v) {
			reject(field, "storefront.guide.error.answer")
			return ""
		}
		return v
	}
	var w wishes
	if v := web.CleanLine(q.Get("budget")); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 1 || n > maxBudget {
			reject("budget", "storefront.guide.error.budget")
		} else {
			w.Budget = n * 100
		}
	}
	w.Seats, _ = strconv.Atoi(one("seats"))
	w.Where, w.Fuel, w.Home, w.Gearbox = one("where"), one("fuel"), one("home"), one("gearbox")
	for _, v := range q["must"] {
		switch v = web.CleanLine(v); {
		case v == "" || slices.Contains(w.Must, v):
		case slices.Contains(answers["must"], v):
			w.Must = append(w.Must, v)
		case errs.Of("must") == "":
			reject("must", "storefront.guide.error.answer")
		}
	}
	return w, errs
}

// query writes wishes as readWishes reads them.
func (w wishes) query() url.Values {
	q := url.Values{}
	set := func(name, v string) {
		if v != "" {
			q.Set(name, v)
		}
	}
	if w.Budget > 0 {
		set("budget", strconv.FormatInt(w.Budget/100, 10))
	}
	if w.Seats > 0 {
		set("seats", strconv.Itoa(w.Seats))
	}
	set("where", w.Where)
	set("fuel", w.Fuel)
	set("home", w.Home)
	set("gearbox", w.Gearbox)
	for _, m := range w.Must {
		q.Add("must", m)
	}
	return q
}

// hard are the keys of the wishes that a car can lack, in the order of the questions.
func (w wishes) hard() []string {
	var out []string
	for key, asked := range map[string]bool{"seats": w.Seats > 4, "where": w.Where == "snow", "fuel": w.Fuel != "", "gearbox": w.Gearbox != ""} {
		if asked {
			out = append(out, key)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return slices.Index(guideParams, a) - slices.Index(guideParams, b) })
	return append(out, w.Must...)
}

// without gives up one wish.
func (w wishes) without(key string) wishes {
	w.Must = slices.DeleteFunc(slices.Clone(w.Must), func(m string) bool { return m == key })
	switch key {
	case "seats":
		w.Seats = 0
	case "where":
		w.Where = ""
	case "fuel":
		w.Fuel = ""
	case "gearbox":
		w.Gearbox = ""
	}
	return w
}

func (w wishes) empty() bool { return len(w.query()) == 0 }

// words names a wish as its question does.
func (w wishes) words(b web.Base, key string) string {
	switch key {
	case "seats":
		return b.T("storefront.guide.reason.seats", "N", w.Seats)
	case "where":
		return b.T("storefront.guide.where." + w.Where)
	case "fuel":
		return b.T("storefront.guide.fuel." + w.Fuel)
	case "gearbox":
		return b.T("storefront.guide.gearbox." + w.Gearbox)
	}
	return b.T("storefront.guide.must." + key)
}

// Question is one field of the guide's form.
type Question struct {
	Name    string
	Label   string
	Many    bool
	Choices []Answer
	Error   string // word key
}

// Answer is one answer that may be given.
type Answer struct {
	Value, Label string
	On           bool
}

// questions are the form with what was answered. Answers that no car here can meet are not offered,
// unless the address gives them: then they stay, and the page says why nothing fits.
func questions(b web.Base, w wishes, errs web.FieldErrors, offered func(field, value string) bool, steps []int64, currency money.Currency) []Question {
	out := []Question{budgetQuestion(b, w, errs, steps, currency)}
	given := w.query()
	for _, name := range guideParams[1:] {
		q := Question{Name: name, Label: b.T("storefront.guide.ask." + name), Many: name == "must", Error: errs.Of(name)}
		if !q.Many {
			q.Choices = append(q.Choices, Answer{"", b.T("storefront.guide.any"), given.Get(name) == ""})
		}
		for _, v := range answers[name] {
			on := slices.Contains(given[name], v)
			if on || offered(name, v) {
				q.Choices = append(q.Choices, Answer{v, b.T("storefront.guide." + name + "." + v), on})
			}
		}
		if len(q.Choices) == 0 || !q.Many && len(q.Choices) == 1 {
			continue
		}
		out = append(out, q)
	}
	return out
}

func budgetQuestion(b web.Base, w wishes, errs web.FieldErrors, steps []int64, currency money.Currency) Question {
	q := Question{Name: "budget", Label: b.T("storefront.guide.ask.budget"), Error: errs.Of("budget"),
		Choices: []Answer{{"", b.T("storefront.guide.budget.any"), w.Budget == 0}}}
	if w.Budget > 0 && !slices.Contains(steps, w.Budget) {
		steps = append(slices.Clone(steps), w.Budget)
		slices.Sort(steps)
	}
	for _, s := range steps {
		q.Choices = append(q.Choices, Answer{strconv.FormatInt(s/100, 10), b.T("storefront.guide.budget.up_to", "Amount", b.MoneyShort(money.Of(s, currency))), s == w.Budget})
	}
	return q
}
