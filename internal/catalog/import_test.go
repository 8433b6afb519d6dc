package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

var shopper = access.Actor{}

func importOptions() catalog.ImportOptions {
	return catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported}
}

func importText(t *testing.T, pool *pgxpool.Pool, text string) catalog.ImportSummary {
	t.Helper()
	summary, err := catalog.Import(t.Context(), pool, strings.NewReader(text), importOptions())
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return summary
}

func importReal(t *testing.T, pool *pgxpool.Pool) catalog.ImportSummary {
	t.Helper()
	file, err := os.Open("testdata/products.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	summary, err := catalog.Import(t.Context(), pool, file, importOptions())
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return summary
}

func product(t *testing.T, pool *pgxpool.Pool, handle string) (catalog.Product, []catalog.ProductVariant) {
	t.Helper()
	p, err := catalog.ProductByHandle(t.Context(), pool, shopper, handle)
	if err != nil {
		t.Fatalf("product %s: %v", handle, err)
	}
	variants, err := catalog.VariantsByProduct(t.Context(), pool, []id.ProductID{p.ID})
	if err != nil {
		t.Fatal(err)
	}
	return p, variants[p.ID]
}

func available(t *testing.T, pool *pgxpool.Pool, variant id.ProductVariantID) inventory.Available {
	t.Helper()
	a, err := inventory.Availability(t.Context(), pool, []id.ProductVariantID{variant})
	if err != nil {
		t.Fatal(err)
	}
	return a[variant]
}

func TestImportTakesAGenuineExport(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := importReal(t, pool)
	if s.Products != (catalog.Tally{Created: 20}) || s.Variants != (catalog.Tally{Created: 21}) ||
		s.Images != (catalog.Tally{Created: 21}) || s.Stock != 21 {
		t.Errorf("summary:\n%s", s)
	}
	if len(s.Ignored) != 16 || s.Ignored[0] != "Variant Inventory Tracker" {
		t.Errorf("ignored columns: %q", s.Ignored)
	}

	lamp, variants := product(t, pool, "floor-lamp")
	if lamp.Title != "Floor Lamp" || lamp.Vendor != "Company 123" || lamp.ProductType != "Indoor" ||
		strings.Join(lamp.Tags, "|") != "Black|Lamp" || lamp.DescriptionHTML != "<p>Black floor lamp</p>" ||
		lamp.Text != "Black floor lamp" || lamp.Status != catalog.Active || lamp.PublishedOn == nil {
		t.Errorf("floor lamp: %+v", lamp)
	}
	if len(variants) != 1 {
		t.Fatalf("floor lamp has %d variants", len(variants))
	}
	v := variants[0]
	if v.Title != catalog.DefaultTitle || v.SKU != nil || v.Price.String() != "69.99 USD" ||
		v.CompareAtPrice.String() != "85.00 USD" || !v.Taxable || !v.RequiresShipping || v.WeightUnit != catalog.Kilograms || !v.Offered {
		t.Errorf("floor lamp's variant: %+v", v)
	}
	if got := v.SelectedOptions(); len(got) != 1 || got[0] != (catalog.SelectedOption{Name: "Title", Value: "Default Title"}) {
		t.Errorf("options: %v", got)
	}
	if a := available(t, pool, v.ID); a != (inventory.Available{Tracked: true, Quantity: 1, Promisable: 1}) {
		t.Errorf("floor lamps available: %+v", a)
	}

	gloves, variants := product(t, pool, "gardening-gloves")
	if len(variants) != 2 || variants[0].Title != "Green" || variants[1].Title != "Yellow" ||
		variants[0].Price.String() != "9.99 USD" || variants[1].Price.String() != "15.99 USD" {
		t.Fatalf("gloves: %+v", variants)
	}
	if r := gloves.PriceRange(); r.MinVariantPrice.Minor != 999 || r.MaxVariantPrice.Minor != 1599 {
		t.Errorf("price range: %v", r)
	}
	if a := available(t, pool, variants[1].ID); a.Quantity != 3 {
		t.Errorf("yellow gloves available: %+v", a)
	}
	images, err := catalog.ImagesByProduct(t.Context(), pool, []id.ProductID{gloves.ID})
	if err != nil || len(images[gloves.ID]) != 2 || !strings.Contains(images[gloves.ID][1].Address, "photo-1528568257878") {
		t.Errorf("images: %+v, %v", images, err)
	}
	options, err := catalog.OptionsByProduct(t.Context(), pool, []id.ProductID{gloves.ID})
	if err != nil || len(options[gloves.ID]) != 1 || strings.Join(options[gloves.ID][0].Values(), "|") != "Green|Yellow" {
		t.Errorf("options: %+v, %v", options, err)
	}
	chairs, _ := product(t, pool, "black-armchairs")
	if !strings.HasPrefix(chairs.DescriptionHTML, "<h6><span>Description</span></h6>\n<p><span>Lorem ipsum") ||
		!strings.HasPrefix(chairs.Text, "Description Lorem ipsum") {
		t.Errorf("a body over several lines: %.80q, %.40q", chairs.DescriptionHTML, chairs.Text)
	}
	_, watering := product(t, pool, "watering-can")
	if a := available(t, pool, watering[0].ID); a.ForSale() {
		t.Errorf("the watering can has stock 0 and is for sale: %+v", a)
	}
}

func TestImportAgainChangesNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	importReal(t, pool)
	before := fingerprint(t, pool)
	s := importReal(t, pool)
	if s.Changed() || s.Products != (catalog.Tally{Unchanged: 20}) || s.Variants != (catalog.Tally{Unchanged: 21}) ||
		s.Images != (catalog.Tally{Unchanged: 21}) || s.Stock != 0 {
		t.Errorf("summary:\n%s", s)
	}
	if !strings.HasSuffix(s.String(), "nothing changed") {
		t.Errorf("the summary does not say that nothing changed:\n%s", s)
	}
	if after := fingerprint(t, pool); after != before {
		t.Errorf("the second import wrote:\n%s\nbefore:\n%s", after, before)
	}
}

// fingerprint shows whether any row of the catalog or its stock was written.
func fingerprint(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	const query = `
select string_agg(t, ' ' order by t)
from (
    select 'p' || xmin::text || ctid::text from product
    union all select 'v' || xmin::text || ctid::text from product_variant
    union all select 'i' || xmin::text || ctid::text from product_image
    union all select 'o' || xmin::text || ctid::text from product_option_value
    union all select 's' || xmin::text || ctid::text from stock_level
    union all select 'm' || xmin::text || ctid::text from stock_movement
) x(t)`
	var text string
	if err := pool.QueryRow(t.Context(), query).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestImportAfterSalesBringsNothingBack(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const file = "Handle,Title,Variant Price,Variant Inventory Qty\nmug,Mug,5.00,10\n"
	importText(t, pool, file)
	_, variants := product(t, pool, "mug")
	mug := variants[0].ID
	order := id.NewOrderID()
	inTx(t, pool, func(tx pgx.Tx) error {
		if err := inventory.Reserve(t.Context(), tx, inventory.Reservation{OrderID: order, Lines: []inventory.Demand{{VariantID: mug, Quantity: 4}}}); err != nil {
			return err
		}
		return inventory.Fulfill(t.Context(), tx, order, "system", "shipped")
	})
	if s := importText(t, pool, file); s.Changed() {
		t.Errorf("the same file again:\n%s", s)
	}
	if a := available(t, pool, mug); a.Quantity != 6 {
		t.Errorf("available after the same file: %+v", a)
	}
	if s := importText(t, pool, strings.Replace(file, ",10\n", ",12\n", 1)); s.Stock != 1 || s.Products.Unchanged != 1 {
		t.Errorf("another figure:\n%s", s)
	}
	if a := available(t, pool, mug); a.Quantity != 12 {
		t.Errorf("available after another figure: %+v", a)
	}
}

func TestImportNeedsThreeColumnsOnly(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	importReal(t, pool)
	s := importText(t, pool, "Handle,Title,Variant Price,Fancy,Fancy\nfloor-lamp,Floor Lamp,50,x,y\nnew-thing,New Thing,3.5,,\n")
	if s.Products != (catalog.Tally{Created: 1, Updated: 1}) || strings.Join(s.Ignored, "|") != "Fancy" {
		t.Errorf("summary:\n%s", s)
	}
	lamp, variants := product(t, pool, "floor-lamp")
	if variants[0].Price.String() != "50.00 USD" || variants[0].CompareAtPrice.String() != "85.00 USD" ||
		lamp.Vendor != "Company 123" || lamp.DescriptionHTML == "" || len(lamp.Tags) != 2 {
		t.Errorf("columns that the file has not were changed: %+v %+v", lamp, variants[0])
	}
	if a := available(t, pool, variants[0].ID); a.Quantity != 1 {
		t.Errorf("stock changed without a figure: %+v", a)
	}
	thing, variants := product(t, pool, "new-thing")
	if thing.Status != catalog.Active || variants[0].Price.String() != "3.50 USD" {
		t.Errorf("new thing: %+v %+v", thing, variants)
	}
	if a := available(t, pool, variants[0].ID); a.Tracked || !a.ForSale() {
		t.Errorf("a product without a figure is not tracked: %+v", a)
	}
	var bad *catalog.InvalidFile
	_, err := catalog.Import(t.Context(), pool, strings.NewReader("Handle,Title,Variant Price\ngardening-gloves,Gardening Gloves,1\n"), importOptions())
	if !errors.As(err, &bad) || bad.Problems[0].Row != 2 {
		t.Errorf("a product with options, without option columns: %v", err)
	}
}

func TestImportSanitizesDescriptions(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	importText(t, pool, `Handle,Title,Variant Price,Body (HTML)
x,X,1,"<p onclick=""steal()"">Safe <b>bold</b><script>alert(1)</script><a href=""javascript:alert(2)"">link</a><img src=x onerror=alert(3)><style>p{}</style><iframe src=""https://evil""></iframe></p>"
`)
	p, _ := product(t, pool, "x")
	if p.DescriptionHTML != `<p>Safe <b>bold</b>link<img src="x"></p>` {
		t.Errorf("sanitized: %s", p.DescriptionHTML)
	}
	if p.Text != "Safe boldlink" {
		t.Errorf("plain: %q", p.Text)
	}
}

func TestImportChangesWhatDiffers(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	importText(t, pool, `Handle,Title,Tags,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Image Src,Variant Image,Published,Collection
shirt,Shirt,"a, b",Size,S,Color,Red,S-R,10,https://img.example/1.png,https://img.example/2.png,true,Summer; Basics
shirt,,,,M,,Red,M-R,11,https://img.example/3.png,,,
shirt,,,,,,,,,https://img.example/4.png,,,
`)
	shirt, variants := product(t, pool, "shirt")
	small, medium := variants[0].ID, variants[1].ID
	if len(variants) != 2 || variants[1].Title != "M / Red" || variants[0].ImageID == nil {
		t.Fatalf("variants: %+v", variants)
	}
	collections, err := catalog.CollectionsByProduct(t.Context(), pool, shopper, []id.ProductID{shirt.ID})
	if err != nil || len(collections[shirt.ID]) != 2 || collections[shirt.ID][0].Handle != "basics" {
		t.Errorf("collections: %+v, %v", collections, err)
	}
	s := importText(t, pool, `Handle,Title,Tags,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Image Src,Variant Image,Published,Collection
shirt,Shirt,"b, a",Size,M,Color,Red,M-R,11,https://img.example/3.png,,true,
shirt,,,,L,,Red,L-R,12,https://img.example/1.png,,,
`)
	if s.Products != (catalog.Tally{Updated: 1}) || s.Variants != (catalog.Tally{Created: 1, Updated: 1, Removed: 1}) ||
		s.Images != (catalog.Tally{Updated: 2, Removed: 2}) {
		t.Errorf("summary:\n%s", s)
	}
	shirt, variants = product(t, pool, "shirt")
	if len(variants) != 2 || variants[0].ID != medium || variants[1].Title != "L / Red" || shirt.VariantCount != 2 {
		t.Errorf("variants: %+v", variants)
	}
	byID, err := catalog.VariantsByID(t.Context(), pool, []id.ProductVariantID{small, medium})
	if err != nil || byID[small].Offered || !byID[medium].Offered || byID[small].ImageID != nil {
		t.Errorf("a removed variant is still offered: %+v, %v", byID, err)
	}
	if collections, err = catalog.CollectionsByProduct(t.Context(), pool, shopper, []id.ProductID{shirt.ID}); err != nil || len(collections[shirt.ID]) != 2 {
		t.Errorf("an empty cell took the product out of its collections: %+v, %v", collections, err)
	}
	s = importText(t, pool, `Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price
shirt,Shirt,Size,S,Color,Red,9
`)
	if _, variants = product(t, pool, "shirt"); len(variants) != 1 || variants[0].ID != small || variants[0].Price.Minor != 900 || !variants[0].Offered {
		t.Errorf("a variant that comes back: %+v\n%s", variants, s)
	}
}

func TestImportHidesWhatIsNotPublished(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	importText(t, pool, "Handle,Title,Variant Price,Status,Published\na,A,1,draft,true\nb,B,1,active,false\nc,C,1,ACTIVE,TRUE\nd,D,1,,\n")
	staff := access.Actor{Kind: access.Staff, Scopes: access.Scopes{"catalog:read"}}
	for handle, visible := range map[string]bool{"a": false, "b": false, "c": true, "d": true} {
		if _, err := catalog.ProductByHandle(t.Context(), pool, shopper, handle); (err == nil) != visible {
			t.Errorf("shoppers see %s: %v", handle, err)
		}
		if _, err := catalog.ProductByHandle(t.Context(), pool, staff, handle); err != nil {
			t.Errorf("staff sees %s: %v", handle, err)
		}
	}
}

// TestImportPublishesAtTheDateOfTheFile, and keeps back what the file does not call published.
func TestImportPublishesAtTheDateOfTheFile(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const head = "Handle,Title,Variant Price,Published,Published At\n"
	importText(t, pool, head+"later,A,1,false,2999-01-01T00:00:00Z\nsurely,A,1,true,2999-01-01\nlong,A,1,true,2020-05-01T12:00:00.000001+02:00\nhidden,A,1,false,2020-05-01\nnow,A,1,true,\nempty,A,1,,2020-05-01\nother,A,1,true,2020-05-01 08:00:00 -0400\n")
	published := func(handle string) string {
		t.Helper()
		p, err := catalog.ProductByHandle(t.Context(), pool, access.SystemActor, handle)
		if err != nil {
			t.Fatal(err)
		}
		if p.PublishedOn == nil {
			return ""
		}
		return p.PublishedOn.UTC().Format(time.RFC3339Nano)
	}
	for handle, want := range map[string]string{
		"later": "2999-01-01T00:00:00Z", "surely": "2999-01-01T00:00:00Z", "long": "2020-05-01T10:00:00.000001Z", "hidden": "", "empty": "2020-05-01T00:00:00Z", "other": "2020-05-01T12:00:00Z",
	} {
		if got := published(handle); got != want {
			t.Errorf("%s is published at %q, want %q", handle, got, want)
		}
	}
	importText(t, pool, head+"first,A,1,true,0001-02-01T00:00:00Z\nold,A,1,true,1890-05-01\nlast,A,1,true,9999-12-31T23:59:59Z\nlocal,A,1,true,2020-05-01T10:00:00\nspaced,A,1,true,2020-05-01 10:00\nutc,A,1,true,2020-05-01 10:00:00 UTC\n")
	for handle, want := range map[string]string{
		"first": "0001-02-01T00:00:00Z", "old": "1890-05-01T00:00:00Z", "last": "9999-12-31T23:59:59Z",
		"local": "2020-05-01T10:00:00Z", "spaced": "2020-05-01T10:00:00Z", "utc": "2020-05-01T10:00:00Z",
	} {
		if got := published(handle); got != want {
			t.Errorf("%s is published at %q, want %q", handle, got, want)
		}
	}
	if at := published("now"); at < "2026" || at > "2900" {
		t.Errorf("what is published without a date is so at %q", at)
	}
	// Without the column of truth the date decides, and without a date all stays.
	importText(t, pool, "Handle,Title,Variant Price,Published At\nlater,A,1,2998-01-01\nlong,A,1,\nhidden,A,1,\n")
	for handle, want := range map[string]string{"later": "2998-01-01T00:00:00Z", "long": "2020-05-01T10:00:00.000001Z", "hidden": ""} {
		if got := published(handle); got != want {
			t.Errorf("then %s is published at %q, want %q", handle, got, want)
		}
	}
	// Whoever hides what has a date hides it.
	importText(t, pool, head+"long,A,1,false,2020-05-01T10:00:00.000001Z\nlater,A,1,false,\n")
	if long, later := published("long"), published("later"); long != "" || later != "" {
		t.Errorf("what was hidden is published at %q and %q", long, later)
	}
}

func TestImportNamesEachProblemAndWritesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const head = "Handle,Title,Variant Price,"
	for name, c := range map[string]struct {
		file string
		want string
	}{
		"empty file":             {"", "The file is empty."},
		"missing column":         {"Handle,Title\na,A\n", `row 1, column "Variant Price": The column is missing.`},
		"semicolons":             {"Handle;Title;Variant Price\na;A;1\n", "separated by commas"},
		"column twice":           {"Handle,Title,Variant Price,title\na,A,1,B\n", `row 1, column "Title": The column is there twice.`},
		"UTF-16":                 {"\xff\xfeH\x00a\x00", "UTF-16"},
		"bad UTF-8":              {"Handle,Title,Variant Price\na,\xe9t\xe9,1\n", `row 2, column "Title": This is no UTF-8.`},
		"zero character":         {"Handle,Title,Variant Price\na,A\x00B,1\n", "zero character"},
		"open quote":             {"Handle,Title,Variant Price\na,\"A,1\nb,B,2\n", "row 2 (line 3): This is no CSV, at character 7 of the line"},
		"short row":              {"Handle,Title,Variant Price\na,A\n", "row 2: The row has 2 fields, the header 3."},
		"no handle":              {"Handle,Title,Variant Price\n,A,1\n", `row 2, column "Handle": The handle is missing.`},
		"handle with a slash":    {"Handle,Title,Variant Price\na/b,A,1\n", `column "Handle"`},
		"no title":               {"Handle,Title,Variant Price\na,,1\n", `row 2, column "Title": The title is missing.`},
		"no price":               {"Handle,Title,Variant Price\na,A,\n", `row 2, column "Variant Price": The price is missing.`},
		"negative price":         {"Handle,Title,Variant Price\na,A,-1\n", "can't be negative"},
		"price with a comma":     {"Handle,Title,Variant Price\na,A,\"1,50\"\n", `"1,50" is no price in USD. Write it like 12.50.`},
		"three decimals":         {"Handle,Title,Variant Price\na,A,1.505\n", `"1.505" is no price`},
		"huge price":             {"Handle,Title,Variant Price\na,A,99999999999999999999\n", "is no price"},
		"row after a long cell":  {"Handle,Title,Variant Price,Body (HTML)\na,A,1,\"x\ny\nz\"\nb,B,x,\n", `row 3 (line 5), column "Variant Price"`},
		"handle comes back":      {"Handle,Title,Variant Price\na,A,1\nb,B,1\nA,A,1\n", `row 4, column "Handle": The product "a" began in row 2.`},
		"title differs":          {head + "Option1 Name,Option1 Value\na,A,1,Size,S\na,B,1,,M\n", `row 3, column "Title"`},
		"variant twice":          {head + "Option1 Name,Option1 Value\na,A,1,Size,S\na,,1,,S\n", `row 3, column "Option1 Value": The product has the variant "S" twice.`},
		"default variant twice":  {"Handle,Title,Variant Price\na,A,1\na,,2\n", `row 3, column "Handle": The product has the variant "Default Title" twice.`},
		"value without name":     {head + "Option1 Name,Option1 Value\na,A,1,,S\n", `column "Option1 Name"`},
		"name without value":     {head + "Option1 Name,Option1 Value\na,A,1,Size,\n", `row 2, column "Option1 Value": The variant has no value for the option "Size".`},
		"option twice":           {head + "Option1 Name,Option1 Value,Option2 Name,Option2 Value\na,A,1,Size,S,Size,M\n", `option "Size" twice`},
		"fourth option":          {head + "Option4 Name,Option4 Value\na,A,1,Fit,Slim\n", `column "Option4 Name": A product has at most three options.`},
		"status":                 {head + "Status\na,A,1,live\n", `"live" is no status`},
		"published at":           {head + "Published At\na,A,1,soon\n", "no point in time"},
		"published never":        {head + "Published At\na,A,1,0001-01-01\n", "no point in time"},
		"published in row 2":     {head + "Published At,Option1 Name,Option1 Value\na,A,1,,Size,S\na,,1,2026-11-01,,M\n", "row 3, column \"Published At\": When a product is published stands in its first row, which is row 2."},
		"published twice":        {head + "Published At,Option1 Name,Option1 Value\na,A,1,2026-11-01,Size,S\na,,1,2026-11-02,,M\n", "which is row 2"},
		"published badly":        {head + "Published At,Option1 Name,Option1 Value\na,A,1,2026-11-01,Size,S\na,,1,soon,,M\n", "no point in time"},
		"published too late":     {head + "Published At\na,A,1,9999-12-31T23:59:59.9-10:00\n", "no point in time"},
		"published":              {head + "Published\na,A,1,perhaps\n", "neither true nor false"},
		"quantity":               {head + "Variant Inventory Qty\na,A,1,many\n", `row 2, column "Variant Inventory Qty": "many" is no quantity.`},
		"quantity with decimals": {head + "Variant Inventory Qty\na,A,1,1.5\n", "is no quantity"},
		"policy":                 {head + "Variant Inventory Policy\na,A,1,maybe\n", "is no policy"},
		"weight":                 {head + "Variant Grams\na,A,1,-3\n", "is no weight"},
		"not a weight":           {head + "Variant Grams\na,A,1,NaN\n", "is no weight"},
		"unit":                   {head + "Variant Weight Unit\na,A,1,stone\n", "is no unit of weight"},
		"image":                  {head + "Image Src\na,A,1,javascript:alert(1)\n", "is no address of an image"},
		"image position":         {head + "Image Src,Image Position\na,A,1,https://x.example/a.png,first\n", "is no position"},
		"collection":             {head + "Collection\na,A,1,!!!\n", "needs a letter or a digit"},
		"long title":             {"Handle,Title,Variant Price\na," + strings.Repeat("A", 256) + ",1\n", "longer than 255"},
	} {
		t.Run(name, func(t *testing.T) {
			file := c.file
			if !strings.Contains(name, "empty") && strings.HasPrefix(file, "Handle,Title,Variant Price") {
				file = strings.Replace(file, "\n", "\n"+"good,Good,1"+strings.Repeat(",", strings.Count(firstLine(file), ",")-2)+"\n", 1)
			}
			_, err := catalog.Import(t.Context(), pool, strings.NewReader(c.file), importOptions())
			var bad *catalog.InvalidFile
			if !errors.As(err, &bad) || !strings.Contains(bad.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if _, err := catalog.Import(t.Context(), pool, strings.NewReader(file), importOptions()); err == nil {
				t.Error("a good product hid the problem")
			}
		})
	}
	var products int
	if err := pool.QueryRow(t.Context(), "select count(*) from product").Scan(&products); err != nil || products != 0 {
		t.Errorf("%d products were written from files with problems (%v)", products, err)
	}
}

func firstLine(text string) string { line, _, _ := strings.Cut(text, "\n"); return line }

func TestImportTakesWhatSpreadsheetsWrite(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	file := "\xef\xbb\xbf handle ,TITLE,variant price,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant Barcode,Variant Grams,Variant Weight Unit\r\n" +
		"Box,\"The \"\"Box\"\"\",5,Size,S,Color,Red,Cut,Slim,'0123,500.5,g\r\n" +
		",,,,,,,,,,,\r\n" +
		"box,,6,,S,,Red,,Wide,,,\r\n\r\n"
	s := importText(t, pool, file)
	if s.Products.Created != 1 || s.Variants.Created != 2 {
		t.Fatalf("summary:\n%s", s)
	}
	p, variants := product(t, pool, "box")
	if p.Title != `The "Box"` || variants[0].Title != "S / Red / Slim" || *variants[0].Barcode != "0123" || *variants[0].Weight() != 500.5 {
		t.Errorf("%+v %+v", p, variants)
	}
	if s := importText(t, pool, file); s.Changed() {
		t.Errorf("the same file again:\n%s", s)
	}
}

func TestImportBoundsARowThatNeverEnds(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	file := "Handle,Title,Variant Price\na,\"" + strings.Repeat("endless ", 2<<20) + "\n"
	_, err := catalog.Import(t.Context(), pool, strings.NewReader(file), importOptions())
	var bad *catalog.InvalidFile
	if !errors.As(err, &bad) || !strings.Contains(bad.Error(), "longer than 8 MB") {
		t.Errorf("got %.200v", err)
	}
}

func TestImportBoundsTheRowsOfAFile(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	file := "Handle,Title,Variant Price\na,A,1\n" + strings.Repeat(",,\n", 999_998)
	if s := importText(t, pool, file); s.Products.Created != 1 {
		t.Errorf("a million rows:\n%s", s)
	}
	_, err := catalog.Import(t.Context(), pool, strings.NewReader(file+"b,B,1\n"), importOptions())
	bad, invalid := catalog.IsInvalidFile(err)
	if !invalid || bad.Error() != "row 1000001: The file has more than 1000000 rows. Make several of it." {
		t.Errorf("one more: %v", err)
	}
	var products int
	if err := pool.QueryRow(t.Context(), `select count(*) from product`).Scan(&products); err != nil || products != 1 {
		t.Errorf("%d products, %v", products, err)
	}
}

func TestImportInManyBatchesReportsProgressAndCanBeFinished(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	var file bytes.Buffer
	file.WriteString("Handle,Title,Variant Price,Variant Inventory Qty,Collection\n")
	for i := range 250 {
		file.WriteString("p-" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + "-" + itoa(i) + ",Thing " + itoa(i) + ",1.00,3,All\n")
	}
	died := errors.New("died")
	ctx, calls := t.Context(), 0
	options := importOptions()
	options.Stock = func(ctx context.Context, tx pgx.Tx, source string, figures []catalog.StockFigure) (int, error) {
		if calls++; calls == 2 {
			return 0, died
		}
		return inventory.ApplyImported(ctx, tx, source, figures)
	}
	if _, err := catalog.Import(ctx, pool, bytes.NewReader(file.Bytes()), options); !errors.Is(err, died) {
		t.Fatalf("the import did not die: %v", err)
	}
	var progress []int
	options = importOptions()
	options.Progress = func(done, total int) {
		if total != 250 {
			t.Errorf("total %d", total)
		}
		progress = append(progress, done)
	}
	s, err := catalog.Import(ctx, pool, bytes.NewReader(file.Bytes()), options)
	if err != nil {
		t.Fatal(err)
	}
	if s.Products != (catalog.Tally{Created: 150, Unchanged: 100}) || s.Stock != 150 || s.Collections != 0 {
		t.Errorf("summary:\n%s", s)
	}
	if len(progress) != 3 || progress[0] != 100 || progress[2] != 250 {
		t.Errorf("progress %v", progress)
	}
}

func itoa(i int) string {
	return string([]byte{byte('0' + i/100), byte('0' + i/10%10), byte('0' + i%10)})
}

func TestTwoImportsAtOnceMakeEachProductOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	file, err := os.ReadFile("testdata/products.csv")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	summaries := make([]catalog.ImportSummary, 4)
	for i := range summaries {
		wg.Go(func() {
			s, err := catalog.Import(t.Context(), pool, bytes.NewReader(file), importOptions())
			if err != nil {
				t.Error(err)
			}
			summaries[i] = s
		})
	}
	wg.Wait()
	var total catalog.Tally
	stock := 0
	for _, s := range summaries {
		total.Created += s.Products.Created
		total.Unchanged += s.Products.Unchanged
		total.Updated += s.Products.Updated
		stock += s.Stock
	}
	if total != (catalog.Tally{Created: 20, Unchanged: 60}) || stock != 21 {
		t.Errorf("over four imports: %v, stock %d", total, stock)
	}
}

func inTx(t *testing.T, pool *pgxpool.Pool, fn func(tx pgx.Tx) error) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if err := fn(tx); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}
