package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// burstEnd is the event with which a burst ends: the payment was tried again and declined again, and the order waits
// for its shopper. burst is how many events that makes.
const (
	burstEnd = "payment.action_required"
	burst    = 4 // methods updated, started, declined, action required
)

// audience is many sockets that follow orders, each from a goroutine of its own. Every socket must see every event of
// its order once and in order.
type audience struct {
	listeners []*listener
	heard     chan error // per socket and burst: nil when the whole burst has come
	closing   chan struct{}
	gone      sync.WaitGroup
}

type listener struct {
	socket    *socket
	order     placed
	version   int // of the last event that came
	latencies []time.Duration
}

// gather opens the sockets at a server. The i-th follows the order of its turn from the first event on, until that
// order waits for its shopper.
func gather(ctx context.Context, addr string, sockets int, orders []placed) (*audience, error) {
	a := &audience{listeners: make([]*listener, sockets), heard: make(chan error, sockets), closing: make(chan struct{})}
	// The sockets live as long as ctx, not only as long as they are opened.
	err := together(ctx, sockets, func(_ context.Context, i int) error {
		s, err := dial(ctx, addr)
		if err != nil {
			return err
		}
		l := &listener{socket: s, order: orders[i%len(orders)]}
		a.listeners[i] = l
		if err := s.follow(l.order, 0); err != nil {
			return err
		}
		for {
			if e, err := l.next(); err != nil || e.Type == burstEnd {
				return err
			}
		}
	})
	if err != nil {
		a.close()
		return nil, fmt.Errorf("gather %d sockets: %w", sockets, err)
	}
	for _, l := range a.listeners {
		a.gone.Go(func() { a.listen(l) })
	}
	return a, nil
}

// next is the next event, which must be the next one.
func (l *listener) next() (shownEvent, error) {
	e, err := l.socket.event(l.order.Order.ID)
	if err == nil && e.Version != l.version+1 {
		err = fmt.Errorf("event %d came after %d", e.Version, l.version)
	}
	l.version = e.Version
	return e, err
}

func (a *audience) listen(l *listener) {
	for {
		e, err := l.next()
		if err == nil {
			l.latencies = append(l.latencies, time.Since(e.OccurredAt))
		}
		if err == nil && e.Type != burstEnd {
			continue
		}
		select {
		case a.heard <- err:
		case <-a.closing:
			return
		}
		if err != nil {
			return
		}
	}
}

func (a *audience) close() {
	close(a.closing)
	for _, l := range a.listeners {
		if l != nil {
			l.socket.close()
		}
	}
	a.gone.Wait()
}

// hear causes one burst after the other for the time given, waits each time until it has come to every socket, and
// closes the audience. The latency is that of each message, from the time of its event until it was read.
func (a *audience) hear(ctx context.Context, duration time.Duration, cause func(context.Context) error) figures {
	began := time.Now()
	var failure error
	for failure == nil && time.Since(began) < duration {
		failure = a.one(ctx, cause)
	}
	elapsed := time.Since(began)
	a.close()
	var latencies []time.Duration
	for _, l := range a.listeners {
		latencies = append(latencies, l.latencies...)
	}
	result := figuresOf(latencies, elapsed)
	if failure != nil {
		result.failed, result.first = 1, failure
	}
	return result
}

var errBurstLost = errors.New("a burst of events did not come to every socket")

func (a *audience) one(ctx context.Context, cause func(context.Context) error) error {
	if err := cause(ctx); err != nil {
		return err
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for range a.listeners {
		select {
		case err := <-a.heard:
			if err != nil {
				return err
			}
		case <-late.C:
			return errBurstLost
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
