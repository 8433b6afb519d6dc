package inventory_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
)

func (s *stockroom) send(key, origin, destination string, variant string, n int) (inventory.InventoryTransfer, error) {
	in := inventory.InventoryTransferCreateInput{
		IdempotencyKey: key, DestinationLocationID: s.locations[destination].String(),
		Lines: []inventory.InventoryTransferLineInput{{VariantID: s.variants[variant].String(), Quantity: n}},
	}
	if origin != "" {
		from := s.locations[origin].String()
		in.OriginLocationID = &from
	}
	return s.CreateTransfer(s.Context(), s.boss, in)
}

func (s *stockroom) receive(key string, t inventory.InventoryTransfer, variant string, n, damaged int, over bool) (inventory.InventoryTransfer, error) {
	return s.ReceiveTransfer(s.Context(), s.boss, inventory.InventoryTransferReceiveInput{
		IdempotencyKey: key, TransferID: t.ID.String(), Close: &over,
		Lines: []inventory.InventoryReceivedLineInput{{VariantID: s.variants[variant].String(), Quantity: n, Damaged: &damaged}},
	})
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	sent, err := s.send("t", "W", "N", "mug", 6)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.send("t", "W", "N", "mug", 6); err != nil || again.ID != sent.ID {
		t.Errorf("the repeated transfer is %s %v, want %s", again.ID, err, sent.ID)
	}
	s.expectFigures("mug@W", "4/0 0 0 0 IN 4")
	s.expectFigures("mug@N", "0/0 0 0 6 OUT 0")

	part, err := s.receive("r1", sent, "mug", 3, 1, false)
	if err != nil || part.State != inventory.TransferInTransit || part.Lines[0].Remaining() != 3 {
		t.Fatalf("after a part: %+v %v", part, err)
	}
	if again, err := s.receive("r1", sent, "mug", 3, 1, false); err != nil || again.Version != part.Version {
		t.Errorf("the repeated receipt is %+v %v", again, err)
	}
	s.expectFigures("mug@N", "3/0 1 0 3 IN 2")
	if _, err := s.receive("r2", sent, "mug", 4, 0, false); refusals(err) != "input.lines.0.quantity QUANTITY_OUT_OF_RANGE" {
		t.Errorf("more than was sent: %v", err)
	}
	closed, err := s.receive("r2", sent, "mug", 2, 0, true)
	if err != nil || closed.State != inventory.TransferReceived || closed.Lines[0].Missing != 1 {
		t.Fatalf("after all: %+v %v", closed, err)
	}
	s.expectFigures("mug@N", "5/0 1 0 0 IN 4")
	if _, err := s.receive("r3", sent, "mug", 0, 0, true); refusals(err) != "input.transferId NOT_ALLOWED" {
		t.Errorf("a transfer that is done: %v", err)
	}
}

// TestWhatAReceiptMustSay: nothing is given up by leaving something out. A transfer is closed with what has come; one of
// which nothing has come is canceled.
func TestWhatAReceiptMustSay(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\nW,pot,10\n")
	origin := s.locations["W"].String()
	sent, err := s.CreateTransfer(t.Context(), s.boss, inventory.InventoryTransferCreateInput{
		IdempotencyKey: "t", OriginLocationID: &origin, DestinationLocationID: s.locations["N"].String(),
		Lines: []inventory.InventoryTransferLineInput{
			{VariantID: s.variants["mug"].String(), Quantity: 6}, {VariantID: s.variants["pot"].String(), Quantity: 4},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	type lines = []inventory.InventoryReceivedLineInput
	line := func(variant string, n int) inventory.InventoryReceivedLineInput {
		return inventory.InventoryReceivedLineInput{VariantID: s.variants[variant].String(), Quantity: n}
	}
	receive := func(key string, over bool, named lines) (inventory.InventoryTransfer, error) {
		return s.ReceiveTransfer(t.Context(), s.boss, inventory.InventoryTransferReceiveInput{
			IdempotencyKey: key, TransferID: sent.ID.String(), Close: &over, Lines: named,
		})
	}
	for _, c := range []struct {
		name  string
		over  bool
		lines lines
		want  string
	}{
		{"nothing", false, lines{}, "input.lines INVALID"},
		{"nothing, and it is over", true, lines{}, "input.lines INVALID"},
		{"over without a word", true, nil, "input.lines INVALID"},
		{"500 lines", false, make(lines, 500), "input.lines INVALID"},
		{"none of a line", false, lines{line("mug", 0)}, "input.lines.0.quantity QUANTITY_OUT_OF_RANGE 'A quantity is at least 1.'"},
		{"less than none", false, lines{line("mug", 1), line("pot", -1)}, "input.lines.1.quantity QUANTITY_OUT_OF_RANGE 'A quantity is at least 1.'"},
		{"less than none, and it is over", true, lines{line("mug", -1)}, "input.lines.0.quantity QUANTITY_OUT_OF_RANGE 'A quantity is at least 0.'"},
		{"more than was sent", false, lines{line("mug", 7)}, "input.lines.0.quantity QUANTITY_OUT_OF_RANGE '6 units are on their way.'"},
		{"one twice", false, lines{line("mug", 1), line("mug", 1)}, "input.lines.1.variantId INVALID"},
		{"what was not sent", true, lines{line("card", 1)}, "input.lines.0.variantId VARIANT_NOT_FOUND"},
		{"over, with nothing of it", true, lines{line("mug", 0), line("pot", 0)}, "input.close NOT_ALLOWED"},
	} {
		_, err := receive("k", c.over, c.lines)
		got := refusals(err)
		if f, ok := fault.As(err); ok && strings.Contains(c.want, "'") {
			got += " '" + f.Message + "'"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	s.expectFigures("mug@N", "0/0 0 0 6 OUT 0")
	var version int
	if err := s.pool.QueryRow(t.Context(), `select version from stock_transfer`).Scan(&version); err != nil || version != sent.Version {
		t.Errorf("refusals have made version %d of %d, %v", version, sent.Version, err)
	}

	// With what has come it is closed short, and once something has come also without more of it.
	if _, err := receive("k", false, lines{line("mug", 2)}); err != nil {
		t.Fatal(err)
	}
	closed, err := receive("over", true, lines{line("mug", 0), line("pot", 0)})
	if err != nil || closed.State != inventory.TransferReceived || closed.Lines[0].Missing+closed.Lines[1].Missing != 8 {
		t.Fatalf("closed short: %+v %v", closed, err)
	}
	s.expectFigures("mug@N", "2/0 0 0 0 IN 2")
	s.expectFigures("pot@N", "0/0 0 0 0 OUT 0")
	s.expectFigures("mug@W", "4/0 0 0 0 IN 4")
}

// TestALostTransferIsMissing: what is canceled as lost does not go back to the shelves that it came from.
func TestALostTransferIsMissing(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	sent, err := s.send("t", "W", "N", "mug", 6)
	if err != nil {
		t.Fatal(err)
	}
	lost, kept := true, false
	cancel := func(key string, how *bool) (inventory.InventoryTransfer, error) {
		return s.CancelTransfer(t.Context(), s.boss, inventory.InventoryTransferCancelInput{IdempotencyKey: key, TransferID: sent.ID.String(), Lost: how})
	}
	for range 2 { // the second time it is repeated
		gone, err := cancel("c", &lost)
		if err != nil || gone.State != inventory.TransferCanceled || gone.Lines[0].Missing != 6 || gone.Lines[0].Returned != 0 {
			t.Fatalf("lost: %+v %v", gone, err)
		}
	}
	if _, err := cancel("c", &kept); refusals(err) != "input.idempotencyKey IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("called off under the key of the loss: %v", err)
	}
	s.expectFigures("mug@W", "4/0 0 0 0 IN 4")
	s.expectFigures("mug@N", "0/0 0 0 0 OUT 0")
}

// TestWhereGoodsNeverCameTheyAreLost: the clerk of the destination may say that nothing has come, and not that it goes back.
func TestWhereGoodsNeverCameTheyAreLost(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	sent, err := s.send("t", "W", "N", "mug", 6)
	if err != nil {
		t.Fatal(err)
	}
	lost, over := true, true
	_, err = s.ReceiveTransfer(t.Context(), s.clerk, inventory.InventoryTransferReceiveInput{
		IdempotencyKey: "r", TransferID: sent.ID.String(), Close: &over,
		Lines: []inventory.InventoryReceivedLineInput{{VariantID: s.variants["mug"].String()}},
	})
	if refusals(err) != "input.close NOT_ALLOWED" {
		t.Errorf("closed: %v", err)
	}
	_, err = s.CancelTransfer(t.Context(), s.clerk, inventory.InventoryTransferCancelInput{IdempotencyKey: "b", TransferID: sent.ID.String()})
	if refusals(err) != "input.transferId TRANSFER_NOT_FOUND" {
		t.Errorf("sent back: %v", err)
	}
	gone, err := s.CancelTransfer(t.Context(), s.clerk, inventory.InventoryTransferCancelInput{IdempotencyKey: "c", TransferID: sent.ID.String(), Lost: &lost})
	if err != nil || gone.State != inventory.TransferCanceled || gone.Lines[0].Missing != 6 {
		t.Errorf("lost: %+v %v", gone, err)
	}
	s.expectFigures("mug@W", "4/0 0 0 0 IN 4")
	s.expectFigures("mug@N", "0/0 0 0 0 OUT 0")

	other, err := s.send("u", "W", "X", "mug", 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.CancelTransfer(t.Context(), s.clerk, inventory.InventoryTransferCancelInput{IdempotencyKey: "d", TransferID: other.ID.String(), Lost: &lost})
	if refusals(err) != "input.transferId TRANSFER_NOT_FOUND" {
		t.Errorf("lost between other places: %v", err)
	}
}

func TestATransferFromASupplierIsCanceled(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	ordered, err := s.send("t", "", "W", "mug", 6)
	if err != nil {
		t.Fatal(err)
	}
	s.expectFigures("mug@W", "10/0 0 0 6 IN 10")
	moved, err := s.send("u", "W", "X", "mug", 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, transfer := range []inventory.InventoryTransfer{ordered, moved, ordered} {
		_, err := s.CancelTransfer(t.Context(), s.boss, inventory.InventoryTransferCancelInput{IdempotencyKey: fmt.Sprint("c", i), TransferID: transfer.ID.String()})
		if want := map[int]string{2: "input.transferId NOT_ALLOWED"}[i]; refusals(err) != want {
			t.Errorf("cancel %d: %s, want %s", i, refusals(err), want)
		}
	}
	s.expectFigures("mug@W", "10/0 0 0 0 IN 10")
	s.expectFigures("mug@X", "0/0 0 0 0 OUT 0")
}

func TestATransferLeavesWhatIsPromised(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	if err := s.reserve(id.NewOrderID(), s.ship("mug", 7)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.send("t", "W", "N", "mug", 4); refusals(err) != "input.lines.0.quantity INSUFFICIENT_STOCK" {
		t.Errorf("promised units are sent away: %v", err)
	}
	if _, err := s.send("t", "W", "W", "mug", 1); refusals(err) != "input.destinationLocationId INVALID" {
		t.Errorf("to itself: %v", err)
	}
	s.expectFigures("mug@W", "10/7 0 0 0 IN 3")
	s.expectFigures("mug@N", "none")

	// The clerk of a store receives there, and sees no other transfer.
	theirs, err := s.send("t1", "W", "N", "mug", 1)
	if err != nil {
		t.Fatal(err)
	}
	others, err := s.send("t2", "W", "F", "mug", 1)
	if err != nil {
		t.Fatal(err)
	}
	for transfer, want := range map[id.InventoryTransferID]string{theirs.ID: "", others.ID: "input.transferId TRANSFER_NOT_FOUND"} {
		_, err := s.ReceiveTransfer(t.Context(), s.clerk, inventory.InventoryTransferReceiveInput{IdempotencyKey: transfer.String(), TransferID: transfer.String()})
		if refusals(err) != want {
			t.Errorf("the clerk receives %s: %s, want %s", transfer, refusals(err), want)
		}
	}
	list, err := s.Transfers(t.Context(), s.clerk, nil, nil, page(10))
	if err != nil || len(list.Nodes) != 1 || list.Nodes[0].ID != theirs.ID || list.Nodes[0].State != inventory.TransferReceived {
		t.Errorf("the clerk sees %+v %v", list.Nodes, err)
	}
}

// TestParallelReceiptsNeverReceiveMoreThanWasSent lets many receive the same units under keys of their own.
func TestParallelReceiptsNeverReceiveMoreThanWasSent(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	sent, err := s.send("t", "W", "N", "mug", 10)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			_, err := s.receive(fmt.Sprint("r", i), sent, "mug", 2, 0, false)
			if got := refusals(err); got != "" && got != "input.lines.0.quantity QUANTITY_OUT_OF_RANGE" && got != "input.transferId NOT_ALLOWED" {
				t.Errorf("receive: %s", got)
			}
		})
	}
	all.Wait()
	s.expectFigures("mug@N", "10/0 0 0 0 IN 10")
}
