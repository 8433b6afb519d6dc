package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// The edge is tested around a small schema of its own, so that each of its rules can be provoked at will.
const toySDL = `
directive @needs(scope: String!) on OBJECT | FIELD_DEFINITION
directive @public on OBJECT | FIELD_DEFINITION
directive @cost(rows: Int!) on FIELD_DEFINITION
scalar DateTime
scalar Decimal
scalar JSON
interface Node { id: ID! }
enum Size { SMALL LARGE }
input Pick @oneOf { shelf: String counter: Int }
input Deep { pick: Pick size: Size n: Int deeper: [Deep!] }
type Thing implements Node @public { id: ID! name: String! price: String! @needs(scope: "orders:read") parts(first: Int, after: String): ThingConnection! friend: Thing tags: [String!]! weight: Int @cost(rows: 7) }
type Safe implements Node @needs(scope: "keys:read") { id: ID! inside: String! }
type ThingEdge { cursor: String! node: Thing! }
type ThingConnection { edges: [ThingEdge!]! nodes: [Thing!]! count: Int @cost(rows: 50) }
type Query {
  hello: String! @public
  echo(s: String, i: ID, n: Int, f: Float, b: Boolean, d: Decimal, t: DateTime, j: JSON, in: Deep, size: Size): String @public
  fail(how: String!): String @public
  things(first: Int, last: Int): ThingConnection! @public
  nodes(ids: [ID!]!): [Node]! @public
  thing: Thing! @public
  safe: Safe! @public
  secret: String @needs(scope: "orders:read")
  forgotten: String
}
type Mutation { bump: Int! @public slow: Int! @public stuck: Int! @public }
type Subscription { ticks(n: Int!): Int! @public never: Int! @public refused: Int! @public staff: Int! @needs(scope: "orders:read") }
`

// toy is an executable schema whose resolvers are a function from field to value.
type toy struct {
	schema    *ast.Schema
	bumped    chan struct{} // receives for each bump
	slow      chan struct{} // slow answers when it is closed
	ended     sync.WaitGroup
	running   atomic.Int64 // slow and stuck mutations that have begun
	streaming atomic.Int64 // subscriptions
}

func newToy(t testing.TB) *toy {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: toySDL})
	if err != nil {
		t.Fatal(err)
	}
	return &toy{schema: schema, bumped: make(chan struct{}, 1000), slow: make(chan struct{})}
}

func (y *toy) Schema() *ast.Schema { return y.schema }

func (*toy) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (y *toy) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation == ast.Subscription {
		return y.subscribe(ctx, op)
	}
	root := "Query"
	if op.Operation.Operation == ast.Mutation {
		root = "Mutation"
	}
	first := true
	return func(ctx context.Context) *graphql.Response {
		if !first {
			return nil
		}
		first = false
		data, ok := y.object(ctx, root, op.Operation.SelectionSet, map[string]any{})
		if !ok {
			data = json.RawMessage("null")
		}
		return &graphql.Response{Data: data}
	}
}

func (y *toy) subscribe(ctx context.Context, op *graphql.OperationContext) graphql.ResponseHandler {
	field := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})[0]
	events := make(chan int)
	fieldCtx := graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Subscription", Field: field, Args: map[string]any{}})
	_, err := op.ResolverMiddleware(fieldCtx, func(context.Context) (any, error) {
		if field.Name == "refused" {
			return nil, fault.New(fault.NotFound, "NOT_FOUND", "There is no such order.")
		}
		y.ended.Go(func() {
			y.streaming.Add(1)
			defer y.streaming.Add(-1)
			defer close(events)
			if field.Name == "never" {
				<-ctx.Done()
				return
			}
			n, _ := integer(field.ArgumentMap(op.Variables)["n"])
			for i := range int(n) {
				select {
				case events <- i:
				case <-ctx.Done():
					return
				}
			}
		})
		return events, nil
	})
	if err != nil {
		graphql.AddError(fieldCtx, err)
		return nil
	}
	var buffer bytes.Buffer // of all responses, as in the code that gqlgen generates
	return func(ctx context.Context) *graphql.Response {
		select {
		case i, ok := <-events:
			if !ok {
				return nil
			}
			buffer.Reset()
			fmt.Fprintf(&buffer, `{%q:%d}`, field.Alias, i)
			return &graphql.Response{Data: buffer.Bytes()}
		case <-ctx.Done():
			return nil
		}
	}
}

func (y *toy) object(ctx context.Context, typ string, set ast.SelectionSet, parent map[string]any) (json.RawMessage, bool) {
	op := graphql.GetOperationContext(ctx)
	var b bytes.Buffer
	b.WriteByte('{')
	for i, field := range graphql.CollectFields(op, set, []string{typ, "Node"}) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:", field.Alias)
		value, ok := y.field(graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Object: typ, Field: field}), typ, field, parent)
		if !ok {
			return nil, false
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), true
}

func (y *toy) field(ctx context.Context, typ string, field graphql.CollectedField, parent map[string]any) (value json.RawMessage, ok bool) {
	op := graphql.GetOperationContext(ctx)
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: typ, Field: field, Args: map[string]any{}})
	defer func() {
		if cause := recover(); cause != nil {
			graphql.AddError(ctx, op.Recover(ctx, cause))
			value, ok = json.RawMessage("null"), !field.Definition.Type.NonNull
		}
	}()
	if field.Name == "__typename" {
		return json.RawMessage(`"` + typ + `"`), true
	}
	if strings.HasPrefix(field.Name, "__") {
		return json.RawMessage("null"), true
	}
	resolved, err := op.ResolverMiddleware(ctx, func(ctx context.Context) (any, error) {
		return y.resolve(ctx, typ, field, parent)
	})
	if err != nil {
		graphql.AddError(ctx, err)
		return json.RawMessage("null"), !field.Definition.Type.NonNull
	}
	return y.marshal(ctx, field, resolved)
}

func (y *toy) marshal(ctx context.Context, field graphql.CollectedField, v any) (json.RawMessage, bool) {
	switch v := v.(type) {
	case []map[string]any:
		var parts []string
		for _, one := range v {
			part, ok := y.object(ctx, one["__typename"].(string), field.Selections, one)
			if !ok {
				part = json.RawMessage("null")
			}
			parts = append(parts, string(part))
		}
		return json.RawMessage("[" + strings.Join(parts, ",") + "]"), true
	case map[string]any:
		return y.object(ctx, v["__typename"].(string), field.Selections, v)
	default:
		text, _ := json.Marshal(v)
		return text, true
	}
}

func (y *toy) resolve(ctx context.Context, typ string, field graphql.CollectedField, parent map[string]any) (any, error) {
	args := field.ArgumentMap(graphql.GetOperationContext(ctx).Variables)
	thing := map[string]any{"__typename": "Thing", "id": "gid://toy/Thing/1", "name": "Lamp", "price": "1.00"}
	safe := map[string]any{"__typename": "Safe", "id": "gid://toy/Safe/1", "inside": "gold"}
	switch typ + "." + field.Name {
	case "Query.hello":
		return "world", nil
	case "Query.echo":
		return fmt.Sprint(args), nil
	case "Query.fail":
		return nil, failure(args["how"].(string))
	case "Query.thing", "Thing.friend":
		return thing, nil
	case "Query.safe":
		return safe, nil
	case "Query.nodes":
		return []map[string]any{thing, safe}, nil
	case "Query.things", "Thing.parts":
		return map[string]any{"__typename": "ThingConnection"}, nil
	case "ThingConnection.nodes":
		return []map[string]any{thing}, nil
	case "Mutation.bump":
		y.bumped <- struct{}{}
		return len(y.bumped), nil
	case "Mutation.slow":
		y.running.Add(1)
		select {
		case <-y.slow:
			return 1, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	case "Mutation.stuck": // does not hear that nobody waits
		y.running.Add(1)
		<-y.slow
		return 1, nil
	}
	return parent[field.Name], nil
}

func failure(how string) error {
	switch how {
	case "panic":
		panic("secret in a panic")
	case "cut":
		return fmt.Errorf("read order: %w", io.ErrUnexpectedEOF)
	case "locked":
		return fmt.Errorf("lock order: %w", &pgconn.PgError{Code: "55P03", Message: "secret: canceling statement"})
	case "unanswered":
		return fmt.Errorf("place: %w", fmt.Errorf("%w: %w", pg.ErrCommitUnknown, errors.New("secret")))
	case "unknown":
		return errors.New("secret: connection to 10.0.0.7 refused")
	case "wrapped":
		return fmt.Errorf("read order: %w", fault.New(fault.Conflict, "VERSION_CONFLICT", "The order has changed.").With("currentVersion", 7).At("input", "expectedVersion"))
	case "throttled":
		f := fault.New(fault.Throttled, "THROTTLED", "Too many requests.")
		f.RetryAfter = 1500 * time.Millisecond
		return f.Because(errors.New("secret cause"))
	case "id":
		_, err := id.ParseProductID("gid://wharf/Order/secret")
		return err
	case "deadline":
		return fmt.Errorf("read: %w", context.DeadlineExceeded)
	}
	return nil
}

// edge is a server around the toy that listens on a real socket.
type edge struct {
	*httptest.Server
	toy    *toy
	server *Server
	log    *logText
}

// logText collects log lines; handlers write from many goroutines.
type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newEdge(t testing.TB, change ...func(*Options)) *edge {
	t.Helper()
	e := &edge{toy: newToy(t), log: &logText{}}
	options := Options{Log: slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug})), NoRateLimit: true}
	for _, set := range change {
		set(&options)
	}
	var err error
	if e.server, err = newServer(e.toy, options); err != nil {
		t.Fatal(err)
	}
	e.Server = httptest.NewServer(e.server)
	t.Cleanup(func() {
		e.server.sessions.close()
		if err := e.server.sessions.wait(context.Background()); err != nil {
			t.Error(err)
		}
		e.Server.Close()
		e.toy.ended.Wait()
	})
	return e
}

// answer is what came back over HTTP.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) object(t testing.TB) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(a.body), &object); err != nil {
		t.Fatalf("the answer is no JSON object: %v: %.300s", err, a.body)
	}
	return object
}

// code is extensions.code of the first error, or nothing.
func (a answer) code(t testing.TB) string {
	t.Helper()
	var body struct {
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatalf("the answer is no JSON: %v: %.300s", err, a.body)
	}
	if len(body.Errors) == 0 {
		return ""
	}
	return body.Errors[0].Extensions.Code
}

func (e *edge) do(t testing.TB, method, path, body string, headers ...string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, e.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := e.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// post sends a document as clients do.
func (e *edge) post(t testing.TB, document string, variables ...string) answer {
	t.Helper()
	body := map[string]any{"query": document}
	if len(variables) > 0 {
		body["variables"] = json.RawMessage(variables[0])
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return e.do(t, http.MethodPost, "/graphql", string(text), "Content-Type", "application/json", "Accept", mediaResponse)
}

// serving listens for a server that is not around the toy.
func serving(t testing.TB, s *Server) *httptest.Server {
	t.Helper()
	l := httptest.NewServer(s)
	t.Cleanup(l.Close)
	return l
}
