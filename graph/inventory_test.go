package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/id"
)

const adjust = `mutation($input: InventoryAdjustInput!) {
  inventoryAdjust(input: $input) {
    adjustment { id operation reason reference by }
    levels { onHand reserved available damaged safetyStock incoming backorderLimit lowStockThreshold state version variantId location { name } variant { title } }
    userErrors { code field message quantityAvailable currentVersion }
  }
}`

// warehouse is where the only stock of a variant lies.
func (a api) warehouse(t *testing.T, variant id.ProductVariantID) string {
	t.Helper()
	var location id.LocationID
	if err := a.Pool.QueryRow(t.Context(), `select location_id from stock_level where variant_id = $1`, variant).Scan(&location); err != nil {
		t.Fatal(err)
	}
	return location.String()
}

type adjustAnswer struct {
	InventoryAdjust struct {
		Adjustment *struct{ ID, Operation, Reason, By string }
		Levels     []map[string]any
		UserErrors []map[string]any
	}
}

func TestInventoryAdjust(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	variant := a.goods(t, "Lamp", 2000, 10)
	key := a.key(t, "inventory:write", "catalog:read")
	input := func(key string, delta int) map[string]any {
		return map[string]any{"input": map[string]any{"idempotencyKey": key, "reason": "RECEIVED", "reference": "note 7", "changes": []any{
			map[string]any{"variantId": variant.String(), "locationId": a.warehouse(t, variant), "delta": delta},
		}}}
	}
	var got, again adjustAnswer
	a.want(t, key, adjust, input("k", 5), &got)
	level := got.InventoryAdjust.Levels[0]
	if got.InventoryAdjust.Adjustment == nil || level["onHand"] != 15.0 || level["available"] != 15.0 || level["state"] != "IN" || level["variantId"] != variant.String() {
		t.Fatalf("the answer is %+v", got)
	}
	if !strings.HasPrefix(got.InventoryAdjust.Adjustment.By, "partner:") || got.InventoryAdjust.Adjustment.Operation != "inventoryAdjust" {
		t.Errorf("the change is %+v", got.InventoryAdjust.Adjustment)
	}
	a.want(t, key, adjust, input("k", 5), &again)
	if *again.InventoryAdjust.Adjustment != *got.InventoryAdjust.Adjustment || again.InventoryAdjust.Levels[0]["onHand"] != 15.0 {
		t.Errorf("the repeated request answers %+v", again)
	}
	a.want(t, key, adjust, input("l", -16), &again)
	want := `[{"code":"QUANTITY_OUT_OF_RANGE","currentVersion":null,"field":["input","changes","0","delta"],"message":"The figure would be below 0.","quantityAvailable":null}]`
	if text, err := json.Marshal(again.InventoryAdjust.UserErrors); err != nil || string(text) != want || again.InventoryAdjust.Adjustment != nil || len(again.InventoryAdjust.Levels) != 0 {
		t.Errorf("below 0: %s %+v", text, again)
	}

	var ledger struct {
		InventoryMovements struct{ Nodes []map[string]any }
		InventoryLevels    struct{ Nodes []map[string]any }
	}
	a.want(t, key, `query($id: ID!) {
  inventoryMovements(first: 10, reverse: true, variantId: $id) { nodes { onHandDelta causeKind reason reference location { name } } }
  inventoryLevels(first: 10, variantIds: [$id]) { nodes { onHand } }
}`, map[string]any{"id": variant.String()}, &ledger)
	if m := ledger.InventoryMovements.Nodes[0]; m["onHandDelta"] != 5.0 || m["causeKind"] != "adjustment" || m["reason"] != "RECEIVED" || m["reference"] != "note 7" {
		t.Errorf("the ledger's last line is %v", m)
	}
	if len(ledger.InventoryLevels.Nodes) != 1 || ledger.InventoryLevels.Nodes[0]["onHand"] != 15.0 {
		t.Errorf("the levels are %v", ledger.InventoryLevels.Nodes)
	}
}

func TestStockChanged(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	variant := a.goods(t, "Lamp", 2000, 2)
	url := a.running(t)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() { defer close(served); a.Inventory.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-served })

	s := dial(t, url)
	payload, err := json.Marshal(map[string]any{
		"query":     `subscription($ids: [ID!]!) { stockChanged(variantIds: $ids) { quantityAvailable availableForSale currentlyNotInStock } }`,
		"variables": map[string]any{"ids": []string{variant.String()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.send(frame{ID: "1", Type: "subscribe", Payload: payload})
	key := a.key(t, "inventory:write")
	for i, want := range []string{"2 true false", "1 true false", "0 false false"} {
		if i > 0 {
			var got adjustAnswer
			a.want(t, key, adjust, map[string]any{"input": map[string]any{"idempotencyKey": strconv.Itoa(i), "reason": "LOST", "changes": []any{
				map[string]any{"variantId": variant.String(), "locationId": a.warehouse(t, variant), "delta": -1},
			}}}, &got)
		}
		var next struct {
			Data struct {
				StockChanged struct {
					QuantityAvailable                     *int
					AvailableForSale, CurrentlyNotInStock bool
				}
			}
		}
		began := time.Now()
		if err := json.Unmarshal(s.read().Payload, &next); err != nil {
			t.Fatal(err)
		}
		c := next.Data.StockChanged
		if got := fmt.Sprint(*c.QuantityAvailable, c.AvailableForSale, c.CurrentlyNotInStock); got != want {
			t.Errorf("message %d after %s is %s, want %s", i, time.Since(began), got, want)
		}
	}
}
