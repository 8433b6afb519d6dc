package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const cartCreateMutation = `mutation ($lines: [CartLineInput!]) {
  cartCreate(input: { lines: $lines }) { cart { id totalQuantity } userErrors { code message } }
}`

type shownCart struct {
	ID            string
	TotalQuantity int
}

func (b *bench) cartCreate(ctx context.Context, lines []map[string]any) (shownCart, error) {
	var answer struct {
		CartCreate struct {
			Cart       *shownCart
			UserErrors refusals
		}
	}
	if err := b.client.ask(ctx, cartCreateMutation, map[string]any{"lines": lines}, &answer); err != nil {
		return shownCart{}, err
	}
	if err := answer.CartCreate.UserErrors.err(); err != nil {
		return shownCart{}, err
	}
	if answer.CartCreate.Cart == nil {
		return shownCart{}, errors.New("cartCreate answered without a cart")
	}
	return *answer.CartCreate.Cart, nil
}

const cartLinesAddMutation = `mutation ($id: ID!, $lines: [CartLineInput!]!) {
  cartLinesAdd(cartId: $id, lines: $lines) {
    cart {
      id totalQuantity
      cost { subtotalAmount { amount currencyCode } totalAmount { amount currencyCode } }
      lines(first: 10) { nodes { id quantity merchandise { ... on ProductVariant { id title price { amount currencyCode } } } } }
    }
    userErrors { code message } warnings { code message }
  }
}`

// cartAdd: each client adds one piece after the other to a cart of its own, of five variants in turn.
func (b *bench) cartAdd(ctx context.Context, clients int) (figures, error) {
	carts := make([]shownCart, clients)
	if err := together(ctx, clients, func(ctx context.Context, i int) (err error) {
		carts[i], err = b.cartCreate(ctx, nil)
		return err
	}); err != nil {
		return figures{}, err
	}
	return b.load(ctx, clients, func(ctx context.Context, who int) error {
		cart := &carts[who]
		var answer struct {
			CartLinesAdd struct {
				Cart                 *shownCart
				UserErrors, Warnings refusals
			}
		}
		variant := b.variants[(who*7+cart.TotalQuantity%5)%len(b.variants)]
		if err := b.client.ask(ctx, cartLinesAddMutation, map[string]any{"id": cart.ID, "lines": line(variant)}, &answer); err != nil {
			return err
		}
		added := answer.CartLinesAdd
		if err := errors.Join(added.UserErrors.err(), added.Warnings.err()); err != nil {
			return err
		}
		if added.Cart == nil || added.Cart.TotalQuantity != cart.TotalQuantity+1 {
			return fmt.Errorf("a piece was added to %d, and the cart is %v", cart.TotalQuantity, added.Cart)
		}
		cart.TotalQuantity++
		return nil
	})
}

// line is one piece of a variant.
func line(variant string) []map[string]any {
	return []map[string]any{{"merchandiseId": variant, "quantity": 1}}
}

// filledCarts makes as many carts as can be made in the time in which they will be placed.
func (b *bench) filledCarts(ctx context.Context) ([]string, error) {
	const makers = 64
	made := make([][]string, makers)
	result := drive(ctx, makers, b.duration+time.Second, func(ctx context.Context, who int) error {
		cart, err := b.cartCreate(ctx, line(b.anyVariant()))
		made[who] = append(made[who], cart.ID)
		return err
	})
	var all []string
	for _, ids := range made {
		all = append(all, ids...)
	}
	return all, result.first
}
