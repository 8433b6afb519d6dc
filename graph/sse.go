package graph

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/observe"
)

// heartbeat keeps the boxes between server and client from taking a quiet stream for a dead one.
const heartbeat = 12 * time.Second

// streams answers operations as server-sent events, one connection for each (the distinct connections mode of the
// GraphQL over SSE protocol): an event `next` for every response, then `complete`. A stream that ends without
// `complete` was broken off, and its client should come back.
type streams struct {
	sessions  *sessions
	metrics   *observe.Metrics
	heartbeat time.Duration
}

// ended is the cause with which a stream's context is canceled; reason is nil when the server goes down.
type ended struct{ reason *fault.Fault }

func (ended) Error() string { return "stream ended" }

func (s streams) serve(ctx context.Context, w http.ResponseWriter, exec graphql.GraphExecutor, op *graphql.OperationContext) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	open := &session{actor: access.From(ctx), known: true, end: func(reason *fault.Fault) {
		if reason != nil || op.Operation.Operation == ast.Subscription { // a query may finish when the server goes down
			cancel(ended{reason})
		}
	}}
	if refused := s.sessions.enter(open); refused != nil {
		response := &graphql.Response{Errors: gqlerror.List{refusal(refused)}}
		noteResponse(ctx, response)
		writeResponse(w, mediaResponse, statusOf(mediaResponse, response), response)
		return
	}
	defer s.sessions.leave(open)
	defer s.metrics.Subscribed()()

	stream := eventStream{w: w, control: http.NewResponseController(w)}
	if !stream.begin() {
		return
	}
	responses, running := exec.DispatchOperation(ctx, op) // a query's own context ends with its response
	next := make(chan *graphql.Response)
	go func() {
		defer close(next)
		for {
			response := responses(running)
			if response == nil {
				return
			}
			response.Data = bytes.Clone(response.Data) // the next response is made in the same buffer, while this one is sent
			select {
			case next <- response:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() { // the resolver ends with the context; the answer must not outlive the handler
		cancel(nil)
		for range next { // nothing to do but to wait
		}
	}()
	ticker := time.NewTicker(s.heartbeat)
	defer ticker.Stop()
	for alive := true; alive; {
		select {
		case response, more := <-next:
			if !more {
				stream.close(ctx)
				return
			}
			noteResponse(ctx, response)
			alive = stream.next(response)
		case <-ticker.C:
			alive = stream.write(":\n\n")
		case <-ctx.Done():
			stream.close(ctx)
			return
		}
	}
}

// eventStream writes events to one client.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	buffer  bytes.Buffer
}

func (e *eventStream) begin() bool {
	header := e.w.Header()
	header.Set("Content-Type", mediaStream+"; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	_ = e.control.SetReadDeadline(time.Time{}) // the time limit for reading requests would end the stream
	e.w.WriteHeader(http.StatusOK)
	return e.write(":\n\n")
}

func (e *eventStream) next(response *graphql.Response) bool {
	e.buffer.Reset()
	e.buffer.WriteString("event: next\ndata: ")
	encodeResponse(&e.buffer, response)
	e.buffer.WriteString("\n\n")
	ok := e.write(e.buffer.String())
	if e.buffer.Cap() > maxKeptBuffer {
		e.buffer = bytes.Buffer{}
	}
	return ok
}

// close says how the stream ends: with its last event, with the loss of a right, or not at all when the server goes
// down or the client has gone.
func (e *eventStream) close(ctx context.Context) {
	if why, ok := context.Cause(ctx).(ended); ok { //nolint:errorlint // a cause is kept as it was given
		if why.reason == nil {
			return
		}
		e.next(&graphql.Response{Errors: gqlerror.List{refusal(why.reason)}})
	}
	e.write("event: complete\ndata:\n\n")
}

// write sends a piece of the stream. A client that doesn't read is cut off, so that it holds nothing for ever.
func (e *eventStream) write(text string) bool {
	_ = e.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := e.w.Write([]byte(text)); err != nil {
		return false
	}
	return e.control.Flush() == nil
}
