package stripesim

import "slices"

var addressFields = []string{"city", "country", "line1", "line2", "postal_code", "state"}

func createCustomer(t *tx, c *call) (any, *apiError) {
	who := &customer{ID: newID("cus_", 14), Created: t.now.Unix()}
	c.customerFields(who)
	if err := c.done(); err != nil {
		return nil, err
	}
	t.put(change{Customer: who})
	t.tell(tellCustomerCreated, event{Customer: who})
	return who.object(), nil
}

func updateCustomer(t *tx, c *call) (any, *apiError) {
	old := t.st.customers.byID[c.id]
	if old == nil {
		old = &customer{}
	}
	who := *old
	c.customerFields(&who)
	if err := c.done(); err != nil {
		return nil, err
	}
	if old.ID == "" {
		return nil, missing("customer", c.id)
	}
	t.put(change{Customer: &who})
	t.tell(tellCustomerUpdated, event{Customer: &who})
	return who.object(), nil
}

// customerFields reads what the call says of a person; what it does not name stays.
func (c *call) customerFields(who *customer) {
	for name, field := range map[string]*string{
		"email": &who.Email, "name": &who.Name, "phone": &who.Phone, "description": &who.Text,
	} {
		if s := c.text(name); s != "" {
			*field = s
		}
	}
	who.Metadata = merged(who.Metadata, c.table("metadata"))
	if locales := c.list("preferred_locales"); locales != nil {
		who.Locales = locales
	}
	address := c.table("address")
	for name := range address {
		if !slices.Contains(addressFields, name) {
			c.fail(invalid("parameter_unknown", "address["+name+"]", "Received unknown parameter: address["+name+"]"))
		}
	}
	who.Address = merged(who.Address, address)
}

func readCustomer(t *tx, c *call) (any, *apiError) {
	if err := c.done(); err != nil {
		return nil, err
	}
	who := t.st.customers.byID[c.id]
	if who == nil {
		return nil, missing("customer", c.id)
	}
	return who.object(), nil
}

func listCustomers(t *tx, c *call) (any, *apiError) {
	email, created := c.text("email"), c.created()
	return page(c, "/v1/customers", &t.st.customers,
		func(who *customer) bool { return (email == "" || who.Email == email) && created(who.Created) },
		(*customer).object)
}

func readMethod(t *tx, c *call) (any, *apiError) {
	if err := c.done(); err != nil {
		return nil, err
	}
	if fate, ok := byMethod(c.id); ok {
		return fate.use(t.now).methodObject(), nil
	}
	m := t.st.methods.byID[c.id]
	if m == nil {
		return nil, missing("PaymentMethod", c.id)
	}
	return m.methodObject(), nil
}

func listMethods(t *tx, c *call) (any, *apiError) {
	who := c.text("customer")
	c.oneOf("type", "card")
	return page(c, "/v1/payment_methods", &t.st.methods,
		func(m *cardUse) bool { return m.Customer == who },
		(*cardUse).methodObject)
}

// attachMethod keeps a test card for a customer. Keeping never fails; using it may.
func attachMethod(t *tx, c *call) (any, *apiError) {
	who := c.need("customer")
	if err := c.done(); err != nil {
		return nil, err
	}
	if t.st.customers.byID[who] == nil {
		return nil, missing("customer", who)
	}
	card, err := t.cardOf(c.id, who)
	if err != nil {
		return nil, err
	}
	card.Customer = who
	return t.attach(card).methodObject(), nil
}

func readReview(t *tx, c *call) (any, *apiError) {
	if err := c.done(); err != nil {
		return nil, err
	}
	r := t.st.reviews.byID[c.id]
	if r == nil {
		return nil, missing("review", c.id)
	}
	return r.object(), nil
}

func listReviews(t *tx, c *call) (any, *apiError) {
	created := c.created()
	return page(c, "/v1/reviews", &t.st.reviews,
		func(r *review) bool { return r.Open && created(r.Created) }, // closed ones can be read, but are not listed
		(*review).object)
}

func approveReview(t *tx, c *call) (any, *apiError) {
	if err := c.done(); err != nil {
		return nil, err
	}
	r := t.st.reviews.byID[c.id]
	if r == nil {
		return nil, missing("review", c.id)
	}
	if !r.Open {
		return nil, refuse("", "", "This review is already closed.", nil)
	}
	t.closeReview(r.ID, "approved")
	return t.st.reviews.byID[r.ID].object(), nil
}
