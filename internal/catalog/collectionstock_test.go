package catalog_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

const stocked = `Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty
a-lamp,Alpha,Size,S,a-s,1,0
a-lamp,,,L,a-l,1,3
b-table,Bravo,,,b,1,0
c-chair,Charlie,,,c,1,9
d-mug,Delta,,,d,1,
`

// count sets what lies on the only shelf of a variant.
func (g grouping) count(sku string, n int) {
	g.Helper()
	var variant id.ProductVariantID
	if err := g.pool.QueryRow(g.Context(), `select id from product_variant where sku = $1`, sku).Scan(&variant); err != nil {
		g.Fatal(err)
	}
	err := pg.InTx(g.Context(), g.pool, func(tx pgx.Tx) error {
		location, err := inventory.DefaultLocation(g.Context(), tx)
		if err != nil {
			return err
		}
		_, err = inventory.SetFromImport(g.Context(), tx, "count:"+sku, []inventory.Figure{{VariantID: variant, LocationID: location, Quantity: &n, Counted: true}})
		return err
	})
	if err != nil {
		g.Fatal(err)
	}
}

// compare compares the stock of all variants with what the rules know, and says how many products are noted.
func (g grouping) compare() (noted int) {
	g.Helper()
	for more := true; more; {
		var err error
		if more, err = catalog.CompareStock(g.Context(), g.pool, inventory.Quantities); err != nil {
			g.Fatal(err)
		}
	}
	if err := g.pool.QueryRow(g.Context(), `select count(*) from collection_change`).Scan(&noted); err != nil {
		g.Fatal(err)
	}
	return noted
}

func TestRulesAboutStock(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, "Handle,Title,Variant Price\nz,Z,1\n")
	if _, err := catalog.Import(t.Context(), g.pool, strings.NewReader(stocked), catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported}); err != nil {
		t.Fatal(err)
	}
	g.follow()
	if noted := g.compare(); noted != 0 {
		t.Errorf("without a rule about stock %d products are noted", noted)
	}
	one := func(handle string, relation catalog.CollectionRuleRelation, n string) catalog.Collection {
		return g.set(catalog.CollectionSetInput{Handle: &handle, Title: &handle, RuleSet: ruleSet(rule(catalog.RuleInventory, relation, n))})
	}
	there, few, none := one("there", catalog.RuleGreaterThan, "0"), one("few", catalog.RuleLessThan, "4"), one("none", catalog.RuleEquals, "0")
	notNone := one("not-none", catalog.RuleNotEquals, "0")
	all := func() string {
		t.Helper()
		g.follow()
		var texts []string
		for _, c := range []catalog.Collection{there, few, none, notNone} {
			texts = append(texts, sorted(g.members(c)))
		}
		return strings.Join(texts, " ")
	}
	if got := all(); got != "acdz ab ab cdz" { // what is not tracked, d and z, never runs out
		t.Errorf("at first %s", got)
	}
	if noted := g.compare(); noted != 0 {
		t.Errorf("nothing has moved, and %d products are noted", noted)
	}
	g.count("c", 2)
	g.count("a-l", 0)
	if got := all(); got != "acdz ab ab cdz" {
		t.Errorf("before it was compared %s", got)
	}
	if noted := g.compare(); noted != 2 {
		t.Errorf("two have moved, and %d products are noted", noted)
	}
	if got := all(); got != "cdz abc ab cdz" {
		t.Errorf("then %s", got)
	}
	if noted := g.compare(); noted != 0 {
		t.Errorf("nothing has moved since, and %d products are noted", noted)
	}
	t.Run("what one collection sees anew, the others are told of", func(t *testing.T) {
		g.count("b", 7)
		one("many", catalog.RuleGreaterThan, "5")
		if got := all(); got != "bcdz ac a bcdz" {
			t.Errorf("%s", got)
		}
	})
	t.Run("a condition is a whole number", func(t *testing.T) {
		for _, c := range []struct {
			relation  catalog.CollectionRuleRelation
			condition string
			field     string
		}{
			{catalog.RuleGreaterThan, "1.5", "condition"},
			{catalog.RuleGreaterThan, "many", "condition"},
			{catalog.RuleEquals, "", "condition"},
			{catalog.RuleContains, "1", "relation"},
			{catalog.RuleIsSet, "", "relation"},
		} {
			_, err := catalog.SetCollection(context.Background(), g.pool, access.SystemActor, "USD", catalog.CollectionSetInput{
				Handle: p("bad"), Title: p("Bad"), RuleSet: ruleSet(rule(catalog.RuleInventory, c.relation, c.condition)),
			})
			if got := codes(err); len(got) == 0 || !strings.HasSuffix(got[0], "ruleSet.rules.0."+c.field) {
				t.Errorf("%s %q: %v", c.relation, c.condition, err)
			}
		}
	})
}

// A shop has more variants than one look gets through: the next one goes on with those that are left.
func TestStockIsComparedInRounds(t *testing.T) {
	t.Parallel()
	file := &strings.Builder{}
	file.WriteString("Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n")
	for product := range 3 {
		for variant := range 700 {
			fmt.Fprintf(file, "p%d,P,Number,%d,%d-%d,1\n", product, variant, product, variant)
		}
	}
	g := openGrouping(t, file.String())
	step := func() (more bool, noted int) {
		t.Helper()
		more, err := catalog.CompareStock(t.Context(), g.pool, inventory.Quantities)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.pool.QueryRow(t.Context(), `select count(*) from collection_change`).Scan(&noted); err != nil {
			t.Fatal(err)
		}
		return more, noted
	}
	none := g.set(catalog.CollectionSetInput{Handle: p("none"), Title: p("None"), RuleSet: ruleSet(rule(catalog.RuleInventory, catalog.RuleEquals, "0"))})
	g.follow()
	var first, last string
	const endsSQL = `select (array_agg(sku order by id))[1], (array_agg(sku order by id desc))[1] from product_variant`
	if err := g.pool.QueryRow(t.Context(), endsSQL).Scan(&first, &last); err != nil {
		t.Fatal(err)
	}
	g.count(last, 0)
	if more, noted := step(); !more || noted != 0 {
		t.Errorf("after the first step more is left: %v, and %d products are noted", more, noted)
	}
	g.count(first, 0)
	if more, noted := step(); more || noted != 1 {
		t.Errorf("the second step goes on to the end, and does not begin anew: more %v, %d noted", more, noted)
	}
	if more, noted := step(); !more || noted != 2 {
		t.Errorf("the next round begins with the first variant: more %v, %d noted", more, noted)
	}
	g.follow()
	var members int
	if err := g.pool.QueryRow(t.Context(), `select count(*) from collection_product where collection_id = $1`, none.ID).Scan(&members); err != nil || members != 2 {
		t.Errorf("%d members, %v; want the two of which nothing is left", members, err)
	}
}
