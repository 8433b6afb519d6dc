package graph

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/wharfhq/wharf/internal/access"
)

// Gate finds out who calls. The server asks it once per request or socket and again, every few seconds, for as long
// as a subscription lives.
type Gate interface {
	// Request names the caller of an HTTP request from its headers. Without a token the caller is anonymous; a token
	// that is not valid is UNAUTHENTICATED. The actor's Address is always set.
	Request(r *http.Request) (access.Actor, error)
	// Socket names the caller of a websocket from the authorization that its client sent in connection_init; an empty
	// text is an anonymous caller. Upgrade is the HTTP request that opened the socket, with the shopper's address that
	// connection_init named, as the header of a request would.
	Socket(upgrade *http.Request, authorization string) (access.Actor, error)
	// Recheck says whether an actor still may what they might: nil, UNAUTHENTICATED when the token has ended, or
	// FORBIDDEN when the right was taken away. Any other error means that it could not be found out now.
	Recheck(ctx context.Context, actor access.Actor) error
}

// anyone is the gate that is always open, and gives nobody a right beyond an anonymous shopper's.
type anyone struct{}

func (anyone) Request(r *http.Request) (access.Actor, error) {
	return access.Actor{Address: remoteAddress(r)}, nil
}

func (anyone) Socket(upgrade *http.Request, _ string) (access.Actor, error) {
	return access.Actor{Address: remoteAddress(upgrade)}, nil
}

func (anyone) Recheck(context.Context, access.Actor) error { return nil }

// remoteAddress is the other end of the connection.
func remoteAddress(r *http.Request) netip.Addr {
	at, _ := netip.ParseAddrPort(r.RemoteAddr)
	return at.Addr().Unmap()
}
