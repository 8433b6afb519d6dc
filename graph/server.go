package graph

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/observe"
	"github.com/wharfhq/wharf/internal/position"
	"github.com/wharfhq/wharf/internal/shop"
)

// Options is what an operator decides about the API's edge. The zero value works.
type Options struct {
	PublicURL        string                      // under which clients reach the server; empty: as each request says
	Origins          []string                    // where browsers may come from; empty: any over HTTP, the same host over websockets
	NoIntrospection  bool                        // refuse __schema and __type
	NoRateLimit      bool                        // for load tests: no limit by caller; the limits per request stay
	OperationTimeout time.Duration               // for queries and mutations; 0 is 5 s
	DrainDelay       time.Duration               // how long new requests are still taken once readiness says no; 0 is not at all
	Budgets          Budgets                     // zero is DefaultBudgets
	Examples         []Example                   // what the explorer opens with
	TrustedProxies   []netip.Prefix              // whose X-Forwarded-For is believed
	Positions        *position.Follower          // knows how old answers are; nil keeps none
	AnswerBytes      int                         // how much of whole answers is kept; 0 keeps none
	Gate             Gate                        // who calls; nil is the shop's own
	Ready            func(context.Context) error // is the database there and migrated; nil says yes
	Mounts           map[string]http.Handler     // more routes, by ServeMux pattern: /callbacks/, /images/, /ops/jobs/
	Metrics          *observe.Metrics            // nil counts nothing, and /metrics is not there
	Log              *slog.Logger                // nil is slog.Default()
	Clock            clock.Clock                 // nil is clock.System

	errors errorPresenter // one for all routes: what the database lacks is told once
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
	options    Options
	exec       *executor.Executor
	transports []graphql.Transport
	sessions   *sessions
	limiter    *Limiter
	persisted  persistedQueries
	answers    *answering // nil keeps none
	errors     errorPresenter
	ready      readiness
	schemaText string
	explorer   *explorer
	routes     http.Handler
	http       *http.Server
}

// New builds the API of a shop.
func New(s *shop.Shop, options Options) (*Server, error) {
	if options.Gate == nil {
		options.Gate = NewGate(s, options.TrustedProxies, options.NoRateLimit)
	}
	options = options.withDefaults()
	mounts := map[string]http.Handler{
		"/callbacks/payments/{provider}": paymentCallbacks(s, options.errors),
		"POST /files/{job}":              uploads(s, options.Gate, options.errors),
		"GET /files/{job}/{part}":        downloads(s, options.errors),
	}
	maps.Copy(mounts, options.Mounts)
	options.Mounts = mounts
	schema := NewExecutableSchema(Config{Resolvers: &Resolver{shop: s}})
	server, err := newServer(schema, options)
	if err == nil && options.Positions != nil && options.AnswerBytes > 0 {
		server.answers = newAnswering(s, server, schema.Schema())
		options.Metrics.Answers(server.answers.cache.Figures)
	}
	return server, err
}

// newServer builds the server around a schema. Resolvers and their shop are the schema's business.
func newServer(schema graphql.ExecutableSchema, options Options) (*Server, error) {
	options = options.withDefaults()
	s := &Server{
		options:    options,
		errors:     options.errors,
		ready:      readiness{ask: options.Ready},
		schemaText: sdl(schema.Schema()),
		limiter:    NewLimiter(options.Budgets, options.Clock, options.NoRateLimit),
		persisted:  persistedQueries{newTextCache[string](maxPersistedText)},
	}
	s.sessions = newSessions(s.recheck, options.NoRateLimit)
	s.exec = s.executor(schema)
	s.transports = []graphql.Transport{
		newSocketTransport(s),
		httpTransport{s, streams{sessions: s.sessions, metrics: options.Metrics, heartbeat: heartbeat}},
	}
	var err error
	if s.explorer, err = newExplorer(options.Examples); err != nil {
		return nil, err
	}
	if s.routes, err = s.routed(); err != nil {
		return nil, err
	}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(options.Log.Handler(), slog.LevelWarn),
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = clock.System
	}
	if o.errors.lack == nil {
		o.errors = newErrorPresenter(o.Log, o.Clock)
	}
	if o.OperationTimeout == 0 {
		o.OperationTimeout = 5 * time.Second
	}
	if o.Budgets == (Budgets{}) {
		o.Budgets = DefaultBudgets
	}
	if o.Gate == nil {
		o.Gate = anyone{}
	}
	return o
}

// executor runs operations. The order of the extensions is the order of the checks: what is cheapest comes first.
func (s *Server) executor(schema graphql.ExecutableSchema) *executor.Executor {
	exec := executor.New(schema)
	documents := newTextCache[*ast.QueryDocument](maxCachedText)
	exec.SetQueryCache(documents)
	exec.SetParserTokenLimit(maxTokens)
	exec.SetDisableSuggestion(true)
	exec.SetDefaultRulesFn(validationRules)
	exec.SetErrorPresenter(s.errors.present)
	exec.SetRecoverFunc(s.errors.recovered)
	exec.Use(s.persisted)
	exec.Use(documentLimits{documents})
	exec.Use(newTracing(s.options.Metrics, s.options.Log))
	exec.Use(admission{
		schema:          schema.Schema(),
		nodes:           nodeTypes(schema.Schema()),
		limiter:         s.limiter,
		noIntrospection: s.options.NoIntrospection,
		timeout:         s.options.OperationTimeout,
	})
	exec.Use(newNeeds(schema.Schema()))
	exec.AroundResponses(freshLoaders)
	exec.AroundRootFields(freshForEachMutation)
	return exec
}

// operate hands a request to the transport that takes it.
func (s *Server) operate(w http.ResponseWriter, r *http.Request) {
	r = withOrigin(r, s.options.PublicURL)
	r = r.WithContext(graphql.StartOperationTrace(r.Context()))
	for _, transport := range s.transports {
		if transport.Supports(r) {
			transport.Do(w, r, s.exec)
			return
		}
	}
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.routes.ServeHTTP(w, r) }

// Serve answers on a listener until Shutdown. Slow and idle clients are cut off; there is no limit on writing as such,
// since event streams never end: each answer has its own.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Shutdown ends the server without losing anybody's answer: readiness turns to no at once, sockets and streams are
// closed with a code that tells their clients to come back, and requests that are being answered are finished. Until
// those who send requests here have heard that readiness says no, which the drain delay gives them time for, new ones
// are answered too. It gives up waiting with its context.
func (s *Server) Shutdown(ctx context.Context) error {
	s.sessions.close()
	select {
	case <-time.After(s.options.DrainDelay):
	case <-ctx.Done():
	}
	return errors.Join(s.http.Shutdown(ctx), s.sessions.wait(ctx))
}
