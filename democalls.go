package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// demoCall is a call that can be pasted into a shell.
type demoCall struct {
	Title   string `json:"title"`
	Command string `json:"command"`
}

const demoProductQuery = `query Product($handle: String!) {
  product(handle: $handle) {
    title
    priceRange { minVariantPrice { amount currencyCode } }
    variants(first: 5) {
      nodes {
        id title availableForSale quantityAvailable
        storeAvailability(first: 2, near: { latitude: 42.36, longitude: -71.06 }) {
          nodes { available quantityAvailable location { name } }
        }
      }
    }
  }
}`

const demoOrdersQuery = `query Orders {
  orders(first: 3) {
    nodes { name status financialStatus totalPrice { amount currencyCode } events(first: 20) { nodes { version type message } } }
  }
}`

const demoCartMutation = `mutation Cart($input: CartInput!) {
  cartCreate(input: $input) {
    cart { id checkoutUrl totalQuantity cost { totalAmount { amount currencyCode } } }
    userErrors { code message }
  }
}`

const demoCollectionsQuery = `query Collections {
  collections(first: 8) {
    nodes { title products(first: 3) { nodes { handle title featuredImage { url } } } }
  }
}`

// demoCalls are three calls that need nothing but a shell: a shopper looks, looks around, and the shop looks back.
func demoCalls(given credentials) []demoCall {
	return []demoCall{
		{"Look at a product, and where near Boston it lies on the shelf", curl(given.GraphQLURL, "", oneLined(demoProductQuery), map[string]any{"handle": "skerry-mug"})},
		{"Browse the collections", curl(given.GraphQLURL, "", oneLined(demoCollectionsQuery), nil)},
		{"Read the latest orders and their events, with the API key", curl(given.GraphQLURL, given.APIKey, oneLined(demoOrdersQuery), nil)},
	}
}

// demoExamples are the tabs with which the explorer opens. All run as they are: the order to follow is the demo's own,
// and the key to read orders with is one that can do nothing else; empty leaves the tab out.
func demoExamples(ctx context.Context, p *process, placed placement, key string) ([]graph.Example, error) {
	examples := []graph.Example{
		{Name: "Product", Query: demoProductQuery, Variables: `{ "handle": "skerry-mug" }`},
		{Name: "Collections", Query: demoCollectionsQuery},
	}
	variant, err := demoVariant(ctx, p)
	if err != nil {
		return nil, err
	}
	if variant != "" {
		examples = append(examples, demoBuying(variant)...)
	}
	if placed.Order.ID != "" {
		examples = append(examples, graph.Example{
			Name: "Follow an order", Query: demoFollowSubscription,
			Variables: fmt.Sprintf("{ \"id\": %q, \"token\": %q, \"after\": 0 }", placed.Order.ID, placed.AccessToken),
		})
	}
	if key != "" {
		examples = append(examples, graph.Example{
			Name: "Orders", Query: demoOrdersQuery, Headers: fmt.Sprintf("{ \"Authorization\": %q }", "Bearer "+key),
		})
	}
	return examples, nil
}

// demoBuying are the examples that buy a variant.
func demoBuying(variant string) []graph.Example {
	return []graph.Example{
		{Name: "Cart", Query: demoCartMutation, Variables: `{ "input": { "lines": [{ "merchandiseId": "` + variant + `", "quantity": 2 }] } }`},
		{Name: "Place an order", Query: demoPlaceMutation, Variables: `{
  "input": {
    "idempotencyKey": "explorer-1",
    "lines": [{ "merchandiseId": "` + variant + `" }],
    "buyer": { "email": "ada@fennwick.example" },
    "delivery": { "shipping": { "address": { "firstName": "Ada", "lastName": "Marsh", "address1": "1 Chandler Rd", "city": "Portland", "province": "ME", "zip": "04101", "country": "US" } } },
    "payment": [{ "provider": "test", "token": "decline" }, { "provider": "test", "token": "approve" }]
  }
}`},
	}
}

// demoVariant is the variant that the examples buy, or nothing: whoever plays with the demo may have taken the product
// away.
func demoVariant(ctx context.Context, p *process) (string, error) {
	mug, err := catalog.ProductByHandle(ctx, p.db.pool, access.SystemActor, "skerry-mug")
	if fault.IsKind(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find the examples' product: %w", err)
	}
	variants, err := catalog.VariantsByProduct(ctx, p.db.pool, []id.ProductID{mug.ID})
	if err != nil {
		return "", fmt.Errorf("find the examples' variant: %w", err)
	}
	for _, variant := range variants[mug.ID] {
		return variant.ID.String(), nil
	}
	return "", nil
}

// curl writes a call for a shell.
func curl(url, key, query string, variables map[string]any) string {
	body := map[string]any{"query": query}
	if variables != nil {
		body["variables"] = variables
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("write a call: %v", err)) // strings and maps of strings only
	}
	command := "curl -s " + url + " -H 'Content-Type: application/json'"
	if key != "" {
		command += " \\\n  -H 'Authorization: Bearer " + key + "'"
	}
	return command + " \\\n  -d '" + strings.ReplaceAll(string(text), "'", `'\''`) + "'"
}

// followCall streams an order's events as server-sent events.
func followCall(url, order, token string) string {
	command := curl(url, "", oneLined(demoFollowSubscription), map[string]any{"id": order, "token": token, "after": 0})
	return strings.Replace(command, "curl -s ", "curl -sN -H 'Accept: text/event-stream' ", 1)
}

// oneLined writes a query on one line.
func oneLined(query string) string { return strings.Join(strings.Fields(query), " ") }

func indented(text string) string { return "     " + strings.ReplaceAll(text, "\n", "\n     ") }

// plain takes from a text what would steer the terminal.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}
