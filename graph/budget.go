package graph

import (
	"math"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/fault"
)

// Budget is what one caller may spend: at most Limit at once, refilled by RestoreRate each second. The unit is the
// cost of an operation, about one row that the database must read.
type Budget struct {
	Limit       int
	RestoreRate int
}

// Budgets holds the budget of each sort of caller. Shoppers without an account share that of their address, which
// may be a whole office or a mobile network's; so do those for whom a storefront's server calls. Everyone else has one of
// their own.
type Budgets struct {
	Shopper  Budget // per address
	Customer Budget // per account
	Staff    Budget // per member of staff
	Partner  Budget // per API key
}

// DefaultBudgets lets a shopper load the heaviest page of a storefront several times over at once, and a partner
// walk through a catalog of a million rows in a few minutes.
var DefaultBudgets = Budgets{
	Shopper:  Budget{Limit: 20_000, RestoreRate: 2_000},
	Customer: Budget{Limit: 20_000, RestoreRate: 2_000},
	Staff:    Budget{Limit: 40_000, RestoreRate: 4_000},
	Partner:  Budget{Limit: 40_000, RestoreRate: 4_000},
}

// Cost is what an operation was charged, the way it stands in extensions.cost.
type Cost struct {
	Requested   int `json:"requested"`        // what the document may cost at most; so much must be left
	Actual      int `json:"actual,omitempty"` // what it has cost, as its answer shows; so much is spent
	Limit       int `json:"limit"`
	Remaining   int `json:"remaining"`
	RestoreRate int `json:"restoreRate"`
}

// callers is how many budgets are remembered. One that was pushed out starts full again, so the number bounds the
// memory (about 200 bytes each), not the rights of anyone who comes back within it.
const callers = 100_000

// Limiter keeps the budgets of the callers that this process has lately seen.
type Limiter struct {
	off     bool
	budgets Budgets
	clock   clock.Clock
	spent   *lru.Cache[payer, *rate.Limiter]
}

// payer is whose budget an operation is charged to.
type payer struct {
	kind access.Kind
	id   [16]byte
}

// NewLimiter makes the limiter. Off charges nobody and refuses nothing: for load tests.
func NewLimiter(budgets Budgets, clk clock.Clock, off bool) *Limiter {
	spent, err := lru.New[payer, *rate.Limiter](callers)
	if err != nil {
		panic(err) // the size is a constant above zero
	}
	return &Limiter{off: off, budgets: budgets, clock: clk, spent: spent}
}

// Take charges an operation to its caller, or refuses it as THROTTLED and says when to come back. What is refused is
// not charged. An operation that costs more than the caller's whole budget is QUERY_TOO_COMPLEX: waiting won't help.
func (l *Limiter) Take(actor access.Actor, cost int) (Cost, error) {
	budget := l.budget(actor)
	cost = max(cost, 1)
	charged := Cost{Requested: cost, Limit: budget.Limit, Remaining: budget.Limit, RestoreRate: budget.RestoreRate}
	if l.off {
		return charged, nil
	}
	if cost > budget.Limit {
		return charged, fault.Newf(fault.TooComplex, "QUERY_TOO_COMPLEX",
			"The operation costs %d; your budget is %d. Ask for fewer rows at once.", cost, budget.Limit)
	}
	now := l.clock.Now()
	bucket := l.bucket(payerOf(actor), budget)
	allowed := bucket.AllowN(now, cost)
	left := bucket.TokensAt(now)
	charged.Remaining = max(0, int(left))
	if !allowed {
		wait := time.Duration(math.Ceil((float64(cost)-left)/float64(budget.RestoreRate)*1000)) * time.Millisecond
		refused := fault.New(fault.Throttled, "THROTTLED", "Too many requests. Wait a moment and try again.")
		refused.RetryAfter = max(wait, time.Millisecond)
		return charged, refused
	}
	return charged, nil
}

// Settle gives back what an operation that was taken has not cost, at once and to whoever paid for it, so that the next one
// finds it. It is given back once.
func (l *Limiter) Settle(actor access.Actor, taken Cost, actual int) Cost {
	taken.Actual = max(1, min(actual, taken.Requested))
	back := taken.Requested - taken.Actual
	if l.off || back == 0 {
		return taken
	}
	bucket, now := l.bucket(payerOf(actor), l.budget(actor)), l.clock.Now()
	bucket.AllowN(now, -back) // the bucket itself sees to it that it holds no more than its limit
	taken.Remaining = max(0, int(bucket.TokensAt(now)))
	return taken
}

func (l *Limiter) bucket(who payer, budget Budget) *rate.Limiter {
	if bucket, ok := l.spent.Get(who); ok {
		return bucket
	}
	fresh := rate.NewLimiter(rate.Limit(budget.RestoreRate), budget.Limit)
	// Two requests of a new caller at once share one bucket: the first to be kept wins.
	if kept, ok, _ := l.spent.PeekOrAdd(who, fresh); ok {
		return kept
	}
	return fresh
}

func (l *Limiter) budget(actor access.Actor) Budget {
	switch payerOf(actor).kind {
	case access.Customer:
		return l.budgets.Customer
	case access.Staff, access.System:
		return l.budgets.Staff
	case access.Partner:
		return l.budgets.Partner
	default:
		return l.budgets.Shopper
	}
}

// payerOf finds whose budget it is. A guest's token buys no second budget beside that of the address.
func payerOf(actor access.Actor) payer {
	switch {
	case actor.Kind == access.Customer, actor.Kind == access.Staff:
		return payer{kind: actor.Kind, id: actor.ID}
	case actor.Kind == access.Partner && !actor.ForShopper:
		return payer{kind: actor.Kind, id: actor.KeyID}
	case actor.Kind == access.System:
		return payer{kind: actor.Kind}
	default:
		return payer{kind: access.Anonymous, id: access.Network(actor.Address).As16()}
	}
}
