package manager

import (
	"fmt"
	"slices"
	"strings"

	"forecourt/internal/insight"
)

// Spark is a line of counts, as of daily orders, as paths of a 300 by 54 drawing, made here so that it needs no
// script. The table beside it says the same in numbers.
type Spark struct {
	Line  string
	Area  string
	LastX string
	LastY string
}

const (
	sparkLeft, sparkRight = 4, 294
	sparkTop, sparkFloor  = 8, 46
)

// spark draws the days; false when nothing happened in them, because a flat line would look measured.
func spark(days []insight.Day) (Spark, bool) {
	counts := make([]int64, len(days))
	for i, d := range days {
		counts[i] = int64(d.Orders)
	}
	return sparkOf(counts)
}

// sparkOf draws counts, one after another; false when all are zero.
func sparkOf(counts []int64) (Spark, bool) {
	if len(counts) < 2 || slices.Max(counts) == 0 {
		return Spark{}, false
	}
	top := slices.Max(counts)
	var line strings.Builder
	var out Spark
	for i, n := range counts {
		x := sparkLeft + float64(sparkRight-sparkLeft)*float64(i)/float64(len(counts)-1)
		y := sparkFloor - float64(sparkFloor-sparkTop)*float64(n)/float64(top)
		out.LastX, out.LastY = fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", y)
		sign := "L"
		if i == 0 {
			sign = "M"
		}
		line.WriteString(sign + out.LastX + " " + out.LastY)
	}
	out.Line = line.String()
	out.Area = fmt.Sprintf("%sL%d 54L%d 54Z", out.Line, sparkRight, sparkLeft)
	return out, true
}
