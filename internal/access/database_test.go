package access_test

import (
	"bytes"
	"net/netip"
	"strconv"
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

// away is one of many other addresses.
func away(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, byte(i / 256), byte(i)}) }

// locked wants the answer to be a lock of half an hour that says so.
func locked(t *testing.T, what, says string, err error) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Throttled || f.Message != says {
		t.Fatalf("%s gave %v, want THROTTLED and %q", what, err, says)
	}
	if f.RetryAfter <= 29*time.Minute || f.RetryAfter > access.AttemptWindow {
		t.Errorf("%s: told to come back after %s, want 30 minutes", what, f.RetryAfter)
	}
}

const wrongPasswords = "Too many wrong passwords. Try again later."

func TestTenWrongPasswordsLockTheAccountForTheAddress(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	for i := range access.MaxAttempts {
		if _, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home); err != nil {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	for range 2 * access.MaxOfAddress { // and the rest of them use nothing up
		_, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home)
		locked(t, "the eleventh try", wrongPasswords, err)
	}
	for name, try := range map[string]struct {
		kind, account string
		from          netip.Addr
	}{
		"the owner at home": {"customer", "ada@example.com", away(1)},
		"a neighbor":        {"customer", "eve@example.com", home},
		"another kind":      {"staff", "ada@example.com", home},
		"a new shopper":     {"register", "ada@example.com", home},
	} {
		if _, err := attempts.Begin(t.Context(), try.kind, try.account, try.from); err != nil {
			t.Errorf("%s is locked out, too: %v", name, err)
		}
	}
}

func TestWrongPasswordsFromEverywhereLockTheAccount(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	for i := range access.MaxOfAccount {
		if _, err := attempts.Begin(t.Context(), "customer", "ada@example.com", away(i)); err != nil {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	_, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home)
	locked(t, "one more from a new address", wrongPasswords, err)
	if _, err := attempts.Begin(t.Context(), "customer", "eve@example.com", home); err != nil {
		t.Errorf("another account is locked, too: %v", err)
	}
}

// TestManyWrongPasswordsLockTheAddress: who goes through a list of accounts ends, and counts against none of them any more.
func TestManyWrongPasswordsLockTheAddress(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	for i := range access.MaxTaken {
		if _, err := attempts.Begin(t.Context(), "register", strconv.Itoa(i)+"@example.com", home); err != nil {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	for i := range 2 * access.MaxOfAccount {
		_, err := attempts.Begin(t.Context(), "register", "ada@example.com", home)
		if i < access.MaxAttempts {
			locked(t, "one more of the address", "Too many tries. Try again later.", err)
		}
	}
	for from, kind := range map[netip.Addr]string{home: "customer", away(1): "register"} {
		if _, err := attempts.Begin(t.Context(), kind, "ada@example.com", from); err != nil {
			t.Errorf("%s from %s is locked, too: %v", kind, from, err)
		}
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

// TestRightPasswordClearsTheAccountAndGivesTheAddressOneTryBack: the others it does not get back, or whoever has one account
// of their own could try for ever.
func TestRightPasswordClearsTheAccountAndGivesTheAddressOneTryBack(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	attempts := access.NewAttempts(pool, loadKeys(t, pool), false)
	begin := func(account string, from netip.Addr) access.Attempt {
		t.Helper()
		try, err := attempts.Begin(t.Context(), "customer", account, from)
		if err != nil {
			t.Fatal(err)
		}
		return try
	}
	for range 3 { // thrice as many as would lock it
		for range access.MaxAttempts - 1 {
			begin("ada@example.com", home)
		}
		if err := begin("ada@example.com", home).Right(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	used := 3 * (access.MaxAttempts - 1)
	for i := range access.MaxOfAddress - used {
		begin(strconv.Itoa(i)+"@example.com", home)
	}
	_, err := attempts.Begin(t.Context(), "customer", "ada@example.com", home)
	locked(t, "an address that has used up all", wrongPasswords, err)
	for i := range access.MaxOfAccount { // of the account nothing had counted any more
		begin("ada@example.com", away(i))
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
