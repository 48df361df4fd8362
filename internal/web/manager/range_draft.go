package manager

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/platform/filecheck"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// maxRangeFile is the largest range file that is taken; what a form adds around it is allowed for.
const (
	maxRangeFile = 2 << 20
	maxRangeForm = maxRangeFile + 64<<10
)

// draftBudget is smaller than the command line's: somebody waits for the page.
var draftBudget = configurator.Budget{Nodes: configurator.DefaultBudget.Nodes, Search: 5 * time.Second}

// UploadPage takes a changed range file.
type UploadPage struct {
	web.Base
	Errors   web.FieldErrors
	Name     string
	URL      string
	BackURL  string
	WhyNot   string // why the reader may not; empty when he may
	Typed    string
	Refused  string // a heading over the problems
	Problems []ProblemLine
	Drafts   []DraftLine
}

// ProblemLine is a mistake in a file.
type ProblemLine struct {
	Line   string
	Reason string
	Text   string // of the line
}

// DraftLine is a draft in a list.
type DraftLine struct{ URL, When, Who string }

func (s *Surface) showUpload(c echo.Context) error {
	a, err := s.about(c, c.QueryParam("market"))
	if err != nil {
		return err
	}
	return s.answerUpload(c, http.StatusOK, a, &UploadPage{})
}

func (s *Surface) answerUpload(c echo.Context, status int, a about, p *UploadPage) error {
	ctx := c.Request().Context()
	p.Base, p.Name = s.base(c, rangesPath, "manager.range.draft.title"), a.brand.Name+" "+a.rng.Name
	p.Title = p.T("manager.range.draft.of", "Model", p.Name)
	p.URL, p.BackURL, p.WhyNot = a.url("draft"), a.url(""), a.whyNot(p.Base)
	drafts, err := world.Drafts(ctx, s.kit.DB, a.brand.Code, a.rng.Model)
	if err != nil {
		return err
	}
	names, err := s.names(ctx, a, nil, drafts)
	if err != nil {
		return err
	}
	p.Drafts = draftLines(p.Base, a, drafts, names)
	return s.kit.Show(c, status, "manager/range_draft", p)
}

func draftLines(b web.Base, a about, drafts []world.Draft, names map[string]string) []DraftLine {
	out := make([]DraftLine, len(drafts))
	for i, d := range drafts {
		out[i] = DraftLine{URL: a.url("drafts/"+string(d.ID), "market", a.code()), When: b.DateTime(d.MadeAt), Who: publisher(b, d.MadeBy, names)}
	}
	return out
}

// submitDraft reads, checks and compiles a range file. Nothing of it is live; a file with any mistake is
// not even kept.
func (s *Surface) submitDraft(c echo.Context) error {
	a, err := s.about(c, "")
	if err != nil {
		return err
	}
	if !a.reader.mayPublish(a.rng) {
		return web.ErrForbidden
	}
	f, text, err := rangeFile(c)
	if err != nil {
		return err
	}
	switch {
	case strings.TrimSpace(text) == "":
		f.Reject("file", "manager.range.draft.missing")
	case len(text) > maxRangeFile:
		f.Reject("file", "manager.range.draft.too_large")
	}
	if !f.OK() {
		return s.answerUpload(c, http.StatusUnprocessableEntity, a, &UploadPage{Errors: f.Errors()})
	}
	d, refused, err := s.saveDraft(c, a, text)
	if err != nil {
		return err
	}
	if refused != nil {
		f.Reject("problems", refused.key)
		return s.answerUpload(c, http.StatusUnprocessableEntity, a, &UploadPage{Errors: f.Errors(), Typed: typedFile(text), Problems: problemLines(refused.problems, text), Refused: refused.key})
	}
	return web.SeeOther(c, a.url("drafts/"+string(d.ID)))
}

// refusal is why a file is not taken.
type refusal struct {
	key      string // of the heading
	problems []filecheck.Problem
}

func (s *Surface) saveDraft(c echo.Context, a about, text string) (*world.Draft, *refusal, error) {
	r, bad := catalogue.DecodeRange(a.file(), []byte(text))
	if len(bad) > 0 {
		return nil, &refusal{"manager.range.draft.mistakes", bad}, nil
	}
	if !a.reader.mayPublish(a.rng, r) {
		return nil, nil, web.ErrForbidden
	}
	d, err := world.SaveDraft(c.Request().Context(), s.kit.DB, a.world, a.brand.Code, a.rng.Model, text, a.reader.Actor(), s.kit.DB.Clock.Now(), draftBudget)
	var refused *world.Refused
	if errors.As(err, &refused) {
		return nil, &refusal{"manager.range.draft.unbuildable", refused.Problems}, nil
	}
	return d, nil, err
}

// file is what a file of the model is called.
func (a about) file() string { return string(a.brand.Code) + "/" + string(a.rng.Model) + ".yaml" }

// rangeFile is the file that was sent, or else what was pasted.
func rangeFile(c echo.Context) (*web.Form, string, error) {
	r := c.Request()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if err := r.ParseMultipartForm(maxRangeForm); err != nil {
			var tooLarge *http.MaxBytesError
			if errors.As(err, &tooLarge) {
				return nil, "", web.ErrTooLarge
			}
			return nil, "", web.ErrBadForm
		}
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return nil, "", err
	}
	text := strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n")
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 || r.MultipartForm.File["file"][0].Size == 0 {
		return f, text, nil
	}
	file, err := r.MultipartForm.File["file"][0].Open()
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, maxRangeFile+1))
	return f, string(b), err
}

// typedFile is what comes back into the box to be mended there; a large file is mended where it was written.
func typedFile(text string) string {
	const most = 256 << 10
	if len(text) > most || strings.ContainsRune(text, 0) {
		return ""
	}
	return strings.ToValidUTF8(text, "")
}

func problemLines(problems []filecheck.Problem, text string) []ProblemLine {
	lines := strings.Split(strings.ToValidUTF8(text, ""), "\n")
	out := make([]ProblemLine, len(problems))
	for i, p := range problems {
		out[i] = ProblemLine{Line: digitsOf(p.Line), Reason: p.Reason}
		if p.Line >= 1 && p.Line <= len(lines) {
			out[i].Text = clipped(strings.TrimSpace(lines[p.Line-1]))
		}
	}
	return out
}

// clipped cuts a line to what a table can show.
func clipped(s string) string {
	const most = 90
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
