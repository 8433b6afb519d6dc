package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"text/tabwriter"
	"time"
)

// report is the result of a run: where it ran, and a row for each scenario and number of clients.
type report struct {
	began    time.Time
	postgres string
	load     string // of the machine, before anything was measured
	duration time.Duration
	verified string // what wharf verify said in the end
	rows     []row
}

type row struct {
	scenario     string
	clients      int
	wharf, floor figures
	least        figures       // for orders
	rest         time.Duration // until nothing was left to do in the background
	cost         cost
}

func (b *bench) newReport(ctx context.Context) (*report, error) {
	r := &report{began: time.Now(), load: busyness(), duration: b.duration}
	return r, b.conn.QueryRow(ctx, "show server_version").Scan(&r.postgres)
}

func (r *report) errors() int {
	n := 0
	for _, row := range r.rows {
		n += row.wharf.failed + row.floor.failed
	}
	return n
}

func (r *report) first() error {
	for _, row := range r.rows {
		for _, f := range []figures{row.wharf, row.floor} {
			if f.first != nil {
				return fmt.Errorf("%s, %d clients: %w", row.scenario, row.clients, f.first)
			}
		}
	}
	return nil
}

var head = []string{"Scenario", "Clients", "per s", "p50 ms", "p95 ms", "p99 ms", "Errors", "Floor per s", "Floor p50 ms", "Floor p99 ms", "Ratio"}

// cells are the row as it is shown. The ratio is the rate as a share of the floor's.
func (r row) cells() []string {
	w, f := r.wharf, r.floor
	cells := []string{
		r.scenario, strconv.Itoa(r.clients), perSecond(w.rate), millis(w.p50), millis(w.p95), millis(w.p99),
		fmt.Sprintf("%.2g %%", 100*float64(w.failed)/float64(max(1, w.done+w.failed))),
	}
	if f.done == 0 {
		return append(cells, "–", "–", "–", "–")
	}
	return append(cells, perSecond(f.rate), millis(f.p50), millis(f.p99), fmt.Sprintf("%.2f", w.rate/f.rate))
}

// String is one line for whoever watches the run.
func (r row) String() string {
	c := r.cells()
	line := fmt.Sprintf("%-34s %4s clients  %7s/s  p50 %6s  p99 %6s ms  errors %s  floor %7s/s  ratio %s", c[0], c[1], c[2], c[3], c[5], c[6], c[7], c[10])
	if r.wharf.first != nil {
		line += fmt.Sprintf("\n    first error: %v", r.wharf.first)
	}
	return line
}

func perSecond(rate float64) string {
	if rate < 10 {
		return fmt.Sprintf("%.1f", rate)
	}
	return fmt.Sprintf("%.0f", rate)
}

func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 1:
		return fmt.Sprintf("%.2f", ms)
	case ms < 10:
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}

// print writes the table: in columns for people, or as the section of bench/README.md.
func (r *report) print(to io.Writer, markdown bool) {
	out := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	before, between, after := "", "\t", "\n"
	if markdown {
		before, between, after = "| ", "\t| ", "\t|\n"
		_, _ = fmt.Fprintf(to, "%s\n\n", r.machine())
	} else {
		_, _ = fmt.Fprintln(to)
	}
	line := func(cells []string) {
		for i, cell := range cells {
			if i == 0 {
				cell = before + cell
			} else {
				cell = between + cell
			}
			_, _ = io.WriteString(out, cell)
		}
		_, _ = io.WriteString(out, after)
	}
	line(head)
	if markdown {
		rule := make([]string, len(head))
		for i := range rule {
			rule[i] = "---:"
		}
		rule[0] = "---"
		line(rule)
	}
	for _, row := range r.rows {
		line(row.cells())
	}
	_ = out.Flush()
	r.leastSQL(to)
	r.committed(to)
	r.background(to)
	r.costs(to)
	_, _ = fmt.Fprintf(to, "\n`wharf verify --rest` after the run: %s\n", r.verified)
	if !markdown {
		_, _ = fmt.Fprintf(to, "\n%s\n", r.machine())
	}
}

// committed tells how soon payments start after the commit of their order.
func (r *report) committed(to io.Writer) {
	for _, row := range r.rows {
		if c := row.wharf.committed; c != nil {
			_, _ = fmt.Fprintf(to, "\n%s: from the order's commit p50 %s, p95 %s, p99 %s ms.\n", row.scenario, millis(c.p50), millis(c.p95), millis(c.p99))
		}
	}
}

// leastSQL tells what a program could do that wrote nothing but the bare order, where that was measured.
func (r *report) leastSQL(to io.Writer) {
	for _, row := range r.rows {
		if row.least.done > 0 {
			_, _ = fmt.Fprintf(to, "\n%s, %d clients: the least SQL does %s a second, p99 %s ms; the ratio to it is %.2f.\n",
				row.scenario, row.clients, perSecond(row.least.rate), millis(row.least.p99), row.wharf.rate/row.least.rate)
		}
	}
}

// background tells how long the shop went on with what it had accepted, where that took a second or more.
func (r *report) background(to io.Writer) {
	for _, row := range r.rows {
		if row.rest >= time.Second {
			_, _ = fmt.Fprintf(to, "\n%s, %d clients: the last of %d came to rest %.1f s after the clients had left.\n",
				row.scenario, row.clients, row.wharf.done, row.rest.Seconds())
		}
	}
}

func (r *report) machine() string {
	return fmt.Sprintf("Measured %s: %d cores (%s/%s), %s, PostgreSQL %s; %s per scenario and number of clients; load average of the machine before the run: %s.",
		r.began.UTC().Format("2006-01-02"), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), r.postgres, r.duration, r.load)
}
