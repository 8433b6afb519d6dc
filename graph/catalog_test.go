package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// statements counts what is asked of the database, but for the shop's settings and for what a new connection asks first.
type statements struct{ n atomic.Int64 }

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if !strings.HasSuffix(data.SQL, "\nfrom shop") && !strings.Contains(data.SQL, "pg_has_role") {
		s.n.Add(1)
	}
	return ctx
}
func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	s.n.Add(int64(data.Batch.Len()))
	return ctx
}
func (s *statements) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// least is the smallest number of statements that asking takes in nine tries. What Wharf keeps for a second (the settings,
// rates, taxes) is read by whoever comes then, on a slow machine by anybody; a statement of its own is there every time.
func least(ask func() int) int {
	n := ask()
	for range 8 {
		n = min(n, ask())
	}
	return n
}

// market is a shop with an API and a catalog: 30 lamps, each in two sizes, the large ones of every third sold out.
type market struct {
	testing.TB
	*shoptest.Shop
	api    *httptest.Server
	server *graph.Server
	asked  *statements
}

func openMarket(t testing.TB) *market {
	t.Helper()
	m := &market{TB: t, asked: &statements{}}
	m.Shop = shoptest.New(t, func(cfg *shop.Config) {
		pool, err := pg.Open(t.Context(), pg.Config{URL: pgtest.NewURL(t), MaxConns: 8, Tracer: m.asked})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		cfg.Pool = pool
	})
	const locations = `[
		{"id": "W", "name": "Warehouse", "kind": "WAREHOUSE", "shipsOnline": true, "default": true},
		{"id": "N", "name": "Near", "city": "New York", "state": "NY", "zip": "10001", "address": "1 Main St",
		 "location": {"lat": 40.75, "lon": -73.98}, "hours": "Mon: 10-9", "services": ["Pick-up"], "pickupCapacityPerHour": 4},
		{"id": "F", "name": "Far", "city": "Los Angeles", "state": "CA", "location": {"lat": 34.05, "lon": -118.24}}]`
	if _, err := inventory.ImportLocations(t.Context(), m.Pool, strings.NewReader(locations), nil); err != nil {
		t.Fatal(err)
	}
	var products, stock strings.Builder
	products.WriteString("Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Price,Variant Compare At Price,Variant Inventory Qty,Image Src,Image Alt Text,SEO Title,Published,Collection\n")
	stock.WriteString("Location,SKU,On hand\n")
	for i := range 30 {
		n := string(rune('a'+i/26)) + string(rune('a'+i%26))
		large := "3"
		if i%3 == 0 {
			large = "0"
		}
		products.WriteString("lamp-" + n + ",Lamp " + n + ",<p>Light &amp; <b>warm</b></p>,Acme,Indoor,\"lamp, warm\",Size,Small,S-" + n + ",1500,10.00,12.00,5,/images/" + n + ".svg,A lamp,Buy lamp " + n + ",true,Lights\n")
		products.WriteString("lamp-" + n + ",,,,,,,Large,L-" + n + ",,20.00,," + large + ",https://img.example/" + n + ".png,,,,\n")
		stock.WriteString("N,S-" + n + ",2\n")
	}
	products.WriteString("ghost,Ghost,,Acme,Indoor,lamp,,,,,1.00,,1,,,,false,Lights\n")
	options := catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported}
	if _, err := catalog.Import(t.Context(), m.Pool, strings.NewReader(products.String()), options); err != nil {
		t.Fatal(err)
	}
	if _, err := inventory.ImportStock(t.Context(), m.Pool, strings.NewReader(stock.String())); err != nil {
		t.Fatal(err)
	}
	m.Listed(t)
	server, err := graph.New(m.Shop.Shop, graph.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	m.server, m.api = server, httptest.NewServer(server)
	t.Cleanup(m.api.Close)
	return m
}

// ask sends a query and gives the data as JSON, with the number of statements it took.
func (m *market) ask(query string, variables ...any) (map[string]any, int) {
	m.Helper()
	return m.askAs("", query, variables...)
}

// key makes an API key.
func (m *market) key(scopes ...string) string {
	m.Helper()
	_, key, err := m.Partners.CreateKey(m.Context(), access.SystemActor, partners.KeyCreateInput{Name: "A test's", Scopes: scopes})
	if err != nil {
		m.Fatal(err)
	}
	return key
}

// askAs is ask with a token.
func (m *market) askAs(token, query string, variables ...any) (map[string]any, int) {
	m.Helper()
	data, errs, n := m.tryAs(token, query, variables...)
	if errs != "" {
		m.Fatalf("%s\nanswers %s", query, errs)
	}
	return data, n
}

func (m *market) try(query string, variables ...any) (data map[string]any, errs string, n int) {
	m.Helper()
	return m.tryAs("", query, variables...)
}

func (m *market) tryAs(token, query string, variables ...any) (data map[string]any, errs string, n int) {
	m.Helper()
	vars := map[string]any{}
	for i := 0; i+1 < len(variables); i += 2 {
		vars[variables[i].(string)] = variables[i+1]
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		m.Fatal(err)
	}
	before := m.asked.n.Load()
	request, err := http.NewRequestWithContext(m.Context(), http.MethodPost, m.api.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		m.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		m.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Data   map[string]any
		Errors json.RawMessage
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		m.Fatal(err)
	}
	return answer.Data, string(answer.Errors), int(m.asked.n.Load() - before)
}

// text writes a value as compact JSON.
func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// at follows names and indexes into an answer.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

func TestAProductListTakesFiveStatements(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	const query = `query($n: Int!) { products(first: $n, sortKey: TITLE) { pageInfo { hasNextPage endCursor } nodes {
		id handle title availableForSale totalInventory priceRange { minVariantPrice { amount currencyCode } maxVariantPrice { amount } }
		featuredImage { url altText }
		variants(first: 10) { nodes { id title sku price { amount } compareAtPrice { amount } availableForSale quantityAvailable
			currentlyNotInStock product { handle } image { url } selectedOptions { name value } } } } } }`
	m.ask(query, "n", 1) // settings and the like are read once
	data, n := m.ask(query, "n", 24)
	if n > 5 { // which products, the products, their variants, what is available, their pictures
		t.Errorf("24 products with variants, prices, stock and pictures took %d statements, want 5 at most", n)
	}
	products, _ := at(data, "products", "nodes").([]any)
	if len(products) != 24 || at(data, "products", "pageInfo", "hasNextPage") != true {
		t.Fatalf("%d products", len(products))
	}
	want := `{"availableForSale":true,"featuredImage":{"altText":"A lamp","url":"` + m.api.URL + `/images/aa.svg"},"handle":"lamp-aa",`
	if got := text(products[0]); !strings.HasPrefix(got, want) {
		t.Errorf("the first product: %s", got)
	}
	small, large := at(products[0], "variants", "nodes", 0), at(products[0], "variants", "nodes", 1)
	for name, c := range map[string]struct{ got, want string }{
		"total":        {text(at(products[0], "totalInventory")), "5"},
		"price range":  {text(at(products[0], "priceRange")), `{"maxVariantPrice":{"amount":"20.00"},"minVariantPrice":{"amount":"10.00","currencyCode":"USD"}}`},
		"small":        {text(at(small, "quantityAvailable")) + text(at(small, "availableForSale")) + text(at(small, "compareAtPrice")), `5true{"amount":"12.00"}`},
		"large":        {text(at(large, "quantityAvailable")) + text(at(large, "availableForSale")) + text(at(large, "compareAtPrice")), `0falsenull`},
		"options":      {text(at(large, "selectedOptions")), `[{"name":"Size","value":"Large"}]`},
		"its product":  {text(at(large, "product")), `{"handle":"lamp-aa"}`},
		"second lamp":  {text(at(products[1], "variants", "nodes", 1, "quantityAvailable")), "3"},
		"stock counts": {text(at(products[1], "totalInventory")), "8"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
	next, n := m.ask(`query($after: String) { products(first: 24, after: $after, sortKey: TITLE) { nodes { handle } pageInfo { hasNextPage } } }`,
		"after", at(data, "products", "pageInfo", "endCursor"))
	if rest, _ := at(next, "products", "nodes").([]any); len(rest) != 6 || n != 2 || at(next, "products", "pageInfo", "hasNextPage") != false {
		t.Errorf("the second page: %s in %d statements", text(next), n)
	}
}

func TestNodesOfAKindAreReadTogether(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	key := m.key("catalog:read", "customers:read", "keys:read", "orders:read", "payments:read")
	const query = `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`
	for _, kind := range []string{"ApiKey", "Collection", "Customer", "Location", "Order", "Payment", "PaymentAttempt", "Product", "ProductOption", "ProductOptionValue", "ProductVariant"} {
		ids := make([]string, 100)
		for i := range ids {
			ids[i] = id.Global{Kind: kind, UUID: id.New()}.String()
		}
		nodes, n := m.askAs(key, query, "ids", ids)
		if n > 5 {
			t.Errorf("100 ids of %s took %d statements, want 5 at most", kind, n)
		}
		if got := text(at(nodes, "nodes")); got != "["+strings.TrimSuffix(strings.Repeat("null,", 100), ",")+"]" {
			t.Errorf("absent ids of %s: %s", kind, got)
		}
	}
	shelf, _ := m.ask(`{ products(first: 30) { nodes { options { id optionValues { id } } } } }`)
	var ids []string
	for _, product := range at(shelf, "products", "nodes").([]any) {
		ids = append(ids, at(product, "options", 0, "id").(string), at(product, "options", 0, "optionValues", 1, "id").(string))
	}
	nodes, n := m.ask(query, "ids", ids)
	if n > 6 {
		t.Errorf("%d options and values took %d statements", len(ids), n)
	}
	for i, want := range ids {
		if got := at(nodes, "nodes", i, "id"); got != want {
			t.Errorf("node %d is %v, want %s", i, got, want)
		}
	}
}

func TestNothingIsDeferred(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	if data, errs, _ := m.try(`{ product(handle: "lamp-aa") { id ... @defer { availableForSale } } }`); !strings.Contains(errs, `"BAD_USER_INPUT"`) || data != nil {
		t.Errorf("@defer answers %s %s", text(data), errs)
	}
	data, _ := m.ask(`{ __schema { directives { name } } }`)
	if names := text(at(data, "__schema", "directives")); strings.Contains(names, "defer") || !strings.Contains(names, "skip") {
		t.Errorf("the directives are %s", names)
	}
}

func TestAProductPageHasEverything(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	data, _ := m.ask(`{ product(handle: "lamp-ab") { __typename id description(truncateAt: 9) descriptionHtml productType vendor tags isGiftCard
		createdAt publishedAt updatedAt onlineStoreUrl trackingParameters seo { title description } variantsCount { count precision }
		options { name values optionValues { id name firstSelectableVariant { title } } }
		images(first: 5) { edges { cursor node { id url(transform: {maxWidth: 100}) altText width } } }
		collections(first: 5) { nodes { handle products(first: 2, sortKey: TITLE, reverse: true) { nodes { handle } } } }
		compareAtPriceRange { minVariantPrice { amount } }
		large: variantBySelectedOptions(selectedOptions: [{name: "Size", value: "Large"}]) { title }
		none: variantBySelectedOptions(selectedOptions: [{name: "Size", value: "large"}]) { title }
		fold: variantBySelectedOptions(selectedOptions: [{name: "size", value: "large"}], caseInsensitiveMatch: true) { title }
		chosen: selectedOrFirstAvailableVariant(selectedOptions: [{name: "Size", value: "Huge"}]) { title weight weightUnit requiresShipping taxable barcode unitPrice { amount } quantityRule { minimum maximum increment } }
		adjacentVariants(selectedOptions: [{name: "Size", value: "Small"}]) { title }
		from: adjacentVariants(selectedOptions: [{name: "utm_source", value: "ad"}]) { title }
		unselected: adjacentVariants { title }
		besides: adjacentVariants(selectedOptions: [{name: "utm_source", value: "ad"}, {name: "Size", value: "Large"}]) { title }
		folded: adjacentVariants(selectedOptions: [{name: "SIZE", value: "large"}], caseInsensitiveMatch: true) { title }
		strictly: adjacentVariants(selectedOptions: [{name: "utm_source", value: "ad"}], ignoreUnknownOptions: false) { title } } }`)
	p := at(data, "product")
	for name, c := range map[string]struct {
		got  any
		want string
	}{
		"description": {at(p, "description"), `"Light..."`},
		"html":        {at(p, "descriptionHtml"), `"\u003cp\u003eLight \u0026amp; \u003cb\u003ewarm\u003c/b\u003e\u003c/p\u003e"`},
		"tags":        {at(p, "tags"), `["lamp","warm"]`},
		"seo":         {at(p, "seo"), `{"description":null,"title":"Buy lamp ab"}`},
		"count":       {at(p, "variantsCount"), `{"count":2,"precision":"EXACT"}`},
		"values":      {at(p, "options", 0, "values"), `["Small","Large"]`},
		"selectable":  {at(p, "options", 0, "optionValues", 1, "firstSelectableVariant"), `{"title":"Large"}`},
		"own image":   {at(p, "images", "edges", 0, "node", "url"), `"` + m.api.URL + `/images/ab.svg"`},
		"web image":   {at(p, "images", "edges", 1, "node", "url"), `"https://img.example/ab.png"`},
		"collection":  {at(p, "collections", "nodes"), `[{"handle":"lights","products":{"nodes":[{"handle":"lamp-bd"},{"handle":"lamp-bc"}]}}]`},
		"compare at":  {at(p, "compareAtPriceRange"), `{"minVariantPrice":{"amount":"12.00"}}`},
		"large":       {at(p, "large"), `{"title":"Large"}`},
		"none":        {at(p, "none"), `null`},
		"fold":        {at(p, "fold"), `{"title":"Large"}`},
		"chosen":      {at(p, "chosen"), `{"barcode":null,"quantityRule":{"increment":1,"maximum":null,"minimum":1},"requiresShipping":true,"taxable":true,"title":"Small","unitPrice":null,"weight":1.5,"weightUnit":"KILOGRAMS"}`},
		"adjacent":    {at(p, "adjacentVariants"), `[{"title":"Large"}]`},
		"from an ad":  {at(p, "from"), text(at(p, "unselected"))},
		"unselected":  {at(p, "unselected"), `[{"title":"Large"}]`},
		"besides":     {at(p, "besides"), `[{"title":"Small"}]`},
		"folded":      {at(p, "folded"), `[{"title":"Small"}]`},
		"strictly":    {at(p, "strictly"), `[]`},
	} {
		if got := text(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	nodes, _ := m.ask(`query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`, "ids",
		[]any{at(p, "id"), at(p, "options", 0, "optionValues", 0, "id"), id.NewProductID().String()})
	if got := text(at(nodes, "nodes", 0, "__typename")) + text(at(nodes, "nodes", 1, "__typename")) + text(at(nodes, "nodes", 2)); got != `"Product""ProductOptionValue"null` {
		t.Errorf("nodes: %s", text(nodes))
	}
	again, _ := m.ask(`query($id: ID!) { product(id: $id) { handle } other: product(id: $id, handle: "lamp-aa") { handle } }`, "id", at(p, "id"))
	if got := text(again); got != `{"other":null,"product":{"handle":"lamp-ab"}}` {
		t.Errorf("by id: %s", got)
	}
}

func TestWhatIsNotPublishedIsAbsentForShoppers(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	var ghost id.ProductID
	var variant id.ProductVariantID
	if err := m.Pool.QueryRow(t.Context(), "select p.id, v.id from product p join product_variant v on v.product_id = p.id where p.handle = 'ghost'").Scan(&ghost, &variant); err != nil {
		t.Fatal(err)
	}
	data, _ := m.ask(`query($p: ID!, $v: ID!) { product(handle: "ghost") { id } byId: product(id: $p) { id } node(id: $p) { id } variant: node(id: $v) { id }
		products(first: 5, query: "ghost") { nodes { id } } collection(handle: "lights") { products(first: 250) { nodes { handle } } } }`,
		"p", ghost.String(), "v", variant.String())
	if got := text(at(data, "product")) + text(at(data, "byId")) + text(at(data, "node")) + text(at(data, "variant")) + text(at(data, "products", "nodes")); got != "nullnullnullnull[]" {
		t.Errorf("a shopper sees %s", got)
	}
	if strings.Contains(text(data), "ghost") {
		t.Errorf("the collection shows it: %s", text(data))
	}
}

func TestStoreAvailabilityIsSortedByDistance(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	const query = `query($near: GeoCoordinateInput) { products(first: 5, sortKey: TITLE) { nodes { variants(first: 1) { nodes { storeAvailability(first: 10, near: $near) {
		nodes { available quantityAvailable pickUpTime location { name address { formatted city latitude } openingHours services pickupCapacityPerHour } } } } } } } }`
	losAngeles := map[string]any{"latitude": 34, "longitude": -118}
	m.ask(query)
	data, n := m.ask(query, "near", losAngeles)
	if n > 5 {
		t.Errorf("stores of 5 variants took %d statements", n)
	}
	stores := at(data, "products", "nodes", 3, "variants", "nodes", 0, "storeAvailability", "nodes")
	if at(stores, 0, "location", "name") != "Far" || at(stores, 0, "available") != false || at(stores, 1, "quantityAvailable") != 2.0 {
		t.Errorf("stores: %s", text(stores))
	}
	want := `{"address":{"city":"New York","formatted":["1 Main St","New York NY 10001","United States"],"latitude":40.75},"name":"Near","openingHours":"Mon: 10-9","pickupCapacityPerHour":4,"services":["Pick-up"]}`
	if got := text(at(stores, 1, "location")); got != want {
		t.Errorf("near: %s", got)
	}
	data, _ = m.ask(`query($near: GeoCoordinateInput) { locations(first: 1, near: $near, sortKey: DISTANCE) { nodes { id name } pageInfo { hasNextPage } } }`, "near", losAngeles)
	if at(data, "locations", "nodes", 0, "name") != "Far" || at(data, "locations", "pageInfo", "hasNextPage") != true {
		t.Errorf("locations: %s", text(data))
	}
	one, _ := m.ask(`query($id: ID!) { location(id: $id) { name } }`, "id", at(data, "locations", "nodes", 0, "id"))
	if got := text(one); got != `{"location":{"name":"Far"}}` {
		t.Errorf("location: %s", got)
	}
}

func TestAChangeIsSeenByTheNextQuery(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	const query = `{ product(handle: "lamp-aa") { title priceRange { minVariantPrice { amount } } variants(first: 1) { nodes { quantityAvailable } } } }`
	m.ask(query)
	file := "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty\nlamp-aa,New name,Size,Small,7.50,9\nlamp-aa,,,Large,8.00,\n"
	options := catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported}
	if _, err := catalog.Import(t.Context(), m.Pool, strings.NewReader(file), options); err != nil {
		t.Fatal(err)
	}
	data, _ := m.ask(query)
	if got := text(data); got != `{"product":{"priceRange":{"minVariantPrice":{"amount":"7.50"}},"title":"New name","variants":{"nodes":[{"quantityAvailable":9}]}}}` {
		t.Errorf("after the import: %s", got)
	}
}

func TestCatalogArgumentsAreChecked(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	for query, want := range map[string]string{
		`{ product { id } }`: "Give a handle or an id.",
		`{ product(id: "gid://wharf/Order/0190a0b0-0000-7000-8000-000000000000") { id } }`: "BAD_USER_INPUT",
		`{ products { nodes { id } } }`:                                                "You must provide one of first or last.",
		`{ products(first: 251) { nodes { id } } }`:                                    "250",
		`{ products(first: 1, after: "x") { nodes { id } } }`:                          "The cursor is not one of this list.",
		`{ products(first: 1, query: "created_at:soon") { nodes { id } } }`:            "is no date",
		`{ locations(first: 1, sortKey: DISTANCE) { nodes { id } } }`:                  "say near what",
		`{ locations(first: 1, near: {latitude: 91, longitude: 0}) { nodes { id } } }`: "A latitude lies between",
		`{ product(handle: "lamp-aa") { options(first: -1) { name } } }`:               "A page has 0 to 250 elements.",
	} {
		if _, errs, _ := m.try(query); !strings.Contains(errs, want) || !strings.Contains(errs, "BAD_USER_INPUT") {
			t.Errorf("%s answers %s, want %q", query, errs, want)
		}
	}
}
