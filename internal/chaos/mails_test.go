package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// nearKill is the longest time between a letter's file and the mark that it was sent, in which a
// kill makes it go out again.
const nearKill = 2 * time.Second

// mails: each message has its file, no file lacks its message, and a second file of a message lies
// there only when a kill came between the first one and its mark.
func (a *auditor) mails() {
	copies := a.caught()
	rows, err := a.pool.Query(a.ctx, `SELECT template || '.' || seq || '.' || order_id FROM mails`)
	if err != nil {
		a.t.Fatal(err)
	}
	defer rows.Close()
	messages, repeated := 0, 0
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			a.t.Fatal(err)
		}
		messages++
		if len(copies[key]) == 0 {
			a.t.Errorf("the letter %s is lost", key)
		}
		if len(copies[key]) > 1 {
			repeated++
			a.explain(key, copies[key])
		}
		delete(copies, key)
	}
	for key := range copies {
		a.t.Errorf("the letter %s was sent, no message asks for it", key)
	}
	half, _ := filepath.Glob(filepath.Join(a.house.data, "mail", ".letter*"))
	a.t.Logf("%d messages, %d of them repeated by a kill in the middle of sending, %d half-written files left", messages, repeated, len(half))
}

// caught are the times of the files of each message, by the count in their names.
func (a *auditor) caught() map[string]map[int]time.Time {
	found, err := os.ReadDir(filepath.Join(a.house.data, "mail"))
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
			a.t.Errorf("the letter %s is cut short: %d bytes", f.Name(), info.Size())
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

// explain requires a kill soon after every copy but the last.
func (a *auditor) explain(key string, copies map[int]time.Time) {
	for n := 1; n < len(copies); n++ {
		at, ok := copies[n]
		if !ok || !a.house.killedBetween(at.Add(-50*time.Millisecond), at.Add(nearKill)) {
			a.t.Errorf("the letter %s went out %d times, and no kill came after copy %d of %v", key, len(copies), n, at.Format("15:04:05.000"))
		}
	}
}
