package journey

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// trace is where a failed journey leaves what is needed to understand it: of each page a picture and its HTML, of the site
// its log.
func trace(t *testing.T) string { t.Helper(); return artefact(t, filepath.Join("failed", t.Name())) }

// forget removes what an earlier run left: a trace is that of the last run, or there is none.
func forget(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(trace(t)); err != nil {
		t.Fatal(err)
	}
}

// leave writes one file of the trace.
func leave(t *testing.T, name string, content []byte) {
	t.Helper()
	dir := trace(t)
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), content, 0o644)
	}
	if err != nil {
		t.Logf("no trace is left: %v", err)
		return
	}
	t.Logf("left: %s", filepath.Join(dir, name))
}

// keep leaves a picture of the page and its HTML when the journey failed. A browser that is gone leaves nothing.
func (b *tab) keep() {
	if !b.t.Failed() || chromedp.FromContext(b.ctx).Target == nil {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	name := fmt.Sprintf("page-%d", time.Now().UnixNano())
	html, err := chromedp.Run(ctx, chromedp.Evaluate[string](`"<!-- " + location.href + " -->\n" + document.documentElement.outerHTML`))
	if err != nil {
		b.t.Logf("the page can not be read: %v", err)
		return
	}
	leave(b.t, name+".html", []byte(html))
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Logf("the page can not be photographed: %v", err)
		return
	}
	leave(b.t, name+".png", png)
}

// keep leaves the site's log when the journey failed.
func (s *site) keep() {
	if s.t.Failed() {
		leave(s.t, "server.log", []byte(s.log.String()))
	}
}

// breaks makes the journey below break: it is set for the second process only.
const breaks = "FORECOURT_JOURNEY_BREAKS"

// TestABrokenJourneyLeavesItsTrace breaks a journey in a process of its own, and looks at what it left.
func TestABrokenJourneyLeavesItsTrace(t *testing.T) {
	if os.Getenv(breaks) != "" {
		s := newSite(t)
		b := newTab(t, "broken", 390, 844)
		b.open(s.url + "/dacia/gb")
		b.another().open(s.url + "/renault/fr")
		b.shows("what is not there")
		return
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	broken := exec.CommandContext(t.Context(), self, "-test.run", "^"+t.Name()+"$", "-test.v")
	broken.Env = append(os.Environ(), breaks+"=1")
	said, err := broken.CombinedOutput()
	defer os.RemoveAll(trace(t))
	if err == nil || !bytes.Contains(said, []byte(`the page does not say "what is not there"`)) {
		t.Fatalf("the journey did not break as it should: %v\n%s", err, said)
	}
	entries, err := os.ReadDir(trace(t))
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	pictures, pages, logs := 0, "", ""
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(trace(t), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		switch filepath.Ext(e.Name()) {
		case ".png":
			if bytes.HasPrefix(content, []byte("\x89PNG")) {
				pictures++
			}
		case ".html":
			pages += string(content)
		case ".log":
			logs += string(content)
		}
	}
	if pictures != 2 || strings.Count(pages, "</html>") != 2 || !strings.Contains(pages, `lang="fr-FR"`) || !strings.Contains(pages, `lang="en-GB"`) {
		t.Errorf("%d pictures, and pages: %.300s", pictures, pages)
	}
	if !strings.Contains(logs, `"path":"/dacia/gb"`) {
		t.Errorf("the log: %.300s", logs)
	}
}
