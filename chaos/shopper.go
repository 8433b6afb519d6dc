package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// tale is what one shopper was told about one order.
type tale struct {
	Key       string
	ID        string // empty when the order was refused
	Token     string
	Answers   int    // how often the same key was answered
	Refused   string // the code of the refusal
	Cancelled bool   // the shopper has cancelled it, and was told so
	Status    string // at rest
}

// crowd is the shoppers of a run. Each has their own random numbers, so that a seed plans the same orders.
type crowd struct {
	server   *server
	variants []string
	rare     string
	stop     context.CancelFunc
	gone     sync.WaitGroup
	retries  atomic.Int64

	mu    sync.Mutex
	tales []*tale
	fault error
}

func newCrowd(ctx context.Context, s *server, seed uint64, shoppers int) (*crowd, error) {
	c := &crowd{server: s}
	var list struct {
		Products struct {
			Nodes []struct {
				Handle   string
				Variants struct{ Nodes []struct{ ID string } }
			}
		}
	}
	if err := c.ask(ctx, `{ products(first: 50) { nodes { handle variants(first: 1) { nodes { id } } } } }`, nil, &list); err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	for _, p := range list.Products.Nodes {
		if p.Handle == "rare-thing" {
			c.rare = p.Variants.Nodes[0].ID
			continue
		}
		c.variants = append(c.variants, p.Variants.Nodes[0].ID)
	}
	ctx, c.stop = context.WithCancel(ctx)
	for i := range shoppers {
		c.gone.Go(func() { c.shop(ctx, i, rand.New(rand.NewPCG(seed, uint64(100+i)))) })
	}
	return c, nil
}

// leave ends the shopping; orders whose answer is still out are asked for until it is there.
func (c *crowd) leave() { c.stop(); c.gone.Wait() }

func (c *crowd) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	placed := 0
	for _, t := range c.tales {
		if t.ID != "" {
			placed++
		}
	}
	return fmt.Sprintf("%d orders, %d retries", placed, c.retries.Load())
}

// payments are the ways in which shoppers pay: nearly every token of the test provider. Who is asked to act does not,
// so that their orders expire.
var payments = [][]string{
	{"approve"},
	{"approve"},
	{"approve"},
	{"decline", "approve"},
	{"charge_then_drop"},
	{"charge_then_drop", "approve"},
	{"expires"},
	{"expires"},
	{"error", "approve"},
	{"pending"},
	{"decline", "decline_insufficient_funds"},
	{"decline"},
	{"challenge"},
	{"timeout"},
}

// shop places one order after the other. An answer that does not come is asked for again under the same key, as a
// careful client does, until it is known.
func (c *crowd) shop(ctx context.Context, who int, random *rand.Rand) {
	for n := 0; ctx.Err() == nil; n++ {
		t := &tale{Key: fmt.Sprintf("shopper-%d-order-%d", who, n)}
		input := c.wish(t.Key, who, random)
		cancel := random.IntN(5) == 0
		if err := c.place(input, t); err != nil {
			c.fail(err)
			return
		}
		c.mu.Lock()
		c.tales = append(c.tales, t)
		c.mu.Unlock()
		if t.ID == "" {
			continue
		}
		if random.IntN(6) == 0 { // the same order sent once more is the same order
			again := &tale{Key: t.Key}
			if err := c.place(input, again); err != nil {
				c.fail(err)
				return
			}
			if again.ID != t.ID || again.Token != t.Token {
				c.fail(fmt.Errorf("key %s gave %s first and %s (%s) then", t.Key, t.ID, again.ID, again.Refused))
				return
			}
		}
		if cancel {
			pause(ctx, time.Duration(random.Int64N(int64(400*time.Millisecond))))
			if err := c.cancel(t); err != nil {
				c.fail(err)
				return
			}
		}
		pause(ctx, 10*time.Millisecond)
	}
}

func (c *crowd) wish(key string, who int, random *rand.Rand) map[string]any {
	lines := []map[string]any{{"merchandiseId": c.variants[random.IntN(len(c.variants))], "quantity": 1 + random.IntN(3)}}
	if random.IntN(3) == 0 {
		lines = append(lines, map[string]any{"merchandiseId": c.rare})
	}
	var methods []map[string]any
	for _, token := range payments[random.IntN(len(payments))] {
		methods = append(methods, map[string]any{"provider": "test", "token": token})
	}
	return map[string]any{
		"idempotencyKey": key,
		"lines":          lines,
		"buyer":          map[string]any{"email": fmt.Sprintf("shopper%d@example.com", who)},
		"delivery": map[string]any{"shipping": map[string]any{"address": map[string]any{
			"firstName": "Ada", "lastName": "Shopper", "address1": "1 Main Street", "city": "Albany", "province": "NY",
			"zip": "12207", "country": "US",
		}}},
		"payment": methods,
	}
}

const placeMutation = `mutation ($input: OrderPlaceInput!) {
  orderPlace(input: $input) { order { id } accessToken userErrors { code message field } }
}`

// place asks until the outcome is known.
func (c *crowd) place(input map[string]any, t *tale) error {
	var answer struct {
		OrderPlace struct {
			Order       *struct{ ID string }
			AccessToken string
			UserErrors  []struct{ Code, Message string }
		}
	}
	if err := c.insist(placeMutation, map[string]any{"input": input}, &answer); err != nil {
		return fmt.Errorf("place %s: %w", t.Key, err)
	}
	t.Answers++
	if p := answer.OrderPlace; p.Order != nil {
		t.ID, t.Token = p.Order.ID, p.AccessToken
	} else if len(p.UserErrors) > 0 {
		t.Refused = p.UserErrors[0].Code
		if t.Refused != "OUT_OF_STOCK" {
			return fmt.Errorf("order %s was refused: %s %s", t.Key, t.Refused, p.UserErrors[0].Message)
		}
	}
	return nil
}

func (c *crowd) cancel(t *tale) error {
	var answer struct {
		OrderCancel struct {
			Order      *struct{ Status string }
			UserErrors []struct{ Code, Message string }
		}
	}
	input := map[string]any{"idempotencyKey": "cancel-" + t.Key, "orderId": t.ID, "accessToken": t.Token}
	err := c.insist(`mutation ($input: OrderCancelInput!) {
  orderCancel(input: $input) { order { status } userErrors { code message } }
}`, map[string]any{"input": input}, &answer)
	if err != nil {
		return fmt.Errorf("cancel %s: %w", t.Key, err)
	}
	t.Cancelled = answer.OrderCancel.Order != nil
	return nil
}

// settle waits until no order has a step of its own before it.
func (c *crowd) settle(ctx context.Context, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for _, t := range c.tales {
		for t.ID != "" {
			var answer struct {
				Order *struct {
					Status  string
					Process []struct{ Name, State string }
				}
			}
			err := c.ask(ctx, `query ($id: ID!, $token: String) { order(id: $id, accessToken: $token) { status process { name state } } }`,
				map[string]any{"id": t.ID, "token": t.Token}, &answer)
			if err == nil && answer.Order == nil {
				return fmt.Errorf("the acknowledged order %s is gone", t.ID)
			}
			if err == nil {
				t.Status = answer.Order.Status
				busy := t.Status == "PENDING_PAYMENT" || t.Status == "ACTION_REQUIRED" // until its deadline
				for _, step := range answer.Order.Process {
					busy = busy || (step.State != "BLOCKED" && step.Name != "expire_order")
				}
				if !busy {
					break
				}
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("order %s does not come to rest: %s, %v", t.ID, t.Status, answer.Order)
			}
			pause(ctx, 100*time.Millisecond)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault
}

func (c *crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = errors.Join(c.fault, err)
}

// insist repeats a request until it is answered: broken connections, BUSY and internal errors say nothing about the
// outcome, and the key makes repeating safe.
func (c *crowd) insist(query string, variables map[string]any, into any) error {
	var err error
	for range 600 {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err = c.ask(ctx, query, variables, into)
		cancel()
		if err == nil {
			return nil
		}
		c.retries.Add(1)
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("no answer within a minute: %w", err)
}

func (c *crowd) ask(ctx context.Context, query string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.server.url(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%d: %.200s", response.StatusCode, text)
	}
	if len(answer.Errors) > 0 {
		return errors.New(answer.Errors[0].Message)
	}
	return json.Unmarshal(answer.Data, into)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
