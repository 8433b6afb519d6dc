package shoptest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fulfillment/flatrate"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// TestTheLifeOfAnOrderReadsNoWholeTable: with plans that read a whole table only where no index would do, none of the
// tables that grow with the shop is read whole, by no statement, trigger or constraint, while orders are placed, paid,
// given back by line, by gift card and whole, cancelled, expire, and are compared with the provider's books, and while a
// product is written anew. A statement that needs one would be as fast today, and slow in a year.
func TestTheLifeOfAnOrderReadsNoWholeTable(t *testing.T) {
	t.Parallel()
	url := pgtest.NewURL(t)
	owner, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(t.Context()) }()
	execute := func(sql string) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	execute(fmt.Sprintf(`alter database %s set enable_seqscan = off`, pgx.Identifier{owner.Config().Database}.Sanitize()))
	pool, err := pg.Open(t.Context(), pg.Config{URL: url, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := shoptest.New(t, func(c *shop.Config) {
		c.Pool, c.Rates = pool, flatrate.New(pool)
		c.Providers = []payment.Provider{testprovider.New(pool, testprovider.Options{})}
	})
	execute(`select pg_stat_reset()`)

	for _, state := range []shoptest.State{
		shoptest.Placed, shoptest.ActionRequired, shoptest.Confirmed, shoptest.Cancelled, shoptest.Expired,
	} {
		shoptest.Order(t, s, state)
	}
	paid := shoptest.Order(t, s, shoptest.Paid).Order
	card, one := payment.RefundToGiftCard, []payment.PaymentRefundLineInput{{LineItemID: paid.Lines[0].ID.String(), Quantity: 1}}
	for _, refund := range []payment.PaymentRefundInput{
		{IdempotencyKey: "a line, to a card", OrderID: paid.ID.String(), Lines: one, To: &card},
		{IdempotencyKey: "the rest", OrderID: paid.ID.String()},
	} {
		if _, err := s.Payments.Refund(t.Context(), access.SystemActor, refund); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Payments.Operate(t.Context(), paid.ID, "test", payment.Done{}); err != nil {
		t.Fatal(err)
	}
	if _, err := payment.PaymentsByOrder(t.Context(), s.Pool, []id.OrderID{paid.ID}); err != nil {
		t.Fatal(err)
	}
	if err := s.Payments.Reconcile(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	file := "Handle,Title,Variant SKU,Variant Price\norder-1,Another title,ORDER-1,30.00\n"
	if _, err := catalog.Import(t.Context(), s.Pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	s.Listed(t)
	pool.Close()
	patience := time.Now().Add(20 * time.Second)
	for alone := false; !alone; time.Sleep(10 * time.Millisecond) { // its connections tell at their end what they have counted
		if time.Now().After(patience) {
			t.Fatal("connections are left over")
		}
		const aloneSQL = `select not exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())`
		if err := owner.QueryRow(t.Context(), aloneSQL).Scan(&alone); err != nil {
			t.Fatal(err)
		}
	}

	const readWholeSQL = `
select relname::text
from pg_stat_user_tables
where relname = any($1)
  and seq_scan > 0
order by relname`
	growing := []string{
		"cart", "cart_line", "collection_product", "customer", "event", "event_feed", "giftcard", "giftcard_movement", "idempotency_key",
		"listing", "listing_variant", "metafield", "notification", "orders", "payment", "payment_attempt", "payment_callback",
		"order_key", "payment_operation", "payment_reconciliation_break", "payment_refund", "payment_refund_line", "product", "product_image",
		"product_media", "product_option", "product_option_value", "product_variant", "promotion_use", "reservation", "stock_item", "river_job", "stock_adjustment", "stock_level", "stock_movement", "test_provider_entry",
	}
	rows, err := owner.Query(t.Context(), readWholeSQL, growing)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(whole) > 0 {
		t.Errorf("read whole are: %s", strings.Join(whole, ", "))
	}
}
