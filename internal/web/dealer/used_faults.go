package dealer

import (
	"context"
	"slices"
	"strconv"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/platform/db"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// UsedFaults are the faults of a car with the form for one more, and what was changed about them.
type UsedFaults struct {
	Rows          []UsedFault
	Panels, Kinds []Choice
	MM, Words     string
	Notes         []UsedNote
}

// UsedFault is a fault of a car.
type UsedFault struct {
	No, Panel, Text, Added string
	PhotoURL               string
	Width, Height          int
}

// UsedNote is a change of what is known.
type UsedNote struct{ When, Text string }

func (p *UsedCarPage) faults(w *usedcars.Whole, notes []usedcars.FaultNote) UsedFaults {
	out := UsedFaults{Panels: p.worded("used.panel.", usedcars.Panels, ""), Kinds: p.worded("used.damage.", usedcars.FaultKind, "")}
	for _, f := range w.Faults {
		row := UsedFault{No: strconv.Itoa(f.Seq), Panel: p.T("used.panel." + f.Panel), Text: usedcar.FaultWords(p.P, f)}
		if !f.Added.IsZero() {
			row.Added = p.T("condition.added", "Day", p.DateShort(f.Added))
		}
		if f.Photo != nil {
			wide := f.Photo.Best(320)
			row.PhotoURL, row.Width, row.Height = usedCarURL(w.ID)+"/photos/"+photoName(*f.Photo, wide), wide, f.Photo.High(wide)
		}
		out.Rows = append(out.Rows, row)
	}
	for _, n := range notes {
		out.Notes = append(out.Notes, UsedNote{p.DateTime(n.At), p.T("condition.note."+n.Act, "Fault", p.Pair(p.T("used.panel."+n.Fault.Panel), usedcar.FaultWords(p.P, n.Fault)))})
	}
	return out
}

func (p *UsedCarPage) worded(words string, of []string, now string) []Choice {
	var out []Choice
	for _, v := range of {
		out = append(out, Choice{v, p.T(words + v), v == now})
	}
	return out
}

// addUsedFault writes a fault down.
func (h *Handlers) addUsedFault(c echo.Context) error {
	return h.onUsedCar(c, func(_ site, f *web.Form, w *usedcars.Whole) (usedDeed, error) {
		x := usedcars.Fault{Panel: f.Value("panel"), Kind: f.Value("kind"), Words: f.Value("words")}
		mm := f.Value("mm")
		checkFault(f, &x, mm)
		shown, err := newPhotos(f, 1)
		if err != nil {
			return usedDeed{}, err
		}
		var picture *usedcars.NewPhoto
		if len(shown) > 0 {
			picture = &shown[0]
		}
		return usedDeed{done: "used_fault", section: "faults", fields: map[string]string{usedcars.ErrFaultMany.Key: "panel"}, do: func(ctx context.Context, tx *db.Tx, s site) error {
			return h.used.AddFaultTx(ctx, tx, s.staff(), w.ID, x, picture)
		}, keep: func(p *UsedCarPage) {
			p.Faults.MM, p.Faults.Words = mm, x.Words
			p.Faults.Panels, p.Faults.Kinds = p.worded("used.panel.", usedcars.Panels, x.Panel), p.worded("used.damage.", usedcars.FaultKind, x.Kind)
		}}, nil
	})
}

func checkFault(f *web.Form, x *usedcars.Fault, mm string) {
	if !slices.Contains(usedcars.Panels, x.Panel) {
		f.Reject("panel", "used.stock.choice_bad")
	}
	if !slices.Contains(usedcars.FaultKind, x.Kind) {
		f.Reject("kind", "used.stock.choice_bad")
	}
	n, err := strconv.Atoi(mm)
	if err != nil || n < 1 || n > usedcars.MostFaultMM {
		f.Reject("mm", "condition.mm_bad")
	}
	if x.MM = n; len([]rune(x.Words)) > usedcars.MostWordsRunes {
		f.Reject("words", "used.stock.text_bad")
	}
}

// dropUsedFault takes a fault of a draft back.
func (h *Handlers) dropUsedFault(c echo.Context) error {
	return h.onUsedCar(c, func(_ site, _ *web.Form, w *usedcars.Whole) (usedDeed, error) {
		seq, err := strconv.Atoi(c.Param("fault"))
		if err != nil {
			return usedDeed{}, web.ErrNotFound
		}
		return usedDeed{done: "used_fault_dropped", section: "faults", do: func(ctx context.Context, tx *db.Tx, s site) error {
			return h.used.DropFaultTx(ctx, tx, s.staff(), w.ID, seq)
		}}, nil
	})
}
