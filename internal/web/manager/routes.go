package manager

import (
	"net/http"
	"slices"

	"forecourt/internal/doctor"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
	"forecourt/internal/platform/timemachine"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Surface is the console.
type Surface struct {
	kit    *web.Kit
	cars   *newcar.Service
	trials trials
	books  func() doctor.Report // nil where nobody looks
	looks  Looks                // as well
	used   *usedcar.Service     // nil where no used cars are sold
	time   *timemachine.Machine // nil outside of a demo
}

// New makes the surface; cars acts on orders' money.
func New(k *web.Kit, cars *newcar.Service) *Surface { return &Surface{kit: k, cars: cars} }

// ShowBooks lets the head office read what the last nightly look at the books found.
func (s *Surface) ShowBooks(last func() doctor.Report) *Surface {
	s.books = last
	return s
}

// moneyPermission is asked of whoever moves orders' money.
const moneyPermission = identity.ManagerMoney

// answerPermission is asked of whoever answers dealers.
const answerPermission = identity.ManagerDealers

// Routes are all doors of the surface.
func (s *Surface) Routes() []web.Route {
	return append(s.clockRoutes(), []web.Route{
		web.GET("/manager", identity.ManagerView, s.showMarkets),
		web.GET("/manager/switch/:brand/:market/:flow", identity.ManagerSwitch, s.showSwitch),
		web.POST("/manager/switch/:brand/:market/:flow", identity.ManagerSwitch, s.submitSwitch),
		web.GET("/manager/orders", identity.ManagerView, s.showOrders),
		web.GET("/manager/orders/:number", identity.ManagerView, s.showPapers),
		web.GET("/manager/orders/:number/receipt", identity.ManagerView, s.showReceipt),
		web.GET("/manager/orders/:number/move", answerPermission, s.showMove),
		web.POST("/manager/orders/:number/move", answerPermission, s.orderMove),
		web.POST("/manager/orders/:number/move/stop", answerPermission, s.stopMove),
		web.GET("/manager/orders/:number/papers/:paper", identity.ManagerPapers, s.showPaper),
		web.GET("/manager/orders/:number/papers/:paper/pdf", identity.ManagerPapers, s.showPaperPDF),
		web.GET(transfersPath, identity.ManagerView, s.showTransfers),
		{Method: http.MethodPost, Path: transfersPath, Perm: moneyPermission, Handler: s.importTransfers, MaxBody: maxStatement},
		web.POST(transfersPath+"/:transfer/assign", moneyPermission, s.assignTransfer),
		web.POST(transfersPath+"/:transfer/back", moneyPermission, s.sendBackTransfer),
		web.POST(transfersPath+"/:transfer/sent", moneyPermission, s.transferSent),
		web.POST(transfersPath+"/payments/:payment/sent", moneyPermission, s.paymentSent),
		web.GET(refundsPath, identity.ManagerView, s.showRefunds),
		web.GET(stockPath, identity.ManagerView, s.showStock),
		web.GET(reconcilePath, identity.ManagerView, s.showReconcile),
		web.GET(reconcilePath+"/disputes/:dispute/evidence.zip", moneyPermission, s.disputePack),
		web.POST(reconcilePath+"/refunds/:payment/sent", moneyPermission, s.refundSent),
		web.POST(reconcilePath+"/findings/:finding/close", moneyPermission, s.closeFinding),
		web.GET(usedPath, identity.AgentHold, s.showUsed),
		web.POST(usedPath+"/:car/hold", identity.AgentHold, s.holdUsed),
		web.POST(usedPath+"/:car/release", identity.AgentHold, s.releaseUsed),
		web.GET("/manager/audit", identity.ManagerView, s.showAudit),
		web.GET(healthPath, identity.HQView, s.showHealth),
		web.GET(statementsPath, identity.ManagerView, s.showStatements),
		web.GET(statementsPath+"/:dealer", identity.ManagerView, s.showStatement),
		web.GET(statementsPath+"/:dealer/:file", identity.ManagerView, s.statementFile),
		web.GET(silencesPath, identity.ManagerView, s.showSilences),
		web.GET(forecastsPath, identity.ManagerView, s.showForecasts),
		web.GET(reportsPath, identity.ManagerReports, s.reports().List),
		{Method: http.MethodPost, Path: reportsPath, Perm: identity.ManagerReports, Handler: s.reports().Send, MaxBody: web.MaxReportsForm},
		web.GET(reportsPath+"/:import", identity.ManagerReports, s.reports().Look),
		web.POST(reportsPath+"/:import", identity.ManagerReports, s.reports().Carry),
		web.GET(reportsPath+"/:import/rejects.csv", identity.ManagerReports, s.reports().Rejects),
		web.GET(feesPath, identity.ManagerView, s.showFees),
		web.GET(feesPath+"/:number", identity.ManagerView, s.showFee),
		web.POST(feesPath+"/:number/answer", moneyPermission, s.answerFee),
		web.POST(feesPath+"/:number/settle", moneyPermission, s.settleFee),
		web.GET(scorecardsPath, identity.ManagerView, s.showScorecards),
		web.GET(scorecardsPath+"/:dealer", identity.ManagerView, s.showScorecard),
		web.POST(scorecardsPath+"/:dealer/remarks", answerPermission, s.answerRemark),
		web.GET(rangesPath, identity.ManagerView, s.showRanges),
		web.GET(rangesPath+"/:brand/:model", identity.ManagerView, s.showRange),
		web.GET(rangesPath+"/:brand/:model/try", identity.ManagerView, s.showTry),
		web.POST(rangesPath+"/:brand/:model/hold", identity.RangeEdit, s.submitHold),
		web.POST(rangesPath+"/:brand/:model/release", identity.RangeEdit, s.submitRelease),
		web.GET(rangesPath+"/:brand/:model/draft", identity.ManagerView, s.showUpload),
		{Method: http.MethodPost, Path: rangesPath + "/:brand/:model/draft", Perm: identity.RangeEdit, Handler: s.submitDraft, MaxBody: maxRangeForm},
		web.GET(rangesPath+"/:brand/:model/drafts/:draft", identity.ManagerView, s.showDraft),
		web.GET(rangesPath+"/:brand/:model/drafts/:draft/publish", identity.RangeEdit, s.showPublish),
		web.POST(rangesPath+"/:brand/:model/drafts/:draft/publish", identity.RangeEdit, s.submitPublish),
		web.POST(rangesPath+"/:brand/:model/drafts/:draft/drop", identity.RangeEdit, s.submitDrop),
	}...)
}

// Samples gives a zero page per template, for the test that checks templates against their structs.
func Samples() map[string]any {
	return map[string]any{
		"manager/markets": &MarketsPage{},
		"manager/switch":  &SwitchPage{},
		"manager/orders":  &OrdersPage{},
		"manager/audit":   &AuditPage{},
		"manager/stock":   &StockPage{Markets: []StockMarket{{Pool: []StockRow{{}}, Moves: []StockMove{{}}}, {}}},
		"manager/refunds": &RefundsPage{Rows: []RefundRow{{Number: "FC-7K3M-29QX", Urgent: Badge{Label: "late", Tone: "bad"}, Disputed: true, Added: money.Of(1, "EUR")}}, Open: []OpenRow{{Number: "FC-7K3M-29QX", Late: Badge{Label: "late", Tone: "bad"}, Owed: money.Of(1, "EUR")}}},
		"manager/papers":  &PapersPage{Facts: []Fact{{"Dealer", "Leeds"}}, Way: []WayStep{{"Accepted", "today", "now"}}, Filed: []FiledPaper{{"Invoice", "today", "/"}}, Slips: []web.CorrectionLine{{When: "today", Text: "VIN corrected", Proof: "slip"}}, Story: []web.StoryEntry{{Lines: []web.StoryLine{{}}}}, Done: "done", Move: &OrderedMove{"waits", 1, "/"}, MoveURL: "/"}, "manager/paper": &PaperPage{}, "manager/move": &MovePage{Number: "FC-7K3M-29QX", Dealers: []Option{{"x", "Leeds", true}}, Causes: []Option{{"closes", "closes", true}}}, "manager/receipt": &ReceiptPage{Receipt: web.SampleReceipt()},
		"manager/reconcile": &ReconcilePage{May: true, Done: "done", Disputes: []DisputeRow{{AnswerBy: "today"}}, Refunds: []TransferRow{{}}, Findings: []FindingRow{{}}, Books: &Books{Said: "sample", Broken: []string{"sample"}}},
		"manager/transfers": &TransfersPage{May: true, Done: "done", Markets: []Option{{}}, Wrong: []WrongLine{{}}, Waiting: []TransferRow{{}}, Sending: []TransferRow{{}}},
		"manager/ranges":    &RangesPage{}, "manager/range": &RangePage{}, "manager/range_try": &TryPage{},
		"manager/statements": &StatementsPage{}, "manager/statement": &StatementPage{Statement: web.SampleStatement()},
		"manager/forecasts": sampleForecasts(), "manager/silences": &SilencesPage{Rows: []SilenceRow{{Number: "FC-7K3M-29QX", Age: "2 days", Told: Badge{Label: "country", Tone: "warn"}, Next: "soon"}}},
		"manager/fees": &FeesPage{Rows: []FeeRow{{Number: "FC-7K3M-29QX", State: Badge{Label: "open", Tone: "warn"}, Amount: money.Of(1, "EUR"), Stands: money.Of(1, "EUR")}}}, "manager/fee": &FeePage{Base: sampleBase(), Fee: web.SampleFee(sampleBase(), payment.SideMaker), Done: "done", Wrong: "wrong"},
		"manager/scorecards": sampleScorecards(), "manager/scorecard": sampleScorecard(),
		"manager/range_draft": &UploadPage{}, "manager/range_publish": &DraftPage{},
		"manager/health": sampleHealth(),
		"manager/used":   sampleUsed(),
		"manager/clock":  sampleClock(),
	}
}

// reader is who looks, and the markets that are his.
type reader struct {
	identity.User
	markets []*market.Market
}

func (s *Surface) reader(c echo.Context) reader {
	u, _ := web.User(c)
	r := reader{User: u}
	for _, m := range s.kit.World.Now().Markets {
		// The market of the smoke test is nobody's business but that of who was given it.
		if u.Sees(m.Code) && (m.Code != market.Smoke || slices.Contains(u.Markets, market.Smoke)) {
			r.markets = append(r.markets, m)
		}
	}
	return r
}

// Sees tells whether the market is one of those the reader looks at.
func (r reader) Sees(code id.Market) bool {
	return slices.ContainsFunc(r.markets, func(m *market.Market) bool { return m.Code == code })
}

func (r reader) codes() []id.Market {
	out := make([]id.Market, len(r.markets))
	for i, m := range r.markets {
		out[i] = m.Code
	}
	return out
}

func (r reader) places() []insight.Place {
	out := make([]insight.Place, len(r.markets))
	for i, m := range r.markets {
		out[i] = insight.Place{Market: m.Code, Zone: m.Zone()}
	}
	return out
}

// only narrows to one market; a market that is not the reader's is not found.
func (r reader) only(code id.Market) (reader, error) {
	for _, m := range r.markets {
		if m.Code == code {
			r.markets = []*market.Market{m}
			return r, nil
		}
	}
	return reader{}, web.ErrNotFound
}

// base is the frame of a console page; here names its place in the menu.
func (s *Surface) base(c echo.Context, here, title string) web.Base {
	b := s.kit.BaseFor(c)
	b.Title, b.NoIndex = b.T(title), true
	if b.User.Role == identity.RoleAgent { // the desk is all there is for an agent
		b.Nav = []web.NavItem{{URL: usedPath, Label: b.T("manager.nav.used"), Current: here == usedPath}}
		return b
	}
	for _, n := range []struct{ url, key string }{
		{"/manager", "manager.nav.markets"}, {"/manager/orders", "manager.nav.orders"}, {transfersPath, "manager.nav.transfers"}, {refundsPath, "manager.nav.refunds"}, {reconcilePath, "manager.nav.reconcile"}, {rangesPath, "manager.nav.ranges"}, {reportsPath, "report.title"}, {statementsPath, "manager.nav.statements"}, {stockPath, "manager.nav.stock"}, {feesPath, "manager.nav.fees"}, {scorecardsPath, "manager.nav.scores"}, {forecastsPath, "manager.nav.forecasts"}, {silencesPath, "manager.nav.silences"}, {"/manager/audit", "manager.nav.audit"},
	} {
		b.Nav = append(b.Nav, web.NavItem{URL: n.url, Label: b.T(n.key), Current: n.url == here})
	}
	if b.User.May(identity.AgentHold) {
		b.Nav = append(b.Nav, web.NavItem{URL: usedPath, Label: b.T("manager.nav.used"), Current: here == usedPath})
	}
	if s.time != nil && b.User.May(identity.ManagerClock) {
		b.Nav = append(b.Nav, web.NavItem{URL: clockPath, Label: b.T("manager.nav.clock"), Current: here == clockPath})
	}
	if b.User.May(identity.HQView) {
		b.Nav = append(b.Nav, web.NavItem{URL: healthPath, Label: b.T("manager.nav.health"), Current: here == healthPath})
	}
	return b
}
