package access_test

import (
	"bytes"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func loadKeys(t *testing.T, pool *pgxpool.Pool) *access.Keys {
	t.Helper()
	keys, err := access.LoadKeys(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestProcessesThatStartAtOnceShareTheirKeys(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	order := id.NewOrderID()
	tokens := make([]string, 8)
	var all sync.WaitGroup
	for i := range tokens {
		all.Go(func() {
			keys, err := access.LoadKeys(t.Context(), pool)
			if err != nil {
				t.Error(err)
				return
			}
			tokens[i] = keys.OrderToken(order)
		})
	}
	all.Wait()
	for _, token := range tokens {
		if token == "" || token != tokens[0] {
			t.Fatalf("two processes gave different tokens of one order: %q", tokens)
		}
	}
}

func TestOrderTokenOpensItsOrderAlone(t *testing.T) {
	t.Parallel()
	keys := loadKeys(t, pgtest.New(t))
	mine, other := id.NewOrderID(), id.NewOrderID()
	token := keys.OrderToken(mine)
	if got, ok := keys.OpenOrderToken(token); !ok || got != mine {
		t.Errorf("the token opens %s, %t; want %s", got, ok, mine)
	}
	for name, forged := range map[string]string{
		"empty":            "",
		"no token":         "hello",
		"other order":      strings.Replace(keys.OrderToken(other), keys.OrderToken(other)[7:39], token[7:39], 1),
		"cut":              token[:len(token)-1],
		"longer":           token + "A",
		"upper-case order": token[:7] + strings.ToUpper(token[7:39]) + token[39:],
		"last bits":        token[:len(token)-1] + string(token[len(token)-1]+1),
		"another shop's":   loadKeys(t, pgtest.New(t)).OrderToken(mine),
	} {
		if got, ok := keys.OpenOrderToken(forged); ok {
			t.Errorf("%s: the token %q opens %s", name, forged, got)
		}
	}
}

func TestEachPurposeHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	keys := loadKeys(t, pgtest.New(t))
	data := []byte("data")
	signature := keys.Sign(access.CartSecrets, data)
	if !keys.Verify(access.CartSecrets, data, signature) {
		t.Error("a signature does not verify under its own key")
	}
	if keys.Verify(access.Cursors, data, signature) || bytes.Equal(signature, keys.Sign(access.OrderTokens, data)) {
		t.Error("a signature verifies under the key of another purpose")
	}
}

var home = netip.MustParseAddr("192.0.2.7")

func TestTenWrongPasswordsLockTheAccount(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	for i := range access.MaxAttempts {
		// each from another address, as a botnet would
		if _, err := attempts.Begin(t.Context(), "customer", "ada@example.com", netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})); err != nil {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	_, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home)
	locked, ok := fault.As(err)
	if !ok || locked.Kind != fault.Throttled {
		t.Fatalf("the eleventh try gave %v, want THROTTLED", err)
	}
	if locked.RetryAfter <= 29*time.Minute || locked.RetryAfter > access.AttemptWindow {
		t.Errorf("told to come back after %s, want 30 minutes", locked.RetryAfter)
	}
	for name, account := range map[string][2]string{"another account": {"customer", "eve@example.com"}, "another kind": {"staff", "ada@example.com"}} {
		if _, err := attempts.Begin(t.Context(), account[0], account[1], home); err != nil {
			t.Errorf("%s is locked too: %v", name, err)
		}
	}
}

func TestTenWrongPasswordsLockTheAddress(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	for i := range access.MaxAttempts {
		if _, err := attempts.Begin(t.Context(), "customer", string(rune('a'+i))+"@example.com", home); err != nil {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	if _, err := attempts.Begin(t.Context(), "staff", "new@example.com", home); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("an eleventh try from one address gave %v, want THROTTLED", err)
	}
	if _, err := attempts.Begin(t.Context(), "customer", "a@example.com", netip.MustParseAddr("192.0.2.8")); err != nil {
		t.Errorf("another address is locked too: %v", err)
	}
}

func TestALockedAddressLocksNoAccounts(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	for range access.MaxAttempts {
		_, _ = attempts.Begin(t.Context(), "customer", "eve@example.com", home)
	}
	for range 2 * access.MaxAttempts {
		if _, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home); !fault.IsKind(err, fault.Throttled) {
			t.Fatalf("a locked address may try: %v", err)
		}
	}
	if _, err := attempts.Begin(t.Context(), "customer", "ada@example.com", netip.MustParseAddr("192.0.2.8")); err != nil {
		t.Errorf("tries that were refused locked somebody else's account: %v", err)
	}
}

func TestTriesAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			switch _, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home); {
			case err == nil:
				allowed.Add(1)
			case !fault.IsKind(err, fault.Throttled):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := allowed.Load(); got != access.MaxAttempts {
		t.Errorf("%d of 100 tries at once were let in, want %d", got, access.MaxAttempts)
	}
}

func TestRightPasswordClearsTheAccountAndGivesTheAddressOneTryBack(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	begin := func(account string) access.Attempt {
		t.Helper()
		try, err := attempts.Begin(t.Context(), "customer", account, home)
		if err != nil {
			t.Fatal(err)
		}
		return try
	}
	for range 5 {
		begin("ada@example.com")
	}
	if err := begin("ada@example.com").Right(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Five wrong ones of the address still count: five more, and it is locked, though no account is.
	for range 5 {
		begin("ada@example.com")
	}
	if _, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("an address with ten wrong tries gave %v, want THROTTLED", err)
	}
	if _, err := attempts.Begin(t.Context(), "customer", "ada@example.com", netip.MustParseAddr("192.0.2.8")); err != nil {
		t.Errorf("the account was not cleared: %v", err)
	}
}

const endWindowsSQL = `update login_attempt set ends_at = now() - interval '1 second'`

func TestLockEnds(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	for range access.MaxAttempts + 5 {
		_, _ = attempts.Begin(t.Context(), "customer", "ada@example.com", home)
	}
	if _, err := pool.Exec(t.Context(), endWindowsSQL); err != nil {
		t.Fatal(err)
	}
	for i := range access.MaxAttempts {
		if _, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home); err != nil {
			t.Fatalf("try %d after the lock: %v", i+1, err)
		}
	}
	if _, err := pool.Exec(t.Context(), endWindowsSQL); err != nil {
		t.Fatal(err)
	}
	if err := attempts.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := pool.QueryRow(t.Context(), `select count(*) from login_attempt`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d counts are left, %v; want none", left, err)
	}
}

func TestAttemptsSwitchedOff(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), true)
	for range 3 * access.MaxAttempts {
		try, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home)
		if err != nil {
			t.Fatal(err)
		}
		if err := try.Right(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
