//go:build !linux

package embedded

import (
	"context"
	"log/slog"
)

// Server is the private PostgreSQL server; it exists on Linux only.
type Server struct {
	// Owned is false when another process runs the server.
	Owned bool
}

// Start refuses: this system lacks what keeps a server from outliving its owner.
func Start(context.Context, Options) (*Server, error) { return nil, ErrUnsupported }

// Attach refuses like Start.
func Attach(context.Context, string) (*Server, error) { return nil, ErrUnsupported }

// Exists is false: nothing was ever started here.
func Exists(string) bool { return false }

// Programs refuses like Start.
func Programs(context.Context, string, *slog.Logger) ([]Binaries, error) {
	return nil, ErrUnsupported
}

// URL is never reached, since Start refuses.
func (*Server) URL(database string) string { return connection("", database) }

// Stop is never reached, since Start refuses.
func (*Server) Stop(context.Context) error { return nil }

// Done is never reached, since Start refuses.
func (*Server) Done() <-chan struct{} { return nil }

// Err is never reached, since Start refuses.
func (*Server) Err() error { return ErrUnsupported }
