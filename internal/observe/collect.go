package observe

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/wharfhq/wharf/internal/answers"
)

// readTimeout bounds the query behind one scrape: a database in trouble must not hold the scrape that would show it.
const readTimeout = 3 * time.Second

var (
	poolConnections     = prometheus.NewDesc("wharf_pool_connections", "Connections of the pool, by what they do.", []string{"pool", "state"}, nil)
	poolMax             = prometheus.NewDesc("wharf_pool_max_connections", "The most connections the pool may open.", []string{"pool"}, nil)
	poolWaits           = prometheus.NewDesc("wharf_pool_waits_total", "Acquires that had to wait for a connection.", []string{"pool"}, nil)
	poolWaited          = prometheus.NewDesc("wharf_pool_wait_seconds_total", "Time spent waiting for a connection.", []string{"pool"}, nil)
	poolAcquires        = prometheus.NewDesc("wharf_pool_acquires_total", "Connections taken from the pool.", []string{"pool"}, nil)
	queueDepth          = prometheus.NewDesc("wharf_queue_jobs", "Jobs in the queue, by state.", []string{"queue", "state"}, nil)
	providerUnavailable = prometheus.NewDesc("wharf_payment_provider_unavailable", "Whether this process leaves a payment provider alone, since it does not answer.", []string{"provider"}, nil)
	answersGiven        = prometheus.NewDesc("wharf_answers_total", "Whole answers to catalog queries, by where they came from: hit is memory, joined is one that was being made for somebody else, miss is the database.", []string{"outcome"}, nil)
	answersEvicted      = prometheus.NewDesc("wharf_answers_evicted_total", "Kept answers that had to go to make room.", nil, nil)
	answersKept         = prometheus.NewDesc("wharf_answers_kept", "Answers that are kept.", nil, nil)
	answersBytes        = prometheus.NewDesc("wharf_answers_bytes", "What the kept answers take.", nil, nil)
	commitWaiting       = prometheus.NewDesc("wharf_commit_waiting_orders", "Orders that wait for their commit.", nil, nil)
	commitBatches       = prometheus.NewDesc("wharf_commit_batches_total", "Transactions in which orders were placed together.", nil, nil)
	commitOrders        = prometheus.NewDesc("wharf_commit_orders_total", "Orders that were tried in those transactions.", nil, nil)
	checkViolations     = prometheus.NewDesc("wharf_consistency_violations", "What breaks an invariant of the shop, as it was last looked at.", []string{"invariant"}, nil)
	checkAge            = prometheus.NewDesc("wharf_consistency_age_seconds", "Since an invariant was looked at.", []string{"invariant"}, nil)
	queueOldest         = prometheus.NewDesc("wharf_queue_oldest_seconds", "How long the oldest job of that state has been due.", []string{"queue", "state"}, nil)
)

// poolFigures reads the pools' own counters at each scrape.
type poolFigures map[string]*pgxpool.Pool

func (p poolFigures) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{poolConnections, poolMax, poolWaits, poolWaited, poolAcquires} {
		ch <- desc
	}
}

func (p poolFigures) Collect(ch chan<- prometheus.Metric) {
	for name, pool := range p {
		s := pool.Stat()
		gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, append([]string{name}, labels...)...)
		}
		counter := func(desc *prometheus.Desc, v float64) {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, v, name)
		}
		gauge(poolConnections, float64(s.AcquiredConns()), "busy")
		gauge(poolConnections, float64(s.IdleConns()), "idle")
		gauge(poolConnections, float64(s.ConstructingConns()), "opening")
		gauge(poolMax, float64(s.MaxConns()))
		counter(poolWaits, float64(s.EmptyAcquireCount()))
		counter(poolWaited, s.EmptyAcquireWaitTime().Seconds())
		counter(poolAcquires, float64(s.AcquireCount()))
	}
}

// commitFigures asks the writer of orders at each scrape.
type commitFigures struct{ read func() Commits }

func (c commitFigures) Describe(ch chan<- *prometheus.Desc) {
	ch <- commitWaiting
	ch <- commitBatches
	ch <- commitOrders
}

func (c commitFigures) Collect(ch chan<- prometheus.Metric) {
	now := c.read()
	ch <- prometheus.MustNewConstMetric(commitWaiting, prometheus.GaugeValue, float64(now.Waiting))
	ch <- prometheus.MustNewConstMetric(commitBatches, prometheus.CounterValue, float64(now.Batches))
	ch <- prometheus.MustNewConstMetric(commitOrders, prometheus.CounterValue, float64(now.Orders))
}

// answerFigures asks the cache of whole answers at each scrape.
type answerFigures struct{ read func() answers.Figures }

func (a answerFigures) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{answersGiven, answersEvicted, answersKept, answersBytes} {
		ch <- desc
	}
}

func (a answerFigures) Collect(ch chan<- prometheus.Metric) {
	now := a.read()
	for outcome, n := range map[string]uint64{"hit": now.Hits, "joined": now.Joined, "miss": now.Misses} {
		ch <- prometheus.MustNewConstMetric(answersGiven, prometheus.CounterValue, float64(n), outcome)
	}
	ch <- prometheus.MustNewConstMetric(answersEvicted, prometheus.CounterValue, float64(now.Evicted))
	ch <- prometheus.MustNewConstMetric(answersKept, prometheus.GaugeValue, float64(now.Kept))
	ch <- prometheus.MustNewConstMetric(answersBytes, prometheus.GaugeValue, float64(now.Bytes))
}

type providerFigures struct{ read func() map[string]bool }

func (p providerFigures) Describe(ch chan<- *prometheus.Desc) { ch <- providerUnavailable }

func (p providerFigures) Collect(ch chan<- prometheus.Metric) {
	for name, unavailable := range p.read() {
		value := 0.0
		if unavailable {
			value = 1
		}
		ch <- prometheus.MustNewConstMetric(providerUnavailable, prometheus.GaugeValue, value, name)
	}
}

// queueFigures asks the database at each scrape, so that the alarm for a job that is too old depends on no worker.
type queueFigures struct {
	read func(context.Context) ([]Queue, error)
}

func (q queueFigures) Describe(ch chan<- *prometheus.Desc) { ch <- queueDepth; ch <- queueOldest }

func (q queueFigures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	queues, err := q.read(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(queueDepth, err)
		return
	}
	for _, queue := range queues {
		ch <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(queue.Jobs), queue.Name, queue.State)
		ch <- prometheus.MustNewConstMetric(queueOldest, prometheus.GaugeValue, queue.Oldest.Seconds(), queue.Name, queue.State)
	}
}

// checkFigures asks the database what the sentinel has found. An invariant that nobody has looked at has no figures.
type checkFigures struct {
	read func(context.Context) ([]Check, error)
}

func (c checkFigures) Describe(ch chan<- *prometheus.Desc) { ch <- checkViolations; ch <- checkAge }

func (c checkFigures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	checks, err := c.read(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(checkViolations, err)
		return
	}
	for _, check := range checks {
		if check.Age >= 0 {
			ch <- prometheus.MustNewConstMetric(checkViolations, prometheus.GaugeValue, float64(check.Violations), check.Name)
			ch <- prometheus.MustNewConstMetric(checkAge, prometheus.GaugeValue, check.Age.Seconds(), check.Name)
		}
	}
}
