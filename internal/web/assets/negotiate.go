package assets

import (
	"strconv"
	"strings"
)

// best picks what to send: brotli, else gzip, else the file as it is.
func (f file) best(accept []string) (body []byte, coding string) {
	switch {
	case f.br != nil && accepts(accept, "br"):
		return f.br, "br"
	case f.gz != nil && accepts(accept, "gzip"):
		return f.gz, "gzip"
	default:
		return f.plain, ""
	}
}

// AcceptsGzip tells whether the headers of a request let an answer be packed.
func AcceptsGzip(acceptEncoding []string) bool { return accepts(acceptEncoding, "gzip") }

// accepts reads Accept-Encoding: named or covered by *, and not with a weight of zero.
func accepts(headers []string, coding string) bool {
	star := false
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, params, _ := strings.Cut(part, ";")
		switch name = strings.TrimSpace(name); {
		case strings.EqualFold(name, coding):
			return weight(params) > 0
		case name == "*":
			star = weight(params) > 0
		}
	}
	return star
}

// weight is the q of an entry; what we cannot read counts as refused, which is always safe.
func weight(params string) float64 {
	name, value, ok := strings.Cut(strings.TrimSpace(params), "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil {
		return 0
	}
	return q
}
