package access_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
)

var cheap = access.HashCost{Memory: 64, Time: 1, Threads: 1}

func TestPasswordIsChecked(t *testing.T) {
	t.Parallel()
	p := access.NewPasswords(cheap)
	stored, err := p.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(stored, "correct") {
		t.Errorf("stored as %q, want a PHC string", stored)
	}
	for password, want := range map[string]bool{"correct horse": true, "Correct horse": false, "": false, "correct horse ": false} {
		if got, err := p.Check(t.Context(), stored, password); err != nil || got != want {
			t.Errorf("Check(%q) is %t, %v; want %t", password, got, err, want)
		}
	}
	again, _ := p.Hash(t.Context(), "correct horse")
	if again == stored {
		t.Error("two hashes of one password are equal: no salt")
	}
}

// The time of the answer must not tell whether an account exists, so the same work is done for both.
func TestNobodysPasswordCostsAHashToo(t *testing.T) {
	t.Parallel()
	p := access.NewPasswords(cheap)
	stored, _ := p.Hash(t.Context(), "correct horse")
	for name, hash := range map[string]string{"an account": stored, "no account": ""} {
		before := p.Computed()
		if ok, err := p.Check(t.Context(), hash, "wrong"); ok || err != nil {
			t.Errorf("%s: a wrong password gave %t, %v", name, ok, err)
		}
		if got := p.Computed() - before; got != 1 {
			t.Errorf("%s: %d hashes were computed, want 1", name, got)
		}
	}
}

func TestHashOfAnotherCostIsStale(t *testing.T) {
	t.Parallel()
	old := access.NewPasswords(cheap)
	stored, _ := old.Hash(t.Context(), "correct horse")
	today := access.NewPasswords(access.HashCost{Memory: 128, Time: 1, Threads: 1})
	if old.Stale(stored) || !today.Stale(stored) {
		t.Error("only the hash of another cost is stale")
	}
	if ok, err := today.Check(t.Context(), stored, "correct horse"); !ok || err != nil {
		t.Errorf("a stale hash is still good: %t, %v", ok, err)
	}
}

func TestBrokenHashIsAnError(t *testing.T) {
	t.Parallel()
	p := access.NewPasswords(cheap)
	for _, stored := range []string{
		"x", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$c3Vtc3Vtc3Vtc3Vtc3U", "$argon2id$v=18$m=64,t=1,p=1$c2FsdHNhbHQ$c3Vtc3Vtc3Vtc3Vtc3U",
		"$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$c3Vtc3Vtc3Vtc3Vtc3U", "$argon2id$v=19$m=64,t=0,p=1$c2FsdHNhbHQ$c3Vtc3Vtc3Vtc3Vtc3U",
		"$argon2id$v=19$m=64,t=1,p=1$$", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$",
	} {
		if ok, err := p.Check(t.Context(), stored, ""); ok || err == nil {
			t.Errorf("Check of %q gave %t, %v; want an error", stored, ok, err)
		}
	}
}

func TestFloodOfLoginsIsBusy(t *testing.T) {
	t.Parallel()
	p := access.NewPasswords(cheap)
	var all sync.WaitGroup
	var mu sync.Mutex
	var busy, other int
	for range 2000 {
		all.Go(func() {
			_, err := p.Check(context.Background(), "", "wrong")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case fault.IsKind(err, fault.Busy):
				busy++
			case err != nil:
				other++
			}
		})
	}
	all.Wait()
	if other != 0 {
		t.Errorf("%d logins failed otherwise than by BUSY", other)
	}
	if got := p.Computed() - 1; got != int64(2000-busy) {
		t.Errorf("%d hashes for %d logins let in", got, 2000-busy)
	}
}

func TestWhoStopsWaitingIsLetGo(t *testing.T) {
	t.Parallel()
	p := access.NewPasswords(cheap)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Hash(gone, "correct horse"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}
