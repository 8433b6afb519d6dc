package files_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shoptest"
)

const stores = `[
	{"id": "W", "name": "Warehouse", "kind": "warehouse", "shipsOnline": true, "state": "CA"},
	{"id": 7, "name": "=Store", "city": "Oakland", "color": "blue"}
]`

func TestImportOfLocations(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	job := d.hand(files.CatalogImportInput{Kind: files.Locations}, stores)
	d.work()
	if got := d.now(job); got.State != files.Done || got.Total != 2 || got.Done != 2 || got.Created != 2 || len(got.Ignored) != 1 || got.Ignored[0] != "color" {
		t.Errorf("%+v %q", got, d.problems(job))
	}
	again := d.hand(files.CatalogImportInput{Kind: files.Locations}, strings.Replace(stores, "Oakland", "Berkeley", 1))
	d.work()
	if got := d.now(again); got.State != files.Done || got.Updated != 1 || got.Unchanged != 1 || got.Created != 0 {
		t.Errorf("again: %+v", got)
	}
	const bad = `[{"id": 1, "name": "One"}, {"id": 2}, 3, {"id": 4, "name": "Four", "kind": "kiosk"}]`
	want := "2 name: The name is missing.\n3 This is no object.\n4 kind: \"kiosk\" is no kind of location. Give STORE or WAREHOUSE."
	whole := d.hand(files.CatalogImportInput{Kind: files.Locations}, bad)
	d.work()
	if got := d.now(whole); got.State != files.Failed || got.Total != 4 || got.ProblemsCount != 3 {
		t.Errorf("all or nothing: %+v", got)
	}
	if got := strings.Join(d.problems(whole), "\n"); got != want {
		t.Errorf("problems\n%s\nwant\n%s", got, want)
	}
	part := d.hand(files.CatalogImportInput{Kind: files.Locations, Mode: p(files.GoodRows)}, bad)
	d.work()
	if got := d.now(part); got.State != files.Done || got.Done != 4 || got.Skipped != 3 || got.Created != 1 || d.count(`select count(*) from location`) != 3 {
		t.Errorf("the good entries: %+v", got)
	}
	for _, text := range []string{"{}", "[", `[{"id": 1, "name": "A"}`, `[{"id": 1, "name": "A"}] x`} {
		job := d.hand(files.CatalogImportInput{Kind: files.Locations, Mode: p(files.GoodRows)}, text)
		d.work()
		if got := d.now(job); got.State != files.Failed || *got.ErrorCode != files.InvalidFile || got.ProblemsCount != 1 {
			t.Errorf("%s: %+v %q", text, got, d.problems(job))
		}
	}
	if n := d.count(`select count(*) from location`); n != 3 {
		t.Errorf("%d locations", n)
	}
}

// shelves are all shelves, as the export has them.
func (d desk) shelves() string {
	d.Helper()
	job, err := d.StartExport(d.Context(), access.SystemActor, "USD", files.CatalogExportInput{Kind: p(files.Stock)})
	if err != nil {
		d.Fatal(err)
	}
	d.work()
	if job, err = d.Export(d.Context(), job.ID); err != nil || job.State != files.Done || job.Done != job.Total {
		d.Fatalf("%+v, %v", job, err)
	}
	return d.fetched(job.ID, files.ExportedFile)
}

func TestStockGoesOutAndComesBack(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.hand(files.CatalogImportInput{Kind: files.Locations}, stores)
	d.hand(files.CatalogImportInput{Kind: files.Products}, "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\nlamp,Lamp,,,=LMP,1\nshirt,Shirt,Size,S,S-1,1\nshirt,,,M,,1\n")
	d.work()
	in := d.hand(files.CatalogImportInput{Kind: files.Stock}, "Location,Handle,Option1 Value,On hand\nW,lamp,,5\n7,lamp,,1\nW,shirt,S,3\nW,shirt,M,4\n")
	d.work()
	if got := d.now(in); got.State != files.Done || got.Updated != 4 {
		t.Fatalf("%+v %q", got, d.problems(in))
	}
	shoptest.Shelve(t, d.pool, `update stock_level set on_hand = on_hand - 2 where on_hand = 5`) // somebody sells
	file := d.shelves()
	for _, row := range []string{
		"Location,Handle,Option1 Value,Option2 Value,Option3 Value,SKU,On hand,Available,Reserved,Damaged,Safety stock,Incoming\n",
		"\nW,lamp,,,,'=LMP,3,3,0,0,0,0\n", "\n7,lamp,,,,'=LMP,1,1,0,0,0,0\n", "\nW,shirt,S,,,S-1,3,3,0,0,0,0\n", "\nW,shirt,M,,,,4,4,0,0,0,0\n",
	} {
		if !strings.Contains("\n"+file, row) {
			t.Errorf("the file lacks %q:\n%s", row, file)
		}
	}
	if strings.Count(file, "\n") != 5 {
		t.Errorf("the file is\n%s", file)
	}
	movements := d.count(`select count(*) from stock_movement`)
	back := d.hand(files.CatalogImportInput{Kind: files.Stock}, file)
	d.work()
	if got := d.now(back); got.State != files.Done || got.Total != 4 || got.Done != 4 || got.ProblemsCount != 0 {
		t.Errorf("what came back: %+v %q", got, d.problems(back))
	}
	if n := d.count(`select count(*) from stock_movement`); n != movements || d.shelves() != file {
		t.Errorf("%d movements, then %d:\n%s", movements, n, d.shelves())
	}
	t.Run("a count is set, whatever a file has said before", func(t *testing.T) {
		again := d.hand(files.CatalogImportInput{Kind: files.Stock}, "Location,Handle,On hand\nW,lamp,5\n")
		d.work()
		if got := d.now(again); got.Updated != 1 {
			t.Errorf("%+v", got)
		}
		n := d.count(`select count(*) from stock_movement where cause_kind = 'import' and cause_id = 'stock:` + uuid.UUID(again.ID).String() + `' and delta = 2`)
		if n != 1 || d.count(`select sum(on_hand) from stock_level`) != 13 {
			t.Errorf("%d movements name the file; there are\n%s", n, d.shelves())
		}
	})
	t.Run("a variant that is no longer offered has no row", func(t *testing.T) {
		d.hand(files.CatalogImportInput{Kind: files.Products}, "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\nshirt,Shirt,Size,S,S-1,1\n")
		d.work()
		if got := d.shelves(); strings.Contains(got, "shirt,M") || strings.Count(got, "\n") != 4 {
			t.Errorf("the file is\n%s", got)
		}
	})
	t.Run("who may not see stock gets no file of it", func(t *testing.T) {
		reader := access.Actor{Kind: access.Partner, Scopes: access.Scopes{"catalog:read"}}
		bound := access.Actor{Kind: access.Staff, Scopes: access.AllScopes(), Bound: true, Locations: []id.LocationID{}}
		for name, actor := range map[string]access.Actor{"a reader of the catalog": reader, "somebody of one store": bound} {
			if _, err := d.StartExport(t.Context(), actor, "USD", files.CatalogExportInput{Kind: p(files.Stock)}); !errors.Is(err, fault.New(fault.Forbidden, "FORBIDDEN", "")) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := d.StartImport(t.Context(), bound, "USD", files.CatalogImportInput{Kind: files.Stock}); !errors.Is(err, fault.New(fault.Forbidden, "FORBIDDEN", "")) {
			t.Errorf("somebody of one store writes them all: %v", err)
		}
		done, err := d.Exports(t.Context(), pg.Page{First: p(1)})
		if err != nil || !done.Nodes[0].CanBeFetched(access.SystemActor) || done.Nodes[0].CanBeFetched(reader) || done.Nodes[0].CanBeFetched(bound) {
			t.Errorf("%+v, %v", done.Nodes, err)
		}
	})
}

// However often a turn is broken off, each shelf is moved once by a file.
func TestStockIsMovedOnceByAFile(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	if _, err := inventory.ImportLocations(t.Context(), d.pool, strings.NewReader(stores), nil); err != nil {
		t.Fatal(err)
	}
	const n = 1200
	var products, counts strings.Builder
	products.WriteString("Handle,Title,Variant SKU,Variant Price\n")
	counts.WriteString("Location,SKU,On hand\n")
	for i := range n {
		sku := strings.Repeat("s", i/26+1) + string(rune('a'+i%26))
		products.WriteString(sku + ",P," + sku + ",1\n")
		counts.WriteString("W," + sku + ",2\n")
	}
	d.hand(files.CatalogImportInput{Kind: files.Products}, products.String())
	d.work()
	job := d.hand(files.CatalogImportInput{Kind: files.Stock}, counts.String())
	for left := 1; d.now(job).State != files.Done; left++ { // each worker dies a transaction later
		other := d.another(&dying{d.pool, left})
		other.Hurry(time.Minute, 0)
		if _, err := other.Work(t.Context(), uuid.UUID(job.ID)); err != nil && !errors.Is(err, errDead) {
			t.Fatal(err)
		}
	}
	if got := d.now(job); got.Done != n || got.Updated != n || d.count(`select count(*) from stock_movement`) != n || d.count(`select sum(on_hand) from stock_level`) != 2*n {
		t.Errorf("%+v, %d movements", got, d.count(`select count(*) from stock_movement`))
	}
}
