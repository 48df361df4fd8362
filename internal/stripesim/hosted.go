package stripesim

import (
	"net/http"
	"strings"
	"time"
)

// visit is a person at a session's page.
type visit struct {
	session *session
	intent  *intent // nil before the first submit
	words   pageWords
	now     time.Time
}

// look finds the session as it is now, what ran out swept first.
func (p *pages) look(r *http.Request) (visit, error) {
	var v visit
	line := p.b.update(func(t *tx) {
		v.now = t.now
		if v.session = t.st.sessions.byID[r.PathValue("id")]; v.session != nil {
			v.intent = t.st.intents.byID[v.session.Intent]
		}
	})
	locale := ""
	if v.session != nil {
		locale = v.session.Locale
	}
	v.words = wordsFor(locale, r.Header.Get("Accept-Language"))
	return v, p.b.durable(line)
}

// settled shows why nothing can be paid here any more, if so.
func (p *pages) settled(w http.ResponseWriter, v visit, err error) bool {
	switch {
	case err != nil:
		http.Error(w, "The card bank cannot write its journal.", http.StatusInternalServerError)
	case v.session == nil:
		p.showUnknown(w, v.words)
	case v.session.Status == sessionExpired:
		p.showExpired(w, v.session, v.words)
	case v.session.Status == sessionComplete && v.intent != nil && v.intent.Status == intentNeedsMethod:
		p.showExpired(w, v.session, v.words) // a slow card failed in the end
	case v.session.Status == sessionComplete:
		p.showDone(w, v.session, v.words)
	default:
		return false
	}
	return true
}

func (p *pages) showPay(w http.ResponseWriter, r *http.Request) {
	v, err := p.look(r)
	if p.settled(w, v, err) {
		return
	}
	page := p.payPage(v.session, v.words, prefilled(r.URL.Query().Get("card"), v.now))
	if v.session.Problem == declineSecure {
		page.Declined = v.words.problem(declineSecure)
	}
	p.render(w, http.StatusOK, "pay.html", page, v.session.SuccessURL)
}

// prefilled is the form as one press on a test card fills it. The security code is of a test card,
// so it is no secret; without it one press would not be enough.
func prefilled(test string, now time.Time) cardForm {
	c := byName(test)
	if c.Number == "" {
		return cardForm{}
	}
	f := cardForm{Number: spaced(c.Number), Expiry: now.AddDate(3, 0, 0).Format("01 / 06"), CVC: "123", Name: "Test Buyer"}
	if c.Brand == "amex" {
		f.CVC = "1234"
	}
	return f
}

func (p *pages) submitPay(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read or is larger than 64 KB.", http.StatusRequestEntityTooLarge)
		return
	}
	v, err := p.look(r)
	if v.session != nil && v.session.Status == sessionComplete && err == nil {
		http.Redirect(w, r, v.session.successAddress(), http.StatusSeeOther) // the second press of Pay
		return
	}
	if p.settled(w, v, err) {
		return
	}
	form := readCardForm(r)
	card, problems := form.read(v.now)
	if problems.any() {
		page := p.payPage(v.session, v.words, form.again())
		page.add(problems)
		p.render(w, http.StatusUnprocessableEntity, "pay.html", page, v.session.SuccessURL)
		return
	}
	var o outcome
	line := p.b.update(func(t *tx) { o = t.submit(v.session.ID, card) })
	if err := p.b.durable(line); err != nil {
		p.settled(w, v, err)
		return
	}
	if o == outcomeDone && card.fate.Answer != "" {
		fault{Kind: card.fate.Answer, Hang: hangFor}.strike(w, r, nil)
		return
	}
	p.follow(w, r, o, form)
}

func readCardForm(r *http.Request) cardForm {
	field := func(name string) string {
		s := strings.ToValidUTF8(r.PostForm.Get(name), "")
		if len(s) > 300 {
			s = strings.ToValidUTF8(s[:300], "")
		}
		return strings.TrimSpace(s)
	}
	return cardForm{
		Number: field("number"), Expiry: field("expiry"), CVC: field("cvc"), Name: field("name"), Attempt: field("attempt"),
	}
}

// again is what a person finds typed already; the security code is never sent back.
func (f cardForm) again() cardForm {
	f.CVC = ""
	return f
}

// follow shows what came of a submit or of a challenge.
func (p *pages) follow(w http.ResponseWriter, r *http.Request, o outcome, form cardForm) {
	v, err := p.look(r)
	if err != nil || v.session == nil {
		p.settled(w, v, err)
		return
	}
	switch o {
	case outcomeDone:
		http.Redirect(w, r, v.session.successAddress(), http.StatusSeeOther)
	case outcomeChallenge:
		http.Redirect(w, r, "/c/pay/"+v.session.ID+"/challenge", http.StatusSeeOther)
	case outcomeExpired:
		p.showExpired(w, v.session, v.words)
	default:
		page := p.payPage(v.session, v.words, form.again())
		page.Declined = v.words.problem(v.session.Problem)
		p.render(w, http.StatusPaymentRequired, "pay.html", page, v.session.SuccessURL)
	}
}

// challengePage is the 3-D Secure question.
type challengePage struct {
	base
	Action string
	Amount string
	Card   string
}

func (p *pages) showChallenge(w http.ResponseWriter, r *http.Request) {
	v, err := p.look(r)
	if p.settled(w, v, err) {
		return
	}
	if v.intent == nil || v.intent.Status != intentNeedsAction {
		http.Redirect(w, r, "/c/pay/"+v.session.ID, http.StatusSeeOther)
		return
	}
	p.askSecure(w, v, "/c/pay/"+v.session.ID+"/challenge", v.session.SuccessURL)
}

func (p *pages) askSecure(w http.ResponseWriter, v visit, action, formTo string) {
	p.render(w, http.StatusOK, "challenge.html", challengePage{
		base: p.base(v.words, v.words.SecureTitle), Action: action,
		Amount: amountText(v.intent.Amount, v.intent.Currency, v.words.Lang), Card: v.intent.Card.Last4,
	}, formTo)
}

func (p *pages) answerChallenge(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read or is larger than 64 KB.", http.StatusRequestEntityTooLarge)
		return
	}
	v, err := p.look(r)
	if err != nil || v.session == nil {
		p.settled(w, v, err)
		return
	}
	answer := r.PostForm.Get("answer")
	if answer != "complete" && answer != "fail" {
		http.Redirect(w, r, "/c/pay/"+v.session.ID+"/challenge", http.StatusSeeOther)
		return
	}
	var o outcome
	line := p.b.update(func(t *tx) { o = t.answerChallenge(v.session.ID, answer == "complete") })
	if err := p.b.durable(line); err != nil {
		p.settled(w, v, err)
		return
	}
	p.follow(w, r, o, cardForm{})
}
