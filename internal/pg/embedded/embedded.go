// Package embedded runs a private PostgreSQL server for a shop that was given
// no DATABASE_URL, and for the tests.
//
// It promises: the server listens on a Unix socket in a private folder only;
// never runs as root; has one owner per data folder, while a second command on
// the same folder uses the running server; stops with its owner, even when that
// is killed; and no data folder that a server has run in is ever deleted or
// initialized anew. Durability is on. It leaves backups, replication and
// upgrades between major versions to a server that an operator runs.
package embedded

import (
	"errors"
	"log/slog"
	"net/url"
	"time"
)

// Login is the role that owns everything in the private server.
const Login = "wharf"

// Port names the socket file only; nothing listens on the network.
const Port = "5432"

// Options says where the server lives.
type Options struct {
	// Dir is the folder that holds the data, the lock and the socket. It is made
	// if absent.
	Dir string
	// Log gets the server's own messages; nil discards them.
	Log *slog.Logger
	// Settings are added to the server's configuration and win over ours.
	Settings map[string]string
	// Within bounds the start; zero means two minutes, for a crash recovery or
	// another process that is just starting the same server.
	Within time.Duration
}

// ErrUnsupported says that this system cannot run the private server.
var ErrUnsupported = errors.New("the built-in PostgreSQL server runs on Linux only: set DATABASE_URL to a PostgreSQL 14 or newer")

// connection is the URL of a database behind a socket folder.
func connection(socket, database string) string {
	query := url.Values{"host": {socket}, "port": {Port}, "sslmode": {"disable"}}
	address := url.URL{Scheme: "postgres", User: url.User(Login), Path: "/" + database, RawQuery: query.Encode()}
	return address.String()
}
