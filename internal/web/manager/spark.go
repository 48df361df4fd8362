package manager

import (
	"fmt"
	"strings"

	"forecourt/internal/insight"
)

// Spark is a line of daily orders as paths of a 300 by 54 drawing, made here so that it needs no
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
	top := 0
	for _, d := range days {
		top = max(top, d.Orders)
	}
	if top == 0 || len(days) < 2 {
		return Spark{}, false
	}
	var line strings.Builder
	var out Spark
	for i, d := range days {
		x := sparkLeft + float64(sparkRight-sparkLeft)*float64(i)/float64(len(days)-1)
		y := sparkFloor - float64(sparkFloor-sparkTop)*float64(d.Orders)/float64(top)
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
