package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socketFloor is the least that brings events to as many sockets: a handler of gorilla's that keeps its connections in
// a list and writes messages of the same shape into them, with no order behind them, no database and no resumption.
func (b *bench) socketFloor(ctx context.Context, sockets int) (figures, error) {
	h := &megaphone{}
	server := httptest.NewServer(h)
	defer server.Close()
	var all placed // every socket follows it
	all.Order.ID = "gid://wharf/Order/00000000-0000-7000-8000-000000000000"
	a, err := gather(ctx, strings.TrimPrefix(server.URL, "http://"), sockets, []placed{all})
	if err != nil {
		return figures{}, err
	}
	return a.hear(ctx, b.duration, h.burst), ctx.Err()
}

// megaphone speaks as much of graphql-transport-ws as the sockets need.
type megaphone struct {
	mu      sync.Mutex
	ears    []ear
	version int
}

type ear struct {
	conn *websocket.Conn
	id   string // of the subscription
}

func (m *megaphone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"graphql-transport-ws"}}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	var init, subscribe frame
	if conn.ReadJSON(&init) != nil || conn.WriteJSON(frame{Type: "connection_ack"}) != nil || conn.ReadJSON(&subscribe) != nil {
		return
	}
	one := ear{conn, subscribe.ID}
	if one.tell([]shownEvent{shownAs(1, burstEnd)}) != nil {
		return
	}
	m.mu.Lock()
	m.ears, m.version = append(m.ears, one), 1
	m.mu.Unlock()
	_, _, _ = conn.ReadMessage() // until the client leaves
}

func shownAs(version int, kind string) shownEvent {
	e := shownEvent{Version: version, Type: kind, OccurredAt: time.Now()}
	e.Order.Status, e.Order.Version = "ACTION_REQUIRED", version
	return e
}

func (e ear) tell(events []shownEvent) error {
	for _, one := range events {
		payload, err := json.Marshal(map[string]any{"data": map[string]any{"orderEvents": one}})
		if err != nil {
			return err
		}
		if err := e.conn.WriteJSON(frame{ID: e.id, Type: "next", Payload: payload}); err != nil {
			return err
		}
	}
	return nil
}

// burst tells everybody as many events as Wharf tells in one.
func (m *megaphone) burst(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var events []shownEvent
	for _, kind := range [burst]string{"payment.methods_updated", "payment.started", "payment.declined", burstEnd} {
		m.version++
		events = append(events, shownAs(m.version, kind))
	}
	return together(ctx, len(m.ears), func(_ context.Context, i int) error { return m.ears[i].tell(events) })
}
