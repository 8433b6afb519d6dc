package graph_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/position"
)

// ofTheCaller are the fields of Query that everybody may ask for and whose answer is not everybody's: it depends on who
// asks, or on what they hold.
var ofTheCaller = []string{"cart", "customer", "customerDataRequest", "order", "paymentProviders"}

// TestEveryQueryIsKeptOrSaysWhyNot makes whoever adds a field decide.
func TestEveryQueryIsKeptOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	for _, field := range graph.Schema().Query.Fields {
		kept, guarded := field.Directives.ForName("cached") != nil, field.Directives.ForName("needs") != nil
		switch own := slices.Contains(ofTheCaller, field.Name); {
		case strings.HasPrefix(field.Name, "__"):
		case kept && (guarded || own):
			t.Errorf("Query.%s is kept for everybody, and it is not everybody's", field.Name)
		case !kept && !guarded && !own:
			t.Errorf("Query.%s: mark it @cached with what it rests on, or add it to ofTheCaller", field.Name)
		}
	}
}

// realmOf names the realm of a domain's tables: a write to them moves it.
var realmOf = map[string]position.Realm{
	"catalog": position.Catalog, "content": position.Content, "search": position.Listing, "settings": position.Shop,
}

// reading notes which statements an answer takes, and whether each was within the answer's snapshot.
type reading struct {
	mu      sync.Mutex
	said    []string
	outside []string
}

func (r *reading) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case conn.PgConn().TxStatus() != 'I':
		r.said = append(r.said, data.SQL)
	case !strings.HasPrefix(data.SQL, "begin") && !strings.Contains(data.SQL, "pg_has_role"): // a new connection takes its role
		r.outside = append(r.outside, data.SQL)
	}
	return ctx
}
func (r *reading) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *reading) take() (said, outside []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	said, outside, r.said, r.outside = r.said, r.outside, nil, nil
	return said, outside
}

// TestAKeptFieldRestsOnWhatItSays asks for every field that may be kept, one at a time, and looks which tables its answer
// is read from. All must be of the realms that it says; what reads others, such as stock, lives for a second. And all is
// read from one snapshot.
func TestAKeptFieldRestsOnWhatItSays(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	samples := w.samples()
	seen := &reading{}
	k := openTracedKeeper(t, w.market, seen, func(o *graph.Options) { o.AnswerBytes = 1 }) // nothing is kept: all is read
	tables := domainsOfTables(t)
	word := regexp.MustCompile(`(?i)(?:\b(?:from|join|only)|,)\s+([a-z_]+)`)
	asked := 0
	for _, query := range keptQueries(t, samples) {
		rule, ok, err := graph.CachedRule(query)
		if err != nil || !ok {
			t.Errorf("%s may not be kept: %v", query, err)
			continue
		}
		seen.take()
		if answer := k.post(query, nil); !answer.common() || strings.Contains(answer.body, `"errors"`) {
			t.Errorf("%s answers %s", query, answer.body)
		}
		asked++
		said, outside := seen.take()
		for _, statement := range outside {
			if !strings.HasSuffix(statement, "\nfrom shop") { // that there are settings is made sure beforehand
				t.Errorf("%s\nis not read from the answer's snapshot, but outside of it:%s", query, statement)
			}
		}
		for _, statement := range said {
			for _, m := range word.FindAllStringSubmatch(statement, -1) {
				domain, known := tables[m[1]]
				if !known || domain == "position" || rule.Life <= time.Second || slices.Contains(rule.Realms, realmOf[domain]) {
					continue
				}
				t.Errorf("%s\nreads %s, a table of %s, and rests only on %v: add the realm, or seconds: 1 where it has none", query, m[1], domain, rule.Realms)
			}
		}
	}
	if asked < 150 {
		t.Errorf("only %d fields were asked for", asked)
	}
}

// samples has the id of one thing of each kind that may be kept.
func (w writer) samples() map[string]string {
	w.Helper()
	page := w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "about", "title": "About", "body": "x"})
	blog := under(w, w.set("blogSet", "BlogSet", "blog { id }", map[string]any{"handle": "news", "title": "News"}), "blog.id")
	article := w.set("articleSet", "ArticleSet", "article { id }", map[string]any{"handle": "first", "title": "First", "blogId": blog, "content": "x"})
	policy := w.set("policySet", "PolicySet", "policy { id }", map[string]any{"type": "REFUND_POLICY", "body": "x"})
	lamp, _ := w.ask(`{ product(handle: "lamp-aa") { id options { id optionValues { id } } variants(first: 1) { nodes { id } } collections(first: 1) { nodes { id } } }
		shop { id } locations(first: 1) { nodes { id } } }`)
	menu := w.set("menuSet", "MenuSet", "menu { id items { id } }", map[string]any{"handle": "main-menu", "title": "Menu", "items": []any{
		map[string]any{"title": "Lamp", "type": "PRODUCT", "resourceId": under(w, lamp, "product.id")},
	}})
	w.set("shopUpdate", "ShopUpdate", "shop { id }", map[string]any{"brand": map[string]any{"logo": map[string]any{"url": "/images/logo.svg"}}})
	logo, _ := w.ask(`{ shop { brand { logo { id } } } }`)
	shown := w.set("productSet", "ProductSet", "product { media(first: 9) { nodes { id presentation { id } } } metafield(key: \"care\") { id } }", map[string]any{
		"handle": "shown", "title": "Shown", "published": true, "variants": []any{map[string]any{"price": "1.00"}},
		"media": []any{
			map[string]any{"video": map[string]any{"sources": []any{map[string]any{"url": "https://img.example/a.mp4", "mimeType": "video/mp4", "width": 640, "height": 360}}}},
			map[string]any{"externalVideo": map[string]any{"url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"}},
			map[string]any{"model3d": map[string]any{"sources": []any{map[string]any{"url": "https://img.example/a.glb", "mimeType": "model/gltf-binary", "filesize": 1024}}}},
		},
		"metafields": []any{map[string]any{"key": "care", "type": "single_line_text_field", "value": "Dry"}},
	})
	samples := map[string]string{}
	for kind, found := range map[string]any{
		"Page": under(w, page, "page.id"), "Blog": blog, "Article": under(w, article, "article.id"), "ShopPolicy": under(w, policy, "policy.id"),
		"Menu": under(w, menu, "menu.id"), "MenuItem": under(w, menu, "menu.items.0.id"), "MediaImage": under(w, logo, "shop.brand.logo.id"),
		"Product": under(w, lamp, "product.id"), "ProductOption": under(w, lamp, "product.options.0.id"),
		"ProductOptionValue": under(w, lamp, "product.options.0.optionValues.0.id"), "ProductVariant": under(w, lamp, "product.variants.nodes.0.id"),
		"Collection": under(w, lamp, "product.collections.nodes.0.id"), "Shop": under(w, lamp, "shop.id"), "Location": under(w, lamp, "locations.nodes.0.id"),
		"Video": under(w, shown, "product.media.nodes.0.id"), "ExternalVideo": under(w, shown, "product.media.nodes.1.id"),
		"Model3d": under(w, shown, "product.media.nodes.2.id"), "MediaPresentation": under(w, shown, "product.media.nodes.2.presentation.id"),
		"Metafield": under(w, shown, "product.metafield.id"),
	} {
		samples[kind] = found.(string)
	}
	return samples
}

// keptQueries asks for each field that may be kept, in a query of its own.
func keptQueries(t *testing.T, samples map[string]string) (queries []string) {
	t.Helper()
	schema := graph.Schema()
	for _, field := range schema.Query.Fields {
		if field.Directives.ForName("cached") != nil {
			queries = append(queries, "{ "+asking(schema, field, samples, 3)+" }")
		}
	}
	for name, def := range schema.Types {
		if def.Kind != ast.Object || def.Directives.ForName("cached") == nil {
			continue
		}
		if samples[name] == "" {
			t.Errorf("%s may be kept: give samples() the id of one", name)
		}
		for _, field := range def.Fields {
			if field.Directives.ForName("needs") == nil {
				queries = append(queries, fmt.Sprintf("{ node(id: %q) { ... on %s { %s } } }", samples[name], name, asking(schema, field, samples, 3)))
			}
		}
	}
	return queries
}

// asking writes a field with what it needs and with all values below it, down to a depth.
func asking(schema *ast.Schema, field *ast.FieldDefinition, samples map[string]string, depth int) string {
	text := field.Name + arguments(field, samples)
	def := schema.Types[field.Type.Name()]
	if !def.IsCompositeType() {
		return text
	}
	text += " { __typename"
	for _, below := range def.Fields {
		if strings.HasPrefix(below.Name, "__") || below.Directives.ForName("needs") != nil {
			continue
		}
		of := schema.Types[below.Type.Name()]
		if own := of.Directives.ForName("cached") != nil; !of.IsCompositeType() || depth > 1 && !own && of.Kind == ast.Object {
			text += " " + asking(schema, below, samples, depth-1)
		}
	}
	return text + " }"
}

// arguments gives the arguments that a field can't do without; of a list, one element.
func arguments(field *ast.FieldDefinition, samples map[string]string) string {
	var given []string
	for _, argument := range field.Arguments {
		switch {
		case argument.Name == "first":
			given = append(given, "first: 1")
		case argument.Name == "handle":
			given = append(given, `handle: "`+map[string]string{"product": "lamp-aa", "collection": "lights", "menu": "main-menu", "blog": "news", "articleByHandle": "first"}[field.Name]+`"`)
		case argument.Name == "selectedOptions" && argument.Type.NonNull:
			given = append(given, `selectedOptions: [{ name: "Size", value: "Large" }]`)
		case argument.Name == "id" && argument.Type.NonNull:
			given = append(given, fmt.Sprintf("id: %q", samples[map[string]string{"article": "Article", "location": "Location", "node": "Product"}[field.Name]]))
		case argument.Name == "ids":
			given = append(given, fmt.Sprintf("ids: [%q]", samples["Product"]))
		case argument.Name == "identifiers":
			given = append(given, `identifiers: [{ key: "care" }]`)
		case argument.Name == "format":
			given = append(given, "format: IMAGE")
		case argument.Name == "productHandle":
			given = append(given, `productHandle: "lamp-aa"`)
		case argument.Type.NonNull && argument.DefaultValue == nil:
			given = append(given, argument.Name+`: "lamp"`)
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// domainsOfTables maps each table to the domain in the name of the migration that made it.
func domainsOfTables(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../migrations/*.up.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	made := regexp.MustCompile(`(?i)create (?:unlogged )?table (?:if not exists )?([a-z_]+)`)
	tables := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range made.FindAllStringSubmatch(string(text), -1) {
			tables[m[1]] = strings.TrimSuffix(strings.Split(filepath.Base(file), "_")[1], ".up.sql")
		}
	}
	return tables
}

// TestAnswersAreReadFromTheirSource keeps resolvers from the pool: an answer that is made from a snapshot holds a
// connection, and what waits for a second one may wait for ever.
func TestAnswersAreReadFromTheirSource(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || slices.Contains([]string{"answers.go", "catalogset.go", "collections.go", "loaders.go", "operations.go"}, file) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "shop.Pool") {
			t.Errorf("%s reads from the pool: use r.db(ctx), which is where the answer is read from", file)
		}
	}
}
