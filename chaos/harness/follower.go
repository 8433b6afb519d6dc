package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Follower follows one order on a websocket, as a careful client does: it comes back when the socket is closed, goes on after
// the last version that it has seen, and wants each once, in order.
type Follower struct {
	tale   Tale
	cancel context.CancelFunc
	gone   sync.WaitGroup

	mu     sync.Mutex
	open   bool  // a socket is
	seen   int   // the version of the last event; 0 before the first
	codes  []int // with which the server has closed sockets; 0 is a connection that broke
	sorrow error // what must not be
}

// comesBack is how long a follower waits before it dials again.
const comesBack = 100 * time.Millisecond

// Follow lets somebody follow an order at a process until Leave.
func (s *Shop) Follow(ctx context.Context, p *Process, t Tale) *Follower {
	f := &Follower{tale: t}
	ctx, f.cancel = context.WithCancel(ctx)
	f.gone.Go(func() {
		for ctx.Err() == nil {
			f.follow(ctx, p)
			pause(ctx, comesBack)
		}
	})
	return f
}

// Leave ends the following, and tells what the follower saw that must not be.
func (f *Follower) Leave() error {
	f.cancel()
	f.gone.Wait()
	return f.sorrow
}

// Seen is the version of the last event that was told.
func (f *Follower) Seen() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen
}

// Open says whether the server has taken the socket.
func (f *Follower) Open() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open
}

// Codes are those with which the sockets that were open have ended, in their order.
func (f *Follower) Codes() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]int{}, f.codes...)
}

// follow reads one socket to its end.
func (f *Follower) follow(ctx context.Context, p *Process) {
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: 5 * time.Second}
	conn, response, err := dialer.DialContext(ctx, "ws://"+p.Addr+"/graphql", nil)
	if err != nil {
		return
	}
	_ = response.Body.Close()
	end := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer end()
	defer func() { _ = conn.Close() }()
	if f.subscribe(conn) != nil {
		return
	}
	f.mu.Lock()
	f.open = true
	f.mu.Unlock()
	code := f.read(conn)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open, f.codes = false, append(f.codes, code)
}

// read takes what is told, and gives the code with which the socket was closed: 0 where it broke, or could not go on.
func (f *Follower) read(conn *websocket.Conn) int {
	for {
		var message struct {
			Type    string
			Payload json.RawMessage
		}
		err := conn.ReadJSON(&message)
		var closed *websocket.CloseError
		if errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
			return closed.Code
		}
		if err == nil && message.Type == "ping" {
			err = conn.WriteJSON(map[string]string{"type": "pong"})
		}
		if err != nil || message.Type == "error" || message.Type == "complete" {
			return 0
		}
		if message.Type == "next" {
			f.take(message.Payload)
		}
	}
}

// subscribe begins after what was seen.
func (f *Follower) subscribe(conn *websocket.Conn) error {
	const query = `subscription ($id: ID!, $token: String, $after: Int) { orderEvents(orderId: $id, accessToken: $token, after: $after) { version } }`
	variables := map[string]any{"id": f.tale.ID, "token": f.tale.Token}
	if seen := f.Seen(); seen > 0 {
		variables["after"] = seen
	}
	if err := conn.WriteJSON(map[string]any{"type": "connection_init"}); err != nil {
		return err
	}
	var ack struct{ Type string }
	if err := conn.ReadJSON(&ack); err != nil {
		return err
	}
	return conn.WriteJSON(map[string]any{"id": "1", "type": "subscribe", "payload": map[string]any{"query": query, "variables": variables}})
}

// take is an event that was told: the next one, or the state to begin with.
func (f *Follower) take(payload json.RawMessage) {
	var told struct {
		Data struct{ OrderEvents *struct{ Version int } }
	}
	err := json.Unmarshal(payload, &told)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch event := told.Data.OrderEvents; {
	case err != nil || event == nil: // an error in place of an event; the socket goes on or ends
	case f.seen > 0 && event.Version != f.seen+1:
		f.sorrow = errors.Join(f.sorrow, fmt.Errorf("a follower of %s was told version %d after %d", f.tale.ID, event.Version, f.seen))
		f.seen = max(f.seen, event.Version)
	default:
		f.seen = event.Version
	}
}
