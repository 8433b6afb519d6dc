package search_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/position"
	"github.com/wharfhq/wharf/internal/search"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// listing is the whole live copy as text.
func (m market) listing() string {
	m.t.Helper()
	rows, err := m.Pool.Query(m.t.Context(), `
select l.product_id::text || ' ' || l.title || ' ' || l.digest || ' ' || coalesce(string_agg(v.variant_id::text || ' ' || v.price || ' ' || v.available, ',' order by v.variant_id), '')
from listing l
join listing_state s on s.live = l.copy
left join listing_variant v on v.copy = l.copy and v.product_id = l.product_id
group by l.copy, l.product_id
order by l.product_id`)
	if err != nil {
		m.t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		m.t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// write imports without listing.
func (m market) write(file string) {
	m.t.Helper()
	_, err := catalog.Import(m.t.Context(), m.Pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported})
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m market) positions() map[position.Realm]int64 {
	m.t.Helper()
	at, err := position.Current(m.t.Context(), m.Pool)
	if err != nil {
		m.t.Fatal(err)
	}
	return at
}

func TestTheBacklogIsSeenAndWaitedFor(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	before := m.positions()
	m.write(strings.Replace(shelf, "LMP-2,10", "LMP-2,12", 1))
	after := m.positions()
	if after[position.Catalog] != before[position.Catalog]+1 || after[position.Listing] != before[position.Listing] {
		t.Fatalf("a write moves the positions from %v to %v", before, after)
	}
	wanted := strconv.FormatInt(after[position.Catalog], 10)
	behind, err := m.Search.Listing(t.Context())
	if err != nil || behind.Backlog != 1 || behind.At != before[position.Catalog] || behind.CatalogAt != after[position.Catalog] || behind.OldestChangeAt == nil {
		t.Errorf("the listing is %+v (%v)", behind, err)
	}
	if err := m.Search.Await(t.Context(), strconv.FormatInt(before[position.Catalog], 10)); err != nil {
		t.Errorf("what is listed is waited for: %v", err)
	}
	var late *fault.Fault
	if err := m.Search.Await(t.Context(), wanted); !errors.As(err, &late) || late.Code != "LISTING_BEHIND" || late.Data["currentPosition"] != strconv.FormatInt(before[position.Catalog], 10) {
		t.Errorf("a listing that stays behind says %v", err)
	}
	waited := make(chan error)
	go func() { waited <- m.Search.Await(t.Context(), wanted) }()
	m.Listed(t)
	if err := <-waited; err != nil {
		t.Errorf("waiting for a refresh: %v", err)
	}
	now, err := m.Search.Listing(t.Context())
	if err != nil || now.Backlog != 0 || now.At != after[position.Catalog] || now.OldestChangeAt != nil || now.Products != 5 {
		t.Errorf("the listing is %+v (%v)", now, err)
	}
	if at := m.positions()[position.Listing]; at != before[position.Listing]+1 {
		t.Errorf("the refresh moves the listing from %d to %d", before[position.Listing], at)
	}
	for _, bad := range []string{"", "x", "-1", "01", "1.0", strconv.FormatInt(after[position.Catalog]+1, 10), "99999999999999999999"} {
		if err := m.Search.Await(t.Context(), bad); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("position %q: %v", bad, err)
		}
	}
}

func TestARefreshThatChangesNothingMovesNothing(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	before := m.positions()
	m.exec(`insert into listing_stale (product_id) select id from product`)
	m.Listed(t)
	if after := m.positions(); after[position.Listing] != before[position.Listing] {
		t.Errorf("the listing went from %v to %v", before, after)
	}
	m.exec(`insert into catalog_change (position, product_id) select 1, id from product where handle = 'c-chair'`)
	m.exec(`delete from product_variant where product_id in (select id from product where handle = 'c-chair')`)
	m.exec(`delete from product where handle = 'c-chair'`)
	m.Listed(t)
	if got := handles(m.find("", catalog.SortTitle, first(10))); got != "abd" || strings.Contains(m.listing(), "Chair") {
		t.Errorf("a product that is gone is listed: %q", got)
	}
}

// TestManyRefreshAtOnce: whatever writers and refreshers do side by side, in the end the listing is what a rebuild
// makes of the catalog.
func TestManyRefreshAtOnce(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	var all sync.WaitGroup
	for w := range 3 {
		all.Go(func() {
			for i := range 5 {
				file := strings.ReplaceAll(shelf, "delta Lamp", fmt.Sprintf("delta Lamp %d %d", w, i))
				if _, err := catalog.Import(t.Context(), m.Pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD"}); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 10 {
				if _, err := m.Search.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	m.Listed(t)
	before := m.listing()
	if err := m.Search.Rebuild(t.Context(), "test", nil); err != nil {
		t.Fatal(err)
	}
	if after := m.listing(); after != before {
		t.Errorf("refreshed:\n%s\nrebuilt:\n%s", before, after)
	}
}

func TestStockMovesProductsInTheListing(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	find := func() string { return handles(m.find("available_for_sale:true", catalog.SortTitle, first(10))) }
	if got := find(); got != "abc" {
		t.Fatal(got)
	}
	shoptest.Shelve(t, m.Pool, `update stock_level set on_hand = 0 where variant_id in (select v.id from product_variant v join product p on p.id = v.product_id where p.handle = 'b-table')`)
	n, err := m.Search.Reconcile(t.Context())
	if err != nil || n != 1 {
		t.Fatalf("%d products differ from the stock (%v)", n, err)
	}
	m.Listed(t)
	if got := find(); got != "ac" {
		t.Errorf("with the table sold out %q can be bought", got)
	}
	if n, err := m.Search.Reconcile(t.Context()); err != nil || n != 0 {
		t.Errorf("%d products differ still (%v)", n, err)
	}
	shoptest.Shelve(t, m.Pool, `update stock_level set on_hand = 9 where variant_id in (select v.id from product_variant v join product p on p.id = v.product_id where p.handle = 'b-table')`)
	keys, err := catalog.VariantKeys(t.Context(), m.Pool, []string{"b-table"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Search.StockMoved(t.Context(), keys[0].ID); err != nil {
		t.Fatal(err)
	}
	m.Listed(t)
	if got := find(); got != "abc" {
		t.Errorf("with the table back %q can be bought", got)
	}
}

// TestAProductThatCantBeListedHoldsNobodyUp: one can't be read into a row, the other can't be kept by an index.
func TestAProductThatCantBeListedHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	m.many(300)
	listed := m.positions()
	m.exec(`update product set published_at = '10000-01-01' where handle = 'c-chair'`)
	m.exec(`update product set title = (select string_agg(md5(n::text), '') from generate_series(1, 300) n) where handle = 'b-table'`)
	m.exec(`update product set title = 'Omega Lamp' where handle = 'a-lamp'`)
	m.exec(`update product set title = title || ' again' where handle ~ '^p[0-9]+$'`)
	m.exec(`insert into catalog_change (position, product_id) select 1, id from product`)
	m.Listed(t)
	state := func(refused, tries int) search.CatalogListing {
		t.Helper()
		l, err := m.Search.Listing(t.Context())
		if err != nil || l.Backlog != 0 || l.At != l.CatalogAt || l.RefusedCount != refused || len(l.Refused) != refused {
			t.Fatalf("the listing is %+v (%v)", l, err)
		}
		for _, r := range l.Refused {
			if r.Tries != tries || r.Since.IsZero() || r.At.Before(r.Since) {
				t.Errorf("%+v", r)
			}
		}
		return l
	}
	reasons := ""
	for _, r := range state(2, 1).Refused {
		reasons += r.Reason
	}
	if !strings.Contains(reasons, "year outside of range") || !strings.Contains(reasons, "index row") {
		t.Errorf("what is said of them: %s", reasons)
	}
	if got := handles(m.find("vendor:acme OR vendor:zen*", catalog.SortTitle, first(10))); got != "bda" {
		t.Errorf("with the others listed, the table as it was, and the chair far away: %q", got)
	}
	var again int
	if err := m.Pool.QueryRow(t.Context(), `select count(*) from listing where title like 'Product % again'`).Scan(&again); err != nil || again != 300 {
		t.Errorf("%d of the 300 others are listed (%v)", again, err)
	}
	if at := m.positions(); at[position.Listing] <= listed[position.Listing] {
		t.Errorf("the listing went from %v to %v", listed, at)
	}

	if _, err := m.Search.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.Listed(t)
	state(2, 1) // too early
	m.exec(`update listing_refused set since = since - interval '1 hour', at = at - interval '1 hour'`)
	if _, err := m.Search.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.Listed(t)
	state(2, 2)
	if err := m.Search.Rebuild(t.Context(), "test", nil); err != nil {
		t.Fatal(err)
	}
	if l := state(2, 3); l.Products != 303 {
		t.Errorf("rebuilt, %d products are listed, want all of 305 but two", l.Products)
	}

	m.exec(`update product set published_at = now(), title = initcap(handle) where handle in ('b-table', 'c-chair')`)
	m.exec(`insert into catalog_change (position, product_id) select 1, id from product`)
	m.Listed(t)
	state(0, 0)
	if got := handles(m.find("vendor:acme OR vendor:zen*", catalog.SortTitle, first(10))); got != "bcda" {
		t.Errorf("mended, %q are listed", got)
	}
}

// many adds products with two variants each, as quick as PostgreSQL can.
func (m market) many(n int) {
	m.t.Helper()
	m.exec(`insert into product (id, handle, title, currency, min_price, max_price, variants_count, published_at)
select gen_random_uuid(), 'p' || n, 'Product ' || n, 'USD', n, n, 2, now() from generate_series(1, $1::integer) n`, n)
	m.exec(`insert into product_variant (id, product_id, position, title, option_values, price, currency)
select gen_random_uuid(), p.id, v, 'Size ' || v, array['Size ' || v], v * 100, 'USD' from product p, generate_series(1, 2) v where p.handle ~ '^p[0-9]+$'`)
	m.exec(`insert into catalog_change (position, product_id) select 1, id from product`)
	m.Listed(m.t)
}

func TestTheListingIsRebuiltWhileItIsRead(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	m.many(1100)
	before := m.listing()

	reading, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	readers.Go(func() {
		for reading.Err() == nil {
			c, err := m.Search.Products(t.Context(), shopper, "lamp", catalog.SortTitle, first(10))
			if err != nil || handles(c) != "abd" {
				t.Errorf("while it is rebuilt %q is read (%v)", handles(c), err)
				return
			}
		}
	})
	var broken context.CancelFunc
	ctx, broken := context.WithCancel(t.Context())
	err := m.Search.Rebuild(ctx, "one", func(done int) {
		if done == 500 {
			if err := m.Search.Rebuild(t.Context(), "two", nil); !fault.IsKind(err, fault.Conflict) {
				t.Errorf("two rebuild at once: %v", err)
			}
			broken()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the broken rebuild ends with %v", err)
	}
	state, err := m.Search.Listing(t.Context())
	if err != nil || !state.Rebuild.Unfinished || state.Rebuild.Running || state.Rebuild.Done != 500 || state.Rebuild.FinishedAt != nil {
		t.Errorf("after the break the rebuild is %+v (%v)", state.Rebuild, err)
	}
	if got := m.listing(); got != before {
		t.Error("a rebuild that was broken off has changed the live copy")
	}

	m.load(strings.Replace(shelf, "LMP-2,10", "LMP-2,12", 1)) // reaches both copies
	changed := m.listing()
	var steps []int
	if err := m.Search.Rebuild(t.Context(), "two", func(done int) { steps = append(steps, done) }); err != nil {
		t.Fatal(err)
	}
	stop()
	readers.Wait()
	if fmt.Sprint(steps) != "[1000 1105 1105]" {
		t.Errorf("the second one goes on by %v", steps)
	}
	if got := m.listing(); got != changed || got == before {
		t.Error("the rebuilt listing differs from the refreshed one")
	}
	state, err = m.Search.Listing(t.Context())
	if err != nil || state.Rebuild.Unfinished || state.Rebuild.Running || state.Rebuild.FinishedAt == nil {
		t.Errorf("after the end the rebuild is %+v (%v)", state.Rebuild, err)
	}
	var left int
	if err := m.Pool.QueryRow(t.Context(), `
select count(*) from (select copy from listing union all select copy from listing_variant) l join listing_state s on s.live <> l.copy`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows of the old copy are left (%v)", left, err)
	}
	if p, err := catalog.ProductByHandle(t.Context(), m.Pool, access.SystemActor, "a-lamp"); err != nil || p.MinPrice != 1200 {
		t.Errorf("the lamp costs %d (%v)", p.MinPrice, err)
	}
}

// TestABundleIsListedWithItsParts: one whose part is withdrawn is sold out in lists with the same look at what has changed,
// and for sale again with the one after the part is back. Two products with bundles of each other come to rest.
func TestABundleIsListedWithItsParts(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	staff := access.Actor{Kind: access.Staff, ID: id.New(), Scopes: access.AllScopes()}
	variant := func(sku string) string {
		t.Helper()
		var found id.ProductVariantID
		if err := m.Pool.QueryRow(t.Context(), `select id from product_variant where sku = $1`, sku).Scan(&found); err != nil {
			t.Fatal(err)
		}
		return found.String()
	}
	const pairs = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Published\n" +
		"x-pair,Pair,Kind,One,X-ONE,5,3,true\nx-pair,,,Of y,X-SET,5,0,\ny-pair,Pair,Kind,One,Y-ONE,5,3,true\ny-pair,,,Of x,Y-SET,5,0,\n"
	m.write(pairs)
	for bundle, part := range map[string]string{"LMP-1": "LMP-2", "X-SET": "Y-ONE", "Y-SET": "X-ONE"} {
		_, err := m.Inventory.SetBundle(t.Context(), staff, inventory.ProductBundleSetInput{
			IdempotencyKey: bundle, VariantID: variant(bundle), Components: []inventory.ProductBundleComponentInput{{VariantID: variant(part), Quantity: 1}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	m.exec(`insert into listing_stale (product_id) select id from product on conflict do nothing`)
	m.Listed(t)
	listed := func() string {
		t.Helper()
		var skus string
		if err := m.Pool.QueryRow(t.Context(), `
select coalesce(string_agg(p.sku, ' ' order by p.sku), '')
from listing_variant v
join listing_state s on s.live = v.copy
join product_variant p on p.id = v.variant_id
where v.available and p.sku = any('{LMP-1,X-SET,Y-SET}')`).Scan(&skus); err != nil {
			t.Fatal(err)
		}
		return skus
	}
	if got := listed(); got != "LMP-1 X-SET Y-SET" {
		t.Fatalf("for sale are %q", got)
	}
	m.write(strings.Replace(shelf, "LMP-2,10,1,true", "LMP-2,10,1,false", 1))
	m.Listed(t)
	if got := listed(); got != "X-SET Y-SET" {
		t.Errorf("with a part that is withdrawn, for sale are %q", got)
	}
	m.write(shelf)
	m.write(strings.Replace(pairs, "X-ONE,5,3,true", "X-ONE,5,3,false", 1))
	m.Listed(t) // ends
	if got := listed(); got != "LMP-1 X-SET" {
		t.Errorf("with one part back and another gone, for sale are %q", got)
	}
}

// TestNobodyWaitsForEachOther: whoever notes what is stale while a refresh takes it comes through, and so do all who note the
// same products in other orders.
func TestNobodyWaitsForEachOther(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	variant := func(sku string) string {
		t.Helper()
		var found id.ProductVariantID
		if err := m.Pool.QueryRow(t.Context(), `select id from product_variant where sku = $1`, sku).Scan(&found); err != nil {
			t.Fatal(err)
		}
		return found.String()
	}
	staff := access.Actor{Kind: access.Staff, ID: id.New(), Scopes: access.AllScopes()}
	_, err := m.Inventory.SetBundle(t.Context(), staff, inventory.ProductBundleSetInput{
		IdempotencyKey: "bundle", VariantID: variant("LMP-1"), Components: []inventory.ProductBundleComponentInput{{VariantID: variant("LMP-2"), Quantity: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m.Listed(t)
	m.exec(`insert into listing_stale (product_id) select id from product where handle = 'b-table'`)
	m.write(strings.Replace(shelf, "LMP-2,10", "LMP-2,12", 1)) // the part of d-lamp

	tx, err := m.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), `insert into listing_stale (product_id) select id from product where handle = 'd-lamp'`); err != nil {
		t.Fatal(err)
	}
	refreshed := make(chan error, 1)
	go func() {
		_, err := m.Search.Refresh(t.Context())
		refreshed <- err
	}()
	for waits := false; !waits; {
		if len(refreshed) > 0 {
			t.Fatalf("the refresh waits for nobody: %v", <-refreshed)
		}
		if err := m.Pool.QueryRow(t.Context(), `
select exists (select from pg_stat_activity where pg_backend_pid() <> pid and $1 = any(pg_blocking_pids(pid)))`, tx.Conn().PgConn().PID()).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tx.Exec(t.Context(), `set local lock_timeout = '200ms'`); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `insert into listing_stale (product_id) select id from product where handle = 'b-table' on conflict do nothing`); err != nil {
		t.Errorf("noting what a refresh takes: %v", err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-refreshed; err != nil {
		t.Errorf("the refresh: %v", err)
	}

	many := make([]id.ProductID, 500)
	for i := range many {
		many[i] = id.NewProductID()
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 10 {
				mine := slices.Clone(many)
				rand.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
				if err := search.Touch(t.Context(), m.Pool, mine); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range 20 {
			if _, err := m.Search.Refresh(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	var deadlocks int
	if err := m.Pool.QueryRow(t.Context(), `select deadlocks from pg_stat_database where datname = current_database()`).Scan(&deadlocks); err != nil || deadlocks > 0 {
		t.Errorf("%d deadlocks (%v)", deadlocks, err)
	}
}
