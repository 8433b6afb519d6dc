// Command storefront is a shopper in a hundred lines: it looks at the first product of a shop, buys one of it with a
// payment method that is declined and one that is not, and follows the order over a websocket until it is confirmed.
//
//	go run . demo                                                 in one terminal
//	go run ./examples/storefront -url http://127.0.0.1:8080       in another
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "where Wharf answers")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := shopping(ctx, *url, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const browse = `{
  products(first: 1, query: "available_for_sale:true") {
    nodes { title variants(first: 1) { nodes { id price { amount currencyCode } } } }
  }
}`

const place = `mutation Place($input: OrderPlaceInput!) {
  orderPlace(input: $input) { order { id name version status } accessToken userErrors { code field message } }
}`

// A client that was cut off subscribes again with the last version it has seen, and misses nothing.
const follow = `subscription Follow($id: ID!, $token: String, $after: Int) {
  orderEvents(orderId: $id, accessToken: $token, after: $after) { version type message order { status } }
}`

func shopping(ctx context.Context, url string, out io.Writer) error {
	var catalog struct {
		Products struct {
			Nodes []struct {
				Title    string
				Variants struct {
					Nodes []struct {
						ID    string
						Price struct{ Amount, CurrencyCode string }
					}
				}
			}
		}
	}
	if err := ask(ctx, url, browse, nil, &catalog); err != nil {
		return err
	}
	if len(catalog.Products.Nodes) == 0 {
		return errors.New("the shop has nothing to sell")
	}
	product := catalog.Products.Nodes[0]
	variant := product.Variants.Nodes[0]
	fmt.Fprintf(out, "buying %s for %s %s\n", product.Title, variant.Price.Amount, variant.Price.CurrencyCode)

	var placed struct {
		OrderPlace struct {
			Order       *struct{ ID, Name string }
			AccessToken string
			UserErrors  []struct{ Code, Message string }
		}
	}
	// The key names this one intention: sent again, with this same input, it gives this same order.
	err := ask(ctx, url, place, map[string]any{"input": map[string]any{
		"idempotencyKey": rand.Text(),
		"lines":          []any{map[string]any{"merchandiseId": variant.ID, "quantity": 1}},
		"buyer":          map[string]any{"email": "ada@example.com"},
		"delivery": map[string]any{"shipping": map[string]any{"address": map[string]any{
			"firstName": "Ada", "lastName": "Lovelace", "address1": "1 Main Street", "city": "Albany",
			"province": "New York", "zip": "12207", "country": "United States",
		}}},
		"payment": []any{
			map[string]any{"provider": "test", "token": "decline"},
			map[string]any{"provider": "test", "token": "approve"},
		},
	}}, &placed)
	if err != nil {
		return err
	}
	if order := placed.OrderPlace.Order; order == nil {
		return fmt.Errorf("refused: %v", placed.OrderPlace.UserErrors)
	}
	fmt.Fprintf(out, "placed %s\n", placed.OrderPlace.Order.Name)
	return watch(ctx, url, placed.OrderPlace.Order.ID, placed.OrderPlace.AccessToken, out)
}

// watch speaks graphql-transport-ws, as every GraphQL client library does.
func watch(ctx context.Context, url, order, token string, out io.Writer) error {
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	socket, response, err := dialer.DialContext(ctx, strings.Replace(url, "http", "ws", 1)+"/graphql", nil)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	defer func() { _ = socket.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		_ = socket.SetReadDeadline(deadline)
	}
	for _, message := range []any{
		map[string]any{"type": "connection_init"},
		map[string]any{"type": "subscribe", "id": "1", "payload": map[string]any{
			"query": follow, "variables": map[string]any{"id": order, "token": token, "after": 0},
		}},
	} {
		if err := socket.WriteJSON(message); err != nil {
			return err
		}
		if _, ok := message.(map[string]any)["id"]; ok {
			break
		}
		var ack struct{ Type string }
		if err := socket.ReadJSON(&ack); err != nil || ack.Type != "connection_ack" {
			return fmt.Errorf("no acknowledgement: %q %w", ack.Type, err)
		}
	}
	for {
		var message struct {
			Type    string
			Payload struct {
				Data struct {
					OrderEvents struct {
						Version       int
						Type, Message string
						Order         struct{ Status string }
					}
				}
			}
		}
		if err := socket.ReadJSON(&message); err != nil {
			return err
		}
		event := message.Payload.Data.OrderEvents
		switch message.Type {
		case "ping":
			if err := socket.WriteJSON(map[string]string{"type": "pong"}); err != nil {
				return err
			}
		case "next":
			fmt.Fprintf(out, "%2d  %-20s %-16s %s\n", event.Version, event.Type, event.Order.Status, event.Message)
			if event.Order.Status == "CONFIRMED" {
				return nil
			}
		case "error", "complete":
			return fmt.Errorf("the subscription ended with %s", message.Type)
		}
	}
}

func ask(ctx context.Context, url, query string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		return errors.New(answer.Errors[0].Message)
	}
	return json.Unmarshal(answer.Data, into)
}
