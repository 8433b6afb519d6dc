package observe

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

var openBreaks = prometheus.NewDesc("wharf_payment_reconciliation_breaks", "Open differences between the books of a payment provider and the shop's, by kind.", []string{"provider", "kind"}, nil)

// Breaks is how many differences of one kind with one payment provider are open.
type Breaks struct {
	Provider string
	Kind     string
	Open     int
}

// Breaks reports the open differences with payment providers, read from the database whenever the figures are asked for.
func (m *Metrics) Breaks(read func(context.Context) ([]Breaks, error)) {
	m.registry.MustRegister(breakFigures{read})
}

// breakFigures asks the database at each scrape, so that the alarm depends on no worker.
type breakFigures struct {
	read func(context.Context) ([]Breaks, error)
}

func (b breakFigures) Describe(ch chan<- *prometheus.Desc) { ch <- openBreaks }

func (b breakFigures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	list, err := b.read(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(openBreaks, err)
		return
	}
	for _, one := range list {
		ch <- prometheus.MustNewConstMetric(openBreaks, prometheus.GaugeValue, float64(one.Open), one.Provider, one.Kind)
	}
}
