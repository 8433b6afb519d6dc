package faults_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
)

// A check at the end of each transaction of a server takes a moment, so that its commit is under way for long enough to
// lose the answer to it.
const slowCommitSQL = `
create function slow_commit() returns trigger language plpgsql as $$
begin
	if current_setting('application_name') = 'wharf serve' then
		perform pg_sleep(0.3);
	end if;
	return null;
end $$;
create constraint trigger slow_commit after insert or update on idempotency_key
	deferrable initially deferred for each row execute function slow_commit();`

// Who commits at this moment and has come to the check at the end.
const committingSQL = `
select count(*)
from pg_stat_activity
where application_name = 'wharf serve' and state = 'active' and lower(query) = 'commit' and wait_event = 'PgSleep'`

func TestFault10_CommitAnswerLost(t *testing.T) {
	r := begin(t, 10, "the answer to a commit is lost")
	s := r.open(harness.Options{Proxied: true, Setup: slowCommitSQL})
	rounds := r.of(4, 50)
	lost, same := 0, 0
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Shoppers: 1, Orders: 1, Plain: true, Methods: [][]string{{"approve"}}})
	c.Wait() // warms everything up, so that the only commits are ours
	for i := range rounds {
		order := r.loseAnswer(s, "orderPlace", "OrderPlaceInput", "", s.Wish(fmt.Sprint("place-", i), "approve"), &lost, &same)
		id, token := order.Order.ID, order.AccessToken
		if i%2 == 0 {
			r.loseAnswer(s, "orderCancel", "OrderCancelInput", "", map[string]any{
				"idempotencyKey": fmt.Sprint("cancel-", i), "orderId": id, "accessToken": token,
			}, &lost, &same)
			continue
		}
		r.eventually("the order is paid", func() bool { return s.Status(t.Context(), id, token) == "CONFIRMED" })
		r.loseAnswer(s, "paymentCapture", "PaymentCaptureInput", template.Staff, map[string]any{
			"idempotencyKey": fmt.Sprint("capture-", i), "orderId": id,
		}, &lost, &same)
	}
	if lost != rounds*2 {
		t.Errorf("%d answers were lost, want %d", lost, rounds*2)
	}
	const effectsSQL = `select count(*) from idempotency_key k where operation = $1`
	for operation, want := range map[string]int{"orderPlace": rounds + 1, "orderCancel": (rounds + 1) / 2, "paymentCapture": rounds / 2} {
		if n, err := s.Cluster.Number(t.Context(), effectsSQL, operation); err != nil || n != want {
			t.Errorf("%s has had %d effects, want %d (%v)", operation, n, want, err)
		}
	}
	if n, err := s.Cluster.Number(t.Context(), `select count(*) from orders`); err != nil || n != rounds+1 {
		t.Errorf("%d orders, want %d (%v)", n, rounds+1, err)
	}
	r.found("%d commits whose answer was lost, each had one effect; %d were answered the first time too, and asked again alike", lost, same)
	r.prove(s, c)
}

// loseAnswer sends a request, cuts the line towards the server while its commit is under way, and sends the same again.
// Both times it must have had its effect, once.
func (r *row) loseAnswer(s *harness.Shop, mutation, inputType, token string, input map[string]any, lost, same *int) harness.Answer {
	r.Helper()
	var first harness.Answer
	var firstErr error
	var group sync.WaitGroup
	group.Go(func() {
		ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
		defer cancel()
		first, firstErr = s.Servers[0].Mutate(ctx, token, mutation, inputType, input)
	})
	r.eventually("the commit is under way", func() bool {
		n, err := s.Cluster.Number(r.Context(), committingSQL)
		return err == nil && n > 0
	})
	r.must(s.Proxy.Poison("timeout", "downstream", map[string]any{"timeout": 700}))
	*lost++
	r.eventually("the commit is done", func() bool {
		n, err := s.Cluster.Number(r.Context(), committingSQL)
		return err == nil && n == 0
	})
	r.sleep(500 * time.Millisecond) // until the line is cut
	s.Proxy.Heal(r.Context())
	group.Wait()
	var again harness.Answer
	r.eventually("the same request is answered", func() bool {
		var err error
		again, err = s.Servers[0].Mutate(r.Context(), token, mutation, inputType, input)
		return err == nil
	})
	if again.Order == nil {
		r.Fatalf("%s was committed, and then refused: %v", mutation, again.UserErrors)
	}
	if firstErr == nil {
		if first.Order == nil || first.Order.ID != again.Order.ID || first.AccessToken != again.AccessToken {
			r.Fatalf("%s was answered with %+v and then with %+v", mutation, first, again)
		}
		*same++
	}
	return again
}

// eventually waits for something that happens by itself.
func (r *row) eventually(what string, happens func() bool) {
	r.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !happens() {
		if time.Now().After(deadline) {
			r.Fatalf("after 30 s it is not so that %s", what)
		}
		r.sleep(20 * time.Millisecond)
	}
}
