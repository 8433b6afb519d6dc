package catalog_test

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
)

const ruled = `Handle,Title,Vendor,Type,Tags,Option1 Name,Option1 Value,Variant Price,Variant Compare At Price,Variant Grams
a-lamp,Alpha Lamp,Acme,Indoor,"Sale, lamp",Size,Small,10.00,,500
a-lamp,,,,,,Large,30.00,,900
b-lamp,Beta lamp,acme,Outdoor,lamp,,,20.00,25.00,2000
c-table,100% Table_,Zen,,"pre-sale, لون",,,100.00,,0
d-mug,Mug 🏮,Zen,Indoor,,,,5.00,,300
`

func rule(column catalog.CollectionRuleColumn, relation catalog.CollectionRuleRelation, condition string) catalog.CollectionRuleInput {
	r := catalog.CollectionRuleInput{Column: column, Relation: relation}
	if condition != "" {
		r.Condition = &condition
	}
	return r
}

func ruleSet(rules ...catalog.CollectionRuleInput) *catalog.CollectionRuleSetInput {
	return &catalog.CollectionRuleSetInput{Rules: rules}
}

func anyOf(rules ...catalog.CollectionRuleInput) *catalog.CollectionRuleSetInput {
	return &catalog.CollectionRuleSetInput{Rules: rules, AppliedDisjunctively: p(true)}
}

func sorted(letters string) string {
	all := strings.Split(letters, "")
	slices.Sort(all)
	return strings.Join(all, "")
}

func TestRulesDecideAboutMembers(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, ruled)
	metafield := func(letter, value string) {
		product, err := id.ParseProductID(g.ids(letter)[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.pool.Exec(t.Context(), `insert into metafield (id, owner_kind, owner_id, namespace, key, type, value)
values (gen_random_uuid(), 'PRODUCT', $1, 'custom', 'power', 'number_integer', $2)`, product, value); err != nil {
			t.Fatal(err)
		}
	}
	metafield("a", "60")
	metafield("b", "7")
	metafield("c", "much")
	power := func(relation catalog.CollectionRuleRelation, condition string) catalog.CollectionRuleInput {
		r := rule(catalog.RuleProductMetafield, relation, condition)
		r.Namespace, r.Key = p("custom"), p("power")
		return r
	}
	for name, c := range map[string]struct {
		rules *catalog.CollectionRuleSetInput
		want  string
	}{
		"a tag":                       {ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "sale")), "a"},
		"a part of a tag":             {ruleSet(rule(catalog.RuleTag, catalog.RuleContains, "SALE")), "ac"},
		"no such tag":                 {ruleSet(rule(catalog.RuleTag, catalog.RuleNotEquals, "lamp")), "cd"},
		"any tag":                     {ruleSet(rule(catalog.RuleTag, catalog.RuleIsSet, "")), "abc"},
		"a tag in Arabic":             {ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "لون")), "c"},
		"a title's beginning":         {ruleSet(rule(catalog.RuleTitle, catalog.RuleStartsWith, "alpha")), "a"},
		"a title's end":               {ruleSet(rule(catalog.RuleTitle, catalog.RuleEndsWith, "LAMP")), "ab"},
		"a title with an emoji":       {ruleSet(rule(catalog.RuleTitle, catalog.RuleContains, "🏮")), "d"},
		"what looks like a pattern":   {ruleSet(rule(catalog.RuleTitle, catalog.RuleContains, "0% t")), "c"},
		"an underscore is no joker":   {ruleSet(rule(catalog.RuleTitle, catalog.RuleContains, "a_p")), ""},
		"not in the title":            {ruleSet(rule(catalog.RuleTitle, catalog.RuleNotContains, "lamp")), "cd"},
		"a vendor":                    {ruleSet(rule(catalog.RuleVendor, catalog.RuleEquals, "ACME")), "ab"},
		"no type":                     {ruleSet(rule(catalog.RuleType, catalog.RuleIsNotSet, "")), "c"},
		"a price above":               {ruleSet(rule(catalog.RulePrice, catalog.RuleGreaterThan, "20.00")), "ac"},
		"a price below":               {ruleSet(rule(catalog.RulePrice, catalog.RuleLessThan, "10.01")), "ad"},
		"exactly a price":             {ruleSet(rule(catalog.RulePrice, catalog.RuleEquals, "20")), "b"},
		"no variant at that price":    {ruleSet(rule(catalog.RulePrice, catalog.RuleNotEquals, "10.00")), "bcd"},
		"reduced":                     {ruleSet(rule(catalog.RuleCompareAtPrice, catalog.RuleIsSet, "")), "b"},
		"not reduced":                 {ruleSet(rule(catalog.RuleCompareAtPrice, catalog.RuleIsNotSet, "")), "acd"},
		"heavy":                       {ruleSet(rule(catalog.RuleWeight, catalog.RuleGreaterThan, "0.5 kg")), "ab"},
		"light, in ounces":            {ruleSet(rule(catalog.RuleWeight, catalog.RuleLessThan, "11 oz")), "cd"},
		"a size":                      {ruleSet(rule(catalog.RuleVariantTitle, catalog.RuleEquals, "large")), "a"},
		"a metafield":                 {ruleSet(power(catalog.RuleEquals, "7")), "b"},
		"a metafield as a number":     {ruleSet(power(catalog.RuleGreaterThan, "7.5")), "a"},
		"a metafield is set":          {ruleSet(power(catalog.RuleIsSet, "")), "abc"},
		"all of two":                  {ruleSet(rule(catalog.RuleVendor, catalog.RuleEquals, "zen"), rule(catalog.RuleType, catalog.RuleEquals, "indoor")), "d"},
		"one of two":                  {anyOf(rule(catalog.RuleVendor, catalog.RuleEquals, "zen"), rule(catalog.RuleType, catalog.RuleEquals, "indoor")), "acd"},
		"a quotation mark in a value": {ruleSet(rule(catalog.RuleTitle, catalog.RuleEquals, `'; drop table product; --`)), ""},
	} {
		c2 := g.set(catalog.CollectionSetInput{Handle: p("ruled"), Title: p("Ruled"), RuleSet: c.rules})
		g.follow()
		if got := sorted(g.members(c2)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if m := g.membership(c2); m.State != catalog.MembershipDone || m.Done != 4 || m.Total != 4 || m.FinishedAt == nil {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestRulesAreRefusedWithTheirPath(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, ruled)
	field := rule(catalog.RuleProductMetafield, catalog.RuleEquals, "x")
	wrong := rule(catalog.RuleTag, catalog.RuleEquals, "x")
	wrong.Key = p("power")
	many := make([]catalog.CollectionRuleInput, 61)
	for i := range many {
		many[i] = rule(catalog.RuleTag, catalog.RuleEquals, "x")
	}
	_, err := catalog.SetCollection(t.Context(), g.pool, access.SystemActor, "USD", catalog.CollectionSetInput{
		Handle: p("bad"), Title: p("Bad"), ProductIDs: g.ids("a"), RuleSet: ruleSet(
			rule(catalog.RuleTag, catalog.RuleGreaterThan, "1"), rule(catalog.RulePrice, catalog.RuleContains, "1"),
			rule(catalog.RulePrice, catalog.RuleLessThan, "1.234"), rule(catalog.RulePrice, catalog.RuleLessThan, "-1"),
			rule(catalog.RuleWeight, catalog.RuleLessThan, "2 stone"), rule(catalog.RuleTitle, catalog.RuleEquals, ""),
			rule(catalog.RuleTitle, catalog.RuleIsSet, "x"), rule(catalog.RuleTitle, catalog.RuleEquals, strings.Repeat("x", 256)),
			field, wrong,
		),
	})
	want := []string{
		"INVALID ruleSet.rules.0.relation", "INVALID ruleSet.rules.1.relation", "INVALID ruleSet.rules.2.condition",
		"INVALID ruleSet.rules.3.condition", "INVALID ruleSet.rules.4.condition", "BLANK ruleSet.rules.5.condition",
		"INVALID ruleSet.rules.6.condition", "TOO_LONG ruleSet.rules.7.condition", "BLANK ruleSet.rules.8.namespace",
		"BLANK ruleSet.rules.8.key", "INVALID ruleSet.rules.9.key", "RULE_BASED productIds",
	}
	if got := codes(err); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	_, err = catalog.SetCollection(t.Context(), g.pool, access.SystemActor, "USD", catalog.CollectionSetInput{Handle: p("bad"), Title: p("Bad"), RuleSet: ruleSet(many...)})
	if got := codes(err); !slices.Equal(got, []string{"TOO_MANY ruleSet.rules"}) {
		t.Errorf("61 rules: %q", got)
	}
	c := g.set(catalog.CollectionSetInput{Handle: p("good"), Title: p("Good"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "lamp"))})
	_, err = catalog.AddToCollection(t.Context(), g.pool, catalog.CollectionProductsInput{CollectionID: c.ID.String(), ProductIDs: g.ids("d")})
	if got := codes(err); !slices.Equal(got, []string{"RULE_BASED collectionId"}) {
		t.Errorf("a product that is put in by hand: %q", got)
	}
}

func TestChangedProductsJoinAndLeave(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, ruled)
	lamps := g.set(catalog.CollectionSetInput{Handle: p("lamps"), Title: p("Lamps"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "lamp"))})
	dear := g.set(catalog.CollectionSetInput{Handle: p("dear"), Title: p("Dear"), RuleSet: ruleSet(rule(catalog.RulePrice, catalog.RuleGreaterThan, "50"))})
	mine := g.set(catalog.CollectionSetInput{Handle: p("mine"), Title: p("Mine"), ProductIDs: g.ids("a")})
	g.follow()
	before := g.at()
	g.follow()
	if g.at() != before {
		t.Error("the catalog went on although nothing changed")
	}
	importText(t, g.pool, "Handle,Title,Tags,Variant Price\nd-mug,Mug,lamp,60.00\ne-new,New,\"a, lamp\",1\nb-lamp,Beta,other,20\n")
	g.follow()
	if got := sorted(g.members(lamps)) + " " + sorted(g.members(dear)) + " " + g.members(mine); got != "ade cd a" {
		t.Errorf("lamps, dear and mine have %q", got)
	}
	// One step for the import, one for the three products that joined and left, whichever collection it was.
	if at := g.at(); at != before+2 {
		t.Errorf("the catalog went from %d to %d", before, at)
	}
	var noted, waiting int
	err := g.pool.QueryRow(t.Context(), `select (select count(distinct product_id) from catalog_change where position = $1), (select count(*) from collection_change)`, before+2).Scan(&noted, &waiting)
	if err != nil || noted != 3 || waiting != 0 {
		t.Errorf("%d products are noted for the listing, %d still wait, %v", noted, waiting, err)
	}
}

// TestManyRulesTakeMoreSteps: the more rules there are, the fewer products a step holds against them, and all are held.
func TestManyRulesTakeMoreSteps(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, ruled)
	for _, statement := range []string{
		`insert into collection (id, handle, title, rule_based, any_rule) select gen_random_uuid(), 'c' || n, 'C', true, true from generate_series(1, 501) n`,
		`insert into collection_rule (collection_id, position, subject, relation, value)
select c.id, n, 'TAG', 'EQUALS', case n when 60 then 'lamp' else 'x' || n end from collection c, generate_series(1, 60) n`,
	} {
		if _, err := g.pool.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	left := func() (n int) {
		t.Helper()
		if err := g.pool.QueryRow(t.Context(), `select count(*) from collection_change`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, want := range []struct {
		left int
		more bool
	}{{3, true}, {2, true}, {1, true}, {0, true}, {0, false}} {
		if more, err := catalog.FollowRules(t.Context(), g.pool, inventory.Quantities, slog.New(slog.DiscardHandler)); err != nil || more != want.more || left() != want.left {
			t.Errorf("more: %v, %d left, %v; want %+v", more, left(), err, want)
		}
	}
	var full int
	err := g.pool.QueryRow(t.Context(), `
select count(*) from (
    select m.collection_id from collection_product m join product p on p.id = m.product_id
    where p.handle in ('a-lamp', 'b-lamp')
    group by m.collection_id having count(*) = 2) f`).Scan(&full)
	if err != nil || full != 501 {
		t.Errorf("%d of 501 collections have the two lamps, %v", full, err)
	}
}

func TestRulesGoOnWhereTheyWereAndNewOnesWin(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, ruled)
	if _, err := g.pool.Exec(t.Context(), `
insert into product (id, handle, title, tags, currency, min_price, max_price, variants_count)
select gen_random_uuid(), 'x' || n, 'X', case when n % 2 = 0 then '{even}'::text[] else '{odd}'::text[] end, 'USD', 1, 1, 1 from generate_series(1, 2500) n`); err != nil {
		t.Fatal(err)
	}
	g.follow() // the notes of the import
	count := func(c catalog.Collection) (n int) {
		if err := g.pool.QueryRow(t.Context(), `select count(*) from collection_product where collection_id = $1`, c.ID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	c := g.set(catalog.CollectionSetInput{Handle: p("half"), Title: p("Half"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "even"))})
	if m := g.membership(c); m.State != catalog.MembershipWaiting || m.Done != 0 {
		t.Errorf("before the first step %+v", m)
	}
	if more, err := catalog.FollowRules(t.Context(), g.pool, inventory.Quantities, slog.New(slog.DiscardHandler)); err != nil || !more {
		t.Fatal(more, err)
	}
	if m := g.membership(c); m.State != catalog.MembershipRunning || m.Done != 1000 || m.Total != 2504 || m.FinishedAt != nil {
		t.Errorf("after a step %+v", m)
	}
	if n := count(c); n == 0 || n >= 1250 {
		t.Errorf("after a step there are %d members", n)
	}
	g.set(catalog.CollectionSetInput{Handle: p("half"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "odd"))})
	if m := g.membership(c); m.State != catalog.MembershipWaiting || m.Done != 0 {
		t.Errorf("after other rules %+v", m)
	}
	var all sync.WaitGroup // four at once do it once
	for range 4 {
		all.Go(func() {
			for more := true; more; {
				var err error
				if more, err = catalog.FollowRules(t.Context(), g.pool, inventory.Quantities, slog.New(slog.DiscardHandler)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	g.follow()
	var wrong int
	if err := g.pool.QueryRow(t.Context(), `select count(*) from collection_product m join product p on p.id = m.product_id
where m.collection_id = $1 and not 'odd' = any (p.tags)`, c.ID).Scan(&wrong); err != nil || wrong != 0 || count(c) != 1250 {
		t.Errorf("%d members, %d of them wrong, %v", count(c), wrong, err)
	}
	if m := g.membership(c); m.State != catalog.MembershipDone || m.Done != 2504 || m.Position == 0 {
		t.Errorf("at the end %+v", m)
	}
	t.Run("a finished search finds nothing new", func(t *testing.T) {
		before := g.at()
		g.set(catalog.CollectionSetInput{Handle: p("half"), Title: p("Half"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "odd"))})
		if m := g.membership(c); m.State != catalog.MembershipDone || g.at() != before {
			t.Errorf("the same rules again: %+v, catalog from %d to %d", m, before, g.at())
		}
	})
	t.Run("without rules the members stay and are people's", func(t *testing.T) {
		c := g.set(catalog.CollectionSetInput{Handle: p("half"), RuleSet: ruleSet(), ProductIDs: g.ids("ba")})
		importText(t, g.pool, "Handle,Title,Tags,Variant Price\nd-mug,Mug,odd,1\n")
		g.follow()
		if got := g.members(c); c.RuleBased || got != "ba" || g.membership(c).State != "" {
			t.Errorf("members %q of %+v, %+v", got, c, g.membership(c))
		}
	})
}
