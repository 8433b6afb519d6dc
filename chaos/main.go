// Command chaos proves what Wharf promises: it starts the real binary on a PostgreSQL of its own, lets shoppers place,
// pay and cancel orders or leave them to expire, kills the server or its database again and again (at random moments,
// and at each failpoint of the code in turn), and starts it again. Then it holds three things against each other: what
// the shoppers were told, what the shop's database says, and the payment provider's own books.
//
// The run is seeded: the same seed plans the same orders and the same kills. What fails prints its seed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/wharfhq/wharf/internal/failpoint"
)

func main() {
	seed := flag.Uint64("seed", 1, "plans the orders and the kills")
	rounds := flag.Int("rounds", 20, "random kills: of the server and of its PostgreSQL in turn")
	points := flag.Bool("failpoints", false, "also die at every failpoint in turn")
	short := flag.Bool("short", false, "a few failpoints only, for CI")
	shoppers := flag.Int("shoppers", 8, "how many place orders at the same time")
	keep := flag.Bool("keep", false, "leave the data folder for a look")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, plan{seed: *seed, rounds: *rounds, points: chosenPoints(*points, *short), shoppers: *shoppers, keep: *keep}); err != nil {
		fmt.Fprintf(os.Stderr, "\nchaos: FAILED with seed %d: %v\n", *seed, err)
		os.Exit(1)
	}
}

// plan is one run.
type plan struct {
	seed     uint64
	rounds   int
	points   []failpoint.Name
	shoppers int
	keep     bool
}

// shortPoints are the moments at which most would be lost: between what was done and what is known of it.
var shortPoints = []failpoint.Name{
	failpoint.PlaceBeforeCommit, failpoint.PlaceAfterCommit, failpoint.AuthorizeAfterIntent, failpoint.AuthorizeAfterCall,
	failpoint.AuthorizeAfterResult, failpoint.OperateAfterCall, failpoint.CancelAfterCommit, failpoint.ExpireAfterCommit,
}

// unvisited are the moments that no shopper here brings about: these are guests, who keep no methods and agree to
// whatever they have ranked.
var unvisited = []failpoint.Name{
	failpoint.DeleteMethodBeforeCommit, failpoint.DeleteMethodAfterCommit, failpoint.ForgetBeforeCall,
	failpoint.ForgetAfterCall, failpoint.ForgetAfterResult, failpoint.ConsentBeforeCommit, failpoint.ConsentAfterCommit,
}

func chosenPoints(all, short bool) []failpoint.Name {
	switch {
	case short:
		return shortPoints
	case all:
		return slices.DeleteFunc(slices.Clone(failpoint.Names), func(n failpoint.Name) bool { return slices.Contains(unvisited, n) })
	}
	return nil
}

func run(ctx context.Context, p plan) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "wharf-chaos-")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the database's own user must be able to enter
		return err
	}
	defer func() {
		if p.keep || err != nil {
			fmt.Println("data folder and logs:", dir)
			return
		}
		_ = os.RemoveAll(dir)
	}()
	binary := filepath.Join(dir, "wharf")
	fmt.Println("building wharf with failpoints …")
	if out, err := exec.CommandContext(ctx, "go", "build", "-tags", "failpoint", "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	s, err := newServer(ctx, dir, binary)
	if err != nil {
		return err
	}
	defer s.kill()
	if err := errors.Join(s.stock(ctx), s.hurry(ctx)); err != nil {
		return err
	}
	if err := s.start(ctx, ""); err != nil {
		return err
	}
	crowd, err := newCrowd(ctx, s, p.seed, p.shoppers)
	if err != nil {
		return err
	}
	if err := ordeal(ctx, p, s, crowd); err != nil {
		return err
	}
	fmt.Println("the shoppers go home; every order must come to rest …")
	crowd.leave()
	if err := s.ensure(ctx); err != nil {
		return err
	}
	if err := crowd.settle(ctx, 90*time.Second); err != nil {
		return err
	}
	if err := s.stop(); err != nil {
		return err
	}
	if err := s.verify(ctx); err != nil {
		return err
	}
	summary, err := compare(ctx, s, crowd)
	if err != nil {
		return err
	}
	fmt.Printf("%s\nseed %d: nothing lost, nothing twice, in %s\n", summary, p.seed, time.Since(began).Round(time.Second))
	return nil
}

// ordeal kills the server at each chosen failpoint, then the server and its PostgreSQL in turn at random moments.
func ordeal(ctx context.Context, p plan, s *server, crowd *crowd) error {
	random := rand.New(rand.NewPCG(p.seed, 2))
	for n, point := range p.points {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// The first passes are let go, so that the moment falls into the middle of the traffic.
		pass := 1 + random.IntN(5)
		if err := s.dieAt(ctx, point, pass); err != nil {
			return err
		}
		fmt.Printf("  killed at %-34s pass %d, %2d of %d   %s\n", point, pass, n+1, len(p.points), crowd)
	}
	for i := range p.rounds {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := 200*time.Millisecond + time.Duration(random.Int64N(int64(2800*time.Millisecond)))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		what, blow := "wharf", s.kill
		if i%4 == 3 {
			what, blow = "PostgreSQL", s.killDatabase
		}
		blow()
		if err := s.ensure(ctx); err != nil {
			return fmt.Errorf("after %s was killed: %w", what, err)
		}
		fmt.Printf("  killed %-10s after %4d ms, back in %4d ms   %s\n", what, wait.Milliseconds(), s.back.Milliseconds(), crowd)
	}
	return nil
}
