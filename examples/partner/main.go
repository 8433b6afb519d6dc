// Command partner reads a shop's orders with an API key, page by page, and what happened to each.
//
//	wharf key create --name=ledger --scopes=orders:read
//	WHARF_KEY=wharf_… go run ./examples/partner -url http://127.0.0.1:8080
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "where Wharf answers")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := ledger(ctx, *url, os.Getenv("WHARF_KEY"), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const page = `query Orders($after: String) {
  orders(first: 20, after: $after) {
    nodes { name status financialStatus totalPrice { amount currencyCode } events(first: 50) { nodes { version type } } }
    pageInfo { hasNextPage endCursor }
  }
}`

func ledger(ctx context.Context, url, key string, out io.Writer) error {
	var after *string
	for {
		var answer struct {
			Data *struct {
				Orders struct {
					Nodes []struct {
						Name, Status, FinancialStatus string
						TotalPrice                    struct{ Amount, CurrencyCode string }
						Events                        struct {
							Nodes []struct {
								Version int
								Type    string
							}
						}
					}
					PageInfo struct {
						HasNextPage bool
						EndCursor   *string
					}
				}
			}
			Errors []struct {
				Message    string
				Extensions struct{ Code string }
			}
		}
		if err := post(ctx, url, key, map[string]any{"query": page, "variables": map[string]any{"after": after}}, &answer); err != nil {
			return err
		}
		if len(answer.Errors) > 0 {
			return fmt.Errorf("%s: %s", answer.Errors[0].Extensions.Code, answer.Errors[0].Message)
		}
		orders := answer.Data.Orders
		for _, o := range orders.Nodes {
			fmt.Fprintf(out, "%s  %s  %s  %s %s", o.Name, o.Status, o.FinancialStatus, o.TotalPrice.Amount, o.TotalPrice.CurrencyCode)
			for _, e := range o.Events.Nodes {
				fmt.Fprintf(out, "  %d %s", e.Version, e.Type)
			}
			fmt.Fprintln(out)
		}
		if !orders.PageInfo.HasNextPage {
			return nil
		}
		after = orders.PageInfo.EndCursor
	}
}

func post(ctx context.Context, url, key string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return json.NewDecoder(response.Body).Decode(into)
}
