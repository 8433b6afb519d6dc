package faults_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/chaos/harness"
)

// What a server commits with a key waits at the end for whoever holds a lock: so a commit is under way for just as long
// as it takes to lose the answer to it.
const heldCommitSQL = `
create function held_commit() returns trigger language plpgsql as $$
begin
	if current_setting('application_name') = 'wharf serve' then
		perform pg_advisory_xact_lock_shared(10);
	end if;
	return null;
end $$;
create constraint trigger held_commit after insert or update on idempotency_key
	deferrable initially deferred for each row execute function held_commit();`

const (
	holdSQL = `select pg_advisory_lock(10)`
	freeSQL = `select pg_advisory_unlock(10)`
)

// Which session has sent its commit at this moment and waits at the end of it; 0 is none.
const committingSQL = `
select coalesce(max(pid), 0)
from pg_stat_activity
where application_name = 'wharf serve' and state = 'active' and lower(query) = 'commit' and wait_event = 'advisory'`

// Whether a session is there still, and at its commit.
const (
	thereSQL = `select count(*) from pg_stat_activity where pid = $1`
	heldSQL  = thereSQL + ` and state = 'active' and lower(query) = 'commit' and wait_event = 'advisory'`
)

func TestFault10_CommitAnswerLost(t *testing.T) {
	r := begin(t, 10, "the answer to a commit is lost")
	s := r.open(harness.Options{Proxied: true, Setup: heldCommitSQL})
	rounds := r.of(4, 50)
	var sum answers
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Shoppers: 1, Orders: 1, Plain: true, Methods: [][]string{{"approve"}}})
	c.Wait() // warms everything up, so that the only commits are ours
	for i := range rounds {
		order := r.loseAnswer(s, "orderPlace", "OrderPlaceInput", "", s.Wish(fmt.Sprint("place-", i), "approve"), &sum)
		id, token := order.Order.ID, order.AccessToken
		if i%2 == 0 {
			r.loseAnswer(s, "orderCancel", "OrderCancelInput", "", map[string]any{
				"idempotencyKey": fmt.Sprint("cancel-", i), "orderId": id, "accessToken": token,
			}, &sum)
			continue
		}
		r.eventually("the order is paid", func() bool { return s.Status(t.Context(), id, token) == "CONFIRMED" })
		r.loseAnswer(s, "paymentCapture", "PaymentCaptureInput", template.Staff, map[string]any{
			"idempotencyKey": fmt.Sprint("capture-", i), "orderId": id,
		}, &sum)
	}
	if want := r.of(7, 95); sum.lost < want { // a machine that stands still for five seconds gives a commit up before its line is cut
		t.Errorf("%d of %d answers were lost, want %d at least", sum.lost, rounds*2, want)
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
	r.found("%d of %d commits were seen to be under way when the line was cut, and their sessions to end with it: their answer was lost, each had one effect; %d were answered the first time too, and asked again alike",
		sum.lost, rounds*2, sum.same)
	r.prove(s, c)
}

// answers counts what became of requests whose answer from the database was to be lost.
type answers struct {
	lost int // the commit was sent and not yet answered when the line was cut, and the session ended with the line
	same int // answered all the same, and alike when it was asked again
}

// loseAnswer sends a request, cuts the line towards the server while its commit is under way, and sends the same again.
// Both times it must have had its effect, once.
func (r *row) loseAnswer(s *harness.Shop, mutation, inputType, token string, input map[string]any, sum *answers) harness.Answer {
	r.Helper()
	var first harness.Answer
	var firstErr error
	var group sync.WaitGroup
	r.must(s.Cluster.AsOwner(r.Context(), func(conn *pgx.Conn) error {
		ask := func(sql string, args ...any) (n int, err error) {
			err = conn.QueryRow(r.Context(), sql, args...).Scan(&n)
			return n, err
		}
		if _, err := conn.Exec(r.Context(), holdSQL); err != nil {
			return err
		}
		group.Go(func() {
			ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
			defer cancel()
			first, firstErr = s.Servers[0].Mutate(ctx, token, mutation, inputType, input)
		})
		session := 0
		r.eventually("the commit is under way", func() bool {
			var err error
			session, err = ask(committingSQL)
			return err == nil && session > 0
		})
		if err := s.Proxy.Poison("timeout", "downstream", map[string]any{"timeout": 700}); err != nil {
			return err
		}
		// Nothing comes through any more. Was it not answered before?
		held, err := ask(heldSQL, session)
		if err != nil {
			return err
		}
		if _, err := conn.Exec(r.Context(), freeSQL); err != nil {
			return err
		}
		r.eventually("the line is cut", func() bool {
			there, err := ask(thereSQL, session)
			return err == nil && there == 0
		})
		sum.lost += held
		return nil
	}))
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
		sum.same++
	}
	return again
}

// eventually waits for something that happens by itself.
func (r *row) eventually(what string, happens func() bool) {
	r.Helper()
	r.eventuallyWithin(30*time.Second, what, happens)
}

func (r *row) eventuallyWithin(patience time.Duration, what string, happens func() bool) {
	r.Helper()
	deadline := time.Now().Add(patience)
	for !happens() {
		if time.Now().After(deadline) {
			r.Fatalf("after %s it is not so that %s", patience, what)
		}
		r.sleep(20 * time.Millisecond)
	}
}
