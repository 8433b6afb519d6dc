package orders

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// published is the table of the API's documentation, written down a second time.
var published = map[OrderStatus]struct {
	next      []OrderStatus
	financial []OrderFinancialStatus
}{
	"PENDING_PAYMENT": {[]OrderStatus{"CONFIRMED", "ACTION_REQUIRED", "CANCELLED", "EXPIRED"}, nil},
	"ACTION_REQUIRED": {[]OrderStatus{"PENDING_PAYMENT", "CONFIRMED", "CANCELLED", "EXPIRED"}, nil},
	"CONFIRMED":       {[]OrderStatus{"IN_FULFILLMENT", "READY_FOR_PICKUP", "COMPLETED", "ACTION_REQUIRED", "CANCELLED"}, nil},
	"CANCELLED":       {nil, nil},
	"EXPIRED":         {nil, nil},
}

func sample(total int64) Placed {
	name, deadline := "Ada", time.Date(2026, 11, 22, 12, 0, 0, 123456789, time.UTC)
	return Placed{
		OrderNumber: 1042, CurrencyCode: "USD", TokenHash: []byte("hash"),
		Lines: []PlacedLine{{
			ID: id.NewOrderLineItemID(), Title: "Lamp", Quantity: 1,
			UnitPrice: money.New(total, "USD"), Discount: money.Zero("USD"), Tax: money.Zero("USD"),
		}},
		Delivery:      OrderDelivery{MethodType: DeliveryShipping},
		ShippingPrice: money.Zero("USD"), ShippingTax: money.Zero("USD"), TotalPrice: money.New(total, "USD"),
		Deadline: &deadline, Personal: &Personal{FirstName: &name},
	}
}

// anything draws an event that may or may not fit the order.
func anything(t *rapid.T, total int64) event.Data {
	attempt := id.NewPaymentAttemptID()
	amount := money.New(rapid.SampledFrom([]int64{1, total / 2, total, total + 1}).Draw(t, "amount"), "USD")
	deadline := time.Date(2026, 11, 22, 13, 0, 0, 999999999, time.FixedZone("x", 3600))
	note := "Call first."
	return rapid.SampledFrom([]event.Data{
		Confirmed{},
		Cancelled{Reason: CancelCustomer},
		Expired{},
		PersonalDataErased{},
		NoteAdded{Body: &note},
		PaymentStarted{AttemptID: attempt, Attempt: 1, Provider: "test", Amount: amount},
		PaymentDeclined{AttemptID: attempt, Attempt: 1, Provider: "test", Resumed: rapid.Bool().Draw(t, "resumed")},
		PaymentDisputed{AttemptID: attempt, Provider: "test", Amount: amount},
		PaymentDisputeLost{AttemptID: attempt, Provider: "test", Amount: amount},
		PaymentDisputeWon{AttemptID: attempt, Provider: "test", Amount: amount},
		PaymentDisputeWon{AttemptID: attempt, Provider: "test", Amount: amount, Reversed: money.New(1, "USD")},
		PaymentDisputeWon{AttemptID: attempt, Provider: "test", Amount: money.Zero("USD"), Reversed: amount},
		PaymentUnknown{AttemptID: attempt, Attempt: 1, Provider: "test"},
		PaymentPending{AttemptID: attempt, Attempt: 1, Provider: "test"},
		PaymentActionRequired{Deadline: deadline, Challenge: rapid.Bool().Draw(t, "challenge")},
		PaymentMethodsUpdated{Deadline: deadline, Providers: []string{"test"}},
		PaymentAuthorized{AttemptID: attempt, Provider: "test", Amount: amount},
		PaymentCaptured{AttemptID: attempt, Provider: "test", Amount: amount},
		PaymentVoided{AttemptID: attempt, Provider: "test", Amount: amount},
		PaymentRefunded{AttemptID: attempt, Provider: "test", Amount: amount},
		CompensationStarted{Reason: "cancelled"},
	}).Draw(t, "event")
}

func TestHistories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.SampledFrom([]int64{0, 100, 2599}).Draw(t, "total")
		order, k := id.NewOrderID(), newKey()
		o := Order{ID: order}
		var events []event.Event
		var docs [][]byte
		at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
		erased := false
		happen := func(data event.Data) bool {
			stored, err := prepare(o, k, []event.Data{data})
			if err != nil {
				return false
			}
			text, err := json.Marshal(stored[0])
			if err != nil {
				t.Fatal(err)
			}
			at = at.Add(time.Duration(len(events)) * time.Microsecond)
			e := event.Event{Stream: order, Version: o.Version + 1, Kind: data.Kind(), Data: text, At: at, By: "system"}
			events = append(events, e)
			if o, err = fold(o, k, events[len(events)-1:]); err != nil {
				t.Fatal(err)
			}
			doc, err := Doc(o)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, doc)
			_, erases := data.(PersonalDataErased)
			erased = erased || erases
			return true
		}
		if happen(Confirmed{}) || !happen(sample(total)) || happen(sample(total)) {
			t.Fatal("an order does not begin with being placed, once")
		}
		for range rapid.IntRange(0, 25).Draw(t, "length") {
			before := o
			data := anything(t, total)
			if !happen(data) {
				continue
			}
			if o.Status != before.Status && !slices.Contains(published[before.Status].next, o.Status) {
				t.Fatalf("%s led from %s to %s", data.Kind(), before.Status, o.Status)
			}
			checkState(t, o)
		}

		// The fold of each prefix is what the order was then, and a read row reads back as it was written.
		for i := range events {
			prefix, err := fold(Order{}, k, events[:i+1])
			if err != nil {
				t.Fatalf("fold %d events: %v", i+1, err)
			}
			if doc, _ := Doc(prefix); string(doc) != string(docs[i]) {
				t.Fatalf("the fold of %d events is\n%s\nwant\n%s", i+1, doc, docs[i])
			}
			back, err := parseDoc(string(docs[i]))
			if err != nil {
				t.Fatal(err)
			}
			if doc, _ := Doc(back); string(doc) != string(docs[i]) {
				t.Fatalf("the row reads back as\n%s\nwant\n%s", doc, docs[i])
			}
		}
		// Without the key the same history has nulls for people, and once it is erased it is the row itself.
		blind, err := fold(Order{}, nil, events)
		if err != nil {
			t.Fatal(err)
		}
		if blind.FirstName != nil || len(blind.Notes) != 0 {
			t.Fatal("the order knows its shopper without its key")
		}
		if doc, _ := Doc(blind); erased && string(doc) != string(docs[len(docs)-1]) {
			t.Fatalf("after erasing, the fold is\n%s\nwant\n%s", doc, docs[len(docs)-1])
		}
	})
}

func checkState(t *rapid.T, o Order) {
	p := o.Paid
	if p.Refunded.Minor < 0 || p.Refunded.Minor > p.Captured.Minor || p.Captured.Minor+p.Voided.Minor > p.Authorized.Minor {
		t.Fatalf("the sums do not fit: %+v", p)
	}
	for _, a := range o.Actions(Hindered{}) {
		if a.Available != (a.Reason == nil) {
			t.Fatalf("%s is available: %t, and yet the reason is %v", a.Action, a.Available, a.Reason)
		}
	}
	switch o.Status {
	case StatusCancelled, StatusExpired:
		if o.FulfillmentStatus != FulfillmentRestocked || o.Deadline != nil {
			t.Fatalf("%s, and yet %s with the deadline %v", o.Status, o.FulfillmentStatus, o.Deadline)
		}
	case StatusPendingPayment, StatusActionRequired:
		if o.Deadline == nil {
			t.Fatalf("%s without a deadline", o.Status)
		}
	}
	if o.FinancialStatus == FinancialVoided && !(o.Status == StatusCancelled || o.Status == StatusExpired) {
		t.Fatalf("%s, and yet %s", o.Status, o.FinancialStatus)
	}
}

func TestFinancialStatus(t *testing.T) {
	t.Parallel()
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	for name, tc := range map[string]struct {
		total  int64
		status OrderStatus
		paid   PaymentTotals // authorized, voided, captured, refunded
		want   OrderFinancialStatus
	}{
		"nothing yet":             {100, StatusPendingPayment, PaymentTotals{}, FinancialPending},
		"on invoice":              {100, StatusConfirmed, PaymentTotals{}, FinancialPending},
		"nothing owed":            {0, StatusConfirmed, PaymentTotals{}, FinancialPaid},
		"authorized":              {100, StatusConfirmed, PaymentTotals{Authorized: usd(100)}, FinancialAuthorized},
		"a part authorized":       {100, StatusPendingPayment, PaymentTotals{Authorized: usd(40)}, FinancialPending},
		"a part, not let go yet":  {100, StatusCancelled, PaymentTotals{Authorized: usd(40)}, FinancialPending},
		"disputed":                {100, StatusConfirmed, PaymentTotals{Authorized: usd(100), Captured: usd(100), Disputed: usd(100)}, FinancialPaid},
		"a part lost":             {100, StatusConfirmed, PaymentTotals{Authorized: usd(100), Captured: usd(100), Disputed: usd(100), DisputeLost: usd(40)}, FinancialPartiallyRefunded},
		"lost":                    {100, StatusConfirmed, PaymentTotals{Authorized: usd(100), Captured: usd(100), Disputed: usd(100), DisputeLost: usd(100)}, FinancialRefunded},
		"let go before another":   {100, StatusPendingPayment, PaymentTotals{Authorized: usd(100), Voided: usd(100)}, FinancialPending},
		"captured":                {100, StatusConfirmed, PaymentTotals{Authorized: usd(100), Captured: usd(100)}, FinancialPaid},
		"a part captured":         {100, StatusConfirmed, PaymentTotals{Authorized: usd(100), Captured: usd(60)}, FinancialPartiallyPaid},
		"a part refunded":         {100, StatusCompleted, PaymentTotals{Authorized: usd(100), Captured: usd(100), Refunded: usd(1)}, FinancialPartiallyRefunded},
		"refunded":                {100, StatusCancelled, PaymentTotals{Authorized: usd(100), Captured: usd(100), Refunded: usd(100)}, FinancialRefunded},
		"cancelled before":        {100, StatusCancelled, PaymentTotals{}, FinancialVoided},
		"cancelled, not let go":   {100, StatusCancelled, PaymentTotals{Authorized: usd(100)}, FinancialAuthorized},
		"cancelled, not refunded": {100, StatusCancelled, PaymentTotals{Authorized: usd(100), Captured: usd(100)}, FinancialPaid},
		"cancelled and let go":    {100, StatusCancelled, PaymentTotals{Authorized: usd(100), Voided: usd(100)}, FinancialVoided},
		"expired":                 {100, StatusExpired, PaymentTotals{}, FinancialVoided},
		"cancelled while asked":   {100, StatusCancelled, PaymentTotals{Asked: true}, FinancialPending},
	} {
		o := Order{Status: tc.status, TotalPrice: usd(tc.total), Paid: tc.paid}
		if got := financialStatus(o); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestAvailableActions(t *testing.T) {
	t.Parallel()
	reserved := PaymentTotals{Authorized: money.New(100, "USD")}
	taken := PaymentTotals{Authorized: money.New(100, "USD"), Captured: money.New(100, "USD")}
	given := PaymentTotals{Authorized: money.New(100, "USD"), Captured: money.New(100, "USD"), Refunded: money.New(100, "USD")}
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	part := PaymentTotals{Authorized: usd(100), Captured: usd(40), Voided: usd(60)}
	for name, tc := range map[string]struct {
		o    Order
		want []OrderActionName
	}{
		"pending":     {Order{Status: StatusPendingPayment}, []OrderActionName{ActionCancel}},
		"asked":       {Order{Status: StatusActionRequired}, []OrderActionName{ActionCancel, ActionUpdatePayment}},
		"challenged":  {Order{Status: StatusActionRequired, Challenge: true}, []OrderActionName{ActionCancel, ActionUpdatePayment, ActionCompleteChallenge}},
		"confirmed":   {Order{Status: StatusConfirmed, Paid: reserved}, []OrderActionName{ActionCancel, ActionCapture, ActionVoid}},
		"on invoice":  {Order{Status: StatusConfirmed}, []OrderActionName{ActionCancel}},
		"cancelled":   {Order{Status: StatusCancelled, Paid: reserved}, nil},
		"expired":     {Order{Status: StatusExpired}, nil},
		"handed over": {Order{Status: StatusCompleted, Paid: reserved}, []OrderActionName{ActionCapture}},
		"paid":        {Order{Status: StatusConfirmed, Paid: taken}, []OrderActionName{ActionCancel, ActionRefund}},
		"refunded":    {Order{Status: StatusCompleted, Paid: given}, nil},

		"to be paid outside":      {Order{Status: StatusConfirmed, TotalPrice: usd(100)}, []OrderActionName{ActionCancel, ActionMarkPaid}},
		"invoiced":                {Order{Status: StatusConfirmed, TotalPrice: usd(100), Paid: PaymentTotals{Asked: true}}, []OrderActionName{ActionCancel, ActionMarkPaid}},
		"paid outside late":       {Order{Status: StatusCompleted, TotalPrice: usd(100)}, []OrderActionName{ActionMarkPaid}},
		"all reserved":            {Order{Status: StatusConfirmed, TotalPrice: usd(100), Paid: reserved}, []OrderActionName{ActionCancel, ActionCapture, ActionVoid}},
		"with cash instead":       {Order{Status: StatusActionRequired, TotalPrice: usd(100), Paid: reserved}, []OrderActionName{ActionCancel, ActionUpdatePayment, ActionMarkPaid}},
		"while a bank is asked":   {Order{Status: StatusActionRequired, TotalPrice: usd(100), Paid: PaymentTotals{Asked: true}}, []OrderActionName{ActionCancel, ActionUpdatePayment}},
		"before a bank is asked":  {Order{Status: StatusPendingPayment, TotalPrice: usd(100)}, []OrderActionName{ActionCancel}},
		"the rest was let go":     {Order{Status: StatusConfirmed, TotalPrice: usd(100), Paid: part}, []OrderActionName{ActionCancel, ActionRefund, ActionMarkPaid}},
		"and nobody packs it":     {Order{Status: StatusInFulfillment, TotalPrice: usd(100), Paid: part}, []OrderActionName{ActionCancel, ActionRefund, ActionMarkPaid}},
		"an invoice paid in part": {Order{Status: StatusConfirmed, TotalPrice: usd(100), Paid: part, Receipts: []OrderReceipt{{Amount: usd(40)}}}, []OrderActionName{ActionCancel, ActionRefund, ActionMarkPaid}},
		"a card pays a part":      {Order{Status: StatusConfirmed, TotalPrice: usd(100), Paid: part, GiftCards: []OrderGiftCard{{Amount: usd(60)}}}, []OrderActionName{ActionCancel, ActionRefund}},
	} {
		var got []OrderActionName
		for _, a := range tc.o.Actions(Hindered{}) {
			if a.Available {
				got = append(got, a.Action)
			} else if *a.Reason == "" {
				t.Errorf("%s: no reason why %s is not possible", name, a.Action)
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// TestWhatAnOrderWaitsForIsSaid where its money is neither taken nor let go yet.
func TestWhatAnOrderWaitsForIsSaid(t *testing.T) {
	t.Parallel()
	reserved := PaymentTotals{Authorized: money.New(100, "USD")}
	for _, tc := range []struct {
		o             Order
		capture, void string
	}{
		{
			Order{Status: StatusActionRequired, Challenge: true, Paid: reserved},
			"The order is waiting for its shopper to confirm the payment; what is authorized for it is not taken yet.",
			"The order is waiting for its shopper to confirm the payment; what is reserved for it is let go when the order is called off.",
		},
		{
			Order{Status: StatusActionRequired, PaymentFallback: &Fallback{Rank: 2}, Paid: reserved},
			"The order is waiting for its shopper to agree to another payment method; what is authorized for it is not taken yet.",
			"The order is waiting for its shopper to agree to another payment method; what is reserved for it is let go when the order is called off.",
		},
		{
			Order{Status: StatusActionRequired, Paid: reserved},
			"The order is waiting for new payment details; what is authorized for it is not taken yet.",
			"The order is waiting for new payment details; what is reserved for it is let go when the order is called off.",
		},
		{
			Order{Status: StatusCancelled, Paid: reserved},
			"The order is cancelled; what is authorized for it is not taken.", "The order is cancelled; what is reserved for it is let go by itself.",
		},
	} {
		for _, a := range tc.o.Actions(Hindered{}) {
			if want, checked := map[OrderActionName]string{ActionCapture: tc.capture, ActionVoid: tc.void}[a.Action]; checked && (a.Reason == nil || *a.Reason != want) {
				t.Errorf("%s: %v, want %q", a.Action, a.Reason, want)
			}
		}
	}
}

func TestARefusedEventSaysWhereTheOrderStands(t *testing.T) {
	t.Parallel()
	err := check(Order{Version: 7, Status: StatusExpired}, Confirmed{})
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Conflict || f.Code != "NOT_ALLOWED" || f.Data["currentVersion"] != 7 || f.Data["status"] != "EXPIRED" {
		t.Errorf("refused with %+v", err)
	}
}

func TestSealedDataOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	k, order := newKey(), id.NewOrderID()
	stored, err := sample(100).seal(k, order)
	if err != nil {
		t.Fatal(err)
	}
	p := stored.(Placed)
	if opened, err := p.open(k, order); err != nil || *opened.(Placed).Personal.FirstName != "Ada" {
		t.Errorf("opened %+v: %v", opened, err)
	}
	if _, err := p.open(newKey(), order); err == nil {
		t.Error("it opens under another key")
	}
	if _, err := p.open(k, id.NewOrderID()); err == nil {
		t.Error("it opens in another order")
	}
	if _, err := (NoteAdded{Sealed: p.Sealed}).open(k, order); err == nil {
		t.Error("it opens in another kind of event")
	}
	again, err := sample(100).seal(k, order)
	if err != nil || string(again.(Placed).Sealed) == string(p.Sealed) {
		t.Error("the same data is sealed to the same bytes")
	}
}

func TestPlacedAmountsMustAddUp(t *testing.T) {
	t.Parallel()
	good := func() Placed {
		p := sample(1000)
		p.Lines[0].Quantity, p.Lines[0].Discount, p.Lines[0].Tax = 3, money.New(500, "USD"), money.New(200, "USD")
		p.ShippingPrice, p.ShippingTax, p.TotalPrice = money.New(400, "USD"), money.New(32, "USD"), money.New(3132, "USD")
		return p
	}
	if err := good().adds(); err != nil {
		t.Fatalf("a good order: %v", err)
	}
	included := good()
	included.TaxesIncluded, included.TotalPrice = true, money.New(2900, "USD")
	if err := included.adds(); err != nil {
		t.Errorf("with tax in the prices: %v", err)
	}
	for name, spoil := range map[string]func(*Placed){
		"total":             func(p *Placed) { p.TotalPrice.Minor++ },
		"no lines":          func(p *Placed) { p.Lines = nil },
		"no quantity":       func(p *Placed) { p.Lines[0].Quantity = 0 },
		"negative quantity": func(p *Placed) { p.Lines[0].Quantity = -3; p.TotalPrice.Minor = 132 },
		"overflow":          func(p *Placed) { p.Lines[0].UnitPrice.Minor = 1 << 62 },
		"discount too high": func(p *Placed) { p.Lines[0].Discount.Minor = 3001; p.TotalPrice.Minor = 631 },
		"other currency":    func(p *Placed) { p.Lines[0].UnitPrice.CurrencyCode = "EUR" },
		"tax in another":    func(p *Placed) { p.Lines[0].Tax.CurrencyCode = "EUR" },
		"negative shipping": func(p *Placed) { p.ShippingPrice.Minor = -400; p.TotalPrice.Minor = 2332 },
	} {
		p := good()
		spoil(&p)
		if p.adds() == nil {
			t.Errorf("%s: it adds up", name)
		}
	}
}
