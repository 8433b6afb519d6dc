package graph

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/answers"
	"github.com/wharfhq/wharf/internal/fault"
)

// httpTransport is GraphQL over HTTP, POST and GET, and server-sent events where the client takes them. gqlgen's own
// marshals the finished answer a second time, repeats the request in its errors and answers some of them with a
// status that the specification does not know.
type httpTransport struct {
	server  *Server
	streams streams
}

// Supports takes everything that is no websocket.
func (httpTransport) Supports(r *http.Request) bool { return !websocket.IsWebSocketUpgrade(r) }

// Do answers one operation.
func (t httpTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	wants := accepts(r)
	if wants.media == "" {
		writeMalformed(w, mediaJSON, &malformed{
			status:  http.StatusNotAcceptable,
			message: "The answers are application/graphql-response+json, application/json or text/event-stream.",
		})
		return
	}
	plain := wants.media
	if plain == mediaStream {
		plain = mediaResponse // what is refused before a stream begins
	}
	params, wrong := readOperation(w, r)
	if wrong != nil {
		writeMalformed(w, plain, wrong)
		return
	}
	key, common := t.server.answers.name(r.Context(), params)
	if common && wants.media != mediaStream {
		if answer, cost, ok := t.server.answers.find(r.Context(), key); ok {
			noteKept(r.Context(), answer)
			writeKept(w, r, plain, answer, cost, true)
			return
		}
	}
	ctx := onRoad(r.Context(), road{get: r.Method == http.MethodGet, stream: wants.stream})
	op, errs := exec.CreateOperationContext(ctx, params)
	ctx = graphql.WithOperationContext(ctx, op)
	noteOperation(ctx, op)
	if errs != nil {
		response := exec.DispatchError(ctx, errs)
		status := statusOf(plain, response)
		if status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", "POST")
		}
		noteResponse(ctx, response)
		writeResponse(w, plain, status, response)
		return
	}
	if wants.media == mediaStream || (wants.stream && op.Operation.Operation == ast.Subscription) {
		t.streams.serve(ctx, w, exec, op)
		return
	}
	if common {
		if rule, ok := t.server.answers.takes(op); ok {
			t.answer(ctx, w, r, key, op, rule, plain, exec)
			return
		}
	}
	responses, ctx := exec.DispatchOperation(ctx, op)
	response := responses(ctx)
	if response == nil { // the client has gone, or the time ran out before the first field
		response = &graphql.Response{Errors: gqlerror.List{
			refusal(fault.New(fault.Busy, "TIMEOUT", "The operation was ended before it was done. Try again.")),
		}}
	}
	noteResponse(ctx, response)
	writeResponse(w, plain, statusOf(plain, response), response)
}

// answer answers an operation whose answer may be kept.
func (t httpTransport) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, key answers.Key, op *graphql.OperationContext, rule answers.Rule, plain string, exec graphql.GraphExecutor) {
	answer, err := t.server.answers.answer(ctx, key, op, rule, exec)
	if err != nil {
		response := exec.DispatchError(ctx, gqlerror.List{t.server.errors.present(ctx, err)})
		noteResponse(ctx, response)
		writeResponse(w, plain, statusOf(plain, response), response)
		return
	}
	noteResponse(ctx, &graphql.Response{Errors: answer.errors})
	cost, _ := op.Stats.GetExtension(costStats).(Cost)
	if len(answer.errors) == 0 {
		cost = t.server.limiter.Settle(access.From(ctx), cost, answer.actual)
	}
	writeKept(w, r, plain, answer, cost, false)
}

// authenticate finds out who calls before the request is looked at. A token that is not valid ends the request:
// answering as if there were none would show a signed-in shopper an empty account.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if websocket.IsWebSocketUpgrade(r) { // a socket says who it is in connection_init
			next.ServeHTTP(w, r)
			return
		}
		actor, err := s.options.Gate.Request(r)
		if err != nil {
			response := &graphql.Response{Errors: gqlerror.List{s.errors.present(r.Context(), err)}}
			media := accepts(r).media
			if media != mediaJSON {
				media = mediaResponse
			}
			noteResponse(r.Context(), response)
			writeResponse(w, media, statusOf(mediaResponse, response), response)
			return
		}
		noteActor(r.Context(), actor)
		next.ServeHTTP(w, r.WithContext(access.With(r.Context(), actor)))
	})
}

// recheck asks whether an actor's right still stands. Not being able to find out is no reason to end a stream.
func (s *Server) recheck(ctx context.Context, actor access.Actor) *fault.Fault {
	if actor.Expired(s.options.Clock.Now()) {
		return fault.New(fault.Unauthenticated, "TOKEN_EXPIRED", "The token has expired. Sign in again.")
	}
	f, ok := fault.As(s.options.Gate.Recheck(ctx, actor))
	if ok && (f.Kind == fault.Unauthenticated || f.Kind == fault.Forbidden) {
		return f
	}
	return nil
}
