package graph_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
)

// A right that ends or is taken back closes the sockets that were opened with it, within five seconds, and nothing
// more is told on them.
func TestOpenSocketsEndWithTheRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	site := httptest.NewServer(w.server)
	t.Cleanup(site.Close)
	key, err := id.ParseApiKeyID(w.things["key"])
	if err != nil {
		t.Fatal(err)
	}
	reader := w.partner(t, access.Scopes{"orders:read"})
	readerActor, err := w.Partners.Authenticate(t.Context(), reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		token string
		end   func() error
		code  int
	}{
		"a key is revoked": {reader, func() error {
			_, err := w.Partners.RevokeKey(t.Context(), access.SystemActor, readerActor.KeyID)
			return err
		}, 4403},
		"a customer signs out": {w.tokens["customer"], func() error {
			_, err := w.Customers.SignOut(t.Context(), w.tokens["customer"])
			return err
		}, 4403},
		"a shift ends": {w.tokens["admin"], func() error {
			_, err := w.Pool.Exec(t.Context(), `update staff_access_token set expires_at = now()`)
			return err
		}, 4401},
		"somebody else's key is revoked": {w.tokens["guest"], func() error {
			_, err := w.Partners.RevokeKey(t.Context(), access.SystemActor, key)
			return err
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order := w.things["order"]
			if name == "somebody else's key is revoked" {
				order = w.guestOrder
			}
			socket := openSocket(t, site.URL, test.token, order)
			if err := test.end(); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if err := socket.SetReadDeadline(start.Add(5 * time.Second)); err != nil {
				t.Fatal(err)
			}
			for {
				_, message, err := socket.ReadMessage()
				var closed *websocket.CloseError
				switch {
				case errors.As(err, &closed):
					if closed.Code != test.code {
						t.Errorf("closed with %d %s, want %d", closed.Code, closed.Text, test.code)
					}
					return
				case err != nil:
					if test.code != 0 {
						t.Errorf("after five seconds: %v, want the close code %d", err, test.code)
					}
					return
				case strings.Contains(string(message), `"next"`):
					t.Errorf("told after the right had ended: %s", message)
				}
			}
		})
	}
}

// openSocket opens a socket with a token and subscribes to an order, until its first message.
func openSocket(t *testing.T, url, token, order string) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	socket, _, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	say := func(message any) {
		t.Helper()
		if err := socket.WriteJSON(message); err != nil {
			t.Fatal(err)
		}
	}
	say(map[string]any{"type": "connection_init", "payload": map[string]any{"authorization": "Bearer " + token}})
	say(map[string]any{"type": "subscribe", "id": "1", "payload": map[string]any{
		"query":     `subscription($id: ID!) { orderEvents(orderId: $id) { type version } }`,
		"variables": map[string]any{"id": order},
	}})
	for {
		var message struct {
			Type    string
			Payload json.RawMessage
		}
		if err := socket.ReadJSON(&message); err != nil {
			t.Fatal(err)
		}
		if message.Type == "next" {
			if !strings.Contains(string(message.Payload), "SNAPSHOT") {
				t.Fatalf("the first message is %s", message.Payload)
			}
			return socket
		}
	}
}
