package stripesim

import "net/http"

// lookIntent finds an intent that was confirmed by a call: its challenge has a page of its own.
func (p *pages) lookIntent(r *http.Request) (visit, error) {
	var v visit
	line := p.b.update(func(t *tx) {
		v.now = t.now
		if pi := t.st.intents.byID[r.PathValue("id")]; pi != nil && pi.Session == "" {
			v.intent = pi
		}
	})
	v.words = wordsFor("", r.Header.Get("Accept-Language"))
	return v, p.b.durable(line)
}

func (p *pages) showSecure(w http.ResponseWriter, r *http.Request) {
	v, err := p.lookIntent(r)
	switch {
	case err != nil:
		http.Error(w, "The card bank cannot write its journal.", http.StatusInternalServerError)
	case v.intent == nil:
		p.showUnknown(w, v.words)
	case v.intent.Status != intentNeedsAction:
		p.showAnswered(w, v)
	default:
		p.askSecure(w, v, "/c/secure/"+v.intent.ID, v.intent.ReturnURL)
	}
}

func (p *pages) answerSecure(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read or is larger than 64 KB.", http.StatusRequestEntityTooLarge)
		return
	}
	answer := r.PostForm.Get("answer")
	if answer != "complete" && answer != "fail" {
		http.Redirect(w, r, "/c/secure/"+r.PathValue("id"), http.StatusSeeOther)
		return
	}
	p.b.commit(func(t *tx) {
		pi := t.st.intents.byID[r.PathValue("id")]
		if pi != nil && pi.Session == "" && pi.Status == intentNeedsAction {
			t.answer(nil, pi, answer == "complete")
		}
	})
	v, err := p.lookIntent(r)
	if err != nil || v.intent == nil {
		p.showSecure(w, r)
		return
	}
	if to := v.intent.returnAddress(); to != "" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	p.showAnswered(w, v)
}

// showAnswered tells what came of a challenge whose caller named no address to return to.
func (p *pages) showAnswered(w http.ResponseWriter, v visit) {
	page := messagePage{base: p.base(v.words, v.words.DoneTitle), Text: v.words.DoneText}
	if v.intent.Status == intentNeedsMethod || v.intent.Status == intentCanceled {
		page = messagePage{base: p.base(v.words, v.words.Wrong), Text: v.words.problem(declineSecure)}
	}
	if to := v.intent.returnAddress(); to != "" {
		page.Href, page.Link = to, v.words.DoneLink
	}
	p.render(w, http.StatusOK, "message.html", page)
}
