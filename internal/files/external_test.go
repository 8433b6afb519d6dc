package files_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/id"
)

// names are the products with the names by which they are found.
func (d desk) names() (names string) {
	d.Helper()
	err := d.pool.QueryRow(d.Context(), `select coalesce(string_agg(concat_ws(' ', handle, title, owner, external_id), ', ' order by title), '') from product`).Scan(&names)
	if err != nil {
		d.Fatal(err)
	}
	return names
}

func TestProductsAreFoundByTheirExternalIDs(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	const head = "Handle,Title,Variant Price,External ID\n"
	in := files.CatalogImportInput{Kind: files.Products, Mode: p(files.GoodRows)}
	d.hand(in, head+"lamp,A lamp,1,E-1\ndesk,B desk,1,\nchair,C chair,1,E-3\n")
	d.work()
	if got := d.names(); got != "lamp A lamp shop E-1, desk B desk shop, chair C chair shop E-3" {
		t.Fatalf("at first there are %s", got)
	}
	var lamp id.ProductID
	if err := d.pool.QueryRow(t.Context(), `select id from product where handle = 'lamp'`).Scan(&lamp); err != nil {
		t.Fatal(err)
	}
	again := d.hand(in, head+"light,A light,1,E-1\ndesk,B desk,1,E-2\nchair,C chair,1,\n")
	d.work()
	if got := d.now(again); got.State != files.Done || got.Updated != 2 || got.Unchanged != 1 || got.ProblemsCount != 0 {
		t.Errorf("the second file: %+v %q", got, d.problems(again))
	}
	if got := d.names(); got != "light A light shop E-1, desk B desk shop E-2, chair C chair shop E-3" {
		t.Errorf("then there are %s", got)
	}
	if n := d.count(`select count(*) from product where handle = 'light' and id = '` + uuid.UUID(lamp).String() + `'`); n != 1 {
		t.Error("the lamp is another product")
	}
	bad := d.hand(in, head+"desk,X,1,E-1\nchair,X,1,E-9\nnew,New,1,N\nother,X,1,N\nlight,X,1,\nlights,D lights,1,E-1\n")
	d.work()
	want := []string{
		`2 Handle: The handle "desk" is that of another product than the one with the external id "E-1".`,
		`3 External ID: The product "chair" has another external id, "E-3".`,
		`5 External ID: Row 4 has the external id "N" too.`,
		`7 External ID: Row 2 has the external id "E-1" too.`,
		`7 Handle: Row 6 is about the same product.`,
	}
	if got := d.problems(bad); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("problems\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := d.now(bad); got.State != files.Done || got.Created != 1 || got.Updated != 1 || got.Skipped != 4 || got.ProblemsCount != 5 {
		t.Errorf("the bad rows: %+v", got)
	}
	if got := d.names(); got != "desk B desk shop E-2, chair C chair shop E-3, new New shop N, light X shop E-1" {
		t.Errorf("at last there are %s", got)
	}
	t.Run("across batches", func(t *testing.T) {
		job := d.hand(in, head+"new,New,1,\n"+strings.ReplaceAll(strings.TrimPrefix(plain(120), "Handle,Title,Variant Price\n"), "\n", ",\n")+"renamed,New,1,N\n")
		d.Hurry(0, time.Minute)
		d.work()
		if got := d.problems(job); len(got) != 1 || got[0] != `123 Handle: Row 2 is about the same product.` {
			t.Errorf("problems %q", got)
		}
	})
}

// plain is a file of so many products with one variant each.
func plain(n int) string {
	var file strings.Builder
	file.WriteString("Handle,Title,Variant Price\n")
	for i := range n {
		name := "plain-" + strings.Repeat("i", i+1)
		file.WriteString(name + ",Plain,1\n")
	}
	return file.String()
}

func TestExternalIDsAreEachPartnersOwn(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	partner := access.Actor{Kind: access.Partner, ID: uuid.New(), Scopes: access.Scopes{"catalog:write", "catalog:read"}}
	const head = "Handle,Title,Variant Price,External ID\n"
	hand := func(file string) files.ImportJob {
		job, err := d.StartImport(t.Context(), partner, "USD", files.CatalogImportInput{Kind: files.Products, Mode: p(files.GoodRows)})
		if err != nil {
			t.Fatal(err)
		}
		if job, err = d.Receive(t.Context(), partner, job.ID, strings.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		d.work()
		return d.now(job)
	}
	d.hand(files.CatalogImportInput{Kind: files.Products}, head+"lamp,Lamp,1,1\n")
	d.work()
	if got := hand(head + "desk,Desk,1,1\n"); got.Created != 1 {
		t.Errorf("the same id of a partner: %+v %q", got, d.problems(got))
	}
	took := hand(head + "lamp,Mine,1,7\n")
	if got := d.problems(took); took.Skipped != 1 || len(got) != 1 || got[0] != `2 External ID: The product "lamp" has an external id of somebody else.` {
		t.Errorf("a product with another's id: %+v %q", took, got)
	}
	out, err := d.StartExport(t.Context(), partner, "USD", files.CatalogExportInput{})
	if err != nil {
		t.Fatal(err)
	}
	d.work()
	file := d.fetched(out.ID, files.ExportedFile)
	if !strings.Contains(file, "\nlamp,Lamp,") || strings.Count(file, ",1,2") != 1 || !strings.Contains(file, "\ndesk,") {
		t.Errorf("the partner gets\n%s", file)
	}
	if _, whole := d.export(); strings.Count(whole, ",1,2") != 1 || !strings.Contains(whole, "External ID,Published At\nlamp,Lamp,") {
		t.Errorf("the shop gets\n%s", whole)
	}
}

// What has become wrong between the check and the writing is left out and told, and does not stop the rest.
func TestAShopThatChangesUnderAFile(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	job := d.hand(files.CatalogImportInput{Kind: files.Products}, "Handle,Title,Variant Price,External ID\nlamp,Lamp,1,E\ndesk,Desk,1,\n")
	d.Hurry(0, time.Minute)
	if _, err := d.Work(t.Context(), uuid.UUID(job.ID)); err != nil || d.now(job).State != files.Running {
		t.Fatalf("after the check: %+v, %v", d.now(job), err)
	}
	if _, err := d.pool.Exec(t.Context(), `insert into product (id, handle, title, currency, min_price, max_price, variants_count, owner, external_id)
values (gen_random_uuid(), 'lamp', 'Theirs', 'USD', 0, 0, 0, 'shop', 'F')`); err != nil {
		t.Fatal(err)
	}
	d.work()
	if got := d.now(job); got.State != files.Done || got.Created != 1 || got.Skipped != 1 || got.Done != 2 || got.ProblemsCount != 1 {
		t.Errorf("%+v", got)
	}
	if got := d.problems(job); len(got) != 1 || got[0] != `2 External ID: The product "lamp" has another external id, "F".` {
		t.Errorf("problems %q", got)
	}
	if got := d.names(); got != "desk Desk shop, lamp Theirs shop F" {
		t.Errorf("there are %s", got)
	}
}
