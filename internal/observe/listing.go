package observe

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	listingBacklog = prometheus.NewDesc("wharf_listing_backlog_products", "Products that have changed since lists and searches took them up.", nil, nil)
	listingRefused = prometheus.NewDesc("wharf_listing_refused_products", "Products that can't be listed as they are.", nil, nil)
	listingAge     = prometheus.NewDesc("wharf_listing_backlog_seconds", "How long the oldest of them has waited.", nil, nil)
)

// Backlog is what waits to be listed.
type Backlog struct {
	Products int
	Oldest   time.Duration // 0 when nothing waits
	Refused  int           // products that can't be listed, and so wait for nothing
}

// Listing reports how far the listing is behind the catalog, read from the database whenever the figures are asked for.
func (m *Metrics) Listing(read func(context.Context) (Backlog, error)) {
	m.registry.MustRegister(listingFigures{read})
}

// listingFigures asks the database at each scrape, so that the alarm for a listing that is late depends on no worker.
type listingFigures struct {
	read func(context.Context) (Backlog, error)
}

func (l listingFigures) Describe(ch chan<- *prometheus.Desc) {
	ch <- listingBacklog
	ch <- listingAge
	ch <- listingRefused
}

func (l listingFigures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	backlog, err := l.read(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(listingBacklog, err)
		return
	}
	ch <- prometheus.MustNewConstMetric(listingBacklog, prometheus.GaugeValue, float64(backlog.Products))
	ch <- prometheus.MustNewConstMetric(listingAge, prometheus.GaugeValue, backlog.Oldest.Seconds())
	ch <- prometheus.MustNewConstMetric(listingRefused, prometheus.GaugeValue, float64(backlog.Refused))
}
