// Command chaos proves what Wharf promises, with figures: it starts the real binary on a PostgreSQL of its own, lets
// shoppers place, pay and cancel orders or leave them to expire, and staff take, give back and release their money,
// while processes die at each failpoint of the code in turn and at random moments, while thousands want the same few
// units, and while the payment provider is away. Then it holds against each other what everybody was told, what the
// API and the shop's database say, and the payment provider's own books.
//
// The run is seeded: the same seed plans the same orders and the same kills. What fails prints its seed. The faults
// one by one are in chaos/faults.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
	"github.com/wharfhq/wharf/chaos/report"
	"github.com/wharfhq/wharf/chaos/scenario"
	"github.com/wharfhq/wharf/internal/failpoint"
)

// plan is one run.
type plan struct {
	seed    uint64
	short   bool
	only    string
	points  string
	table   string
	keep    bool
	orders  int
	random  int
	buyers  int
	burst   int
	clients int
	down    time.Duration
	rate    int
}

func main() {
	var p plan
	flag.Uint64Var(&p.seed, "seed", 1, "plans the orders and the kills")
	flag.BoolVar(&p.short, "short", false, "fewer of everything, where no flag says how many")
	flag.StringVar(&p.only, "only", "", "some of the scenarios: "+strings.Join(names(), ","))
	flag.StringVar(&p.points, "points", "", "die only at the failpoints that begin so, such as reconcile.,expire.")
	flag.StringVar(&p.table, "table", "", "the document whose table of scenarios is written")
	flag.BoolVar(&p.keep, "keep", false, "leave the logs for a look")
	flag.IntVar(&p.orders, "orders", 0, "how many orders are placed while processes die at the failpoints; 10000, short: one round of the points")
	flag.IntVar(&p.random, "rounds", 0, "kills at random moments after that; 20, short: 4")
	flag.IntVar(&p.buyers, "buyers", 0, "how many buyers want one of 100 units; 10000, short: 1000")
	flag.IntVar(&p.burst, "burst", 0, "how many orders come in a burst; 10000, short: 1500")
	flag.IntVar(&p.clients, "clients", 256, "from how many clients")
	flag.DurationVar(&p.down, "down", 0, "how long the payment provider is away; 10m, short: 30s")
	flag.IntVar(&p.rate, "rate", 50, "orders a second meanwhile")
	flag.Parse()
	p.fill()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, p); err != nil {
		fmt.Fprintf(os.Stderr, "\nchaos: FAILED with seed %d: %v\n", p.seed, err)
		os.Exit(1)
	}
}

func (p *plan) fill() {
	orders := 10_000
	if p.short {
		orders = 1
	}
	for _, choice := range []struct {
		value       *int
		full, short int
	}{{&p.orders, orders, orders}, {&p.random, 20, 4}, {&p.buyers, 10_000, 1000}, {&p.burst, 10_000, 1500}} {
		switch {
		case *choice.value > 0:
		case p.short:
			*choice.value = choice.short
		default:
			*choice.value = choice.full
		}
	}
	switch {
	case p.down > 0:
	case p.short:
		p.down = 30 * time.Second
	default:
		p.down = 10 * time.Minute
	}
}

// chosenPoints are all, unless some were named.
func (p plan) chosenPoints() []failpoint.Name {
	return slices.DeleteFunc(slices.Clone(failpoint.Names), func(name failpoint.Name) bool {
		return !slices.ContainsFunc(strings.Split(p.points, ","), func(prefix string) bool { return strings.HasPrefix(string(name), prefix) })
	})
}

// proof is one scenario with its place in the table.
type proof struct {
	name  string
	what  func(plan) string
	prove func(context.Context, *scenario.Run, plan) error
}

var proofs = []proof{
	{
		"crashes",
		func(p plan) string {
			return fmt.Sprintf("a crash at every failpoint in turn, over at least %d orders", p.orders)
		},
		func(ctx context.Context, r *scenario.Run, p plan) error {
			return scenario.Crashes(ctx, r, scenario.Ordeal{Points: p.chosenPoints(), Orders: p.orders, Random: p.random})
		},
	},
	{
		"hot",
		func(p plan) string {
			return fmt.Sprintf("%d buyers of 100 units in three stores, two processes, crashes", p.buyers)
		},
		func(ctx context.Context, r *scenario.Run, p plan) error { return scenario.Hot(ctx, r, p.buyers, 6) },
	},
	{
		"burst",
		func(p plan) string { return fmt.Sprintf("%d orders at once from %d clients", p.burst, p.clients) },
		func(ctx context.Context, r *scenario.Run, p plan) error {
			return scenario.Burst(ctx, r, p.burst, p.clients)
		},
	},
	{
		"down",
		func(p plan) string {
			return fmt.Sprintf("the payment provider is away for %s, at %d orders a second", p.down, p.rate)
		},
		func(ctx context.Context, r *scenario.Run, p plan) error {
			return scenario.Down(ctx, r, p.down, p.rate)
		},
	},
}

func names() []string {
	var all []string
	for _, p := range proofs {
		all = append(all, p.name)
	}
	return all
}

func run(ctx context.Context, p plan) (err error) {
	var chosen []proof
	for _, one := range proofs {
		if p.only == "" || slices.Contains(strings.Split(p.only, ","), one.name) {
			chosen = append(chosen, one)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("there is no scenario %q: choose of %s", p.only, strings.Join(names(), ","))
	}
	dir, err := os.MkdirTemp("", "wharf-chaos-")
	if err != nil {
		return err
	}
	defer func() {
		if p.keep || err != nil {
			fmt.Println("logs:", dir)
			return
		}
		_ = os.RemoveAll(dir)
	}()
	fmt.Println("building wharf with failpoints, and filling its shelves …")
	template, err := harness.Prepare(ctx, ".", dir)
	if err != nil {
		return err
	}
	var failed []error
	var results []report.Result
	for _, one := range chosen {
		result, err := one.run(ctx, p, template, filepath.Join(dir, one.name))
		results, failed = append(results, result), append(failed, err)
	}
	if p.table != "" {
		failed = append(failed, report.Update(p.table, "scenarios", results))
	}
	return errors.Join(failed...)
}

func (one proof) run(ctx context.Context, p plan, template *harness.Template, dir string) (report.Result, error) {
	fmt.Printf("\n%s: %s\n", one.name, one.what(p))
	began := time.Now()
	r := &scenario.Run{Template: template, Dir: dir, Seed: p.seed, Short: p.short, Say: func(format string, args ...any) {
		fmt.Printf("  "+format+"\n", args...)
	}}
	result := report.Result{Name: one.name, What: one.what(p), Form: "full", Seed: p.seed, Outcome: "passed", Date: began}
	if p.short {
		result.Form = "short"
	}
	err := one.prove(ctx, r, p)
	if err != nil {
		result.Outcome, err = "**failed**", fmt.Errorf("%s: %w", one.name, err)
	}
	result.Took, result.Checks = time.Since(began), r.Figures()
	fmt.Printf("  %s in %s\n", result.Outcome, result.Took.Round(time.Second))
	return result, err
}
