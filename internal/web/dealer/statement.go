package dealer

import (
	"net/http"

	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const statementPath = "/dealer/statement"

// StatementPage is the dealer's settlement of a month.
type StatementPage struct {
	Page
	Statement *web.Statement
}

func (h *Handlers) showStatement(c echo.Context) error {
	p, err := h.statementPage(c)
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/statement", p)
}

// statementFile answers the same settlement as a file.
func (h *Handlers) statementFile(c echo.Context) error {
	p, err := h.statementPage(c)
	if err != nil {
		return err
	}
	return p.Statement.AnswerFile(c)
}

func (h *Handlers) statementPage(c echo.Context) (*StatementPage, error) {
	s, err := h.siteOf(c)
	if err != nil {
		return nil, err
	}
	p := &StatementPage{Page: h.page(c, s, "", "statement")}
	p.Title = p.T("statement.title")
	p.Statement, err = h.kit.ReadStatement(c, p.Base, web.StatementDealer{Code: s.dealer.Code, Name: s.dealer.Name, Currency: s.market.Currency, Zone: s.market.Zone(), Path: statementPath, FeePath: feesPath})
	return p, err
}
