package shoptest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/payment"
)

// Goods puts something on sale, through the importer that any shop uses, and gives its only variant.
func (s *Shop) Goods(t testing.TB, handle, price string, units int) id.ProductVariantID {
	t.Helper()
	file := fmt.Sprintf("Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n%s,%s,%s,%s,%d\n",
		handle, handle, strings.ToUpper(handle), price, units)
	_, err := catalog.Import(t.Context(), s.Pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported})
	if err != nil {
		t.Fatalf("import %s: %v", handle, err)
	}
	var variant id.ProductVariantID
	s.Listed(t)
	if err := s.Pool.QueryRow(t.Context(), `select id from product_variant where sku = $1`, strings.ToUpper(handle)).Scan(&variant); err != nil {
		t.Fatalf("find the variant of %s: %v", handle, err)
	}
	return variant
}

// Listed brings the listing up to date, as the background work does it all the time.
func (s *Shop) Listed(t testing.TB) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.Search.Refresh(t.Context()); err != nil {
			t.Fatalf("refresh the listing: %v", err)
		}
	}
}

// Place places an order of so many units, shipped to Albany, to be paid with these tokens of the test provider in
// turn.
func (s *Shop) Place(t testing.TB, key string, variant id.ProductVariantID, quantity int, tokens ...string) checkout.Placement {
	t.Helper()
	in := Wish(variant, quantity, tokens...)
	in.IdempotencyKey = key
	placed, err := s.Checkout.Place(t.Context(), access.Actor{}, in)
	if err != nil {
		t.Fatalf("place %s: %v", key, err)
	}
	return placed
}

// Wish is what Place asks for, under no key yet.
func Wish(variant id.ProductVariantID, quantity int, tokens ...string) checkout.OrderPlaceInput {
	text := func(v string) *string { return &v }
	in := checkout.OrderPlaceInput{
		Lines: []cart.CartLineInput{{MerchandiseID: variant.String(), Quantity: &quantity}},
		Buyer: &checkout.OrderBuyerInput{Email: text("ada@example.com")},
		Delivery: &checkout.OrderDeliveryInput{Shipping: &checkout.OrderShippingInput{Address: address.MailingAddressInput{
			FirstName: text("Ada"), LastName: text("Lovelace"), Address1: text("1 Main Street"), City: text("Albany"),
			Province: text("NY"), Zip: text("12207"), Country: text("US"),
		}}},
	}
	for _, token := range tokens {
		in.Payment = append(in.Payment, payment.Method{Provider: "test", Token: &token})
	}
	return in
}
