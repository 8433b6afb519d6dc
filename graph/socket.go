package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/gorilla/websocket"

	"github.com/wharfhq/wharf/internal/fault"
)

// How long things on a socket may take. A write that takes longer means that the client doesn't read.
const (
	socketWriteTimeout = 10 * time.Second
	lingering          = time.Second     // for the client's half of the closing handshake
	finishing          = 5 * time.Second // for queries and mutations that run when the server goes down
)

var writeBuffers sync.Pool

type socketKey struct{}

// socketOf is the socket that an operation came in on, or nil.
func socketOf(ctx context.Context) *socket {
	s, _ := ctx.Value(socketKey{}).(*socket)
	return s
}

// socket keeps the graphql-transport-ws protocol on one connection. Frames of the client are checked before gqlgen
// sees them; what gqlgen writes is brought into the form that the protocol asks for. Operations carry inner ids that
// are used once, so that a client may use an id again as soon as it has completed it.
type socket struct {
	upgrade      *http.Request
	session      *session
	conn         *websocket.Conn
	writeTimeout time.Duration

	reading sync.Mutex // held while a frame is awaited
	writing sync.Mutex // one writer at a time

	mu          sync.Mutex
	inited      bool
	acked       bool
	closing     bool
	closeCode   int
	closeReason string
	ids         map[string]string // of the client → inner
	outer       map[string]string // inner → of the client
	served      int               // operations so far
	running     int               // queries and mutations
	quiet       chan struct{}     // closed when none of those runs any more; nil while nobody waits
	pending     map[string]bool   // inner ids that gqlgen still works on, whether or not the client waits for them
	settled     chan struct{}     // closed when none is pending any more; nil while nobody waits
}

// open begins to use the connection. The server may have gone down while it was being upgraded; then it is closed as
// it would have been.
func (s *socket) open(conn *websocket.Conn) {
	s.mu.Lock()
	s.conn = conn
	late, code, reason := s.closing, s.closeCode, s.closeReason
	s.mu.Unlock()
	if late {
		s.sendClose(code, reason)
	}
	conn.SetReadLimit(maxFrame)
	s.alive()
	conn.SetPongHandler(func(string) error { s.alive(); return nil })
	standard := conn.PingHandler()
	conn.SetPingHandler(func(data string) error { s.alive(); return standard(data) })
}

// alive notes a sign of life.
func (s *socket) alive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		_ = s.conn.SetReadDeadline(time.Now().Add(silence))
	}
}

// Subprotocol is what was agreed.
func (s *socket) Subprotocol() string { return s.conn.Subprotocol() }

// NextReader gives gqlgen the next message that is meant for it. Pings and everything that breaks the protocol are
// dealt with here.
func (s *socket) NextReader() (int, io.Reader, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	for {
		kind, frame, err := s.conn.ReadMessage()
		if err != nil {
			return 0, nil, transport.ErrWebsocketClosed
		}
		s.alive()
		m, ok := readMessage(kind, frame)
		if !ok {
			s.closeWith(closeBadMessage, "Invalid message") // and read on, until the client has closed its half
			continue
		}
		forward, reply, wrong := s.take(m)
		switch {
		case wrong != nil:
			s.closeWith(wrong.code, wrong.reason)
		case reply != nil:
			_ = s.send(*reply) // a failure closes the connection, which ends the next read
		case forward != nil:
			return kind, bytes.NewReader(forward), nil
		}
	}
}

// closing is why a socket must be closed.
type closing struct {
	code   int
	reason string
}

// take acts on a well-formed message of the client. It gives the message to forward or to reply, neither when there is
// nothing to do, or why the socket must be closed.
func (s *socket) take(m message) (forward []byte, reply *message, wrong *closing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing || m.Type == "pong":
		return nil, nil, nil
	case m.Type == "ping":
		return nil, &message{Type: "pong", Payload: m.Payload}, nil
	case m.Type == "connection_init":
		if s.inited {
			return nil, nil, &closing{closeTooManyInits, "Too many initialisation requests"}
		}
		s.inited = true
		return encodeMessage(m), nil, nil
	case !s.acked:
		return nil, nil, &closing{closeUnauthorized, "Unauthorized"}
	case m.Type == "subscribe":
		return s.subscribe(m)
	}
	inner, ok := s.ids[m.ID]
	if !ok { // ended meanwhile
		return nil, nil, nil
	}
	s.forget(inner)
	return encodeMessage(message{ID: inner, Type: "complete"}), nil, nil
}

// subscribe admits an operation. The lock is held.
func (s *socket) subscribe(m message) (forward []byte, reply *message, wrong *closing) {
	if !isSubscription(m.Payload) {
		return nil, nil, &closing{closeBadMessage, "Invalid message"}
	}
	if _, ok := s.ids[m.ID]; ok {
		return nil, nil, &closing{closeDuplicate, "Subscriber for " + m.ID + " already exists"}
	}
	if len(s.ids) >= maxOperations || len(s.pending) >= 2*maxOperations {
		refused := errorList(refuse(fault.Throttled, nil, "A socket has at most %d operations at once.", maxOperations))
		payload, _ := json.Marshal(refused)
		return nil, &message{ID: m.ID, Type: "error", Payload: payload}, nil
	}
	s.served++
	inner := strconv.Itoa(s.served)
	s.ids[m.ID], s.outer[inner] = inner, m.ID
	s.pending[inner] = true
	return encodeMessage(message{ID: inner, Type: "subscribe", Payload: m.Payload}), nil, nil
}

// forget ends an operation; what gqlgen still writes about it is dropped. The lock is held.
func (s *socket) forget(inner string) {
	delete(s.ids, s.outer[inner])
	delete(s.outer, inner)
}

// WriteJSON sends a message of gqlgen's, if the client still waits for it.
func (s *socket) WriteJSON(v any) error {
	m := messageOf(v)
	s.mu.Lock()
	switch m.Type {
	case "connection_ack":
		s.acked = true
	case "next", "error", "complete":
		inner := m.ID
		if m.Type == "complete" { // the last that gqlgen says of an operation, after an error too
			s.settle(inner)
		}
		id, ok := s.outer[inner]
		if !ok { // completed by the client, or by an error: the protocol wants nothing more
			s.mu.Unlock()
			return nil
		}
		m.ID = id
		if m.Type != "next" {
			s.forget(inner)
		}
	}
	s.mu.Unlock()
	return s.send(m)
}

// settle notes that an operation is over on the server's side. The lock is held.
func (s *socket) settle(inner string) {
	delete(s.pending, inner)
	if len(s.pending) == 0 && s.settled != nil {
		close(s.settled)
		s.settled = nil
	}
}

// send writes one message. A client that doesn't read is cut off: it must not hold a goroutine for ever.
func (s *socket) send(m message) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(s.writeTimeout))
	err := s.conn.WriteMessage(websocket.TextMessage, encodeMessage(m))
	if err != nil && !s.isClosing() {
		_ = s.conn.Close()
	}
	return err
}

func (s *socket) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// WriteClose closes the socket for gqlgen. The one reason that only gqlgen knows is that connection_init didn't come.
func (s *socket) WriteClose(code int, reason string) error {
	s.mu.Lock()
	late := !s.inited
	s.mu.Unlock()
	if late && code == transport.WebsocketCloseProtocolError {
		code, reason = closeInitTimeout, "Connection initialisation timeout"
	}
	s.closeWith(code, reason)
	return nil
}

// closeWith sends the closing frame, once, and gives the client a moment to send its own.
func (s *socket) closeWith(code int, reason string) {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return
	}
	s.closing, s.closeCode, s.closeReason = true, code, reason
	opened := s.conn != nil
	s.mu.Unlock()
	if opened {
		s.sendClose(code, reason)
	}
}

func (s *socket) sendClose(code int, reason string) {
	if len(reason) > 120 { // a control frame holds 125 bytes
		reason = reason[:120]
	}
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(s.writeTimeout))
	_ = s.conn.SetReadDeadline(time.Now().Add(lingering))
}

// Close leaves the connection to finish, which gives the closing frame time to arrive.
func (s *socket) Close() error { return nil }

// finish ends the connection when gqlgen is done with it. Closing it with unread bytes would reset it, and the
// client would never see the code; so what is still coming is read first, for a moment.
func (s *socket) finish() {
	_ = s.conn.SetReadDeadline(time.Now().Add(lingering))
	s.reading.Lock()
	defer s.reading.Unlock()
	for {
		if _, _, err := s.conn.NextReader(); err != nil {
			break
		}
	}
	_ = s.conn.Close()
	s.mu.Lock()
	settled := make(chan struct{})
	if len(s.pending) == 0 {
		close(settled)
	} else {
		s.settled = settled
	}
	s.mu.Unlock()
	select {
	case <-settled:
	case <-time.After(finishing):
	}
}

// end closes the socket because a right was lost, or because the server goes down. In that case queries and mutations
// that run are finished first.
func (s *socket) end(why *fault.Fault) {
	if why != nil {
		code, reason := closeFor(why)
		s.closeWith(code, reason)
		return
	}
	s.mu.Lock()
	quiet := make(chan struct{})
	if s.running == 0 {
		close(quiet)
	} else {
		s.quiet = quiet
	}
	s.mu.Unlock()
	select {
	case <-quiet:
	case <-time.After(finishing):
	}
	s.closeWith(closeRestart, "Service restart")
}

// working notes a query or mutation that runs until its context ends, which is after its answer was written.
func (s *socket) working(ctx context.Context) {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.running++
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.running--; s.running == 0 && s.quiet != nil {
			close(s.quiet)
			s.quiet = nil
		}
	})
}
