package idempotency_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func request(key, input string) idempotency.Request {
	return idempotency.Request{Caller: "customer:1", Key: key, Operation: "orderPlace", Hash: []byte(input)}
}

// once is an operation as the domains write them: claim, effect, outcome.
func once(ctx context.Context, pool *pgxpool.Pool, r idempotency.Request, effect func() error) (idempotency.Outcome, bool, error) {
	var outcome idempotency.Outcome
	var repeated bool
	err := pg.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
		if outcome, repeated, err = idempotency.Claim(ctx, tx, r); err != nil || repeated {
			return err
		}
		if err := effect(); err != nil {
			return err
		}
		outcome = idempotency.Outcome{OrderID: id.NewOrderID(), Version: 1}
		return idempotency.Complete(ctx, tx, r, outcome)
	})
	return outcome, repeated, err
}

func nothing() error { return nil }

func TestSameKeyHasOneEffectAndOneOutcome(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const twins = 20
	var (
		group    sync.WaitGroup
		mutex    sync.Mutex
		effects  int
		outcomes = map[idempotency.Outcome]int{}
		failures []error
	)
	start := make(chan struct{})
	for range twins {
		group.Go(func() {
			<-start
			outcome, _, err := once(t.Context(), pool, request("k", "a"), func() error {
				mutex.Lock()
				defer mutex.Unlock()
				effects++
				return nil
			})
			mutex.Lock()
			defer mutex.Unlock()
			if err != nil {
				failures = append(failures, err)
				return
			}
			outcomes[outcome]++
		})
	}
	close(start)
	group.Wait()
	if effects != 1 || len(outcomes) != 1 || len(failures) != 0 {
		t.Errorf("%d effects, outcomes %v, errors %v; want one of each and no error", effects, outcomes, failures)
	}
	for outcome, n := range outcomes {
		if n != twins {
			t.Errorf("outcome %v was given %d times, want %d", outcome, n, twins)
		}
	}
}

func TestOtherInputUnderTheSameKeyIsRefused(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if _, _, err := once(t.Context(), pool, request("k", "a"), nothing); err != nil {
		t.Fatal(err)
	}
	must := func(r idempotency.Request, want error) {
		t.Helper()
		effect := func() error { t.Error("the effect was repeated"); return nil }
		if _, _, err := once(t.Context(), pool, r, effect); !errors.Is(err, want) {
			t.Errorf("%v: %v, want %v", r, err, want)
		}
	}
	must(request("k", "b"), idempotency.ErrReused)
	other := request("k", "a")
	other.Operation = "orderCancel"
	must(other, idempotency.ErrReused)

	foreign := request("k", "b")
	foreign.Caller = "customer:2"
	if _, repeated, err := once(t.Context(), pool, foreign, nothing); err != nil || repeated {
		t.Errorf("another caller's use of the key: repeated %t, %v", repeated, err)
	}
}

func TestRefusalKeepsNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	refused := errors.New("out of stock")
	if _, _, err := once(t.Context(), pool, request("k", "a"), func() error { return refused }); !errors.Is(err, refused) {
		t.Fatalf("%v, want the refusal", err)
	}
	if _, found, err := idempotency.Look(t.Context(), pool, request("k", "a")); found || err != nil {
		t.Errorf("after a refusal the key is found: %t, %v", found, err)
	}
	// The same key may try again, and even with other input.
	outcome, repeated, err := once(t.Context(), pool, request("k", "b"), nothing)
	if err != nil || repeated {
		t.Fatalf("the key may not try again: repeated %t, %v", repeated, err)
	}
	if kept, found, err := idempotency.Look(t.Context(), pool, request("k", "b")); err != nil || !found || kept != outcome {
		t.Errorf("kept %v, %t, %v; want %v", kept, found, err, outcome)
	}
}

func TestTwinWaitsForTheFirstAndNotForEver(t *testing.T) {
	t.Parallel()
	url := pgtest.NewURL(t)
	pool, err := pg.Open(t.Context(), pg.Config{URL: url, LockTimeout: 50_000_000}) // 50 ms
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	first, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := idempotency.Claim(t.Context(), first, request("k", "a")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := once(t.Context(), pool, request("k", "a"), nothing); !errors.Is(err, idempotency.ErrRunning) {
		t.Errorf("while the first runs: %v, want %v", err, idempotency.ErrRunning)
	}
	if err := first.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, repeated, err := once(t.Context(), pool, request("k", "a"), nothing); err != nil || repeated {
		t.Errorf("after the first gave up: repeated %t, %v", repeated, err)
	}
}

func TestKeysAreForgottenAfterThirtyDays(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, key := range []string{"old", "young"} {
		if _, _, err := once(t.Context(), pool, request(key, "a"), nothing); err != nil {
			t.Fatal(err)
		}
	}
	_, err := pool.Exec(t.Context(), `
update idempotency_key
set created_at = now() - case key when 'old' then interval '30 days 1 minute' else interval '29 days' end`)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := idempotency.Purge(t.Context(), pool, 100); n != 1 || err != nil {
		t.Errorf("forgot %d, %v; want 1", n, err)
	}
	if _, found, _ := idempotency.Look(t.Context(), pool, request("young", "a")); !found {
		t.Error("a key of 29 days was forgotten")
	}
}

func TestKeyHasOneTo255Characters(t *testing.T) {
	t.Parallel()
	for key, ok := range map[string]bool{
		"": false, "k": true, strings.Repeat("ä", 255): true, strings.Repeat("k", 256): false, "a\x00b": false, "a\xff": false,
	} {
		if err := idempotency.Check(key); (err == nil) != ok {
			t.Errorf("Check(%.20q) = %v", key, err)
		}
	}
}

func TestCallerIsTheAccountElseTheOrderElseTheCartElseTheContact(t *testing.T) {
	t.Parallel()
	keys, err := access.LoadKeys(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	customer := access.Actor{Kind: access.Customer, ID: id.New()}
	order, cart := id.NewOrderID(), id.New()
	caller := func(actor access.Actor, order id.OrderID, cart [16]byte, contact string) string {
		return idempotency.Caller(keys, actor, order, cart, contact)
	}
	if got := caller(customer, order, cart, "ada@example.com"); got != customer.Caller() {
		t.Errorf("a customer's keys belong to %q", got)
	}
	if got := caller(access.Actor{}, order, cart, "ada@example.com"); !strings.HasPrefix(got, "order:") {
		t.Errorf("a guest's keys belong to %q", got)
	}
	if got := caller(access.Actor{}, id.OrderID{}, cart, "ada@example.com"); !strings.HasPrefix(got, "cart:") {
		t.Errorf("a cart's keys belong to %q", got)
	}
	got := caller(access.Actor{}, id.OrderID{}, [16]byte{}, "ada@example.com")
	if !strings.HasPrefix(got, "contact:") || strings.Contains(got, "ada") {
		t.Errorf("a buyer's keys belong to %q; the address must not stand there", got)
	}
	if other := caller(access.Actor{}, id.OrderID{}, [16]byte{}, "bob@example.com"); other == got {
		t.Error("two buyers share their keys")
	}
}
