package files_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/files"
)

// odd is a file whose texts are all that files get wrong.
const odd = "\xef\xbb\xbf" + `Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Status,Gift Card,SEO Title,SEO Description,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Weight Unit,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Variant Image,Tax Class,Image Src,Image Position,Image Alt Text,Collection
emoji,Lamp 🏮 👩‍🚀,<p>Fine 👋</p>,Ümlaut & Söhne,"a ""type""","zwei, 🏷️",true,active,false,"SEO, with comma","line one
line two",Size,Größe M,Farbe,"Red, ""dark""",S-1,12.345,g,1.50,2.00,true,false,'0123,https://img.example/b.png,reduced,https://img.example/a.png,1,"alt ""x""",Sale; Überall
emoji,,,,,,,,,,,,Größe L,,Blue,S-2,453.592,lb,0.00,,false,true,,,,https://img.example/b.png,2,,
emoji,,,,,,,,,,,,,,,,,,,,,,,,,/images/c.svg,3,خ,
rtl,مصباح,"<p dir=""rtl"">ضوء</p>",=cmd|' /C calc'!A0,+1,"-tag, @tag",false,draft,true,'=SUM(1),''+x,,,,,-SKU,,,3.00,,,,'=1,,,,,,
quotes,"'Tis ""fine""",<p>a;b	c</p>,,,,true,archived,false,,,Title,Default Title,,,,,,9.99,,,,,,,,,,Sale
`

// dump is everything of the catalog that people see, with the ids by which it is found again.
const dump = `
select coalesce(json_agg(to_json(x) order by x.handle), '[]')::text
from (
    select p.id, p.handle, p.title, p.description_html, p.vendor, p.product_type, p.tags, p.status, p.published_at, p.gift_card,
           p.seo_title, p.seo_description, p.option_names, p.updated_at,
           (select json_agg(to_json(v) order by v.position, v.id) from product_variant v where v.product_id = p.id) as variants,
           (select json_agg(to_json(i) order by i.position) from product_image i where i.product_id = p.id) as images,
           (select json_agg(c.handle order by c.handle) from collection_product m join collection c on c.id = m.collection_id where m.product_id = p.id) as collections
    from product p
) x`

func (d desk) dump() (text string) {
	d.Helper()
	if err := d.pool.QueryRow(d.Context(), dump).Scan(&text); err != nil {
		d.Fatal(err)
	}
	return text
}

// export writes all products into a file and fetches it.
func (d desk) export() (files.ExportJob, string) {
	d.Helper()
	job, err := d.StartExport(d.Context(), access.SystemActor, "USD", files.CatalogExportInput{})
	if err != nil {
		d.Fatal(err)
	}
	d.work()
	if job, err = d.Export(d.Context(), job.ID); err != nil {
		d.Fatal(err)
	}
	return job, d.fetched(job.ID, files.ExportedFile)
}

// fetched fetches a part of a job.
func (d desk) fetched(job [16]byte, part files.Part) string {
	d.Helper()
	now := time.Now()
	link, err := url.Parse(d.Link(now, job, part))
	if err != nil {
		d.Fatal(err)
	}
	var b bytes.Buffer
	query := link.Query()
	if err := d.Fetch(d.Context(), now, strings.Split(link.Path, "/")[2], string(part), query.Get("until"), query.Get("signature"), &b); err != nil {
		d.Fatal(err)
	}
	return b.String()
}

func TestWhatIsExportedComesBackAsItWas(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	first := d.hand(files.CatalogImportInput{Kind: files.Products}, odd)
	d.work()
	if got := d.now(first); got.State != files.Done || got.Created != 3 {
		t.Fatalf("%+v %q", got, d.problems(first))
	}
	if _, err := catalog.SetCollection(t.Context(), d.pool, access.SystemActor, "USD", catalog.CollectionSetInput{
		Handle: p("شاي"), Title: p("شاي"), ProductIDs: []string{},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.pool.Exec(t.Context(), `insert into collection_product (collection_id, product_id, position)
select c.id, p.id, 1 from collection c, product p where c.handle = 'شاي' and p.handle = 'rtl'`); err != nil {
		t.Fatal(err)
	}
	var vendor, seo, barcode string
	if err := d.pool.QueryRow(t.Context(), `select p.vendor, p.seo_description, v.barcode from product p join product_variant v on v.product_id = p.id where p.handle = 'rtl'`).Scan(&vendor, &seo, &barcode); err != nil ||
		vendor != `=cmd|' /C calc'!A0` || seo != `'+x` || barcode != "=1" {
		t.Errorf("formulas came in as %q, %q, %q, %v", vendor, seo, barcode, err)
	}
	before := d.dump()
	job, file := d.export()
	if job.State != files.Done || job.Total != 3 || job.Done != 3 || int(job.Bytes) != len(file) || *job.FirstPosition == 0 || *job.FirstPosition != *job.LastPosition {
		t.Errorf("export %+v of %d bytes", job, len(file))
	}
	for _, cell := range []string{`'=cmd|' /C calc'!A0`, `'+1`, `"'-tag, @tag"`, `''+x`, `'-SKU`, `'=1`, `"'Tis ""fine"""`} {
		if !strings.Contains(file, ","+cell+",") {
			t.Errorf("the file does not hold %s:\n%s", cell, file)
		}
	}
	again := d.hand(files.CatalogImportInput{Kind: files.Products}, file)
	d.work()
	if got := d.now(again); got.State != files.Done || got.Unchanged != 3 || got.Created+got.Updated != 0 {
		t.Errorf("the export imported: %+v %q", got, d.problems(again))
	}
	if after := d.dump(); after != before {
		t.Errorf("the catalog was\n%s\nand is\n%s", before, after)
	}
	if _, twice := d.export(); twice != file {
		t.Errorf("the second export is\n%s\nthe first was\n%s", twice, file)
	}
	t.Run("into an empty shop it brings the same", func(t *testing.T) {
		other := openDesk(t)
		other.hand(files.CatalogImportInput{Kind: files.Products}, file)
		other.work()
		_, copied := other.export()
		if want := strings.ReplaceAll(file, "شاي", "shy"); copied != want && copied != file {
			t.Errorf("the other shop exports\n%s\nnot\n%s", copied, file)
		}
	})
}

// TestWhatIsToBePublishedLaterGoesOutUnpublished, so that a shop that knows no dates keeps it back, and comes back with its
// date.
func TestWhatIsToBePublishedLaterGoesOutUnpublished(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.hand(files.CatalogImportInput{Kind: files.Products}, "Handle,Title,Variant Price,Published,Published At\nlater,A,1,false,2999-01-01T00:00:00Z\nlong,B,1,true,2020-05-01T10:00:00.123456Z\nnever,C,1,false,\n")
	d.work()
	before := d.dump()
	_, file := d.export()
	records, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	published, at := slices.Index(records[0], "Published"), slices.Index(records[0], "Published At")
	got := map[string][2]string{}
	for _, r := range records[1:] {
		got[r[0]] = [2]string{r[published], r[at]}
	}
	if want := map[string][2]string{"later": {"false", "2999-01-01T00:00:00Z"}, "long": {"true", "2020-05-01T10:00:00.123456Z"}, "never": {"false", ""}}; !maps.Equal(got, want) {
		t.Errorf("the file says %v, want %v", got, want)
	}
	again := d.hand(files.CatalogImportInput{Kind: files.Products}, file)
	d.work()
	if job := d.now(again); job.Unchanged != 3 || d.dump() != before {
		t.Errorf("the file came back as %+v %q", job, d.problems(again))
	}
	other := openDesk(t)
	other.hand(files.CatalogImportInput{Kind: files.Products}, file)
	other.work()
	if _, copied := other.export(); copied != file {
		t.Errorf("another shop exports\n%s\nnot\n%s", copied, file)
	}
}

func TestAnExportOfManyProducts(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.hand(files.CatalogImportInput{Kind: files.Products}, many(450))
	d.work()
	job, file := d.export()
	if job.Done != 450 || strings.Count(file, "\np-") != 900 {
		t.Errorf("%+v, %d rows", job, strings.Count(file, "\np-"))
	}
	for i := range 450 {
		if strings.Count(file, fmt.Sprintf("\np-%04d,", i)) != 2 {
			t.Errorf("product %d stands there %d times", i, strings.Count(file, fmt.Sprintf("\np-%04d,", i)))
		}
	}
	if n := d.count(`select count(*) from file_chunk k join file_job j on j.content_id = k.content_id where j.direction = 'EXPORT'`); n != 10 { // the header, and fifty products in each
		t.Errorf("the file is in %d pieces", n)
	}
}
