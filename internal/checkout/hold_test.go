package checkout_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg"
)

// hold is the last unit of something, and the order that holds it.
type hold struct {
	*till
	lamp   id.ProductVariantID
	placed checkout.Placement
	bank   *testprovider.Provider
	rivals int
}

// step is one thing that happens to the order.
type step struct {
	name string
	do   func(*hold)
}

func pays(h *hold) {
	h.exec(`update payment_attempt set next_try_at = now(), renew_at = case when renew_at is not null then now() end where order_id = $1`, h.placed.Order.ID)
	h.exec(`update payment set due_at = now() where order_id = $1 and due_at is not null`, h.placed.Order.ID)
	h.works(h.Payments.Authorize(h.Context(), h.placed.Order.ID, "test", done))
}

func moves(h *hold) { h.works(h.Payments.Operate(h.Context(), h.placed.Order.ID, "test", done)) }

func (h *hold) works(err error) {
	h.Helper()
	var later *payment.Later
	if err != nil && !errors.As(err, &later) {
		h.Fatal(err)
	}
}

// decides lets the bank settle what it has left open; the next step finds it.
func decides(h *hold) {
	var key string
	if err := h.Pool.QueryRow(h.Context(), `select id::text from payment_attempt where order_id = $1 order by number desc limit 1`, h.placed.Order.ID).Scan(&key); err != nil {
		h.Fatal(err)
	}
	if _, _, err := h.bank.Settle(h.Context(), key); err != nil {
		h.Fatal(err)
	}
}

func cancels(h *hold) {
	if _, err := h.Checkout.Cancel(h.Context(), access.Actor{}, cancelOf("c", h.placed)); err != nil {
		h.Fatal(err)
	}
}

func givesAnother(h *hold) {
	in := payment.OrderPaymentUpdateInput{
		IdempotencyKey: "u", OrderID: h.placed.Order.ID.String(), AccessToken: &h.placed.AccessToken,
		Payment: []payment.Method{{Provider: "test", Token: ptr("approve")}},
	}
	if _, err := h.Payments.UpdateMethods(h.Context(), access.Actor{}, in); err != nil {
		h.Fatal(err)
	}
}

// runsOut lets the deadline come, and the job that was inserted with it.
func runsOut(h *hold) {
	past := time.Now().Add(-time.Millisecond)
	err := pg.InTx(h.Context(), h.Pool, func(tx pgx.Tx) error {
		o, err := h.Orders.Lock(h.Context(), tx, h.placed.Order.ID)
		if err != nil {
			return err
		}
		return h.Orders.Record(h.Context(), tx, &o, "system", "test", orders.PaymentPending{Provider: "test", Deadline: &past})
	})
	if err != nil {
		h.Fatal(err)
	}
	h.works(h.Checkout.Expire(h.Context(), h.placed.Order.ID, "test", done))
}

// look checks what the order holds: its unit as long as it may still be paid or is paid, until exactly the deadline
// that the order and its payment have; and nothing from the moment at which it has ended, at which every attempt whose
// outcome is open is marked to be closed.
func (h *hold) look() {
	h.Helper()
	ctx, mine := h.Context(), h.placed.Order.ID
	o, err := h.Orders.Order(ctx, h.Pool, mine)
	if err != nil {
		h.Fatal(err)
	}
	var state string
	var until, deadline, due *time.Time
	err = h.Pool.QueryRow(ctx, `
select r.state, r.expires_at, p.deadline, p.expiry_due_at
from reservation r
join payment p on p.order_id = r.order_id
where r.order_id = $1`, mine).Scan(&state, &until, &deadline, &due)
	if err != nil {
		h.Fatal(err)
	}
	open := h.number(`
select count(*)
from payment_attempt a
where a.order_id = $1
	and a.state in ('STARTED', 'UNKNOWN', 'PENDING', 'ACTION_REQUIRED')
	and not exists (select from payment_operation o where o.attempt_id = a.id and o.kind = 'VOID' and o.state = 'OPEN')`, mine)
	ended := o.Status.Final()
	if held := state == "HELD" || state == "CONFIRMED"; held == ended {
		h.Errorf("the order is %s and its unit %s", o.Status, state)
	}
	if ended && open > 0 {
		h.Errorf("the order is %s, and %d attempts may still be paid", o.Status, open)
	}
	if state == "HELD" && (until == nil || o.Deadline == nil || !until.Equal(*o.Deadline) || !deadline.Equal(*o.Deadline) || due == nil || !due.Equal(*o.Deadline)) {
		h.Errorf("the unit is held until %v, the payment until %v (swept %v), the order until %v", until, deadline, due, o.Deadline)
	}
	if state == "CONFIRMED" && until != nil {
		h.Errorf("the unit of a paid order is held until %v only", until)
	}
	h.rivals++
	rival := order("rival"+strconv.Itoa(h.rivals), line(h.lamp, 1))
	_, err = h.Checkout.Place(ctx, access.Actor{}, rival)
	switch {
	case ended && err != nil:
		h.Errorf("the unit is not free one tick after the end: %v", err)
	case !ended:
		h.refused(err, "OUT_OF_STOCK input.lines.0.quantity")
	}
}

// TestAUnitIsHeldAsLongAsItsOrderMayBePaid walks orders through every ending that a payment can have, and looks after
// each step.
func TestAUnitIsHeldAsLongAsItsOrderMayBePaid(t *testing.T) {
	t.Parallel()
	pay, move, decide := step{"pays", pays}, step{"moves", moves}, step{"decides", decides}
	cancel, another, end := step{"cancels", cancels}, step{"gives another method", givesAnother}, step{"runs out", runsOut}
	for name, story := range map[string]struct {
		tokens []string
		steps  []step
	}{
		"paid and called off":                     {[]string{"approve"}, []step{pay, cancel, move}},
		"declined, and nobody comes":              {[]string{"decline"}, []step{pay, end, move}},
		"declined, another, paid, called off":     {[]string{"decline"}, []step{pay, another, pay, cancel}},
		"never asked":                             {[]string{"approve"}, []step{end}},
		"no answer until the end":                 {[]string{"error"}, []step{pay, pay, end, move}},
		"a challenge that nobody passes":          {[]string{"challenge"}, []step{pay, end, move}},
		"days, and a yes":                         {[]string{"pending_days"}, []step{pay, pay, decide, pay, cancel, move}},
		"days, and no answer in time":             {[]string{"pending_days"}, []step{pay, pay, end, move}},
		"days, a no, the next method, called off": {[]string{"pending_days_declined", "approve"}, []step{pay, decide, pay, pay, cancel}},
		"days, a no, and nobody comes":            {[]string{"pending_days_declined"}, []step{pay, decide, pay, end}},
		"a renewal that is refused, nobody comes": {[]string{"expires_declined"}, []step{pay, pay, end, move}},
		"a renewal, and called off":               {[]string{"expires"}, []step{pay, pay, move, cancel, move}},
		"a renewal refused, another, called off":  {[]string{"expires_declined"}, []step{pay, pay, another, pay, move, cancel, move}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &hold{till: staffed(t)}
			h.bank = testprovider.New(h.Pool, testprovider.Options{})
			h.lamp = h.goods("Lamp", 1999, 1)
			in := order("k", line(h.lamp, 1))
			in.Payment = nil
			for _, token := range story.tokens {
				in.Payment = append(in.Payment, payment.Method{Provider: "test", Token: &token})
			}
			h.placed = h.place(in)
			h.look()
			for _, s := range story.steps {
				s.do(h)
				h.look()
				if t.Failed() {
					t.Fatalf("after: %s", s.name)
				}
				if o, err := h.Orders.Order(t.Context(), h.Pool, h.placed.Order.ID); err != nil || o.Status.Final() {
					break
				}
			}
			if o, err := h.Orders.Order(t.Context(), h.Pool, h.placed.Order.ID); err != nil || !o.Status.Final() {
				t.Errorf("the story ends with an order that is %s, %v", o.Status, err)
			}
		})
	}
}
