package stripesim

import "slices"

func readEvent(t *tx, c *call) (any, *apiError) {
	if err := c.done(); err != nil {
		return nil, err
	}
	e := t.st.events.byID[c.id]
	if e == nil {
		return nil, missing("event", c.id)
	}
	return t.st.eventObject(e), nil
}

func listEvents(t *tx, c *call) (any, *apiError) {
	kinds, created := c.list("types"), c.created()
	if kind := c.text("type"); kind != "" {
		kinds = append(kinds, kind)
	}
	delivered := c.oneOf("delivery_success", "", "true", "false")
	return page(c, "/v1/events", &t.st.events,
		func(e *event) bool {
			return (len(kinds) == 0 || slices.Contains(kinds, e.Type)) && created(e.Created) &&
				(delivered == "" || e.arrived() == (delivered == "true"))
		},
		t.st.eventObject)
}

// arrived tells whether every endpoint that wanted the event took it.
func (e *event) arrived() bool {
	for _, d := range e.Mail {
		if d.State != mailDelivered {
			return false
		}
	}
	return true
}

func createEndpoint(t *tx, c *call) (any, *apiError) {
	w := &endpoint{
		ID: newID("we_", 24), URL: c.webAddress("url", true), Secret: newID("whsec_", 32),
		Events: c.list("enabled_events"), Enabled: true, Created: t.now.Unix(), Text: c.text("description"),
		Metadata: c.table("metadata"),
	}
	if v := c.text("api_version"); v != "" && v != APIVersion {
		w.Version = v // the body stays that of APIVersion: enough to see that a receiver refuses it
	}
	if len(w.Events) == 0 {
		c.fail(invalid("parameter_missing", "enabled_events", "Missing required param: enabled_events."))
	}
	if err := c.done(); err != nil {
		return nil, err
	}
	t.put(change{Endpoint: w})
	return w.object(true), nil
}

// updateEndpoint changes where and of what an endpoint hears, and whether it does.
func updateEndpoint(t *tx, c *call) (any, *apiError) {
	w := endpoint{}
	if old := t.st.endpoints.byID[c.id]; old != nil {
		w = *old
	}
	if to := c.webAddress("url", false); to != "" {
		w.URL = to
	}
	if events := c.list("enabled_events"); len(events) > 0 {
		w.Events = events
	}
	if s := c.text("description"); s != "" {
		w.Text = s
	}
	if off := c.oneOf("disabled", "", "true", "false"); off != "" {
		w.Enabled = off == "false"
	}
	w.Metadata = merged(w.Metadata, c.table("metadata"))
	if err := c.done(); err != nil {
		return nil, err
	}
	if w.ID == "" {
		return nil, missing("webhook_endpoint", c.id)
	}
	t.put(change{Endpoint: &w})
	return w.object(false), nil
}

func readEndpoint(t *tx, c *call) (any, *apiError) {
	if err := c.done(); err != nil {
		return nil, err
	}
	w := t.st.endpoints.byID[c.id]
	if w == nil {
		return nil, missing("webhook_endpoint", c.id)
	}
	return w.object(false), nil
}

func listEndpoints(t *tx, c *call) (any, *apiError) {
	return page(c, "/v1/webhook_endpoints", &t.st.endpoints,
		func(*endpoint) bool { return true },
		func(w *endpoint) obj { return w.object(false) })
}
