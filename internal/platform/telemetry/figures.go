package telemetry

import (
	"math"
	"strings"
	"time"

	"forecourt/internal/platform/latency"
)

// Requests are how long this process took to answer, by method and route, the slowest first.
func (m *Metrics) Requests() []latency.Figure {
	return m.figures("forecourt_http_request_seconds", "method", "route")
}

// Calls are how long strangers took to answer this process, by who was asked and what, the slowest first.
func (m *Metrics) Calls() []latency.Figure {
	return m.figures("forecourt_outward_call_seconds", "who", "call")
}

// figures reads a histogram of the registry; cases that differ only in other labels are added up.
func (m *Metrics) figures(metric string, labels ...string) []latency.Figure {
	families, err := m.reg.Gather()
	if err != nil {
		return nil // what could not be read is not shown; the metrics page says why
	}
	var lists [][]latency.Figure
	for _, f := range families {
		if f.GetName() != metric {
			continue
		}
		for _, x := range f.GetMetric() {
			h := x.GetHistogram()
			if n := int64(h.GetSampleCount()); n > 0 {
				lists = append(lists, []latency.Figure{{Name: nameOf(x.GetLabel(), labels), N: n, Mean: seconds(h.GetSampleSum() / float64(n)), P99: p99(n, h.GetBucket())}})
			}
		}
	}
	return latency.Merge(lists...)
}

// nameOf joins the values of some labels.
func nameOf[L interface {
	GetName() string
	GetValue() string
}](have []L, want []string) string {
	var out []string
	for _, w := range want {
		for _, l := range have {
			if l.GetName() == w {
				out = append(out, l.GetValue())
			}
		}
	}
	return strings.Join(out, " ")
}

// p99 is the end of the bucket in which the 99th of a hundred cases lies; the last end when it lies beyond all.
func p99[B interface {
	GetUpperBound() float64
	GetCumulativeCount() uint64
}](n int64, buckets []B) (end time.Duration) {
	for _, b := range buckets {
		if math.IsInf(b.GetUpperBound(), 1) {
			break
		}
		end = seconds(b.GetUpperBound())
		if int64(b.GetCumulativeCount()) >= n-n/100 {
			break
		}
	}
	return end
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
