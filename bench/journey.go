package main

import (
	"context"
	"fmt"
	"time"
)

const eventsSubscription = `subscription ($id: ID!, $token: String, $after: Int) {
  orderEvents(orderId: $id, accessToken: $token, after: $after) {
    version type occurredAt order { status version }
  }
}`

// shownEvent is one message of orderEvents.
type shownEvent struct {
	Version    int
	Type       string
	OccurredAt time.Time
	Order      struct {
		Status  string
		Version int
	}
}

// journey is an order from the shopper's click to the word that it is paid: placed over HTTP, then followed from its
// first event over a websocket that each client keeps open, as a shop's page does.
func (b *bench) journey(ctx context.Context, clients int) (figures, error) {
	sockets := make([]*socket, clients)
	defer func() {
		for _, s := range sockets {
			s.close()
		}
	}()
	return b.load(ctx, clients, func(ctx context.Context, who int) (err error) {
		if sockets[who] == nil {
			if sockets[who], err = dial(ctx, b.server.addr); err != nil {
				return err
			}
		}
		if err := b.toConfirmed(ctx, sockets[who]); err != nil {
			sockets[who].close()
			sockets[who] = nil
			return err
		}
		return nil
	})
}

func (b *bench) toConfirmed(ctx context.Context, s *socket) error {
	p, err := b.place(ctx, wishOf(b.anyVariant(), "approve"))
	if err != nil {
		return err
	}
	if err := s.follow(p, 0); err != nil {
		return err
	}
	for version := 1; ; version++ {
		e, err := s.event(p.Order.ID)
		switch {
		case err != nil:
			return fmt.Errorf("follow %s: %w", p.Order.Name, err)
		case e.Version != version || e.Order.Version != version:
			return fmt.Errorf("order %s: event %d came as number %d, with the order at %d", p.Order.Name, e.Version, version, e.Order.Version)
		case e.Type == "order.confirmed":
			return s.leave(p)
		case e.Order.Status != "PENDING_PAYMENT":
			return fmt.Errorf("order %s is %s after %s", p.Order.Name, e.Order.Status, e.Type)
		}
	}
}
