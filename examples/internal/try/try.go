// Package try opens a whole shop on a real port, for the tests of the examples.
package try

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// Shop is a shop that answers at URL.
type Shop struct {
	*shoptest.Shop
	URL string
}

// Open opens a shop whose background work runs, and closes it with the test. Each change may alter its configuration.
func Open(t testing.TB, changes ...func(*shop.Config)) Shop {
	t.Helper()
	s := shoptest.New(t, changes...)
	s.Run(t, shoptest.Working())
	api, err := graph.New(s.Shop, graph.Options{})
	if err != nil {
		t.Fatalf("build the API: %v", err)
	}
	server := httptest.NewServer(api)
	t.Cleanup(func() {
		_ = api.Shutdown(context.Background())
		server.Close()
	})
	return Shop{Shop: s, URL: server.URL}
}
