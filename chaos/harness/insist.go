package harness

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// insist repeats a request, at one process after the other, until it is answered: a broken connection, BUSY and an
// internal error say nothing about the outcome, and the key makes repeating safe. Every try goes into the history.
func (c *Crowd) insist(mutation, token, inputType string, turn int, input map[string]any) (Answer, error) {
	var a Answer
	var err error
	deadline := time.Now().Add(c.wishes.Patience)
	for try := 0; time.Now().Before(deadline); try++ {
		p := c.server(turn + try)
		record := Try{Operation: mutation, Key: input["idempotencyKey"].(string), Process: p.Name, Began: time.Now(), Outcome: OK}
		ctx, cancel := context.WithTimeout(context.Background(), tryWithin)
		a, err = p.Mutate(ctx, token, mutation, inputType, input)
		cancel()
		record.Took = time.Since(record.Began)
		switch {
		case Busy(err):
			record.Outcome, record.Code, record.Says = Again, "BUSY", err.Error()
		case err != nil:
			record.Outcome, record.Says = Unknown, err.Error()
			if refused := (*Refused)(nil); errors.As(err, &refused) {
				record.Code = refused.Code
			}
		case a.Order == nil:
			record.Outcome, record.Code = Failed, a.Code()
		}
		c.History.add(record)
		if err == nil {
			return a, nil
		}
		time.Sleep(time.Duration(50+rand.IntN(100)) * time.Millisecond)
	}
	return a, fmt.Errorf("no answer within %s: %w", c.wishes.Patience, err)
}

// server chooses whom to ask.
func (c *Crowd) server(turn int) *Process {
	all := c.shop.Servers
	for i := range c.ready {
		if n := (turn + i) % len(all); c.ready[n].Load() {
			return all[n]
		}
	}
	return all[turn%len(all)]
}

// balance watches which processes are ready, as a load balancer does.
func (c *Crowd) balance(ctx context.Context) {
	c.ready = make([]atomic.Bool, len(c.shop.Servers))
	for i, p := range c.shop.Servers {
		c.ready[i].Store(true)
		c.gone.Go(func() {
			for ctx.Err() == nil {
				c.ready[i].Store(p.Status(ctx, "/readyz") == http.StatusOK || ctx.Err() != nil)
				pause(ctx, 50*time.Millisecond)
			}
		})
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// How long an answer is waited for in all, and by one try.
const (
	answeredWithin = 90 * time.Second
	tryWithin      = 15 * time.Second
)

// UntilAnswered repeats what can be repeated for as long as it is told to come again, or is not told anything. Every other
// error is an answer.
func UntilAnswered(ctx context.Context, send func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, answeredWithin)
	defer cancel()
	for {
		try, end := context.WithTimeout(ctx, tryWithin)
		err := send(try)
		again := err != nil && (Busy(err) || try.Err() != nil)
		end()
		if !again {
			return err
		}
		if pause(ctx, 50*time.Millisecond); ctx.Err() != nil {
			return fmt.Errorf("no answer within %s: %w", answeredWithin, err)
		}
	}
}
