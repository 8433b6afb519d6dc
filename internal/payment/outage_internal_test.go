package payment

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"
)

// TestWhyAProviderIsSilent tells operators nothing that the provider or the network has said.
func TestWhyAProviderIsSilent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"late":    {fmt.Errorf("ask: %w", context.DeadlineExceeded), "it takes too long to answer"},
		"refuses": {fmt.Errorf("ask: %w", &net.OpError{Op: "dial", Err: errors.New("connection refused by 10.1.2.3")}), "it can't be reached"},
		"fails":   {errors.New("500: key=hunter2"), "it answers that it fails, or what can't be understood"},
	} {
		if got := silent(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestWhatOfABreakerIsNoted for all processes: no more than once in a pause of what stays the same, and every change.
func TestWhatOfABreakerIsNoted(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := newBreaker(10 * time.Second)
	heard := func(after time.Duration, charge string, answered bool) string {
		now = now.Add(after)
		b.answered(now, charge, answered)
		lasted, due := b.toNote(now, answered)
		if !due {
			return ""
		}
		return fmt.Sprint(answered, " ", lasted)
	}
	for i, c := range []struct {
		after    time.Duration
		charge   string
		answered bool
		want     string
	}{
		{0, "a", true, "true 0s"},
		{time.Second, "a", true, ""},
		{10 * time.Second, "a", true, "true 0s"},
		{time.Second, "a", false, ""},
		{time.Second, "b", false, ""},
		{time.Second, "c", false, ""},
		{time.Second, "d", false, ""},
		{time.Second, "e", false, "false 4s"},
		{time.Second, "f", false, ""}, // it was under way
		{10 * time.Second, "g", false, "false 15s"},
		{10 * time.Second, "h", true, "true 0s"},
		{time.Second, "h", true, ""},
	} {
		if got := heard(c.after, c.charge, c.answered); got != c.want {
			t.Errorf("call %d: noted is %q, want %q", i+1, got, c.want)
		}
	}
	b.unnoted()
	if got := heard(time.Second, "i", true); got != "true 0s" {
		t.Errorf("what could not be noted is noted next as %q", got)
	}
}
