package orders_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

func TestAddNote(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	keys, err := access.LoadKeys(t.Context(), d.pool)
	if err != nil {
		t.Fatal(err)
	}
	o := d.place(lamp())
	staff := access.Actor{Kind: access.Staff, ID: id.New(), Scopes: access.Scopes{"orders:write"}}
	input := orders.OrderNoteAddInput{IdempotencyKey: "k1", OrderID: o.ID.String(), Note: "Call first.", ExpectedVersion: ptr(1)}
	noted, err := d.AddNote(t.Context(), staff, keys, input)
	if err != nil || noted.Version != 2 || len(noted.Notes) != 1 || noted.Notes[0].Body != "Call first." || noted.Notes[0].By != staff.By() {
		t.Fatalf("noted %+v, %v", noted.Notes, err)
	}
	d.mustRecord(o.ID, orders.Cancelled{Reason: orders.CancelCustomer})
	again, err := d.AddNote(t.Context(), staff, keys, input)
	if err != nil {
		t.Fatal(err)
	}
	sameDoc(t, "repeated answer", again, noted)
	if got := d.kinds(o.ID); len(got) != 3 {
		t.Errorf("events %v", got)
	}

	change := func(fn func(*orders.OrderNoteAddInput)) orders.OrderNoteAddInput {
		other := input
		other.IdempotencyKey, other.ExpectedVersion = "k2", nil
		fn(&other)
		return other
	}
	for name, tc := range map[string]struct {
		actor access.Actor
		input orders.OrderNoteAddInput
		code  string
	}{
		"another note":    {staff, change(func(in *orders.OrderNoteAddInput) { in.IdempotencyKey, in.Note = "k1", "x" }), "IDEMPOTENCY_KEY_REUSED"},
		"an old version":  {staff, change(func(in *orders.OrderNoteAddInput) { in.ExpectedVersion = ptr(1) }), "VERSION_CONFLICT"},
		"no key":          {staff, change(func(in *orders.OrderNoteAddInput) { in.IdempotencyKey = "" }), "INVALID"},
		"no text":         {staff, change(func(in *orders.OrderNoteAddInput) { in.Note = " \n" }), "BLANK"},
		"too long":        {staff, change(func(in *orders.OrderNoteAddInput) { in.Note = strings.Repeat("é", 5001) }), "TOO_LONG"},
		"a card":          {staff, change(func(in *orders.OrderNoteAddInput) { in.Note = "pays with 4242 4242 4242 4242" }), "CARD_NUMBER"},
		"no order":        {staff, change(func(in *orders.OrderNoteAddInput) { in.OrderID = id.NewOrderID().String() }), "NOT_FOUND"},
		"no id":           {staff, change(func(in *orders.OrderNoteAddInput) { in.OrderID = "1" }), "NOT_FOUND"},
		"a reader":        {access.Actor{Kind: access.Partner, Scopes: access.Scopes{"orders:read"}}, change(func(*orders.OrderNoteAddInput) {}), "FORBIDDEN"},
		"another shopper": {access.Actor{Kind: access.Customer, ID: id.New()}, change(func(*orders.OrderNoteAddInput) {}), "NOT_FOUND"},
	} {
		_, err := d.AddNote(t.Context(), tc.actor, keys, tc.input)
		if f, ok := fault.As(err); !ok || f.Code != tc.code {
			t.Errorf("%s: %v, want %s", name, err, tc.code)
		}
	}
	if got := d.kinds(o.ID); len(got) != 3 {
		t.Errorf("events after refusals %v", got)
	}
	longest := change(func(in *orders.OrderNoteAddInput) { in.Note = strings.Repeat("é", 5000) })
	if _, err := d.AddNote(t.Context(), staff, keys, longest); err != nil {
		t.Errorf("the longest note: %v", err)
	}
}
