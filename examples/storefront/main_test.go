package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/examples/internal/try"
)

func TestStorefront(t *testing.T) {
	shop := try.Open(t)
	shop.Goods(t, "lamp", "25.00", 3)
	var out bytes.Buffer
	if err := shopping(t.Context(), shop.URL, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	at := 0
	for _, want := range []string{
		"buying lamp for 25.00 USD", "placed #", "order.placed", "payment.started", "payment.declined", "payment.started",
		"payment.authorized", "order.confirmed",
	} {
		i := strings.Index(out.String()[at:], want)
		if i < 0 {
			t.Fatalf("%q does not follow in\n%s", want, out.String())
		}
		at += i + len(want)
	}
}
