package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
)

// readFloor is the least that answers a read: net/http, which takes the same request and writes the same bytes, with
// no query to understand and no database to ask.
type readFloor struct {
	server    *httptest.Server
	questions atomic.Pointer[[]question]
}

func newReadFloor() *readFloor {
	f := &readFloor{}
	f.server = httptest.NewServer(http.HandlerFunc(f.answer))
	return f
}

func (f *readFloor) close() { f.server.Close() }

// serve makes the answers of a scenario the floor's own.
func (f *readFloor) serve(questions []question) { f.questions.Store(&questions) }

func (f *readFloor) answer(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.URL.Path[1:])
	questions := *f.questions.Load()
	if err != nil || i >= len(questions) {
		http.NotFound(w, r)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/graphql-response+json; charset=utf-8")
	_, _ = w.Write(questions[i].answer)
}

// floorOf measures the floor of the scenario that has just run.
func (f *readFloor) floorOf(b *bench) func(context.Context, int) (figures, error) {
	return func(ctx context.Context, clients int) (figures, error) {
		questions := *f.questions.Load()
		urls := make([]string, len(questions))
		for i := range urls {
			urls[i] = f.server.URL + "/" + strconv.Itoa(i)
		}
		return b.load(ctx, clients, b.inTurn(clients, questions, func(i int) string { return urls[i] }))
	}
}
