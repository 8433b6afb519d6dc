package jobs_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// TestTheListingFollowsByItself: whoever writes knows no job, and yet what they have written is listed; so is what is
// sold out, and a rebuild that somebody asks for is done.
func TestTheListingFollowsByItself(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	const locations = `[{"id": "W", "name": "Warehouse", "kind": "WAREHOUSE", "shipsOnline": true, "default": true}]`
	if _, err := inventory.ImportLocations(t.Context(), o.Pool, strings.NewReader(locations), nil); err != nil {
		t.Fatal(err)
	}
	const file = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\nlamp,Lamp,LAMP,1,5\n"
	if _, err := catalog.Import(t.Context(), o.Pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported}); err != nil {
		t.Fatal(err)
	}
	at, err := position.Current(t.Context(), o.Pool)
	if err != nil {
		t.Fatal(err)
	}
	within := time.Now().Add(20 * time.Second)
	written := strconv.FormatInt(at[position.Catalog], 10)
	for err = o.Search.Await(t.Context(), written); err != nil; err = o.Search.Await(t.Context(), written) {
		if time.Now().After(within) {
			t.Fatalf("what was written is never listed: %v", err)
		}
	}
	forSale := func() int {
		ten := 10
		c, err := o.Search.Products(t.Context(), access.Actor{}, "lamp available_for_sale:true", catalog.SortTitle, pg.Page{First: &ten})
		if err != nil {
			t.Fatal(err)
		}
		return len(c.Nodes)
	}
	if n := forSale(); n != 1 {
		t.Fatalf("%d lamps can be bought", n)
	}
	shoptest.Shelve(t, o.Pool, `update stock_level set on_hand = 0`)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for ; forSale() != 0; <-ticker.C {
		if time.Now().After(within) {
			t.Fatal("what is sold out is never listed so")
		}
	}
	if err := o.Search.WantRebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	for ; ; <-ticker.C {
		listing, err := o.Search.Listing(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r := listing.Rebuild; r.FinishedAt != nil && !r.Wanted && !r.Unfinished {
			break
		}
		if time.Now().After(within) {
			t.Fatalf("the rebuild never ends: %+v", listing.Rebuild)
		}
	}
	if n := forSale(); n != 0 {
		t.Errorf("after the rebuild %d lamps can be bought", n)
	}
}
