package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// bench is a small shop: a warehouse "W", a second one "X", stores "N" (near) and "F" (far).
type bench struct {
	*testing.T
	pool      *pgxpool.Pool
	locations map[string]id.LocationID
	variants  map[string]id.ProductVariantID
}

const benchLocations = `[
	{"id": "W", "name": "Warehouse", "kind": "WAREHOUSE", "shipsOnline": true, "default": true},
	{"id": "X", "name": "Overflow", "kind": "WAREHOUSE", "shipsOnline": true},
	{"id": "N", "name": "Near", "state": "NY", "location": {"lat": 40.75, "lon": -73.98}, "pickupCapacityPerHour": 1},
	{"id": "F", "name": "Far", "state": "CA", "location": {"lat": 34.05, "lon": -118.24}, "pickupLeadMinutes": 30}
]`

func open(t *testing.T, stock string) *bench {
	t.Helper()
	b := &bench{T: t, pool: pgtest.New(t), locations: map[string]id.LocationID{}, variants: map[string]id.ProductVariantID{}}
	if _, err := inventory.ImportLocations(t.Context(), b.pool, strings.NewReader(benchLocations), nil); err != nil {
		t.Fatal(err)
	}
	const products = "Handle,Title,Variant Price\nmug,Mug,5\npot,Pot,6\ncard,Gift card,7\n"
	if _, err := catalog.Import(t.Context(), b.pool, strings.NewReader(products), catalog.ImportOptions{Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	b.importStock(stock)
	rows, err := b.pool.Query(t.Context(), "select external_id, id from location")
	if err != nil {
		t.Fatal(err)
	}
	var name string
	var location id.LocationID
	if _, err := pgx.ForEachRow(rows, []any{&name, &location}, func() error { b.locations[name] = location; return nil }); err != nil {
		t.Fatal(err)
	}
	keys, err := catalog.VariantKeys(t.Context(), b.pool, []string{"mug", "pot", "card"}, nil)
	if err != nil || len(keys) != 3 {
		t.Fatal(keys, err)
	}
	for _, k := range keys {
		b.variants[k.Handle] = k.ID
	}
	return b
}

func (b *bench) importStock(rows string) int {
	b.Helper()
	n, err := inventory.ImportStock(b.Context(), b.pool, strings.NewReader("Location,Handle,On hand\n"+rows))
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func (b *bench) tx(fn func(tx pgx.Tx) error) error {
	b.Helper()
	return pg.InTx(context.WithoutCancel(b.Context()), b.pool, fn)
}

func (b *bench) reserve(order id.OrderID, lines ...inventory.Demand) error {
	b.Helper()
	return b.tx(func(tx pgx.Tx) error {
		until := time.Now().Add(time.Hour)
		return inventory.Reserve(b.Context(), tx, inventory.Reservation{OrderID: order, Lines: lines, ExpiresAt: &until})
	})
}

// ship and collect write demands by name.
func (b *bench) ship(variant string, n int) inventory.Demand {
	return inventory.Demand{VariantID: b.variants[variant], Quantity: n}
}

func (b *bench) collect(variant, store string, n int) inventory.Demand {
	location := b.locations[store]
	return inventory.Demand{VariantID: b.variants[variant], LocationID: &location, Quantity: n}
}

// shelves writes what lies where as "mug@W 5/2": on hand and reserved.
func (b *bench) shelves() string {
	b.Helper()
	const query = `
select coalesce(string_agg(format('%s@%s %s/%s', p.handle, c.external_id, l.on_hand, l.reserved), ', ' order by p.handle, c.external_id), '')
from stock_level l
join location c on c.id = l.location_id
join product_variant v on v.id = l.variant_id
join product p on p.id = v.product_id`
	var text string
	if err := b.pool.QueryRow(context.WithoutCancel(b.Context()), query).Scan(&text); err != nil {
		b.Fatal(err)
	}
	return text
}

func (b *bench) expect(want string) {
	b.Helper()
	if got := b.shelves(); got != want {
		b.Errorf("shelves: %s\nwant:    %s", got, want)
	}
	b.consistent()
}

// consistent checks what must hold at every moment: shelf = ledger, reserved = live reservations.
func (b *bench) consistent() {
	b.Helper()
	const query = `
select count(*)
from stock_level l
where l.on_hand <> (select coalesce(sum(delta), 0) from stock_movement m
                    where m.variant_id = l.variant_id and m.location_id = l.location_id)
   or l.reserved <> (select coalesce(sum(quantity), 0) from reservation r
                     where r.variant_id = l.variant_id and r.location_id = l.location_id and r.state in ('HELD', 'CONFIRMED'))`
	var broken int
	if err := b.pool.QueryRow(context.WithoutCancel(b.Context()), query).Scan(&broken); err != nil || broken != 0 {
		b.Errorf("%d shelves do not agree with ledger and reservations (%v)", broken, err)
	}
}

func (b *bench) outOfStock(err error) []inventory.Shortage {
	b.Helper()
	var out *inventory.OutOfStock
	if !errors.As(err, &out) {
		b.Fatalf("got %v, want out of stock", err)
	}
	return out.Shortages
}

func TestReserve(t *testing.T) {
	t.Parallel()
	t.Run("takes the whole order from one location where there is one", func(t *testing.T) {
		b := open(t, "W,mug,5\nX,mug,5\nX,pot,2\n")
		if err := b.reserve(id.NewOrderID(), b.ship("mug", 3), b.ship("pot", 1)); err != nil {
			t.Fatal(err)
		}
		b.expect("mug@W 5/0, mug@X 5/3, pot@X 2/1")
	})
	t.Run("uses the default location first", func(t *testing.T) {
		b := open(t, "X,mug,5\nW,mug,5\n")
		if err := b.reserve(id.NewOrderID(), b.ship("mug", 5)); err != nil {
			t.Fatal(err)
		}
		b.expect("mug@W 5/5, mug@X 5/0")
	})
	t.Run("splits a line only where no location has enough", func(t *testing.T) {
		b := open(t, "W,mug,3\nX,mug,2\nW,pot,1\n")
		if err := b.reserve(id.NewOrderID(), b.ship("mug", 5), b.ship("pot", 1)); err != nil {
			t.Fatal(err)
		}
		b.expect("mug@W 3/3, mug@X 2/2, pot@W 1/1")
	})
	t.Run("sums the demand of lines for the same variant", func(t *testing.T) {
		b := open(t, "W,mug,5\n")
		short := b.outOfStock(b.reserve(id.NewOrderID(), b.ship("mug", 3), b.ship("pot", 0+1), b.ship("mug", 3)))
		if len(short) != 1 || short[0].Wanted != 6 || short[0].Available != 5 || fmt.Sprint(short[0].Lines) != "[0 2]" || short[0].VariantID != b.variants["mug"] {
			t.Errorf("shortages: %+v", short)
		}
		b.expect("mug@W 5/0")
	})
	t.Run("names every shortage and takes nothing", func(t *testing.T) {
		b := open(t, "W,mug,5\nW,pot,0\n")
		short := b.outOfStock(b.reserve(id.NewOrderID(), b.ship("mug", 6), b.ship("pot", 1)))
		if len(short) != 2 || short[1].Available != 0 {
			t.Errorf("shortages: %+v", short)
		}
		b.expect("mug@W 5/0, pot@W 0/0")
	})
	t.Run("does not ship from stores", func(t *testing.T) {
		b := open(t, "W,mug,0\nN,mug,9\n")
		b.outOfStock(b.reserve(id.NewOrderID(), b.ship("mug", 1)))
		b.expect("mug@N 9/0, mug@W 0/0")
	})
	t.Run("takes a pick-up from its store only", func(t *testing.T) {
		b := open(t, "W,mug,5\nN,mug,1\n")
		if err := b.reserve(id.NewOrderID(), b.collect("mug", "N", 1)); err != nil {
			t.Fatal(err)
		}
		short := b.outOfStock(b.reserve(id.NewOrderID(), b.collect("mug", "N", 1)))
		if short[0].LocationID == nil || *short[0].LocationID != b.locations["N"] {
			t.Errorf("shortage: %+v", short[0])
		}
		b.expect("mug@N 1/1, mug@W 5/0")
	})
	t.Run("refuses a pick-up where nothing can be collected", func(t *testing.T) {
		b := open(t, "W,mug,5\n")
		err := b.reserve(id.NewOrderID(), b.collect("mug", "W", 1))
		if f, ok := fault.As(err); !ok || f.Code != "PICKUP_UNAVAILABLE" {
			t.Errorf("got %v", err)
		}
		b.expect("mug@W 5/0")
	})
	t.Run("has no end of what is not tracked", func(t *testing.T) {
		b := open(t, "W,mug,5\n")
		if err := b.reserve(id.NewOrderID(), b.ship("card", 1000), b.collect("card", "N", 3)); err != nil {
			t.Fatal(err)
		}
		b.expect("mug@W 5/0")
	})
	t.Run("refuses quantities that make no sense", func(t *testing.T) {
		b := open(t, "W,mug,5\n")
		for _, n := range []int{0, -1, 1 << 31} {
			if err := b.reserve(id.NewOrderID(), b.ship("mug", n)); !fault.IsKind(err, fault.Invalid) {
				t.Errorf("quantity %d: %v", n, err)
			}
		}
		if err := b.reserve(id.NewOrderID(), b.ship("mug", 1<<31-1), b.ship("mug", 1<<31-1)); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("a sum that wraps: %v", err)
		}
		b.expect("mug@W 5/0")
	})
}

func TestOrdersAreDecidedInArrivalOrder(t *testing.T) {
	t.Parallel()
	b := open(t, "W,mug,5\nW,pot,1\n")
	orders := []inventory.Reservation{
		{OrderID: id.NewOrderID(), Lines: []inventory.Demand{b.ship("mug", 3)}},
		{OrderID: id.NewOrderID(), Lines: []inventory.Demand{b.ship("mug", 3), b.ship("pot", 1)}},
		{OrderID: id.NewOrderID(), Lines: []inventory.Demand{b.ship("mug", 2), b.ship("pot", 1)}},
		{OrderID: id.NewOrderID(), Lines: []inventory.Demand{b.ship("pot", 1)}},
	}
	var answers []error
	err := b.tx(func(tx pgx.Tx) error {
		answers = nil
		batch := &pgx.Batch{}
		shelves := inventory.QueueLocks(batch, orders)
		if err := tx.SendBatch(b.Context(), batch).Close(); err != nil {
			return err
		}
		for _, order := range orders {
			_, err := shelves.Reserve(order)
			answers = append(answers, err)
		}
		batch = &pgx.Batch{}
		shelves.QueueWrites(batch)
		return tx.SendBatch(b.Context(), batch).Close()
	})
	if err != nil || answers[0] != nil || answers[2] != nil {
		t.Fatalf("answers: %v, %v", answers, err)
	}
	if short := b.outOfStock(answers[1]); len(short) != 1 || short[0].Available != 2 {
		t.Errorf("the second order: %+v", short)
	}
	if short := b.outOfStock(answers[3]); short[0].Available != 0 {
		t.Errorf("the fourth order: %+v", short)
	}
	b.expect("mug@W 5/5, pot@W 1/1")
}

func TestReleaseGivesBackOnceWhatIsHeld(t *testing.T) {
	t.Parallel()
	b := open(t, "W,mug,5\nW,pot,5\n")
	order, other := id.NewOrderID(), id.NewOrderID()
	for _, o := range []id.OrderID{order, other} {
		if err := b.reserve(o, b.ship("mug", 2), b.ship("pot", 1)); err != nil {
			t.Fatal(err)
		}
	}
	release := func() error {
		return b.tx(func(tx pgx.Tx) error { return inventory.Release(b.Context(), tx, order, "orderCancel") })
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := release(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.expect("mug@W 5/2, pot@W 5/1")
	if err := b.tx(func(tx pgx.Tx) error { return inventory.Release(b.Context(), tx, id.NewOrderID(), "nothing") }); err != nil {
		t.Error(err)
	}
	b.expect("mug@W 5/2, pot@W 5/1")
}

func TestFulfillTakesOffTheShelfOnce(t *testing.T) {
	t.Parallel()
	b := open(t, "W,mug,5\n")
	order := id.NewOrderID()
	if err := b.reserve(order, b.ship("mug", 2)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := b.tx(func(tx pgx.Tx) error {
			if err := confirm(b.Context(), tx, order); err != nil {
				return err
			}
			if err := inventory.Fulfill(b.Context(), tx, order, "system", "shipped"); err != nil {
				return err
			}
			return inventory.Release(b.Context(), tx, order, "too late")
		})
		if err != nil {
			t.Fatal(err)
		}
		b.expect("mug@W 3/0")
	}
}

func confirm(ctx context.Context, tx pgx.Tx, order id.OrderID) error {
	b := &pgx.Batch{}
	inventory.QueueConfirms(b, []id.OrderID{order})
	return tx.SendBatch(ctx, b).Close()
}

func TestConfirmAndExtendKeepTheHold(t *testing.T) {
	t.Parallel()
	b := open(t, "W,mug,5\n")
	order := id.NewOrderID()
	if err := b.reserve(order, b.ship("mug", 2)); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(48 * time.Hour).Truncate(time.Microsecond)
	state := func() (state string, expires *time.Time) {
		if err := b.pool.QueryRow(b.Context(), "select state, expires_at from reservation where order_id = $1", order).Scan(&state, &expires); err != nil {
			t.Fatal(err)
		}
		return state, expires
	}
	if err := b.tx(func(tx pgx.Tx) error { return inventory.Extend(b.Context(), tx, order, until) }); err != nil {
		t.Fatal(err)
	}
	if s, expires := state(); s != "HELD" || !expires.Equal(until) {
		t.Errorf("extended: %s %v", s, expires)
	}
	if err := b.tx(func(tx pgx.Tx) error { return confirm(b.Context(), tx, order) }); err != nil {
		t.Fatal(err)
	}
	if s, expires := state(); s != "CONFIRMED" || expires != nil {
		t.Errorf("confirmed: %s %v", s, expires)
	}
	b.expect("mug@W 5/2")
}

func TestManyBuyersOfOneHotVariantNeverOversell(t *testing.T) {
	t.Parallel()
	b := open(t, "W,mug,30\nX,mug,10\nW,pot,100\nX,pot,100\n")
	var sold, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			lines := []inventory.Demand{b.ship("mug", 1), b.ship("pot", 1)}
			if i%2 == 0 { // the other way round: the order of the lines must not matter
				lines[0], lines[1] = lines[1], lines[0]
			}
			order := id.NewOrderID()
			err := b.reserve(order, lines...)
			var out *inventory.OutOfStock
			switch {
			case err == nil:
				sold.Add(1)
			case errors.As(err, &out):
				refused.Add(1)
			default:
				t.Error(err)
			}
			if err == nil && i%5 == 0 {
				if err := b.tx(func(tx pgx.Tx) error { return inventory.Release(b.Context(), tx, order, "cancel") }); err != nil {
					t.Error(err)
				}
				sold.Add(-1)
			}
		})
	}
	wg.Wait()
	var reserved int64
	if err := b.pool.QueryRow(b.Context(), "select sum(reserved) from stock_level where variant_id = $1", b.variants["mug"]).Scan(&reserved); err != nil {
		t.Fatal(err)
	}
	if reserved != sold.Load() || reserved > 40 {
		t.Errorf("sold %d, refused %d, reserved %d of 40", sold.Load(), refused.Load(), reserved)
	}
	b.consistent()
}

func TestTheDatabaseItselfRefusesAPromiseBeyondTheShelf(t *testing.T) {
	t.Parallel()
	b := open(t, "W,mug,5\n")
	for _, statement := range []string{
		"update stock_level set reserved = 6",
		"update stock_level set reserved = -1",
		"update stock_level set on_hand = -1",
	} {
		if _, err := b.pool.Exec(b.Context(), statement); err == nil {
			t.Errorf("%s was taken", statement)
		}
	}
	for _, statement := range []string{"update stock_movement set delta = 1", "delete from stock_movement"} {
		if _, err := b.pool.Exec(b.Context(), statement); err == nil {
			t.Errorf("%s was taken", statement)
		}
	}
	b.expect("mug@W 5/0")
}

func TestBackordersPromiseBeyondTheShelf(t *testing.T) {
	t.Parallel()
	b := open(t, "")
	file := func(quantity, policy string) {
		t.Helper()
		text := "Handle,Title,Variant Price,Variant Inventory Qty,Variant Inventory Policy\nmug,Mug,5," + quantity + "," + policy + "\n"
		options := catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported}
		if _, err := catalog.Import(t.Context(), b.pool, strings.NewReader(text), options); err != nil {
			t.Fatal(err)
		}
	}
	file("2", "continue")
	if err := b.reserve(id.NewOrderID(), b.ship("mug", 5)); err != nil {
		t.Fatal(err)
	}
	a, err := inventory.Availability(t.Context(), b.pool, []id.ProductVariantID{b.variants["mug"]})
	if got := a[b.variants["mug"]]; err != nil || got.Quantity != 0 || !got.ForSale() || !got.Covers(100) {
		t.Errorf("available: %+v, %v", got, err)
	}
	b.expect("mug@W 2/5")
	file("2", "deny") // what is promised stays covered
	b.outOfStock(b.reserve(id.NewOrderID(), b.ship("mug", 1)))
	b.expect("mug@W 5/5")
	file("-3", "deny")
	b.expect("mug@W 5/5")
}

func TestStoresAreSortedByDistance(t *testing.T) {
	t.Parallel()
	b := open(t, "W,mug,5\nF,mug,2\n")
	mug, card := b.variants["mug"], b.variants["card"]
	newYork := &address.Coordinate{Latitude: 40.7, Longitude: -74}
	by, err := inventory.StoreAvailabilities(t.Context(), b.pool, []id.ProductVariantID{mug, card}, newYork)
	if err != nil {
		t.Fatal(err)
	}
	near, far := by[mug][0], by[mug][1]
	if len(by[mug]) != 2 || near.Location.Name != "Near" || near.Available || near.QuantityAvailable != 0 || *near.Distance > 10 {
		t.Errorf("near: %+v", near)
	}
	if far.Location.Name != "Far" || !far.Available || far.QuantityAvailable != 2 || far.PickUpTime != "Usually ready in 30 minutes" {
		t.Errorf("far: %+v", far)
	}
	if !by[card][0].Available || by[card][0].QuantityAvailable != 0 {
		t.Errorf("what is not tracked can be collected everywhere: %+v", by[card][0])
	}
	losAngeles := &address.Coordinate{Latitude: 34, Longitude: -118}
	first := 1
	page, err := inventory.Locations(t.Context(), b.pool, losAngeles, inventory.LocationsByDistance, pg.Page{First: &first})
	if err != nil || page.Nodes[0].Name != "Far" || !page.PageInfo.HasNextPage {
		t.Errorf("locations near Los Angeles: %+v, %v", page, err)
	}
	page, err = inventory.Locations(t.Context(), b.pool, losAngeles, inventory.LocationsByIDs, pg.Page{First: &first})
	if err != nil || page.Nodes[0].Name != "Far" {
		t.Errorf("locations near Los Angeles in no order: %+v, %v", page, err)
	}
	if _, err := inventory.Locations(t.Context(), b.pool, nil, inventory.LocationsByDistance, pg.Page{First: &first}); !fault.IsKind(err, fault.Invalid) {
		t.Errorf("distance from nowhere: %v", err)
	}
}

func TestStoresWithStockHaveEveryLine(t *testing.T) {
	t.Parallel()
	b := open(t, "N,mug,2\nF,mug,2\nF,pot,1\nW,mug,9\n")
	names := func(lines ...inventory.Demand) string {
		t.Helper()
		candidates, err := inventory.StoresWithStock(t.Context(), b.pool, lines)
		if err != nil {
			t.Fatal(err)
		}
		var text []string
		for _, c := range candidates {
			text = append(text, c.Location.Name)
		}
		return strings.Join(text, ", ")
	}
	if got := names(b.ship("mug", 2), b.ship("card", 5)); got != "Near, Far" {
		t.Errorf("two mugs: %s", got)
	}
	if got := names(b.ship("mug", 1), b.ship("pot", 1)); got != "Far" {
		t.Errorf("mug and pot: %s", got)
	}
	if got := names(b.ship("mug", 2), b.ship("mug", 1)); got != "" {
		t.Errorf("three mugs over two lines: %s", got)
	}
	order := id.NewOrderID()
	if err := b.reserve(order, b.collect("mug", "N", 2)); err != nil {
		t.Fatal(err)
	}
	if got := names(b.ship("mug", 1)); got != "Far" {
		t.Errorf("after a pick-up: %s", got)
	}
	if err := b.tx(func(tx pgx.Tx) error { return inventory.Release(b.Context(), tx, order, "cancel") }); err != nil {
		t.Fatal(err)
	}
	if got := names(b.ship("mug", 1)); got != "Near, Far" {
		t.Errorf("after its release: %s", got)
	}
}

func TestImportLocationsTakesARealFile(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	load := func() inventory.LocationSummary {
		t.Helper()
		file, err := os.Open("testdata/stores.json")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		s, err := inventory.ImportLocations(t.Context(), pool, file, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := load(); s.Created != 195 || s.UnreadHours != 0 || len(s.Ignored) != 0 {
		t.Errorf("first: %s", s)
	}
	if s := load(); s.Changed() || s.Unchanged != 195 {
		t.Errorf("second: %s", s)
	}
	first := 1
	page, err := inventory.Locations(t.Context(), pool, &address.Coordinate{Latitude: 44.8547, Longitude: -93.2456}, inventory.LocationsByDistance, pg.Page{First: &first})
	if err != nil {
		t.Fatal(err)
	}
	mall := page.Nodes[0]
	if mall.Name != "Mall of America" || *mall.ExternalID != "1000" || strings.Join(mall.Address.Formatted(), "|") != "340 W Market|Bloomington MN 55425|United States" ||
		*mall.Address.Province() != "Minnesota" || !mall.PickupEnabled || mall.ShipsOnline || mall.Kind != inventory.Store {
		t.Errorf("mall: %+v", mall)
	}
	if len(mall.Week) != 7 || mall.Week[6] != (inventory.OpeningHours{Day: inventory.Sunday, Opens: "11:00", Closes: "19:00"}) ||
		!strings.HasPrefix(*mall.OpeningHours(), "Mon: 10-9:30;") || mall.Services[5] != "Camera Experience Shop" {
		t.Errorf("mall: %+v %q", mall.Week, mall.Services)
	}
}

func TestImportLocationsTakesAwayWhatIsEmpty(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, c := range []struct{ file, state string }{
		{`[{"id": 1, "name": "A", "state": "Maine"}]`, "Maine"},
		{`[{"id": 1, "name": "A"}]`, "Maine"},
		{`[{"id": 1, "name": "A", "state": ""}]`, ""},
	} {
		if _, err := inventory.ImportLocations(t.Context(), pool, strings.NewReader(c.file), nil); err != nil {
			t.Fatal(err)
		}
		page, err := inventory.Locations(t.Context(), pool, nil, inventory.LocationsByName, pg.Page{First: new(1)})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if state := page.Nodes[0].Address.Province(); state != nil {
			got = *state
		}
		if got != c.state {
			t.Errorf("after %s the state is %q, want %q", c.file, got, c.state)
		}
	}
}

func TestImportLocationsNamesEachProblemAndWritesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for file, want := range map[string]string{
		``:                          "no JSON array",
		`{}`:                        "no JSON array",
		`[{"id": 1, "name": "A"}`:   "its ] is missing",
		`[{"id": 1, "name": "A"},]`: "entry 2",
		`[3]`:                       "entry 1: This is no object.",
		`[{"name": "A"}]`:           `entry 1, field "id": The id is missing.`,
		`[{"id": 1}]`:               `entry 1, field "name": The name is missing.`,
		`[{"id": 1, "name": "A"}, {"id": "1", "name": "B"}]`:                        `entry 2, field "id": Entry 1 has the id "1" too.`,
		`[{"id": 1, "name": "A", "state": "ZZ"}]`:                                   `entry 1, field "state": "ZZ" is no state of United States.`,
		`[{"id": 1, "name": "A", "country": "Atlantis"}]`:                           `field "country"`,
		`[{"id": 1, "name": "A", "location": {"lat": 91, "lon": 0}}]`:               `field "location"`,
		`[{"id": 1, "name": "A", "location": {"lat": 9}}]`:                          "Both lat and lon are needed.",
		`[{"id": 1, "name": "A", "services": "all"}]`:                               `field "services": The value is of the wrong type.`,
		`[{"id": 1, "name": "A", "pickupLeadMinutes": -1}]`:                         `field "pickupLeadMinutes"`,
		`[{"id": 1, "name": "A", "kind": "kiosk"}]`:                                 `field "kind"`,
		`[{"id": 5, "name": "good"}, {"id": 1, "name": "A", "zip": 12}, {"id": 2}]`: `entry 3`,
		// Each would take the place from the other at every import.
		`[{"id": 1, "name": "A", "default": true}, {"id": 2, "name": "B", "default": true}]`: `entry 2, field "default": Entry 1 is the default`,
		`[{"id": 1, "name": "A"}] [{"id": 2, "name": "B"}]`:                                  "goes on after its closing ]",
	} {
		_, err := inventory.ImportLocations(t.Context(), pool, strings.NewReader(file), nil)
		var bad *inventory.InvalidFile
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", file, err, want)
		}
	}
	var n int
	if err := pool.QueryRow(t.Context(), "select count(*) from location").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d locations were written (%v)", n, err)
	}
}

func TestImportStock(t *testing.T) {
	t.Parallel()
	b := open(t, "W,mug,5\n")
	if n := b.importStock("W,mug,5\nN,mug,2\n"); n != 1 {
		t.Errorf("applied %d figures, want the one that is new", n)
	}
	if n := b.importStock("W,mug,5\nNear,mug,2\n"); n != 0 {
		t.Errorf("the same figures: applied %d", n)
	}
	b.expect("mug@N 2/0, mug@W 5/0")
	for rows, want := range map[string]string{
		"Q,mug,1\n":            `row 2, column "Location": There is no location "Q".`,
		"W,cup,1\n":            "row 2: 0 variants are called that",
		"W,mug,x\n":            `row 2, column "On hand": "x" is no quantity.`,
		"W,,1\n":               "Give the product's handle or the SKU.",
		"W,mug,1\nW,mug,2\n":   "row 3: Row 2 counts the same shelf.",
		"W,mug,-1\nN,mug,1,\n": `"-1" is no quantity`,
	} {
		_, err := inventory.ImportStock(t.Context(), b.pool, strings.NewReader("Location,Handle,On hand\n"+rows))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", rows, err, want)
		}
	}
	b.expect("mug@N 2/0, mug@W 5/0")
}
