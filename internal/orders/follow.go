package orders

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/live"
)

// source is how the hub reads orders. The messages are shared by all who follow the same order: nobody changes them.
func (s *Orders) source() live.Source[id.OrderID, *OrderEvent] {
	return live.Source[id.OrderID, *OrderEvent]{
		Versions: func(ctx context.Context, orders []id.OrderID) (map[id.OrderID]int, error) {
			return s.Versions(ctx, s.pool, orders)
		},
		Changed: func(ctx context.Context, after int64) (map[id.OrderID]int, int64, error) {
			streams, position, err := event.Changed(ctx, s.pool, after)
			versions := make(map[id.OrderID]int, len(streams))
			for stream, version := range streams {
				versions[stream] = version
			}
			return versions, position, err
		},
		Head: func(ctx context.Context) (int64, error) { return event.Head(ctx, s.pool) },
		After: func(ctx context.Context, order id.OrderID, after, limit int) ([]*OrderEvent, error) {
			steps, err := s.EventsAfter(ctx, s.pool, order, after, limit)
			messages := make([]*OrderEvent, len(steps))
			for i := range steps {
				messages[i] = &steps[i]
			}
			return messages, err
		},
		Version: func(m *OrderEvent) int { return m.Version },
		Sent: func(m *OrderEvent) {
			if s.Delivered != nil {
				s.Delivered(m.OccurredAt)
			}
		},
	}
}

// Serve keeps those who follow orders up to date until the context ends; then it lets them go.
func (s *Orders) Serve(ctx context.Context) {
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		live.Listen(ctx, s.pool.Config().ConnConfig, event.ListenCommand, s.hub.Hint, s.logger)
	}()
	s.hub.Run(ctx)
	<-listening
}

// Following is the number of those who follow an order in this process.
func (s *Orders) Following() int { return s.hub.Watching() }

// Follow streams an order to whoever may see it. Without after, the first message is the order as it stands, then
// comes every later event; with after, every event after that version comes from the log and then live. Each event
// comes once, in order, with the order as it was at that version.
func (s *Orders) Follow(ctx context.Context, actor access.Actor, order id.OrderID, token *string, after *int) (<-chan *OrderEvent, error) {
	o, err := s.Visible(ctx, actor, order, token)
	if err != nil {
		return nil, err
	}
	from := live.Start[*OrderEvent]{After: o.Version, Known: o.Version}
	switch {
	case after == nil:
		snapshot := SnapshotOf(o)
		from.First = []*OrderEvent{&snapshot}
	case *after < 0 || *after > o.Version:
		return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "after must be between 0 and the order's version, %d.", o.Version).
			At("after").With("currentVersion", o.Version)
	default:
		from.After = *after
	}
	return s.hub.Watch(ctx, order, from), nil
}
