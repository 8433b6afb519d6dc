package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"github.com/google/uuid"
)

const placeMutation = `mutation ($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    order { id name status version totalPrice { amount currencyCode } }
    accessToken
    userErrors { code message }
  }
}`

// placed is an order that was accepted, and the token that opens it.
type placed struct {
	Order struct {
		ID, Name, Status string
		Version          int
		TotalPrice       struct{ Amount string }
	}
	AccessToken string
	UserErrors  refusals
}

// place places what the wish says; it must be accepted, and its payment must not be awaited.
func (b *bench) place(ctx context.Context, wish map[string]any) (placed, error) {
	var answer struct{ OrderPlace placed }
	if err := b.client.ask(ctx, placeMutation, map[string]any{"input": wish}, &answer); err != nil {
		return placed{}, err
	}
	p := answer.OrderPlace
	if err := p.UserErrors.err(); err != nil {
		return placed{}, err
	}
	if p.Order.ID == "" || p.Order.Status != "PENDING_PAYMENT" || p.Order.TotalPrice.Amount == "" || p.AccessToken == "" {
		return placed{}, fmt.Errorf("orderPlace answered %+v", p)
	}
	return p, nil
}

// wish is an order of a guest, shipped and paid by a method of the test provider; what is bought is added.
func wish(token string) map[string]any {
	return map[string]any{
		"idempotencyKey": uuid.NewString(),
		"buyer":          map[string]any{"email": "ada@example.com", "firstName": "Ada", "lastName": "Shopper"},
		"delivery": map[string]any{"shipping": map[string]any{"address": map[string]any{
			"firstName": "Ada", "lastName": "Shopper", "address1": "1 Main Street", "city": "Albany", "province": "NY",
			"zip": "12207", "country": "US",
		}}},
		"payment": []map[string]any{{"provider": "test", "token": token}},
	}
}

func wishOf(variant, token string) map[string]any {
	w := wish(token)
	w["lines"] = line(variant)
	return w
}

func (b *bench) anyVariant() string { return b.variants[rand.IntN(len(b.variants))] } //nolint:gosec // which product, no secret

// orderSpread places orders of one line each, over all variants of the catalog.
func (b *bench) orderSpread(ctx context.Context, clients int) (figures, error) {
	return b.load(ctx, clients, func(ctx context.Context, _ int) error {
		_, err := b.place(ctx, wishOf(b.anyVariant(), "approve"))
		return err
	})
}

// orderHot places orders that all want the same variant: every one needs the same row of stock.
func (b *bench) orderHot(ctx context.Context, clients int) (figures, error) {
	return b.load(ctx, clients, func(ctx context.Context, _ int) error {
		_, err := b.place(ctx, wishOf(b.variants[0], "approve"))
		return err
	})
}

// orderFromCart places carts that were filled beforehand. A run that has used them up ends early.
func (b *bench) orderFromCart(ctx context.Context, clients int) (figures, error) {
	carts, err := b.filledCarts(ctx)
	if err != nil {
		return figures{}, fmt.Errorf("fill the carts: %w", err)
	}
	var taken atomic.Int64
	result, err := b.load(ctx, clients, func(ctx context.Context, _ int) error {
		i := int(taken.Add(1)) - 1
		if i >= len(carts) {
			return errNothingLeft
		}
		w := wish("approve")
		w["cartId"] = carts[i]
		_, err := b.place(ctx, w)
		return err
	})
	if err == nil && result.done == 0 {
		err = errors.New("the carts did not last beyond the warm-up")
	}
	return result, err
}
