package instance

import (
	"strconv"
	"strings"
)

// expand reads a list of values: words and numbers, and ranges such as 0..3.
func expand(text string) ([]string, error) {
	var out []string
	for _, word := range strings.Fields(text) {
		from, to, is, err := span(word)
		if err != nil {
			return nil, err
		}
		if !is {
			out = append(out, word)
		}
		for n := from; is && n <= to; n++ {
			if len(out) >= maxDomain {
				return nil, refuse("a list has more than %d values", maxDomain)
			}
			out = append(out, strconv.Itoa(n))
		}
	}
	if len(out) > maxDomain {
		return nil, refuse("a list has more than %d values", maxDomain)
	}
	return out, nil
}

// span reads a range.
func span(word string) (from, to int, is bool, err error) {
	a, b, is := strings.Cut(word, "..")
	if !is {
		return 0, 0, false, nil
	}
	from, err1 := strconv.Atoi(a)
	to, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil || from > to {
		return 0, 0, false, refuse("%q is not a range", word)
	}
	return from, to, true, nil
}

// distinct drops what stands twice and keeps the order.
func distinct(words []string) []string {
	seen := make(map[string]bool, len(words))
	out := words[:0]
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}
