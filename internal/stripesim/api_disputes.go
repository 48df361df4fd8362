package stripesim

import "slices"

var disputeExpands = []string{"charge", "charge.balance_transaction", "payment_intent", "payment_intent.latest_charge"}

func readDispute(t *tx, c *call) (any, *apiError) {
	x := c.expand(disputeExpands...)
	if err := c.done(); err != nil {
		return nil, err
	}
	d := t.st.disputes.byID[c.id]
	if d == nil {
		return nil, missing("dispute", c.id)
	}
	return t.st.disputeObject(d, x), nil
}

func listDisputes(t *tx, c *call) (any, *apiError) {
	x, pi, ch, created := c.expand(disputeExpands...), c.text("payment_intent"), c.text("charge"), c.created()
	return page(c, "/v1/disputes", &t.st.disputes,
		func(d *dispute) bool {
			return (pi == "" || d.Intent == pi) && (ch == "" || d.Charge == ch) && created(d.Created)
		},
		func(d *dispute) obj { return t.st.disputeObject(d, x) })
}

// updateDispute keeps evidence, and hands it in unless the caller says that this is a draft.
func updateDispute(t *tx, c *call) (any, *apiError) {
	x, meta, evidence := c.expand(disputeExpands...), c.table("metadata"), c.table("evidence")
	submit := c.oneOf("submit", "true", "true", "false") == "true"
	for name := range evidence {
		if !slices.Contains(evidenceTexts, name) && !slices.Contains(evidenceFiles, name) {
			c.fail(invalid("parameter_unknown", "evidence["+name+"]", "Received unknown parameter: evidence["+name+"]"))
		}
	}
	if err := c.done(); err != nil {
		return nil, err
	}
	old := t.st.disputes.byID[c.id]
	if old == nil {
		return nil, missing("dispute", c.id)
	}
	if old.isOver() && (len(evidence) > 0 || c.has("submit")) {
		return nil, refuse("", "", "This dispute is already closed.", nil)
	}
	d := *old
	d.Metadata, d.Evidence = merged(old.Metadata, meta), merged(old.Evidence, evidence)
	if submit && len(d.Evidence) > 0 && (len(evidence) > 0 || c.has("submit")) {
		t.answerDispute(&d)
	} else {
		t.put(change{Dispute: &d})
		t.tell(tellChargeDisputeUpdated, event{Dispute: &d})
	}
	return t.st.disputeObject(t.st.disputes.byID[d.ID], x), nil
}

// closeDispute is the merchant giving in: nobody contests what the card holder says.
func closeDispute(t *tx, c *call) (any, *apiError) {
	x := c.expand(disputeExpands...)
	if err := c.done(); err != nil {
		return nil, err
	}
	d := t.st.disputes.byID[c.id]
	if d == nil {
		return nil, missing("dispute", c.id)
	}
	if d.isOver() {
		return nil, refuse("", "", "This dispute is already closed.", nil)
	}
	status := disputeLost
	if d.isInquiry() {
		status = inquiryClosed
	}
	return t.st.disputeObject(t.settle(d, status), x), nil
}

func readWarning(t *tx, c *call) (any, *apiError) {
	if err := c.done(); err != nil {
		return nil, err
	}
	w := t.st.warnings.byID[c.id]
	if w == nil {
		return nil, missing("early_fraud_warning", c.id)
	}
	return w.object(t.st), nil
}

func listWarnings(t *tx, c *call) (any, *apiError) {
	pi, ch, created := c.text("payment_intent"), c.text("charge"), c.created()
	return page(c, "/v1/radar/early_fraud_warnings", &t.st.warnings,
		func(w *warning) bool {
			return (pi == "" || w.Intent == pi) && (ch == "" || w.Charge == ch) && created(w.Created)
		},
		func(w *warning) obj { return w.object(t.st) })
}
