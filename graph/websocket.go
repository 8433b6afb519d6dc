package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/gorilla/websocket"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
)

// The protocol that is spoken on sockets, and no other: the older graphql-ws is a different one under a similar name.
const subprotocol = "graphql-transport-ws"

// The codes with which a socket is closed, as the protocol has them.
const (
	closeRestart       = 1012 // come back
	closeTryLater      = 1013
	closeInternal      = 4500
	closeBadMessage    = 4400
	closeUnauthorized  = 4401
	closeForbidden     = 4403
	closeNotAcceptable = 4406
	closeInitTimeout   = 4408
	closeDuplicate     = 4409
	closeTooManyInits  = 4429
)

const (
	initTimeout   = 3 * time.Second
	pingEvery     = 25 * time.Second
	silence       = 65 * time.Second // without a sign of life, two pings included, the client is gone
	maxFrame      = 64 << 10
	maxOperations = 50 // at once on one socket
)

// socketTransport is gqlgen's websocket transport on gorilla's connections. gqlgen runs the operations; everything
// that the protocol says about messages and close codes is kept by socket, which stands between the two.
type socketTransport struct {
	server       *Server
	upgrader     websocket.Upgrader
	inner        transport.Websocket
	writeTimeout time.Duration
}

func newSocketTransport(s *Server) *socketTransport {
	t := &socketTransport{server: s, writeTimeout: socketWriteTimeout}
	t.upgrader = websocket.Upgrader{
		Subprotocols:    []string{subprotocol},
		CheckOrigin:     t.fromHere,
		ReadBufferSize:  1024,
		WriteBufferSize: 1024,
		WriteBufferPool: &writeBuffers,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			message := "The websocket handshake failed."
			if status == http.StatusForbidden {
				message = "This origin is not allowed."
			}
			_ = reason // names headers of the request, nothing that helps its sender
			writeMalformed(w, mediaJSON, &malformed{status: status, message: message})
		},
	}
	t.inner = transport.Websocket{
		Implementation:   gorilla{},
		InitFunc:         t.identify,
		InitTimeout:      initTimeout,
		PingPongInterval: pingEvery,
		MissingPongOk:    true, // the socket itself watches for signs of life
	}
	return t
}

// gorilla hands gqlgen the connection that was upgraded before it was asked.
type gorilla struct{}

// Accept gives the socket of the request.
func (gorilla) Accept(_ http.ResponseWriter, r *http.Request, _ transport.WebsocketAcceptOptions) (transport.WebsocketConn, error) {
	if s := socketOf(r.Context()); s != nil {
		return s, nil
	}
	return nil, errors.New("no socket was opened")
}

// Supports takes the requests that ask for a websocket.
func (*socketTransport) Supports(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// Do serves one socket until it is closed by either side.
func (t *socketTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	at, _ := t.server.options.Gate.Request(withoutToken(r)) // the address is set in any case
	s := &socket{upgrade: r, writeTimeout: t.writeTimeout, ids: map[string]string{}, outer: map[string]string{}, pending: map[string]bool{}}
	s.session = &session{actor: access.Actor{Address: at.Address}, end: s.end}
	if refused := t.server.sessions.enter(s.session); refused != nil {
		response := &graphql.Response{Errors: errorList(refusal(refused))}
		writeResponse(w, mediaResponse, statusOf(mediaResponse, response), response)
		return
	}
	defer t.server.sessions.leave(s.session)
	conn, err := t.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	defer t.server.options.Metrics.Subscribed()()
	s.open(conn)
	defer s.finish()
	if conn.Subprotocol() != subprotocol {
		s.closeWith(closeNotAcceptable, "Subprotocol not acceptable")
		return
	}
	ctx := context.WithValue(onRoad(r.Context(), road{socket: true}), socketKey{}, s)
	t.inner.Do(w, r.WithContext(ctx), exec)
	noteSocket(ctx, s)
}

// withoutToken is the upgrade request as far as it names the caller's address. Browsers cannot send a token with it,
// so on sockets connection_init alone says who calls.
func withoutToken(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.Header.Del("Authorization")
	r.Header.Del("X-Shopify-Storefront-Access-Token")
	return r
}

// identify answers connection_init.
func (t *socketTransport) identify(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
	s := socketOf(ctx)
	authorization, ok := authorizationOf(payload)
	if !ok {
		return refuseSocket(ctx, closeBadMessage, "Invalid authorization in connection_init")
	}
	actor, err := t.server.options.Gate.Socket(withBuyer(s.upgrade, payload), authorization)
	if err != nil {
		f, ok := visible(err)
		if !ok {
			_ = t.server.errors.internal(ctx, err, nil) // logged under its id; the close code says the rest
			return refuseSocket(ctx, closeInternal, "Internal server error")
		}
		t.server.errors.unserved(ctx, err)
		code, reason := closeFor(f)
		return refuseSocket(ctx, code, reason)
	}
	if refused := t.server.sessions.identify(s.session, actor); refused != nil {
		code, reason := closeFor(refused)
		return refuseSocket(ctx, code, reason)
	}
	noteActor(ctx, actor)
	return access.With(ctx, actor), nil, nil
}

func refuseSocket(ctx context.Context, code int, reason string) (context.Context, *transport.InitPayload, error) {
	return transport.AppendCloseReason(transport.WithWebsocketCloseCode(ctx, code), reason), nil, errors.New(reason)
}

// authorizationOf finds the token in the payload of connection_init, whatever the case of its key.
func authorizationOf(payload transport.InitPayload) (text string, ok bool) {
	for key, value := range payload {
		if strings.EqualFold(key, "authorization") && value != nil {
			text, ok = value.(string)
			return text, ok
		}
	}
	return "", true
}

// withBuyer is the upgrade request with the address of the shopper that the payload of connection_init names, as if a
// header had. What is no text is no address, which the gate tells to whom it matters.
func withBuyer(upgrade *http.Request, payload transport.InitPayload) *http.Request {
	for key, value := range payload {
		if strings.EqualFold(key, buyerHeader) && value != nil {
			upgrade = upgrade.Clone(upgrade.Context())
			upgrade.Header.Set(buyerHeader, fmt.Sprint(value))
		}
	}
	return upgrade
}

// closeFor is the code and reason with which a refusal closes a socket.
func closeFor(f *fault.Fault) (code int, reason string) {
	switch f.Kind {
	case fault.Unauthenticated:
		return closeUnauthorized, f.Message
	case fault.Forbidden:
		return closeForbidden, f.Message
	case fault.Throttled:
		return closeTryLater, f.Message
	case fault.Busy:
		return closeRestart, f.Message
	default:
		return closeBadMessage, f.Message
	}
}

// fromHere admits pages of the same host or of the origins that the operator names. A client that is no browser
// sends no Origin.
func (t *socketTransport) fromHere(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(t.server.options.Origins, origin) || slices.Contains(t.server.options.Origins, "*") {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}
