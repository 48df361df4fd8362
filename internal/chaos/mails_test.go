package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// letters: each message has its file, no file lacks its message, and a second file of a message lies
// there only when its job was broken off at work.
func (a *auditor) letters() {
	copies := a.caught()
	a.searchLetters(copies)
	rows, err := a.pool.Query(a.ctx, `SELECT template || '.' || seq || '.' || order_id,
		coalesce((SELECT sum(attempt - 1) FROM river_job
			WHERE kind = 'sale.mail' AND args = jsonb_build_object('order', order_id, 'template', template, 'seq', seq)), 0)::int FROM mails`)
	if err != nil {
		a.t.Fatal(err)
	}
	defer rows.Close()
	messages, repeated := 0, 0
	for rows.Next() {
		var key string
		var tries int
		if err := rows.Scan(&key, &tries); err != nil {
			a.t.Fatal(err)
		}
		messages++
		if len(copies[key]) == 0 {
			a.wrong("the letter %s is lost", key)
		}
		if len(copies[key]) > 1 {
			repeated++
			a.explain(key, copies[key], tries)
		}
		delete(copies, key)
	}
	for key := range copies {
		a.wrong("the letter %s was sent, no message asks for it", key)
	}
	half, _ := filepath.Glob(filepath.Join(a.mails, ".letter*"))
	a.t.Logf("%d messages, %d of them repeated by a strike in the middle of sending, %d half-written files left", messages, repeated, len(half))
}

// searchLetters are those to the readers of saved searches of used cars: the demo has some, no journey asks for them.
func (a *auditor) searchLetters(copies map[string]map[int]time.Time) {
	rows, err := a.pool.Query(a.ctx, `SELECT 'used.alert.' || id, coalesce(told, 0) > 0 FROM used_letters`)
	if err != nil {
		a.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var told bool
		if err := rows.Scan(&key, &told); err != nil {
			a.t.Fatal(err)
		}
		if told && len(copies[key]) == 0 {
			a.wrong("the letter %s is lost", key)
		}
		delete(copies, key)
	}
}

// caught are the times of the files of each message, by the count in their names.
func (a *auditor) caught() map[string]map[int]time.Time {
	found, err := os.ReadDir(a.mails)
	if err != nil {
		a.t.Fatal(err)
	}
	out := map[string]map[int]time.Time{}
	for _, f := range found {
		key, n, err := splitName(f.Name())
		if err != nil {
			continue
		}
		info, err := f.Info()
		if err != nil {
			a.t.Fatal(err)
		}
		if out[key] == nil {
			out[key] = map[int]time.Time{}
		}
		out[key][n] = info.ModTime()
		if info.Size() < 500 {
			a.wrong("the letter %s is cut short: %d bytes", f.Name(), info.Size())
		}
	}
	return out
}

// splitName takes <id>.<count>.eml apart.
func splitName(name string) (key string, n int, err error) {
	s, ok := strings.CutSuffix(name, ".eml")
	at := strings.LastIndex(s, ".")
	if !ok || at < 0 {
		return "", 0, fmt.Errorf("%q is no letter", name)
	}
	n, err = strconv.Atoi(s[at+1:])
	return s[:at], n, err
}

// explain requires an attempt for each copy but the last, and a strike between one copy and the next.
func (a *auditor) explain(key string, copies map[int]time.Time, tries int) {
	if tries < len(copies)-1 {
		a.wrong("the letter %s went out %d times, its job was tried again %d times", key, len(copies), tries)
	}
	for n := 1; n < len(copies); n++ {
		if !a.near(copies[n].Add(-50*time.Millisecond), copies[n+1]) {
			a.wrong("the letter %s went out at %v and again at %v, without a strike between", key, copies[n], copies[n+1])
		}
	}
}
