package aftersales

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
)

// BenchmarkFree is the part of a search that needs no database: two hundred sites, sixty days, some five hundred stays each.
func BenchmarkFree(b *testing.B) {
	now := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	m := &market.Market{Code: "gb"}
	span := []network.Span{{Opens: "08:00", Closes: "18:00"}}
	week := network.Week{"mon": span, "tue": span, "wed": span, "thu": span, "fri": span, "sat": span}
	a := &Ask{Market: m, Skills: []Skill{General}, Minutes: 90, Now: now, Days: MostDays}
	shops, taken := map[id.Dealer]*shop{}, map[id.Dealer][]byte{}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		d := &network.Dealer{Code: id.Dealer(fmt.Sprintf("bench-%d", i)), Market: "gb", TimeZone: "Europe/London", Hours: week}
		s := &shop{}
		for k := range 4 {
			s.bays = append(s.bays, resource{no: k + 1, skills: 1})
			s.techs = append(s.techs, resource{no: k + 1, skills: 1, hours: hoursOf(week)})
		}
		var raw []byte
		for day := range MostDays {
			for k := range 4 {
				for _, hour := range []int{8, 11, 14} {
					raw = binary.BigEndian.AppendUint64(raw, uint64(pack(time.Date(2026, 11, 24+day, hour+r.IntN(2), 0, 0, 0, time.UTC), 6, k+1, k+1, 0, 0)))
				}
			}
		}
		a.Sites, shops[d.Code], taken[d.Code] = append(a.Sites, d), s, raw
	}
	there := &shelves{}
	for _, first := range []int{0, 3} {
		a.First = first
		b.Run(fmt.Sprintf("first=%d", first), func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = len(a.search(shops, there, taken, 0))
			}
			b.ReportMetric(float64(n), "slots")
		})
	}
}
