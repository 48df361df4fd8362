package stripesim

// bringCustomer makes a customer of the buyer when the session wants one for each payment.
func (t *tx) bringCustomer(s *session, pi *intent, c *charge) {
	if s.Customer != "" || !s.NewCustomer {
		return
	}
	who := &customer{ID: newID("cus_", 14), Created: t.now.Unix(), Email: s.Email, Name: s.Name}
	t.put(change{Customer: who})
	t.tell(tellCustomerCreated, event{Customer: who})
	s.Customer, pi.Customer, c.Customer = who.ID, who.ID, who.ID
}

// keep attaches the card to the customer when it is to be used again.
func (t *tx) keep(pi *intent, c *charge) {
	if pi.Customer == "" || pi.KeepFor == "" || pi.Card.Customer != "" {
		return
	}
	card := *pi.Card
	card.Customer, card.SetUp = pi.Customer, pi.KeepFor == "off_session"
	pi.Card, c.Card = &card, &card
	t.attach(&card)
}

// attach keeps a card; how it was confirmed belongs to the payment, not to the card.
func (t *tx) attach(used *cardUse) *cardUse {
	kept := *used
	kept.Secured = securedNot
	t.put(change{Method: &kept})
	t.tell(tellPaymentMethodAttached, event{Method: &kept})
	return &kept
}

// cardOf finds what an id of the API means: the name of a test card, or a card that was attached.
func (t *tx) cardOf(id, customerID string) (*cardUse, *apiError) {
	if fate, ok := byMethod(id); ok {
		return fate.use(t.now), nil
	}
	kept := t.st.methods.byID[id]
	if kept == nil {
		return nil, missing("PaymentMethod", id)
	}
	if kept.Customer != customerID {
		return nil, invalid("", "payment_method", "The payment method supplied belongs to a Customer. "+
			"Please include the Customer in the `customer` parameter on the PaymentIntent.")
	}
	used := *kept
	return &used, nil
}

// review puts a risky payment before a person of the merchant.
func (t *tx) review(pi *intent, c *charge) {
	if c.Card.Test != "reviewed" {
		return
	}
	r := &review{ID: newID("prv_", 24), Intent: pi.ID, Charge: c.ID, Open: true, Reason: "rule", Created: t.now.Unix()}
	pi.Review, c.Review = r.ID, r.ID
	t.put(change{Review: r})
}

// closeReview ends an open review: approved, refunded, refunded_as_fraud or disputed.
func (t *tx) closeReview(id, reason string) {
	old := t.st.reviews.byID[id]
	if old == nil || !old.Open {
		return
	}
	r := *old
	r.Open, r.Reason, r.Closed = false, reason, reason
	t.put(change{Review: &r})
	t.tell(tellReviewClosed, event{Review: &r})
}

func (r *review) object() obj {
	return obj{
		"id": r.ID, "object": "review", "billing_zip": nil, "charge": r.Charge, "payment_intent": r.Intent,
		"closed_reason": text(r.Closed), "created": r.Created, "ip_address": nil, "ip_address_location": nil,
		"livemode": false, "open": r.Open, "opened_reason": "rule", "reason": r.Reason, "session": nil,
	}
}

func (c *customer) object() obj {
	o := obj{
		"id": c.ID, "object": "customer", "address": nil, "balance": 0, "created": c.Created, "currency": nil,
		"default_source": nil, "delinquent": false, "description": text(c.Text), "discount": nil,
		"email": text(c.Email), "name": text(c.Name), "phone": text(c.Phone), "livemode": false,
		"invoice_prefix": c.ID[len(c.ID)-8:], "metadata": words(c.Metadata), "next_invoice_sequence": 1,
		"invoice_settings": obj{"custom_fields": nil, "default_payment_method": nil, "footer": nil,
			"rendering_options": nil},
		"preferred_locales": c.Locales, "shipping": nil, "tax_exempt": "none", "test_clock": nil,
	}
	if c.Locales == nil {
		o["preferred_locales"] = []string{}
	}
	if c.Address != nil {
		address := noAddress()
		for name := range address {
			address[name] = text(c.Address[name])
		}
		o["address"] = address
	}
	return o
}
