package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// keeper is a process of a market's shop that keeps answers: with a pool, settings and a follower of its own, it shares
// nothing with others but the database.
type keeper struct {
	*market
	api *httptest.Server
	end context.CancelFunc // what it knows of positions ends here
}

func openKeeper(t testing.TB, m *market, changes ...func(*graph.Options)) *keeper {
	t.Helper()
	return openTracedKeeper(t, m, nil, changes...)
}

func openTracedKeeper(t testing.TB, m *market, tracer pgx.QueryTracer, changes ...func(*graph.Options)) *keeper {
	t.Helper()
	pool, err := pg.Open(t.Context(), pg.Config{URL: m.Pool.Config().ConnString(), MaxConns: 6, Tracer: tracer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := shoptest.New(t, func(cfg *shop.Config) { cfg.Pool = pool })
	k := &keeper{market: m}
	positions := position.NewFollower(pool, slog.New(slog.DiscardHandler))
	var following context.Context
	following, k.end = context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { positions.Run(following) })
	t.Cleanup(func() { k.end(); done.Wait() })
	options := graph.Options{
		PublicURL: "https://api.example", Log: slog.New(slog.DiscardHandler), NoRateLimit: true,
		Positions: positions, AnswerBytes: 8 << 20,
	}
	for _, change := range changes {
		change(&options)
	}
	server, err := graph.New(s.Shop, options)
	if err != nil {
		t.Fatal(err)
	}
	k.api = httptest.NewServer(server)
	t.Cleanup(k.api.Close)
	until(t, time.Second*5, "positions are known", func() bool { _, ok := positions.Known(); return ok })
	return k
}

// until waits for what must become true, at most so long.
func until(t testing.TB, most time.Duration, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(most); !is(); {
		if time.Now().After(end) {
			t.Fatalf("not after %s: %s", most, what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// got is an answer with what HTTP says of it.
type got struct {
	status int
	header http.Header
	body   string
}

func (g got) hit() bool { return g.header.Get("Cache-Status") == "wharf; hit" }

// takes says whether the question went to the cache at all.
func (g got) common() bool { return g.header.Get("Cache-Status") != "" }

// data is the answer without extensions.cost, which is each caller's own.
func (g got) data(t testing.TB) string {
	t.Helper()
	var answer struct{ Data, Errors json.RawMessage }
	if err := json.Unmarshal([]byte(g.body), &answer); err != nil {
		t.Fatalf("%v: %s", err, g.body)
	}
	if answer.Errors != nil {
		t.Fatalf("the answer has errors: %s", answer.Errors)
	}
	return string(answer.Data)
}

func (k *keeper) post(query string, variables map[string]any, headers ...string) got {
	k.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		k.Fatal(err)
	}
	return k.send(http.MethodPost, k.api.URL+"/graphql", bytes.NewReader(body), headers...)
}

func (k *keeper) get(query string, headers ...string) got {
	k.Helper()
	return k.send(http.MethodGet, k.api.URL+"/graphql?query="+url.QueryEscape(query), nil, headers...)
}

// plain is a client that asks for no compression by itself.
var plain = &http.Transport{DisableCompression: true}

func (k *keeper) send(method, to string, body io.Reader, headers ...string) got {
	k.Helper()
	request, err := http.NewRequestWithContext(k.Context(), method, to, body)
	if err != nil {
		k.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := plain.RoundTrip(request)
	if err != nil {
		k.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		k.Fatal(err)
	}
	return got{response.StatusCode, response.Header, string(text)}
}

// price writes a lamp's prices: of its small size, and of the whole product.
func (m *market) price(t testing.TB, handle, sku string, price int) {
	file := fmt.Sprintf("Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n%s,Lamp,Size,Small,%s,%d.00\n", handle, sku, price)
	options := catalog.ImportOptions{Currency: "USD"}
	if _, err := catalog.Import(context.WithoutCancel(t.Context()), m.Pool, strings.NewReader(file), options); err != nil {
		t.Error(err)
	}
}

// priced asks for one price in four places: the product's page and a list, as the product has it and as its variant has.
const priced = `{
  product(handle: "lamp-aa") { ...prices }
  collection(handle: "lights") { products(first: 24) { nodes { ...prices } } }
}
fragment prices on Product { handle priceRange { minVariantPrice { amount } } variants(first: 2) { nodes { price { amount } } } }`

// pricesIn are the four prices of an answer to priced.
func pricesIn(t testing.TB, data string) (all []string) {
	t.Helper()
	var answer map[string]any
	if err := json.Unmarshal([]byte(data), &answer); err != nil {
		t.Fatal(err)
	}
	lamps := []any{at(answer, "product")}
	for _, lamp := range at(answer, "collection", "products", "nodes").([]any) {
		if at(lamp, "handle") == "lamp-aa" {
			lamps = append(lamps, lamp)
		}
	}
	for _, lamp := range lamps {
		all = append(all, text(at(lamp, "priceRange", "minVariantPrice", "amount")), text(at(lamp, "variants", "nodes", 0, "price", "amount")))
	}
	if len(all) != 4 {
		t.Fatalf("the lamp is priced %v", all)
	}
	return all
}

func TestAPriceChangeIsSeenEverywhereWithinASecond(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	here, there := openKeeper(t, m), openKeeper(t, m)
	for _, k := range []*keeper{here, there} {
		first, again := k.post(priced, nil), k.post(priced, nil)
		if first.hit() || !again.hit() || first.data(t) != again.data(t) {
			t.Fatalf("asked twice: %v, then %v", first.header, again.header)
		}
	}
	m.price(t, "lamp-aa", "S-aa", 7)
	changed := time.Now()
	for _, k := range []*keeper{here, there} {
		until(t, time.Until(changed.Add(time.Second)), "the new price is seen", func() bool {
			return pricesIn(t, k.post(priced, nil).data(t))[0] == `"7.00"`
		})
		if again := k.post(priced, nil); !again.hit() || pricesIn(t, again.data(t))[3] != `"7.00"` {
			t.Errorf("the new price is not kept: %v", again.header)
		}
	}
}

// TestNoAnswerMixesOldAndNew changes a price as fast as it can while both processes are asked for it, and pauses at every
// tenth until an answer has been kept. In no answer do the product and its variant, or the page and the list, say different
// prices, and no process goes back to an older one.
func TestNoAnswerMixesOldAndNew(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	const last = 40
	ended := make(chan struct{})
	m.price(t, "lamp-aa", "S-aa", 1)
	var all sync.WaitGroup
	var hits atomic.Int64
	var mu sync.Mutex
	seen := map[string]bool{}
	for _, k := range []*keeper{openKeeper(t, m), openKeeper(t, m)} {
		all.Go(func() {
			newest := 0
			for {
				answer := k.post(priced, nil)
				prices := pricesIn(t, answer.data(t))
				var now int
				_, _ = fmt.Sscanf(prices[0], `"%d.00"`, &now)
				for _, price := range prices {
					if price != prices[0] {
						t.Errorf("one answer says %v", prices)
						return
					}
				}
				if now < newest {
					t.Errorf("after %d.00 the same process says %d.00", newest, now)
					return
				}
				newest = now
				mu.Lock()
				seen[prices[0]] = true
				mu.Unlock()
				if answer.hit() {
					hits.Add(1)
				}
				select {
				case <-ended:
					if newest == last {
						return
					}
				default:
				}
			}
		})
	}
	for price := 2; price <= last; price++ {
		m.price(t, "lamp-aa", "S-aa", price)
		if price%10 == 0 {
			before, patience := hits.Load(), time.Now().Add(30*time.Second)
			for hits.Load() == before && !t.Failed() && time.Now().Before(patience) {
				time.Sleep(time.Millisecond)
			}
		}
	}
	close(ended)
	all.Wait()
	if hits.Load() == 0 || len(seen) < 3 {
		t.Errorf("%d hits and %d prices were seen: nothing was tried", hits.Load(), len(seen))
	}
}

func TestStockIsAtMostASecondOld(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	k := openKeeper(t, m)
	const query = `{ product(handle: "lamp-aa") { availableForSale totalInventory variants(first: 1) { nodes { quantityAvailable storeAvailability(first: 5) { nodes { quantityAvailable } } } } } }`
	k.post(query, nil)
	before := k.post(query, nil)
	if !before.hit() || !strings.Contains(before.body, `"quantityAvailable":5`) {
		t.Fatalf("%v %s", before.header, before.body)
	}
	shoptest.Shelve(t, m.Pool, `update stock_level set on_hand = 4 where on_hand = 5 and variant_id in (select id from product_variant where sku = 'S-aa')`)
	until(t, time.Second, "the sale is seen", func() bool { return strings.Contains(k.post(query, nil).body, `"quantityAvailable":4`) })
}

func TestOnlyWhatEverybodyMaySeeIsKept(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	k := openKeeper(t, m)
	var made struct {
		Data struct {
			CartCreate struct{ Cart struct{ ID string } }
		}
	}
	if err := json.Unmarshal([]byte(k.post(`mutation { cartCreate { cart { id } } }`, nil).body), &made); err != nil {
		t.Fatal(err)
	}
	cart := made.Data.CartCreate.Cart.ID
	if _, err := m.Pool.Exec(t.Context(), `update product set published_at = null where handle = 'lamp-ab'`); err != nil {
		t.Fatal(err)
	}
	ghost := `{ product(handle: "lamp-ab") { title } }`
	for name, c := range map[string]struct {
		query     string
		variables map[string]any
		headers   []string
		common    bool
	}{
		"a product":                        {query: `{ product(handle: "lamp-aa") { title } }`, common: true},
		"a mutation":                       {query: `mutation { cartCreate { cart { id } } }`},
		"a cart":                           {query: `query($id: ID!) { cart(id: $id) { id } }`, variables: map[string]any{"id": cart}},
		"a cart beside a product":          {query: `query($id: ID!) { product(handle: "lamp-aa") { title } cart(id: $id) { id } }`, variables: map[string]any{"id": cart}},
		"a cart in a fragment":             {query: `query($id: ID!) { ...c } fragment c on Query { cart(id: $id) { id } }`, variables: map[string]any{"id": cart}},
		"a cart as a node":                 {query: `query($id: ID!) { node(id: $id) { id } }`, variables: map[string]any{"id": cart}},
		"a cart among nodes":               {query: `query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }`, variables: map[string]any{"ids": []any{m.node("Product"), cart}}},
		"products as nodes":                {query: `query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Product { title } } }`, variables: map[string]any{"ids": []any{m.node("Product"), m.node("ProductVariant")}}, common: true},
		"a customer":                       {query: `{ customer(customerAccessToken: "no") { id } }`},
		"an order":                         {query: `query($id: ID!) { order(id: $id) { id } }`, variables: map[string]any{"id": "gid://wharf/Order/0197a0b0-0000-7000-8000-000000000000"}},
		"the schema":                       {query: `{ __type(name: "Product") { name } shop { name } }`},
		"the root's name":                  {query: `{ __typename shop { name } }`, common: true},
		"a page, asked by a storefront":    {query: ghost, headers: []string{"X-Shopify-Storefront-Access-Token", m.key("orders:read")}, common: true},
		"a page, asked by the back office": {query: ghost, headers: []string{"Authorization", "Bearer " + m.key("catalog:read")}},
	} {
		for range 2 {
			answer := k.post(c.query, c.variables, c.headers...)
			if answer.common() != c.common {
				t.Errorf("%s: Cache-Status %q", name, answer.header.Get("Cache-Status"))
			}
		}
	}
	if answer := k.post(ghost, nil); answer.data(t) != `{"product":null}` {
		t.Errorf("anybody sees what the back office does: %s", answer.body)
	}
	if answer := k.post(ghost, nil, "Authorization", "Bearer "+m.key("catalog:read")); answer.data(t) != `{"product":{"title":"Lamp ab"}}` {
		t.Errorf("the back office is shown what anybody sees: %s", answer.body)
	}
}

// node is the id of some thing of the market.
func (m *market) node(kind string) string {
	m.Helper()
	tables := map[string]string{"Product": "product", "ProductVariant": "product_variant"}
	var text string
	if err := m.Pool.QueryRow(m.Context(), "select id::text from "+tables[kind]+" order by id limit 1").Scan(&text); err != nil {
		m.Fatal(err)
	}
	return "gid://wharf/" + kind + "/" + text
}

func TestErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, openMarket(t))
	for range 2 {
		answer := k.post(`{ product(handle: "lamp-aa") { title } products(first: 1, after: "nonsense") { nodes { id } } }`, nil)
		if !answer.common() || answer.hit() || !strings.Contains(answer.body, `"errors"`) || answer.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v %s", answer.header, answer.body)
		}
	}
}

// TestWhoCannotAskGivesNothingFromMemory ends what a process knows of positions, as a dead connection does. Once it may be
// out of date it asks the database each time, and when the shop changes nobody sees the time before.
func TestWhoCannotAskGivesNothingFromMemory(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	k := openKeeper(t, m)
	k.post(priced, nil)
	if !k.post(priced, nil).hit() {
		t.Fatal("nothing is kept")
	}
	k.end()
	until(t, time.Second, "nothing is given from memory", func() bool { return !k.post(priced, nil).hit() })
	m.price(t, "lamp-aa", "S-aa", 9)
	for range 3 {
		if answer := k.post(priced, nil); answer.hit() || pricesIn(t, answer.data(t))[0] != `"9.00"` {
			t.Errorf("from memory: %v, prices %v", answer.hit(), pricesIn(t, answer.data(t)))
		}
	}
}

func TestHitsAreChargedToo(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, openMarket(t), func(o *graph.Options) {
		o.NoRateLimit, o.Budgets = false, graph.Budgets{Shopper: graph.Budget{Limit: 7, RestoreRate: 1}}
	})
	const query = `{ product(handle: "lamp-aa") { title } }`
	for i := 0; ; i++ {
		answer := k.post(query, nil)
		if strings.Contains(answer.body, "THROTTLED") {
			if i < 2 {
				t.Errorf("refused after %d", i)
			}
			return
		}
		if i > 0 && !answer.hit() || i > 20 {
			t.Fatalf("request %d: %v %s", i, answer.header, answer.body)
		}
	}
}
