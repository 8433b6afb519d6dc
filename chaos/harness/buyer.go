package harness

import (
	"context"
	"fmt"
	"strings"
)

// Wish is the input of one order of the first thing, paid with the tokens of the test provider.
func (s *Shop) Wish(key string, tokens ...string) map[string]any {
	return Wish(key, "test", tokens, s.Variants[0])
}

// Wish is the input of one order of one unit of each variant; a variant may be named twice. The provider is that of the
// tokens that do not say another.
func Wish(key, provider string, tokens []string, variants ...string) map[string]any {
	var lines, methods []map[string]any
	for _, variant := range variants {
		lines = append(lines, map[string]any{"merchandiseId": variant, "quantity": 1})
	}
	for _, token := range tokens {
		token, asks := strings.CutPrefix(token, asking)
		method := map[string]any{"provider": provider, "token": token}
		if token, there := strings.CutPrefix(token, abroad); there {
			method = map[string]any{"provider": Outside, "token": token}
		}
		if asks {
			method["fallback"] = "ASK"
		}
		methods = append(methods, method)
	}
	return map[string]any{
		"idempotencyKey": key,
		"lines":          lines,
		"buyer":          map[string]any{"email": key + "@example.com"},
		"delivery": map[string]any{"shipping": map[string]any{"address": map[string]any{
			"firstName": "Ada", "lastName": "Shopper", "address1": "1 Main Street", "city": "Albany", "province": "NY",
			"zip": "12207", "country": "US",
		}}},
		"payment": methods,
	}
}

// Place places an order at the first server, once.
func (s *Shop) Place(ctx context.Context, input map[string]any) (Tale, error) {
	a, err := s.Servers[0].Mutate(ctx, "", "orderPlace", "OrderPlaceInput", input)
	if err == nil && a.Order == nil {
		err = fmt.Errorf("the order was refused: %v", a.UserErrors)
	}
	if err != nil {
		return Tale{}, err
	}
	return Tale{Key: input["idempotencyKey"].(string), ID: a.Order.ID, Token: a.AccessToken}, nil
}

// Status is where an order stands, as its shopper sees it; empty while it can't be read.
func (s *Shop) Status(ctx context.Context, id, token string) string {
	var answer struct{ Order *struct{ Status string } }
	err := s.Servers[0].Ask(ctx, "", `query ($id: ID!, $token: String) { order(id: $id, accessToken: $token) { status } }`,
		map[string]any{"id": id, "token": token}, &answer)
	if err != nil || answer.Order == nil {
		return ""
	}
	return answer.Order.Status
}
