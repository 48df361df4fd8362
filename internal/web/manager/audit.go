package manager

import (
	"net/http"
	"strconv"
	"strings"

	"forecourt/internal/insight"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

const auditLimit = 200

// AuditPage is who changed what, newest first.
type AuditPage struct {
	web.Base
	Zones string
	Lines []AuditLine
	Limit int
	Full  bool // there is more than is shown
}

// AuditLine is one act.
type AuditLine struct {
	When   string
	Who    string
	What   string
	About  string // the shop or the order's number
	Market string
	Old    string
	New    string
	Reason string
}

func (s *Surface) showAudit(c echo.Context) error {
	r, w := s.reader(c), s.kit.World.Now()
	acts, err := insight.Acts(s.kit.DB.Read(c.Request().Context()), r.codes(), false, auditLimit+1)
	if err != nil {
		return err
	}
	p := &AuditPage{Base: s.base(c, "/manager/audit", "manager.audit.title"), Limit: auditLimit}
	if p.Full = len(acts) > auditLimit; p.Full {
		acts = acts[:auditLimit]
	}
	p.Zones, p.Lines = p.P.List(zones(p.Base, r)), auditLines(p.Base, w, acts)
	return s.kit.Show(c, http.StatusOK, "manager/audit", p)
}

// deskPayment writes "desk_transfer 20245.00 GBP" as people read it; empty for older lines, which name
// the payment only.
func deskPayment(b web.Base, reason string) string {
	parts := strings.Fields(reason)
	if len(parts) != 3 || !b.P.Has("means."+parts[0]) {
		return ""
	}
	minor, err := strconv.ParseInt(strings.Replace(parts[1], ".", "", 1), 10, 64)
	if err != nil {
		return ""
	}
	return b.Money(money.Of(minor, money.Currency(parts[2]))) + ", " + b.T("means."+parts[0])
}

func auditLines(b web.Base, w *world.World, acts []insight.Act) []AuditLine {
	out := make([]AuditLine, len(acts))
	for i, a := range acts {
		l := AuditLine{When: instant(b, w, a.Shop.Market, a.At), Who: actor(b, a), What: known(b, "manager.act.", a.Action),
			Market: marketName(w, a.Shop.Market), Reason: a.Reason}
		switch {
		case a.Range != "":
			l.About, l.Reason = a.Range, known(b, "manager.range.hold.because.", a.Reason)
			if a.Action == "range.publish" {
				l.Reason = a.Reason // the note of whoever published
			}
		case a.Action == "switch":
			l.About = shopName(b, w, a.Shop.Brand, a.Shop.Flow)
			l.Old, l.New = known(b, "manager.state.", a.Old), known(b, "manager.state.", a.New)
		default:
			l.About, l.Reason = a.Number, "" // other acts keep ids and codes there
			switch a.Action {
			case "order.decline":
				l.Reason = known(b, "manager.why.", a.Reason)
			case "payment.desk":
				l.Reason = deskPayment(b, a.Reason)
			}
			l.Old, l.New = known(b, "manager.order.", a.Old), known(b, "manager.order.", a.New)
		}
		if l.Old == l.New {
			l.Old, l.New = "", ""
		}
		out[i] = l
	}
	return out
}
