package journey

import (
	"fmt"
	"testing"
	"time"
)

// A member of staff who has not touched the page for hours is told before the session ends and keeps it with
// one press; when it is over all the same, what was typed stays on the screen.
func TestStaffAreToldBeforeTheSessionEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := newTab(t, "session", 1280, 900)
	d.login(s, "/dealer", dealerLogin)
	if n := one[int](s, fmt.Sprintf(`WITH x AS (UPDATE sessions SET data = convert_to(substr(convert_from(data, 'UTF8'), 1, 37) || '%s', 'UTF8') RETURNING 1) SELECT count(*) FROM x`,
		time.Now().Add(10*time.Minute+4*time.Second).UTC().Format(time.RFC3339Nano))); n != 1 {
		t.Fatalf("%d sessions", n)
	}
	d.open(s.url + "/dealer/handovers")
	d.until("the warning", `document.querySelector("#live.toast button")`)
	d.shows("In ten minutes you will be signed out")
	d.station("warned")
	d.click("#live button")
	d.until("the promise", `document.querySelector("#live.toast")?.textContent === "You stay signed in."`)
	d.until("the warning again", `document.querySelector("#live.toast button")`)
	_ = one[int](s, `WITH x AS (DELETE FROM sessions RETURNING 1) SELECT count(*) FROM x`)
	d.click("#live button")
	d.until("the truth", `document.querySelector("#live.toast")?.textContent.includes("still on this page")`)
	if got := d.path(); got != "/dealer/handovers" {
		t.Errorf("the page went to %s", got)
	}
	d.station("signed-out")
}
