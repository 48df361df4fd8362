package dotmap_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"forecourt/internal/platform/dotmap"
)

var square = [][]dotmap.Point{{{Lat: 50, Lon: 0}, {Lat: 54, Lon: 0}, {Lat: 54, Lon: 6}, {Lat: 50, Lon: 6}}}

func TestWholeLandHoldsEveryDot(t *testing.T) {
	t.Parallel()
	dots := []dotmap.Point{{Lat: 50, Lon: 0}, {Lat: 52, Lon: 3}, {Lat: 54, Lon: 6}}
	m := dotmap.Draw(square, dots, nil, 1000)
	if len(m.Dots) != 3 || m.Outside != 0 || m.Here != nil || strings.Count(m.Land, "L") != 3 {
		t.Fatalf("%+v", m)
	}
	north, south := m.Dots[2].At, m.Dots[0].At
	if north.Y >= south.Y || north.X <= south.X || m.Dots[1].At.X != float64(m.Width)/2 {
		t.Errorf("north is not up or east not right: %+v", m.Dots)
	}
	// 4 degrees of latitude are 445 km; the bar is on the same scale.
	perMetre := (m.Bar.X2 - m.Bar.X1) / float64(m.Bar.Metres)
	if km := (south.Y - north.Y) / perMetre / 1000; math.Abs(km-445) > 4 {
		t.Errorf("by the bar the land is %.0f km high", km)
	}
	if m.Bar.Metres != 100_000 {
		t.Errorf("the bar is %d m", m.Bar.Metres)
	}
}

func TestNearMapLeavesOutTheFarOnes(t *testing.T) {
	t.Parallel()
	here := dotmap.Point{Lat: 52, Lon: 3}
	var dots []dotmap.Point
	for i := range 8 {
		dots = append(dots, dotmap.Point{Lat: 52 + float64(i*i)/60, Lon: 3})
	}
	m := dotmap.Draw(square, dots, &here, 1609.344)
	if m.Here == nil || len(m.Dots) != 6 || m.Outside != 2 || m.Dots[5].Number != 6 {
		t.Fatalf("%+v", m)
	}
	if math.Mod(float64(m.Bar.Metres), 1609) > 10 {
		t.Errorf("the bar is %d m, no whole miles", m.Bar.Metres)
	}
	if again := dotmap.Draw(square, dots, &here, 1609.344); !reflect.DeepEqual(m, again) {
		t.Error("the same dots make another map")
	}
}

func TestCrowdedNumbersPart(t *testing.T) {
	t.Parallel()
	here := dotmap.Point{Lat: 52, Lon: 3}
	dots := []dotmap.Point{here, here, here, {Lat: 52.01, Lon: 3.01}}
	m := dotmap.Draw(nil, dots, &here, 1000)
	for i, a := range m.Dots {
		if !a.Apart {
			t.Errorf("%d stands on the reader's place", a.Number)
		}
		for _, b := range m.Dots[:i] {
			if d := math.Hypot(a.Label.X-b.Label.X, a.Label.Y-b.Label.Y); d < 18 {
				t.Errorf("%d and %d are %.1f apart", a.Number, b.Number, d)
			}
		}
	}
}

// Nonsense and nothing make a drawing too, never a number that is none.
func TestOddInput(t *testing.T) {
	t.Parallel()
	for _, here := range []*dotmap.Point{nil, {Lat: 90, Lon: 180}, {Lat: -90, Lon: -180}} {
		for _, dots := range [][]dotmap.Point{nil, {{Lat: 52, Lon: 3}}, {{Lat: 90, Lon: 0}, {Lat: -90, Lon: 180}}} {
			m := dotmap.Draw(square, dots, here, 1000)
			if strings.ContainsAny(m.Land+m.Grid, "NI") || m.Height < 240 || m.Height > 440 || m.Bar.X2 <= m.Bar.X1 || math.IsNaN(m.Bar.X2) {
				t.Errorf("%v %v: %d high, bar %v", here, dots, m.Height, m.Bar)
			}
			if len(m.Grid) > 2000 {
				t.Errorf("%v: a grid of %d bytes", dots, len(m.Grid))
			}
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	var dots []dotmap.Point
	for i := range 20 {
		dots = append(dots, dotmap.Point{Lat: 50 + float64(i%5)/2, Lon: float64(i) / 4})
	}
	for b.Loop() {
		dotmap.Draw(square, dots, nil, 1000)
	}
}

// A network of a thousand dealers took half a second of a core for every visitor.
func TestManyDotsAreDrawnQuickly(t *testing.T) {
	t.Parallel()
	dots := make([]dotmap.Point, 1000)
	for i := range dots {
		dots[i] = dotmap.Point{Lat: 42 + float64(i%40)/5, Lon: -4 + float64(i%37)/4}
	}
	best := time.Hour
	for range 5 {
		start := time.Now()
		dotmap.Draw(nil, dots, nil, 1000)
		best = min(best, time.Since(start))
	}
	if best > 100*time.Millisecond {
		t.Errorf("a thousand dots take %s", best)
	}
}
