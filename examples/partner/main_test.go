package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/examples/internal/try"
	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/partners"
)

func TestPartner(t *testing.T) {
	shop := try.Open(t)
	variant := shop.Goods(t, "lamp", "25.00", 100)
	for i := range 25 { // more than one page
		shop.Place(t, fmt.Sprint("order ", i), variant, 1, "approve")
	}
	_, key, err := shop.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "ledger", Scopes: []string{"orders:read"}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := ledger(t.Context(), shop.URL, key, &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 25 || strings.Count(out.String(), "1 order.placed") != 25 {
		t.Errorf("%d orders were read, want 25:\n%s", lines, out.String())
	}
	if err := ledger(t.Context(), shop.URL, "wharf_test_nobody_x", &out); err == nil || !strings.HasPrefix(err.Error(), "UNAUTHENTICATED") {
		t.Errorf("a key that is none was answered with %v", err)
	}
}
