// Command bench measures how much Wharf does and how fast it answers. It builds the real binary, starts `wharf serve` on
// a PostgreSQL of its own, brings in a generated catalog, and lets clients do one thing at a time: read, fill carts,
// place orders, follow them. Every answer is checked, and at the end `wharf verify` must find nothing.
//
// Beside each figure stands its floor, measured in the same run with the same number of clients: the least that any
// program would have to do for it. What matters is the ratio of the two, since it travels from machine to machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	var p plan
	seconds := flag.Float64("seconds", 5, "how long each scenario runs with each number of clients")
	clients := flag.String("clients", "1,16,64,256", "how many clients ask at the same time, one after the other")
	chosen := flag.String("run", "", "only the scenarios whose name matches this regular expression")
	flag.IntVar(&p.sockets, "sockets", 1000, "how many websockets follow orders in the fan-out scenarios")
	flag.IntVar(&p.stock.products, "products", 10_000, "how many products the catalog has, with 2.5 variants each")
	flag.BoolVar(&p.apart, "apart", false, "run the jobs in a process of its own that starts when the clients have left, as if on another machine")
	flag.BoolVar(&p.markdown, "markdown", false, "print the section of figures of bench/README.md, ready to paste")
	flag.BoolVar(&p.keep, "keep", false, "leave the data folder and the server's log for a look")
	flag.Parse()

	err := p.read(*seconds, *clients, *chosen)
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		err = run(ctx, p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// plan is one run.
type plan struct {
	duration time.Duration
	clients  []int
	chosen   *regexp.Regexp
	sockets  int
	stock    stock
	apart    bool
	markdown bool
	keep     bool
}

func (p *plan) read(seconds float64, clients, chosen string) (err error) {
	p.duration = time.Duration(seconds * float64(time.Second))
	if p.duration < 100*time.Millisecond || p.duration > 10*time.Minute {
		return errors.New("-seconds is between 0.1 and 600")
	}
	for text := range strings.SplitSeq(clients, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > maxClients {
			return fmt.Errorf("-clients lists numbers between 1 and %d", maxClients)
		}
		p.clients = append(p.clients, n)
	}
	if p.sockets < 1 || p.sockets > 10_000 {
		return errors.New("-sockets is between 1 and 10000")
	}
	if p.stock.products < 500 || p.stock.products > 1_000_000 {
		return errors.New("-products is between 500 and 1000000")
	}
	p.chosen, err = regexp.Compile("(?i)" + chosen)
	return err
}

// maxClients stays below the connections that the embedded PostgreSQL takes, since each client of a floor needs one.
const maxClients = 300

func run(ctx context.Context, p plan) (err error) {
	dir, err := os.MkdirTemp("", "wharf-bench-")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the database's own user must be able to enter
		return err
	}
	defer func() {
		if p.keep || err != nil {
			say("data folder and log: %s", dir)
			return
		}
		_ = os.RemoveAll(dir)
	}()
	say("building wharf …")
	s, err := newServer(ctx, dir, filepath.Join(dir, "wharf"), p.stock, p.apart)
	if err != nil {
		return err
	}
	defer s.kill()
	b, err := open(ctx, p, s)
	if err != nil {
		return err
	}
	report, err := b.all(ctx)
	b.close(ctx)
	if err != nil {
		return err
	}
	if err := s.stop(); err != nil {
		return err
	}
	says, err := s.verify(ctx)
	if err != nil {
		return err
	}
	report.verified = says
	report.print(os.Stdout, p.markdown)
	if n := report.errors(); n > 0 {
		return fmt.Errorf("%d answers were not as they must be; the first: %w", n, report.first())
	}
	return nil
}

// say tells how far the run is, apart from the result.
func say(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, format+"\n", args...)
}
