package manager

import (
	"net/http"
	"net/url"

	"forecourt/internal/id"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const statementsPath = "/manager/statements"

// StatementsPage lists the dealers whose settlements the reader may see.
type StatementsPage struct {
	web.Base
	Markets []StatementMarket
}

// StatementMarket is a market with its dealers.
type StatementMarket struct {
	Name    string
	Dealers []StatementDealer
}

// StatementDealer leads to a dealer's settlement.
type StatementDealer struct{ Name, Town, URL string }

func (s *Surface) showStatements(c echo.Context) error {
	p := &StatementsPage{Base: s.base(c, statementsPath, "manager.statements.title")}
	w := s.kit.World.Now()
	for _, m := range s.reader(c).markets {
		group := StatementMarket{Name: m.Name}
		for _, d := range w.DealersOf(m.Code) {
			group.Dealers = append(group.Dealers, StatementDealer{d.Name, d.Town, statementsPath + "/" + url.PathEscape(string(d.Code))})
		}
		if len(group.Dealers) > 0 {
			p.Markets = append(p.Markets, group)
		}
	}
	return s.kit.Show(c, http.StatusOK, "manager/statements", p)
}

// StatementPage is one dealer's settlement of a month.
type StatementPage struct {
	web.Base
	Statement *web.Statement
}

func (s *Surface) showStatement(c echo.Context) error {
	p, err := s.statementPage(c)
	if err != nil {
		return err
	}
	return s.kit.Show(c, http.StatusOK, "manager/statement", p)
}

// statementFile answers the same settlement as a file.
func (s *Surface) statementFile(c echo.Context) error {
	p, err := s.statementPage(c)
	if err != nil {
		return err
	}
	return p.Statement.AnswerFile(c)
}

// statementPage reads the settlement of the dealer in the address; one of another market does not exist.
func (s *Surface) statementPage(c echo.Context) (*StatementPage, error) {
	w := s.kit.World.Now()
	d, ok := w.Dealer(id.Dealer(c.Param("dealer")))
	if !ok || !s.reader(c).Sees(d.Market) {
		return nil, web.ErrNotFound
	}
	m, ok := w.Market(d.Market)
	if !ok {
		return nil, web.ErrNotFound
	}
	p := &StatementPage{Base: s.base(c, statementsPath, "statement.title")}
	var err error
	p.Statement, err = s.kit.ReadStatement(c, p.Base, web.StatementDealer{Code: d.Code, Name: d.Name, Currency: m.Currency, Zone: m.Zone(),
		Path: statementsPath + "/" + url.PathEscape(string(d.Code)), FeePath: feesPath})
	return p, err
}
