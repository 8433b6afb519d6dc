package harness

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Crowd is the shoppers of a run, and the staff behind them. Each has their own random numbers, so that a seed plans
// the same orders.
type Crowd struct {
	History History

	shop    *Shop
	wishes  Wishes
	desk    chan *Tale // what was placed, for the staff
	pace    chan struct{}
	counted atomic.Int64 // how many shelves the staff have counted
	left    atomic.Int64 // how many orders are still to be placed
	stop    context.CancelFunc
	ready   []atomic.Bool  // which processes the balancer sends to
	gone    sync.WaitGroup // the shoppers
	shut    sync.WaitGroup // the staff

	mu      sync.Mutex
	tales   []*Tale
	fault   []error
	deleted []string // which kept methods the members have taken away
}

// Wishes are what a crowd comes for.
type Wishes struct {
	Seed     uint64
	Shoppers int        // how many shop at the same time; 8
	Orders   int        // how many orders are placed in all; 0 is until they leave
	Rate     int        // orders per second in all; 0 is as fast as they can
	Prefix   string     // of their keys, to tell two crowds of one shop apart
	Provider string     // whom they pay with; test
	Methods  [][]string // the tokens of the ranked methods, one of the lists each; Tokens
	Members  int        // how many have an account, and let the provider keep methods and forget them
	Staff    int        // how many of the staff take, give back and release money meanwhile
	Plain    bool       // nobody cancels and nothing is sent twice on purpose
	Common   bool       // nobody wants what is rare, so that there is enough for all
	Balanced bool       // a balancer sends them only to processes that say that they are ready
	Only     []string   // the variants that everybody wants one of, one line each; nil is anything
	Pairs    bool       // one of ten wants the first of them twice, as two lines
	Patience time.Duration
}

// Tokens are the ways in which shoppers pay: nearly every token of the test provider. Who is asked to act does not, so
// that their orders expire.
var Tokens = [][]string{
	{"approve"},
	{"approve"},
	{"approve"},
	{"decline", "approve"},
	{"charge_then_drop"},
	{"expires"},
	{"charge_then_drop", "approve"},
	{"error", "approve"},
	{"pending"},
	{"decline", "decline_insufficient_funds"},
	{"decline"},
	{"challenge"},
	{"timeout"},
}

// abroad stands before the token of a method of the provider outside, in an order of which others may be with another.
const abroad = Outside + ":"

// Abroad are the ways in which shoppers pay at the provider outside, also where a method of the test provider comes before
// or behind.
var Abroad = [][]string{
	{abroad + "approve"},
	{abroad + "approve"},
	{abroad + "approve"},
	{abroad + "decline", abroad + "approve"},
	{abroad + "charge_then_drop"},
	{abroad + "pending"},
	{abroad + "pending", "approve"},
	{abroad + "cut", "approve"},
	{"decline", abroad + "approve"},
	{abroad + "decline", "approve"},
	{abroad + "error", abroad + "approve"},
	{abroad + "decline", asking + abroad + "approve"},
	{abroad + "decline", abroad + "decline_insufficient_funds"},
	{abroad + "challenge"},
	{abroad + "timeout"},
}

// Tale is what one shopper was told about one order.
type Tale struct {
	Key, ID, Token string // ID is empty when the order was refused
	Refused        string // the code of the refusal
	Cancelled      bool   // the shopper has cancelled it, and was told so
	Captures       int    // how many captures, refunds and releases the staff have asked for and were promised
	Refunds        int
	Voids          int
	placed         time.Time
}

// Come lets a crowd begin to shop.
func (s *Shop) Come(ctx context.Context, w Wishes) *Crowd {
	if w.Shoppers == 0 {
		w.Shoppers = 8
	}
	if w.Provider == "" {
		w.Provider = "test"
	}
	if w.Methods == nil {
		w.Methods = Tokens
	}
	if w.Patience == 0 {
		w.Patience = 90 * time.Second
	}
	c := &Crowd{shop: s, wishes: w, desk: make(chan *Tale, 1<<16)}
	ctx, c.stop = context.WithCancel(ctx)
	c.left.Store(int64(w.Orders))
	if w.Balanced {
		c.balance(ctx)
	}
	if w.Rate > 0 {
		c.pace = make(chan struct{})
		c.gone.Go(func() { c.beat(ctx) })
	}
	for i := range w.Shoppers {
		c.gone.Go(func() { c.shopping(ctx, i, rand.New(rand.NewPCG(w.Seed, uint64(100+i)))) })
	}
	for i := range w.Members {
		c.gone.Go(func() { c.membership(ctx, i) })
	}
	for i := range w.Staff {
		c.shut.Go(func() { c.staff(rand.New(rand.NewPCG(w.Seed, uint64(10_000+i)))) })
	}
	return c
}

// beat gives the sign for each order at the wished rate; one that nobody takes is not made up for.
func (c *Crowd) beat(ctx context.Context) {
	ticker := time.NewTicker(time.Second / time.Duration(c.wishes.Rate))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		select {
		case c.pace <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}

// Leave ends the shopping and the work at the desk. What is still unanswered is asked for until the answer is there.
func (c *Crowd) Leave() {
	c.stop()
	c.gone.Wait()
	close(c.desk)
	c.shut.Wait()
}

// Wait returns when all orders that were wished for are placed or refused.
func (c *Crowd) Wait() {
	if c.wishes.Rate > 0 || c.wishes.Orders == 0 {
		panic("this crowd has no end of its own")
	}
	c.gone.Wait()
	c.Leave()
}

// Tales are what the shoppers were told.
func (c *Crowd) Tales() []*Tale {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*Tale{}, c.tales...)
}

// Placed is how many orders were acknowledged.
func (c *Crowd) Placed() int {
	n := 0
	for _, t := range c.Tales() {
		if t.ID != "" {
			n++
		}
	}
	return n
}

// Fault is what the shoppers saw that must not be.
func (c *Crowd) Fault() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.fault...)
}

func (c *Crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = append(c.fault, err)
}

func (c *Crowd) String() string { return fmt.Sprintf("%d orders, %s", c.Placed(), &c.History) }

// shopping places one order after the other.
func (c *Crowd) shopping(ctx context.Context, who int, random *rand.Rand) {
	for n := 0; c.next(ctx); n++ {
		t := &Tale{Key: fmt.Sprintf("%sshopper-%d-order-%d", c.wishes.Prefix, who, n)}
		methods := c.wishes.Methods[random.IntN(len(c.wishes.Methods))]
		input := c.wish(t.Key, who, methods, random)
		cancel, twice := random.IntN(5) == 0, random.IntN(6) == 0
		wait := time.Duration(random.Int64N(int64(400 * time.Millisecond)))
		if err := c.place(input, who+n, t); err != nil {
			c.fail(err)
			return
		}
		t.placed = time.Now()
		c.mu.Lock()
		c.tales = append(c.tales, t)
		c.mu.Unlock()
		if t.ID == "" || c.wishes.Plain {
			continue
		}
		if twice { // the same order sent once more, to another process, is the same order
			again := &Tale{Key: t.Key}
			if err := c.place(input, who+n+1, again); err != nil {
				c.fail(err)
				return
			}
			if again.ID != t.ID || again.Token != t.Token {
				c.fail(fmt.Errorf("key %s gave %s first and %s (%s) then", t.Key, t.ID, again.ID, again.Refused))
				return
			}
		}
		if strings.HasPrefix(methods[len(methods)-1], asking) {
			if err := c.agree(ctx, t, who+n); err != nil {
				c.fail(err)
				return
			}
		}
		if cancel {
			pause(ctx, wait)
			if err := c.cancel(t, who+n); err != nil {
				c.fail(err)
				return
			}
		} else if c.wishes.Staff > 0 {
			select {
			case c.desk <- t:
			default: // the staff can't keep up
			}
		}
		pause(ctx, 10*time.Millisecond)
	}
}

// next says whether there is one more order to place.
func (c *Crowd) next(ctx context.Context) bool {
	if c.wishes.Orders > 0 && c.left.Add(-1) < 0 {
		return false
	}
	if c.pace == nil {
		return ctx.Err() == nil
	}
	select {
	case <-c.pace:
		return true
	case <-ctx.Done():
		return false
	}
}

// wish is what one shopper wants: whatever everybody came for, or something of many and now and then what is rare.
func (c *Crowd) wish(key string, who int, methods []string, random *rand.Rand) map[string]any {
	variants, more := c.wishes.Only, 0
	if variants == nil {
		variants, more = []string{c.shop.Variants[random.IntN(len(c.shop.Variants))]}, random.IntN(3)
		if !c.wishes.Common && random.IntN(3) == 0 {
			variants = append(variants, c.shop.RareID)
		}
	}
	if c.wishes.Pairs && random.IntN(10) == 0 {
		variants = append([]string{variants[0]}, variants...)
	}
	input := Wish(key, c.wishes.Provider, methods, variants...)
	input["lines"].([]map[string]any)[0]["quantity"] = 1 + more
	input["buyer"] = map[string]any{"email": fmt.Sprintf("shopper%d@example.com", who)}
	return input
}

// place asks until the outcome is known.
func (c *Crowd) place(input map[string]any, turn int, t *Tale) error {
	a, err := c.insist("orderPlace", "", "OrderPlaceInput", turn, input)
	if err != nil {
		return fmt.Errorf("place %s: %w", t.Key, err)
	}
	if a.Order != nil {
		t.ID, t.Token = a.Order.ID, a.AccessToken
		return nil
	}
	if t.Refused = a.Code(); t.Refused != "OUT_OF_STOCK" {
		return fmt.Errorf("order %s was refused: %v", t.Key, a.UserErrors)
	}
	return nil
}

func (c *Crowd) cancel(t *Tale, turn int) error {
	input := map[string]any{"idempotencyKey": "cancel-" + t.Key, "orderId": t.ID, "accessToken": t.Token}
	a, err := c.insist("orderCancel", "", "OrderCancelInput", turn, input)
	if err != nil {
		return fmt.Errorf("cancel %s: %w", t.Key, err)
	}
	t.Cancelled = a.Order != nil
	return nil
}
