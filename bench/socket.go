package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gorilla/websocket"
)

// patience is how long a socket waits for its next message before the run is given up as broken.
const patience = 60 * time.Second

// frame is one message of the protocol graphql-transport-ws.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is a client's websocket. One goroutine at a time uses it.
type socket struct {
	conn *websocket.Conn
	stop func() bool
}

func dial(ctx context.Context, addr string) (*socket, error) {
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: 30 * time.Second, ReadBufferSize: 1024, WriteBufferSize: 1024}
	conn, response, err := dialer.DialContext(ctx, "ws://"+addr+"/graphql", nil)
	if err != nil {
		return nil, fmt.Errorf("open a websocket: %w", err)
	}
	_ = response.Body.Close()
	s := &socket{conn: conn, stop: context.AfterFunc(ctx, func() { _ = conn.Close() })}
	if err := conn.WriteJSON(frame{Type: "connection_init"}); err != nil {
		s.close()
		return nil, err
	}
	f, err := s.read()
	if err == nil && f.Type != "connection_ack" {
		err = fmt.Errorf("got %s instead of connection_ack", f.Type)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// close may be called on a socket that was never opened.
func (s *socket) close() {
	if s != nil {
		s.stop()
		_ = s.conn.Close()
	}
}

// follow asks for the order's events after a version. The order's id names the operation.
func (s *socket) follow(p placed, after int) error {
	payload, err := json.Marshal(map[string]any{"query": eventsSubscription, "variables": map[string]any{
		"id": p.Order.ID, "token": p.AccessToken, "after": after,
	}})
	if err != nil {
		return err
	}
	return s.conn.WriteJSON(frame{ID: p.Order.ID, Type: "subscribe", Payload: payload})
}

// leave ends a subscription; what is still on its way is skipped by event.
func (s *socket) leave(p placed) error {
	return s.conn.WriteJSON(frame{ID: p.Order.ID, Type: "complete"})
}

// event is the next event of an order that is followed.
func (s *socket) event(order string) (shownEvent, error) {
	for {
		f, err := s.read()
		if err != nil {
			return shownEvent{}, err
		}
		if f.ID != order {
			continue
		}
		if f.Type != "next" {
			return shownEvent{}, fmt.Errorf("%s: %.300s", f.Type, f.Payload)
		}
		var data struct{ OrderEvents shownEvent }
		err = read(f.Payload, &data)
		return data.OrderEvents, err
	}
}

// read gives the next message and answers pings on the way.
func (s *socket) read() (frame, error) {
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			return frame{}, err
		}
		var f frame
		if err := s.conn.ReadJSON(&f); err != nil {
			return frame{}, err
		}
		if f.Type != "ping" {
			return f, nil
		}
		if err := s.conn.WriteJSON(frame{Type: "pong"}); err != nil {
			return frame{}, err
		}
	}
}
