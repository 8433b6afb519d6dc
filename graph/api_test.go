package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// api is a whole shop behind its API, asked over HTTP as any client would.
type api struct {
	*shoptest.Shop
	server *graph.Server
}

func newAPI(t testing.TB, changes ...func(*shop.Config)) api {
	t.Helper()
	s := shoptest.New(t, changes...)
	server, err := graph.New(s.Shop, graph.Options{Log: slog.New(slog.DiscardHandler), Clock: s.Clock})
	if err != nil {
		t.Fatal(err)
	}
	return api{Shop: s, server: server}
}

// answer is what came back.
type answer struct {
	Status int
	Data   json.RawMessage `json:"data"`

	Extensions json.RawMessage `json:"extensions"`
	Errors     []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
}

// codes lists the extensions.code of each error.
func (a answer) codes() string {
	var codes []string
	for _, e := range a.Errors {
		code, _ := e.Extensions["code"].(string)
		codes = append(codes, code)
	}
	return strings.Join(codes, " ")
}

// ask sends a document with variables, as the holder of a token; an empty token is nobody. Of a subscription it is the
// first answer.
func (a api) ask(t testing.TB, token, document string, variables map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := &firstAnswer{ResponseRecorder: httptest.NewRecorder()}
	if strings.HasPrefix(document, "subscription") {
		ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
		defer cancel()
		r.Header.Set("Accept", "text/event-stream")
		r, w.enough = r.WithContext(ctx), cancel
	}
	a.server.ServeHTTP(w, r)
	got := answer{Status: w.Code}
	if err := json.Unmarshal([]byte(w.first()), &got); err != nil {
		t.Fatalf("the answer is no JSON: %v: %s", err, w.Body)
	}
	return got
}

// want asks and decodes the data, which must come without errors.
func (a api) want(t testing.TB, token, document string, variables map[string]any, into any) {
	t.Helper()
	got := a.ask(t, token, document, variables)
	if len(got.Errors) != 0 {
		t.Fatalf("%s\n\tfailed: %+v", document, got.Errors)
	}
	if err := json.Unmarshal(got.Data, into); err != nil {
		t.Fatalf("decode %s: %v", got.Data, err)
	}
}
