package graph_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// Whoever guesses the tokens of orders hears the same answer each time, for orders that exist and for those that
// don't, until the limiter ends it.
func TestGuessingOrdersIsUniformAndEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server, err := graph.New(w.Shop.Shop, graph.Options{
		Log: slog.New(slog.DiscardHandler), Clock: clock.NewFake(time.Now()),
		Budgets: graph.Budgets{Shopper: graph.Budget{Limit: 2_000, RestoreRate: 200}},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := api{Shop: &shoptest.Shop{Shop: w.Shop.Shop}, server: server}
	const document = `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { id } }`
	answers := map[string]int{}
	for i := range 1_000 {
		order := w.things["order"]
		if i%2 == 1 {
			order = id.NewOrderID().String()
		}
		got := a.ask(t, "", document, map[string]any{"id": order, "token": fmt.Sprintf("wharfo_%d", i)})
		answers[fmt.Sprint(got.codes(), string(got.Data))]++
		if got.codes() == "THROTTLED" {
			break
		}
	}
	// one guess costs 11: ten for the token, one for the order's row
	if want := 2_000 / 11; len(answers) != 2 || answers[`NOT_FOUND{"order":null}`] != want || answers["THROTTLED"]+answers["THROTTLEDnull"] != 1 {
		t.Errorf("the guesses were answered %v, want %d alike and then THROTTLED", answers, want)
	}
}
