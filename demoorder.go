package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// demoHTTP is how the demo talks to itself: like any client, over the network, with time limits.
var demoHTTP = &http.Client{Timeout: 15 * time.Second}

// demoClient is a shopper's client of the demo shop. It knows the public API and nothing else.
type demoClient struct {
	url  string
	term *terminal
}

const demoShelfQuery = `query Shelf {
  products(first: 50) {
    nodes { title variants(first: 10) { nodes { id title availableForSale } } }
  }
}`

const demoPlaceMutation = `mutation Place($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    order { id name status totalPrice { amount currencyCode } }
    accessToken
    userErrors { code field message }
  }
}`

const demoFollowSubscription = `subscription Follow($id: ID!, $token: String, $after: Int) {
  orderEvents(orderId: $id, accessToken: $token, after: $after) {
    version type occurredAt message
    order { status financialStatus }
  }
}`

// order places an order that a first method declines and a second one pays, and prints its events as they come.
func (c demoClient) order(ctx context.Context) (placement, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	lines, names, err := c.choose(ctx)
	if err != nil {
		return placement{}, err
	}
	began := time.Now()
	placed, err := c.place(ctx, lines)
	if err != nil {
		return placement{}, err
	}
	took := time.Since(began)
	c.term.say("\n%s %s\n", c.term.bold("An order, paid with [decline, approve]"), c.term.faint("over HTTP, followed over a websocket"))
	c.term.say("  %s  %s  %s %s  %s\n", c.term.bold(plain(placed.Order.Name)), plain(strings.Join(names, ", ")),
		placed.Order.TotalPrice.Amount, placed.Order.TotalPrice.CurrencyCode,
		c.term.green(fmt.Sprintf("accepted in %d ms", took.Milliseconds())))
	if err := c.follow(ctx, placed.Order.ID, placed.AccessToken, began); err != nil {
		return placed, err
	}
	c.term.say("\n  Follow it again:\n\n%s", indented(followCall(c.url, placed.Order.ID, placed.AccessToken)))
	return placed, nil
}

// choose takes one piece each of the first two products that can be had.
func (c demoClient) choose(ctx context.Context) (lines []map[string]any, names []string, err error) {
	var shelf struct {
		Products struct {
			Nodes []struct {
				Title    string
				Variants struct {
					Nodes []struct {
						ID, Title        string
						AvailableForSale bool
					}
				}
			}
		}
	}
	if err := c.call(ctx, demoShelfQuery, nil, &shelf); err != nil {
		return nil, nil, err
	}
	for _, product := range shelf.Products.Nodes {
		for _, variant := range product.Variants.Nodes {
			if !variant.AvailableForSale {
				continue
			}
			name := "1 × " + product.Title
			if variant.Title != "Default Title" {
				name += " (" + variant.Title + ")"
			}
			lines, names = append(lines, map[string]any{"merchandiseId": variant.ID, "quantity": 1}), append(names, name)
			break
		}
		if len(lines) == 2 {
			return lines, names, nil
		}
	}
	if len(lines) == 0 {
		return nil, nil, errors.New("everything is sold out")
	}
	return lines, names, nil
}

// placement is what orderPlace answers.
type placement struct {
	Order struct {
		ID, Name, Status string
		TotalPrice       struct{ Amount, CurrencyCode string }
	}
	AccessToken string
	UserErrors  []struct{ Code, Message string }
}

func (c demoClient) place(ctx context.Context, lines []map[string]any) (placement, error) {
	var answer struct{ OrderPlace placement }
	err := c.call(ctx, demoPlaceMutation, map[string]any{"input": map[string]any{
		"idempotencyKey": uuid.NewString(),
		"lines":          lines,
		"buyer":          map[string]any{"email": "ada@fennwick.example", "firstName": "Ada", "lastName": "Marsh"},
		"delivery": map[string]any{"shipping": map[string]any{"address": map[string]any{
			"firstName": "Ada", "lastName": "Marsh", "address1": "1 Chandler Rd", "city": "Portland",
			"province": "ME", "zip": "04101", "country": "US",
		}}},
		"payment": []map[string]any{{"provider": "test", "token": "decline"}, {"provider": "test", "token": "approve"}},
	}}, &answer)
	if err != nil {
		return placement{}, err
	}
	if refused := answer.OrderPlace.UserErrors; len(refused) > 0 {
		return placement{}, fmt.Errorf("orderPlace: %s (%s)", refused[0].Message, refused[0].Code)
	}
	return answer.OrderPlace, nil
}

// call sends one operation and reads its data.
func (c demoClient) call(ctx context.Context, query string, variables, data any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/graphql-response+json")
	response, err := demoHTTP.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 4<<20)).Decode(&answer); err != nil {
		return fmt.Errorf("%s: read the answer: %w", response.Status, err)
	}
	if len(answer.Errors) > 0 {
		return fmt.Errorf("%s: %s", response.Status, answer.Errors[0].Message)
	}
	return json.Unmarshal(answer.Data, data)
}

// orderEvent is one message of orderEvents.
type orderEvent struct {
	Version       int
	Type, Message string
	OccurredAt    time.Time
	Order         struct{ Status, FinancialStatus string }
}

// ended says whether nothing more follows by itself.
func (e orderEvent) ended() bool {
	switch e.Type {
	case "order.confirmed", "order.cancelled", "order.expired", "payment.action_required":
		return true
	}
	return false
}

// follow prints the order's events from the first one on, as they come over a websocket.
func (c demoClient) follow(ctx context.Context, order, token string, began time.Time) error {
	events, err := openSubscription(ctx, "ws"+strings.TrimPrefix(c.url, "http"), demoFollowSubscription,
		map[string]any{"id": order, "token": token, "after": 0})
	if err != nil {
		return err
	}
	defer events.close()
	for {
		var data struct{ OrderEvents orderEvent }
		if err := events.next(&data); err != nil {
			return err
		}
		e := data.OrderEvents
		c.term.say("  %s  %2d  %s  %s", c.term.faint(fmt.Sprintf("%6d ms", time.Since(began).Milliseconds())), e.Version,
			c.shade(e)(fmt.Sprintf("%-22s", plain(e.Type))), plain(e.Message))
		if e.ended() {
			return nil
		}
	}
}

func (c demoClient) shade(e orderEvent) func(string) string {
	switch e.Type {
	case "payment.declined", "payment.action_required", "order.expired", "order.cancelled":
		return c.term.red
	case "payment.authorized", "order.confirmed":
		return c.term.green
	}
	return c.term.cyan
}

// subscription is one operation over one websocket, in the protocol graphql-transport-ws.
type subscription struct {
	socket *websocket.Conn
	stop   func() bool
}

// frame is one message of the protocol.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

func openSubscription(ctx context.Context, url, query string, variables map[string]any) (*subscription, error) {
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: 10 * time.Second}
	socket, response, err := dialer.DialContext(ctx, url, nil)
	if err != nil {
		return nil, fmt.Errorf("open a websocket: %w", err)
	}
	_ = response.Body.Close()
	s := &subscription{socket: socket}
	s.stop = context.AfterFunc(ctx, func() { _ = socket.Close() })
	payload, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err == nil {
		err = errors.Join(socket.WriteJSON(frame{Type: "connection_init"}), s.await("connection_ack"),
			socket.WriteJSON(frame{ID: "1", Type: "subscribe", Payload: payload}))
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return s, nil
}

func (s *subscription) await(kind string) error {
	f, err := s.read()
	if err == nil && f.Type != kind {
		err = fmt.Errorf("got %s instead of %s", f.Type, kind)
	}
	return err
}

// read gives the next message that is not a ping or its answer.
func (s *subscription) read() (frame, error) {
	for {
		var f frame
		if err := s.socket.ReadJSON(&f); err != nil {
			return f, fmt.Errorf("read from the websocket: %w", err)
		}
		switch f.Type {
		case "ping":
			if err := s.socket.WriteJSON(frame{Type: "pong"}); err != nil {
				return f, fmt.Errorf("answer a ping: %w", err)
			}
		case "pong":
		default:
			return f, nil
		}
	}
}

// next reads the next result's data.
func (s *subscription) next(data any) error {
	f, err := s.read()
	if err != nil {
		return err
	}
	if f.Type != "next" {
		return fmt.Errorf("the subscription ended: %s %s", f.Type, f.Payload)
	}
	var result struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(f.Payload, &result); err != nil {
		return fmt.Errorf("read an event: %w", err)
	}
	if len(result.Errors) > 0 {
		return errors.New(result.Errors[0].Message)
	}
	return json.Unmarshal(result.Data, data)
}

func (s *subscription) close() {
	s.stop()
	_ = s.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	_ = s.socket.Close()
}
