package graph

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/observe"
)

// Options is what an operator decides about the API's edge. The zero value works.
type Options struct {
	Origins          []string                    // where browsers may come from; empty: any over HTTP, the same host over websockets
	NoIntrospection  bool                        // refuse __schema and __type
	NoRateLimit      bool                        // for load tests: no limit by caller; the limits per request stay
	OperationTimeout time.Duration               // for queries and mutations; 0 is 5 s
	Budgets          Budgets                     // zero is DefaultBudgets
	Examples         []Example                   // what the explorer opens with
	Ready            func(context.Context) error // is the database there and migrated; nil says yes
	Mounts           map[string]http.Handler     // more routes, by ServeMux pattern: /callbacks/, /images/, /ops/jobs/
	Metrics          *observe.Metrics            // nil counts nothing, and /metrics is not there
	Log              *slog.Logger                // nil is slog.Default()
	Clock            clock.Clock                 // nil is clock.System
}

// Example is an operation that the explorer at / offers in a tab of its own.
type Example struct {
	Name      string `json:"name"`
	Query     string `json:"query"`
	Variables string `json:"variables,omitempty"` // JSON
	Headers   string `json:"headers,omitempty"`   // JSON
}

// Server is the whole HTTP side of Wharf: the API over every transport, the explorer, health and what is mounted
// beside it. It is an http.Handler; Serve and Shutdown run it with the time limits it needs.
type Server struct {
	config Options
	schema graphql.ExecutableSchema
	gate   Gate
	errors errorPresenter
	routes http.Handler
}

// newServer builds the server around a schema. Resolvers and their shop are the schema's business.
func newServer(schema graphql.ExecutableSchema, gate Gate, config Options) (*Server, error) {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Clock == nil {
		config.Clock = clock.System
	}
	if config.OperationTimeout == 0 {
		config.OperationTimeout = 5 * time.Second
	}
	if config.Budgets == (Budgets{}) {
		config.Budgets = DefaultBudgets
	}
	s := &Server{config: config, schema: schema, gate: gate, errors: errorPresenter{config.Log}}
	s.routes = http.NotFoundHandler()
	return s, nil
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.routes.ServeHTTP(w, r) }
