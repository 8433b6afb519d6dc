package scenario

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
	"github.com/wharfhq/wharf/internal/failpoint"
)

// Ordeal is how a shop is tormented.
type Ordeal struct {
	Points   []failpoint.Name // at each of which a process dies, in turn
	Orders   int              // the points come round again until so many orders are placed
	Random   int              // kills at random moments: of a process three times, of PostgreSQL once, in turn
	Shoppers int
}

// How soon a process must serve after its start: on a machine of its own, and beside whatever else CI does.
const (
	readyWithin     = 5 * time.Second
	readyWithinBusy = 20 * time.Second
)

// crashRate is how many orders come in a second while processes die: as many as a small machine can also pay, send and
// compare with the provider's books meanwhile, so that every point of an order's life is passed all the time.
const crashRate = 25

// often are the points that every order passes more than once: there the crash may fall into the middle of the traffic.
var often = []string{"place.", "authorize.", "operate.", "sequence.", "notify."}

// Crashes lets shoppers and staff work while processes die at every failpoint in turn and at random moments. Three of four
// shoppers pay at the provider outside, of which no crash of the shop or its database takes anything. The others, and the
// members, pay with the test provider: it is the one that renews, and whose books are made to differ.
func Crashes(ctx context.Context, r *Run, o Ordeal) error {
	s, w, end, err := r.outside(ctx, harness.Options{Servers: 2})
	if err != nil {
		return err
	}
	defer end()
	random := rand.New(rand.NewPCG(r.Seed, 1))
	c := s.Come(ctx, harness.Wishes{
		Seed: r.Seed, Shoppers: o.Shoppers, Rate: crashRate, Staff: 3, Members: 2,
		Methods: slices.Concat(harness.Tokens, [][]string{harness.Asking, {"expires"}, {"expires"}}, slices.Repeat(harness.Abroad, 3)),
	})
	began, deaths := time.Now(), 0
	var longest time.Duration // until a killed process was ready again
	for round := 0; round == 0 || c.Placed() < o.Orders; round++ {
		for i, point := range o.Points {
			if round > 0 && c.Placed() >= o.Orders {
				break // every point has had its turn, and so many orders are placed
			}
			pass := 1
			for _, prefix := range often {
				if strings.HasPrefix(string(point), prefix) {
					pass = 1 + random.IntN(4)
				}
			}
			victim := s.Servers[random.IntN(len(s.Servers))]
			at := time.Now()
			if err := s.DieAt(ctx, victim, point, pass); err != nil {
				return err
			}
			if err := c.Fault(); err != nil {
				return err
			}
			deaths++
			longest = max(longest, victim.Back)
			r.Say("died at %-36s %2d of %d, after %5.1f s   %s", point, i+1, len(o.Points), time.Since(at).Seconds(), c)
		}
		if len(o.Points) == 0 {
			break
		}
	}
	for i := range o.Random {
		pause(ctx, 200*time.Millisecond+time.Duration(random.Int64N(int64(2800*time.Millisecond))))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if victim := s.Servers[random.IntN(len(s.Servers))]; i%4 < 3 {
			victim.Kill()
			err = victim.Start(ctx)
			longest = max(longest, victim.Back)
		} else if err = s.Cluster.Signal(syscall.SIGKILL); err == nil {
			err = s.Revive(ctx)
		}
		if err != nil {
			return err
		}
		r.Say("killed %3d of %d   %s", i+1, o.Random, c)
	}
	c.Leave()
	most := readyWithin
	if r.Short {
		most = readyWithinBusy
	}
	if longest > most {
		return fmt.Errorf("a process was ready %s after its start, want at most %s", longest, most)
	}
	r.Found("%d deaths at %d failpoints, %d kills at random, in %s; ready again after %s at most", deaths, len(o.Points), o.Random,
		time.Since(began).Round(time.Second), longest.Round(time.Millisecond))
	if err := r.proveOutside(ctx, s, w, 3*time.Minute, c); err != nil {
		_ = c.History.Write(r.Dir + "/history.jsonl")
		return err
	}
	r.Found("nothing lost, nothing twice")
	return nil
}
