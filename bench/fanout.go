package main

import (
	"context"

	"github.com/google/uuid"
)

// eventsOfOne: every socket follows the same order, whose payment is tried and declined again and again.
func (b *bench) eventsOfOne(ctx context.Context, sockets int) (figures, error) {
	return b.events(ctx, sockets, 1)
}

// eventsOfMany: every socket follows an order of its own, and all of them are tried and declined at the same time.
func (b *bench) eventsOfMany(ctx context.Context, sockets int) (figures, error) {
	return b.events(ctx, sockets, sockets)
}

func (b *bench) events(ctx context.Context, sockets, count int) (figures, error) {
	orders := make([]placed, count)
	if err := together(ctx, count, func(ctx context.Context, i int) (err error) {
		orders[i], err = b.place(ctx, wishOf(b.anyVariant(), "decline"))
		return err
	}); err != nil {
		return figures{}, err
	}
	a, err := gather(ctx, b.server.addr, sockets, orders)
	if err != nil {
		return figures{}, err
	}
	return a.hear(ctx, b.duration, func(ctx context.Context) error {
		return together(ctx, count, func(ctx context.Context, i int) error { return b.tryAgain(ctx, orders[i]) })
	}), ctx.Err()
}

const paymentUpdateMutation = `mutation ($input: OrderPaymentUpdateInput!) {
  orderPaymentUpdate(input: $input) { order { id status } userErrors { code message } }
}`

// tryAgain gives an order a method that will be declined too.
func (b *bench) tryAgain(ctx context.Context, p placed) error {
	var answer struct{ OrderPaymentUpdate struct{ UserErrors refusals } }
	err := b.client.ask(ctx, paymentUpdateMutation, map[string]any{"input": map[string]any{
		"idempotencyKey": uuid.NewString(), "orderId": p.Order.ID, "accessToken": p.AccessToken,
		"payment": []map[string]any{{"provider": "test", "token": "decline"}},
	}}, &answer)
	if err != nil {
		return err
	}
	return answer.OrderPaymentUpdate.UserErrors.err()
}
