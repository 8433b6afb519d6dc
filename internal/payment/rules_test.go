package payment

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

func TestPauses(t *testing.T) {
	t.Parallel()
	pace := Pace{}.withDefaults()
	var got []time.Duration
	for tries := range 8 {
		got = append(got, pace.pause(tries+1))
	}
	want := []time.Duration{1, 2, 4, 8, 16, 30, 30, 30}
	for i := range want {
		want[i] *= time.Second
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pauses are %v, not %v", got, want)
	}
}

// TestTheTimesFitTogether: a job (15 s) has time for a look-up and a call, and its lease outlives it.
func TestTheTimesFitTogether(t *testing.T) {
	t.Parallel()
	pace := Pace{}.withDefaults()
	const job, slowToken = 15 * time.Second, 10 * time.Second
	if spent := 2*pace.Lookup + pace.Call; spent > job {
		t.Errorf("a turn may take %s", spent)
	}
	if pace.Lease <= job {
		t.Errorf("the lease of %s ends before the job", pace.Lease)
	}
	if pace.Call <= slowToken {
		t.Errorf("a call of %s gives up before the slow token answers", pace.Call)
	}
}

// charges is a provider's story about one charge: totals that only grow.
func charges(t *rapid.T, amount int64) []Charge {
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	c := Charge{State: ChargeAuthorized, Ref: "r", Authorized: usd(amount), Captured: usd(0), Refunded: usd(0), Voided: usd(0)}
	story := []Charge{c}
	for range rapid.IntRange(0, 6).Draw(t, "steps") {
		switch rapid.IntRange(0, 2).Draw(t, "step") {
		case 0:
			c.Captured.Minor += rapid.Int64Range(0, c.Authorized.Minor-c.Captured.Minor-c.Voided.Minor).Draw(t, "capture")
		case 1:
			c.Refunded.Minor += rapid.Int64Range(0, c.Captured.Minor-c.Refunded.Minor).Draw(t, "refund")
		case 2:
			c.Voided.Minor += rapid.Int64Range(0, c.Authorized.Minor-c.Captured.Minor-c.Voided.Minor).Draw(t, "void")
		}
		story = append(story, c)
	}
	return story
}

// TestAnyOrderOfAnswersComesToTheSameEnd: answers may be lost, come twice, or overtake each other.
func TestAnyOrderOfAnswersComesToTheSameEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(1, 1_000_000).Draw(t, "amount")
		story := charges(t, amount)
		last := story[len(story)-1]
		told := slices.Concat(rapid.Permutation(story).Draw(t, "order"), rapid.Permutation(story).Draw(t, "again"))
		a := PaymentAttempt{ID: id.NewPaymentAttemptID(), stage: stageAuthorized, amount: money.New(amount, "USD")}
		var news []event.Data
		for _, c := range told {
			if !a.plausible(c) {
				t.Fatalf("%+v is not believed", c)
			}
			news = append(news, a.absorb(c, time.Now())...)
		}
		got := [4]int64{a.authorized, a.captured, a.refunded, a.voided}
		want := [4]int64{last.Authorized.Minor, last.Captured.Minor, last.Refunded.Minor, last.Voided.Minor}
		if got != want {
			t.Fatalf("it ends at %v, not %v", got, want)
		}
		if sum := sums(news); sum != want {
			t.Fatalf("the events add up to %v, not %v", sum, want)
		}
	})
}

func sums(news []event.Data) [4]int64 {
	var s [4]int64
	for _, e := range news {
		switch e := e.(type) {
		case orders.PaymentAuthorized:
			s[0] += e.Amount.Minor
		case orders.PaymentCaptured:
			s[1] += e.Amount.Minor
		case orders.PaymentRefunded:
			s[2] += e.Amount.Minor
		case orders.PaymentVoided:
			s[3] += e.Amount.Minor
		}
	}
	return s
}

// TestWhatHasToBeUndone lists for every kind of attempt what undoing it takes: never more than was done.
func TestWhatHasToBeUndone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		attempt PaymentAttempt
		want    []operationKind
	}{
		"declined":                   {PaymentAttempt{stage: stageDeclined}, nil},
		"voided":                     {PaymentAttempt{stage: stageVoided, authorized: 9, voided: 9}, nil},
		"on its way":                 {PaymentAttempt{stage: stageStarted}, []operationKind{kindVoid}},
		"unknown":                    {PaymentAttempt{stage: stageUnknown}, []operationKind{kindVoid}},
		"pending":                    {PaymentAttempt{stage: stagePending}, []operationKind{kindVoid}},
		"challenged":                 {PaymentAttempt{stage: stageActionRequired}, []operationKind{kindVoid}},
		"invoiced":                   {PaymentAttempt{stage: stageInvoiced, amount: money.New(9, "USD")}, []operationKind{kindVoid}},
		"invoiced and paid in part":  {PaymentAttempt{stage: stageInvoiced, amount: money.New(9, "USD"), authorized: 4, captured: 4}, []operationKind{kindVoid, kindRefund}},
		"invoiced and paid":          {PaymentAttempt{stage: stageInvoiced, amount: money.New(9, "USD"), authorized: 9, captured: 9}, []operationKind{kindRefund}},
		"authorized":                 {PaymentAttempt{stage: stageAuthorized, authorized: 9}, []operationKind{kindVoid}},
		"captured":                   {PaymentAttempt{stage: stageAuthorized, authorized: 9, captured: 9}, []operationKind{kindRefund}},
		"captured in part":           {PaymentAttempt{stage: stageAuthorized, authorized: 9, captured: 4}, []operationKind{kindVoid, kindRefund}},
		"captured and given back":    {PaymentAttempt{stage: stageAuthorized, authorized: 9, captured: 9, refunded: 9}, nil},
		"voided after its decline":   {PaymentAttempt{stage: stageDeclined, authorized: 9, voided: 9}, nil},
		"reserved after its refusal": {PaymentAttempt{stage: stageDeclined, authorized: 9}, []operationKind{kindVoid}},
	} {
		var got []operationKind
		for _, o := range c.attempt.undoing() {
			got = append(got, o.kind)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}

func TestPausesAfterARefusedRefund(t *testing.T) {
	t.Parallel()
	pace := Pace{}.withDefaults()
	var got []time.Duration
	for refusals := 1; refusals < mostRefusals; refusals++ {
		got = append(got, pace.again(refusals))
	}
	want := []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute, 64 * time.Minute, 256 * time.Minute}
	if !slices.Equal(got, want) {
		t.Errorf("the pauses are %v, not %v", got, want)
	}
}
