package dealer

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/sheet"
	"forecourt/internal/usedcars"
	"forecourt/internal/usedcars/intake"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const usedImportPath = usedPath + "/import"

// MaxStockForm is the longest form with a file of used cars, in bytes.
const MaxStockForm = 32<<20 + 64<<10

// UsedImportsPage takes files of used cars in, and gives the stock out as one.
type UsedImportsPage struct {
	Page
	Back       web.NavItem
	Path       string
	Most, Size string
	ExportURL  string
	ExampleURL string
	Files      []web.ReportFile
	Errors     web.FieldErrors
}

// FallenCar is a car that is not offered until somebody has said why its mileage fell.
type FallenCar struct {
	ID, Name, VIN, Text string
	Words               string // as somebody typed them
}

func (s site) scope() intake.Scope {
	return intake.Scope{Actor: s.staff().Actor(), Dealer: s.dealer.Code}
}

func (h *Handlers) showUsedImports(c echo.Context) error {
	return web.View(h.kit, c, h.siteOf, "dealer/used_imports", func(c echo.Context, s site) (*UsedImportsPage, error) {
		return h.usedImportsPage(c, s, web.FieldErrors{})
	})
}

func (h *Handlers) usedImportsPage(c echo.Context, s site, errs web.FieldErrors) (*UsedImportsPage, error) {
	p := &UsedImportsPage{Page: h.page(c, s, "", "stock"), Path: usedImportPath, Errors: errs, ExportURL: usedPath + "/stock.csv", ExampleURL: usedImportPath + "/example.csv"}
	p.Title, p.Back = p.T("used.import.title"), web.NavItem{URL: usedPath, Label: p.T("used.stock.title")}
	p.Most, p.Size = p.P.Int(int64(intake.Limits.Rows)), p.P.Int(intake.Limits.Bytes>>20)
	files, err := intake.Newest(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, 20)
	for _, f := range files {
		p.Files = append(p.Files, web.ReportFile{URL: usedImportPath + "/" + string(f.ID), Name: f.Name, When: p.DateTime(f.CreatedAt), State: p.T("used.import.state." + string(f.State))})
	}
	return p, err
}

// sendUsed takes a file in. What it would do is seen before anything is done.
func (h *Handlers) sendUsed(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	f, up, err := web.ReadUpload(c, intake.Limits.Bytes, "report.file.missing")
	if err != nil {
		return err
	}
	if up != nil {
		defer func() { _ = up.File.Close() }()
	}
	return h.kit.Act(c, f, web.Act{Name: "dealer.used_import " + string(s.dealer.Code), Field: "file", Do: func(ctx context.Context, tx *db.Tx) (string, error) {
		table, err := sheet.Open(up.File, up.Size, intake.Limits)
		if err != nil {
			return "", err
		}
		defer func() { _ = table.Close() }()
		key, err := h.used.TakeStockTx(ctx, tx, s.scope(), up.Name, table)
		return usedImportPath + "/" + string(key), err
	}, Again: func(r web.Refusal) error {
		p, err := h.usedImportsPage(c, s, f.Errors())
		if err != nil {
			return err
		}
		return h.kit.Show(c, r.Status, "dealer/used_imports", p)
	}})
}

// exportUsed answers the site's stock in the columns that a file of cars has.
func (h *Handlers) exportUsed(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	return web.Sheet(c, stockHead(), func(yield func([]string, error) bool) {
		more := true
		err := usedcars.EachOwn(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, func(x *usedcars.Car) error {
			if more = yield(intake.Cells(x), nil); !more {
				return context.Canceled
			}
			return nil
		})
		if err != nil && more {
			yield(nil, err)
		}
	}, "used", string(s.dealer.Code), s.now.In(s.market.Zone()).Format("2006-01-02"))
}

// stockHead names the columns of a stock as a file.
func stockHead() []string {
	head := make([]string, len(intake.Taken))
	for i, f := range intake.Taken {
		head[i] = string(f)
	}
	head[0] = "\ufeff" + head[0] // without this mark a spreadsheet takes UTF-8 for its country's own signs, and would send "Škoda" back broken
	return head
}

// exampleUsed answers a file as it is understood here, with two cars that nobody has.
func (h *Handlers) exampleUsed(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	car := usedcars.Car{VIN: "VF1AAAAAA00000011", Plate: "AB123CD", Market: s.market.Code, Currency: string(s.market.Currency), Make: "Renault", Model: "Clio", Version: "Techno", Engine: "TCe 90", Body: "hatch", Fuel: "petrol", Gearbox: "manual", Colour: "blue",
		Doors: 5, Seats: 5, KW: 67, CO2: 118, Emission: "euro6d", Registered: "2023-05-31", Km: 31200, Owners: 1, Equipment: usedcars.Equipment[:3], PriceMinor: 1_399_000, VAT: usedcars.Margin, Bought: 1_150_000}
	if shops := s.usedBrands(); len(shops) > 0 {
		car.Brand = id.Brand(shops[0])
	}
	plug := car
	plug.VIN, plug.Plate, plug.Model, plug.Version, plug.Engine, plug.Fuel, plug.Gearbox, plug.Emission = "VF1AAAAAA00000012", "", "Megane E-Tech", "Iconic", "EV60 220", "electric", "automatic", "none"
	plug.KW, plug.CO2, plug.PriceMinor, plug.VAT, plug.Battery = 160, 0, 2_349_900, usedcars.Qualifying, usedcars.Battery{Pct: 94, How: usedcars.BatteryHows[0], On: "2026-10-20"}
	return web.Sheet(c, stockHead(), func(yield func([]string, error) bool) {
		for _, x := range []*usedcars.Car{&car, &plug} {
			if !yield(intake.Cells(x), nil) {
				return
			}
		}
	}, "example")
}

// fallen are the cars of a site that wait for a word about their mileage.
func (h *Handlers) fallen(c echo.Context, p Page, s site) ([]FallenCar, error) {
	all, err := usedcars.FallenOf(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, usedLeaf)
	var out []FallenCar
	for _, x := range all {
		far := func(km int) string { return p.P.Distance(int64(km)*1000, s.unit()) }
		out = append(out, FallenCar{ID: string(x.ID), Name: x.Make + " " + x.Model, VIN: x.Vin, Text: p.T("used.fell.text", "Now", far(x.Km), "Most", far(x.MostKm))})
	}
	return out, err
}

// explainUsed keeps why a mileage fell.
func (h *Handlers) explainUsed(c echo.Context) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, f *web.Form) (web.Act, error) {
		car, words := id.UsedCar(c.Param("car")), f.Text("words")
		return web.Act{Name: "dealer.used_explained " + strconv.Quote(string(car)), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return usedPath + "?done=used_explained", h.used.ExplainTx(ctx, tx, s.staff(), car, words)
		}, Again: func(r web.Refusal) error {
			p, err := h.usedPage(c, s)
			if err != nil {
				return err
			}
			p.Problem = p.Sentence(r.Key)
			if i := slices.IndexFunc(p.Fallen, func(x FallenCar) bool { return x.ID == string(car) }); i >= 0 {
				p.Fallen[i].Words = words
			}
			return h.kit.Show(c, r.Status, "dealer/used", p)
		}}, nil
	})
}

func (h *Handlers) showUsedImport(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	return h.lookUsedImport(c, s, nil, web.Refusal{Status: http.StatusOK})
}
