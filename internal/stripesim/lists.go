package stripesim

import "slices"

// page answers a list with Stripe's cursors, newest first.
func page[T any](c *call, url string, s *shelf[T], fits func(*T) bool, show func(*T) obj) (any, *apiError) {
	limit := c.number("limit", 10)
	after, before := c.text("starting_after"), c.text("ending_before")
	if limit < 1 || limit > 100 {
		c.fail(invalid("parameter_invalid_integer", "limit", "Invalid limit: must be between 1 and 100."))
	}
	if after != "" && before != "" {
		c.fail(invalid("", "starting_after", "You may only specify one of starting_after and ending_before."))
	}
	if err := c.done(); err != nil {
		return nil, err
	}
	from, to, err := window(s.order, after, before)
	if err != nil {
		return nil, err
	}
	data, more := collect(s, from, to, int(limit), before != "", fits)
	shown := make([]obj, len(data))
	for i, v := range data {
		shown[i] = show(v)
	}
	return obj{"object": "list", "url": url, "has_more": more, "data": shown}, nil
}

// window gives the part of the order (oldest first) that the cursors leave.
func window(order []string, after, before string) (from, to int, err *apiError) {
	from, to = 0, len(order)
	if after != "" {
		if to = slices.Index(order, after); to < 0 {
			return 0, 0, missing("cursor", after)
		}
	}
	if before != "" {
		at := slices.Index(order, before)
		if at < 0 {
			return 0, 0, missing("cursor", before)
		}
		from = at + 1
	}
	return from, to, nil
}

// collect walks from the newest down, or, for a page before a cursor, from the cursor up; either way
// the page is newest first.
func collect[T any](s *shelf[T], from, to, limit int, upwards bool, fits func(*T) bool) (out []*T, more bool) {
	for i := range to - from {
		at := to - 1 - i
		if upwards {
			at = from + i
		}
		v := s.byID[s.order[at]]
		if !fits(v) {
			continue
		}
		if len(out) == limit {
			more = true
			break
		}
		out = append(out, v)
	}
	if upwards {
		slices.Reverse(out)
	}
	return out, more
}

// created reads the time filter of a list: created=n or created[gte]=n and so on.
func (c *call) created() func(int64) bool {
	exact := c.number("created", -1)
	gte, gt := c.number("created[gte]", -1), c.number("created[gt]", -1)
	lte, lt := c.number("created[lte]", 1<<62), c.number("created[lt]", 1<<62)
	return func(n int64) bool {
		return (exact < 0 || n == exact) && n >= gte && n > gt && n <= lte && n < lt
	}
}
