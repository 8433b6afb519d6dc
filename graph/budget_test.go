package graph

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

var smallBudgets = Budgets{
	Shopper: Budget{Limit: 100, RestoreRate: 10}, Customer: Budget{Limit: 200, RestoreRate: 20},
	Staff: Budget{Limit: 300, RestoreRate: 30}, Partner: Budget{Limit: 400, RestoreRate: 40},
}

func shopperAt(address string) access.Actor {
	return access.Actor{Address: netip.MustParseAddr(address)}
}

func TestBudgetIsSpentAndRestored(t *testing.T) {
	t.Parallel()
	clk := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	l := NewLimiter(smallBudgets, clk, false)
	shopper := shopperAt("192.0.2.1")

	cost, err := l.Take(shopper, 70)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Cost{Requested: 70, Limit: 100, Remaining: 30, RestoreRate: 10}); cost != want {
		t.Errorf("charged %+v, want %+v", cost, want)
	}
	cost, err = l.Take(shopper, 50)
	refused, ok := fault.As(err)
	if !ok || refused.Kind != fault.Throttled {
		t.Fatalf("spending more than the rest gave %v, want THROTTLED", err)
	}
	if refused.RetryAfter != 2*time.Second {
		t.Errorf("told to come back after %s, want 2s", refused.RetryAfter)
	}
	if cost.Remaining != 30 {
		t.Errorf("a refused operation was charged: %d remain, want 30", cost.Remaining)
	}
	clk.Advance(refused.RetryAfter)
	if cost, err = l.Take(shopper, 50); err != nil || cost.Remaining != 0 {
		t.Errorf("after the wait: %+v, %v; want all spent", cost, err)
	}
}

func TestMoreThanTheWholeBudgetIsTooComplex(t *testing.T) {
	t.Parallel()
	l := NewLimiter(smallBudgets, clock.System, false)
	if _, err := l.Take(shopperAt("192.0.2.1"), 101); !fault.IsKind(err, fault.TooComplex) {
		t.Errorf("got %v, want QUERY_TOO_COMPLEX", err)
	}
}

func TestEachCallerHasAnOwnBudget(t *testing.T) {
	t.Parallel()
	clk := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	l := NewLimiter(smallBudgets, clk, false)
	who := uuid.New()
	for name, test := range map[string]struct {
		actor access.Actor
		limit int
	}{
		"address":         {shopperAt("192.0.2.1"), 100},
		"another address": {shopperAt("192.0.2.2"), 100},
		"customer":        {access.Actor{Kind: access.Customer, ID: who}, 200},
		"staff":           {access.Actor{Kind: access.Staff, ID: who}, 300},
		"key":             {access.Actor{Kind: access.Partner, ID: who, KeyID: id.NewApiKeyID()}, 400},
		"another key":     {access.Actor{Kind: access.Partner, ID: who, KeyID: id.NewApiKeyID()}, 400},
	} {
		cost, err := l.Take(test.actor, test.limit)
		if err != nil || cost.Limit != test.limit || cost.Remaining != 0 {
			t.Errorf("%s: %+v, %v; want a full budget of %d", name, cost, err, test.limit)
		}
	}
}

func TestShoppersOfOneNetworkShareABudget(t *testing.T) {
	t.Parallel()
	clk := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	for name, pair := range map[string][2]access.Actor{
		"one /64":     {shopperAt("2001:db8:1:2::1"), shopperAt("2001:db8:1:2:ffff::9")},
		"mapped":      {shopperAt("192.0.2.1"), shopperAt("::ffff:192.0.2.1")},
		"with a zone": {shopperAt("fe80::1%eth0"), shopperAt("fe80::1%eth1")},
		"guest's token": {shopperAt("192.0.2.1"), {
			Kind: access.Guest, OrderID: id.NewOrderID(),
			Address: netip.MustParseAddr("192.0.2.1"),
		}},
		"no address": {{}, {Kind: access.Guest}},
	} {
		l := NewLimiter(smallBudgets, clk, false)
		if _, err := l.Take(pair[0], 100); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Take(pair[1], 1); !fault.IsKind(err, fault.Throttled) {
			t.Errorf("%s: the second got a budget of their own (%v)", name, err)
		}
	}
	l := NewLimiter(smallBudgets, clk, false)
	_, _ = l.Take(shopperAt("2001:db8:1:2::1"), 100)
	if _, err := l.Take(shopperAt("2001:db8:1:3::1"), 100); err != nil {
		t.Errorf("the neighboring /64 has no budget of its own: %v", err)
	}
}

func TestBudgetIsNotOverspentInParallel(t *testing.T) {
	t.Parallel()
	clk := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	l := NewLimiter(smallBudgets, clk, false)
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 400 {
		all.Go(func() {
			if _, err := l.Take(shopperAt("192.0.2.1"), 1); err == nil {
				allowed.Add(1)
			}
		})
	}
	all.Wait()
	if got := allowed.Load(); got != 100 {
		t.Errorf("%d of 400 passed, want 100", got)
	}
}

func TestLimitsSwitchedOff(t *testing.T) {
	t.Parallel()
	l := NewLimiter(smallBudgets, clock.System, true)
	for range 10 {
		if _, err := l.Take(shopperAt("192.0.2.1"), 1000); err != nil {
			t.Fatal(err)
		}
	}
}
