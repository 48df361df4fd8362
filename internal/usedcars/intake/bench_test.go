package intake

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"forecourt/internal/platform/sheet"
)

// BenchmarkFile reads a file of 1,000 cars and says what each line means; the database is not in it.
func BenchmarkFile(b *testing.B) {
	p := place(b, "it")
	var text strings.Builder
	text.WriteString("Telaio;Marca;Modello;Carrozzeria;Alimentazione;Cambio;Colore;Porte;Posti;kW;CO2;Classe Euro;Prima immatricolazione;Km;Proprietari;Prezzo;IVA\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "VF1RJA000%08d;Renault;Clio;Berlina;Benzina;Manuale;Grigio;5;5;67;118;Euro 6;05/03/2021;41.000;1;14.990,00;Regime del margine\n", i)
	}
	file := text.String()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		s, err := sheet.Open(strings.NewReader(file), int64(len(file)), Limits)
		if err != nil {
			b.Fatal(err)
		}
		fields := Guess(s.Header, nil, false)
		var lines []Line
		for {
			r, err := s.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			lines = append(lines, Line{No: r.Line, Cells: r.Cells})
		}
		for _, l := range p.Parse(fields, lines) {
			if out, _ := p.Judge(l, Standing{}); out.Outcome != New {
				b.Fatalf("%+v", out)
			}
		}
	}
}
