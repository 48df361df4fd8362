package stripesim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"
)

type list struct {
	HasMore bool `json:"has_more"`
	Data    []struct {
		ID string `json:"id"`
	} `json:"data"`
}

func (l list) ids() []string {
	out := make([]string, len(l.Data))
	for i, d := range l.Data {
		out[i] = d.ID
	}
	return out
}

func parseList(t *testing.T, body string) list {
	t.Helper()
	var l list
	if err := json.Unmarshal([]byte(body), &l); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return l
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func readAll(res *http.Response) string {
	b, _ := io.ReadAll(res.Body)
	return string(b)
}
