package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is one process's registry.
type Metrics struct {
	reg      *prometheus.Registry
	requests *prometheus.HistogramVec
}

// New makes a registry with the runtime's own figures.
func New() *Metrics {
	m := &Metrics{reg: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "forecourt_http_request_seconds", Help: "Time to answer, by route and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"method", "route", "status"})}
	m.reg.MustRegister(m.requests, outward, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// outward times what the process asks of strangers, by who is asked and what. One for the process: clients are made before
// the registry is.
var outward = prometheus.NewHistogramVec(prometheus.HistogramOpts{
	Name: "forecourt_outward_call_seconds", Help: "Time that a stranger's system took to answer, by who was asked what and the answer's status.",
	Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
}, []string{"who", "call", "status"})

// Gauge registers a figure that is read when the page is.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Gauges registers a family of figures, told apart by the value of one label, that is read when the page is.
func (m *Metrics) Gauges(name, help, label string, read func() map[string]float64) {
	m.reg.MustRegister(family{prometheus.NewDesc(name, help, []string{label}, nil), read})
}

type family struct {
	desc *prometheus.Desc
	read func() map[string]float64
}

// Describe implements prometheus.Collector.
func (f family) Describe(to chan<- *prometheus.Desc) { to <- f.desc }

// Collect implements prometheus.Collector.
func (f family) Collect(to chan<- prometheus.Metric) {
	for value, n := range f.read() {
		to <- prometheus.MustNewConstMetric(f.desc, prometheus.GaugeValue, n, value)
	}
}

// Middleware times every request.
func (m *Metrics) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err) // answers now, so that the status is known
		}
		answered(c)
		route := c.Path()
		if route == "" {
			route = "unmatched"
		}
		m.requests.WithLabelValues(Method(c.Request().Method), route, strconv.Itoa(c.Response().Status)).Observe(time.Since(start).Seconds())
		return nil
	}
}

// Method folds methods that nobody knows into one: strangers must not make labels or long log lines.
func Method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// Handler is the metrics page.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.reg, promhttp.HandlerOpts{})
}
