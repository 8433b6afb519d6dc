package search_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/search"
)

// books has titles of words that say nothing in a text.
const books = `Handle,Title,Vendor,Type,Tags,Body (HTML),Variant SKU,Variant Price,Variant Inventory Qty,Published
it,It,Acme,Book,,About a town,B-1,10,5,true
can,Watering Can,Acme,Tool,,It can hold much,T-1,10,5,true
who,Who We Are,Acme,Book,,,B-2,10,5,true
grammar,Italian Grammar,Acme,Book,,It is about all of it,B-3,10,5,true
running,Running Shoes,Bolt,Shoe,,,S-1,10,5,true
`

// bookshop is a shop with page About us and article Here and there.
func bookshop(t *testing.T) market {
	t.Helper()
	m := open(t, books)
	m.exec(`insert into page (id, handle, title, body, published_at) values (gen_random_uuid(), 'about', 'About us', 'We sell books', now())`)
	m.exec(`insert into collection (id, handle, title) values (gen_random_uuid(), 'for-her', 'For her')`)
	m.exec(`insert into blog (id, handle, title) values (gen_random_uuid(), 'news', 'News')`)
	m.exec(`insert into article (id, blog_id, handle, title, body, published_at) select gen_random_uuid(), id, 'here', 'Here and there', 'About us', now() from blog`)
	return m
}

func TestTitlesOfWordsThatSayNothingAreFound(t *testing.T) {
	t.Parallel()
	m := bookshop(t)
	last := search.PrefixLast
	for _, c := range []struct {
		wanted search.Wanted
		want   string
	}{
		{search.Wanted{Query: "it"}, "i"},
		{search.Wanted{Query: "It"}, "i"},
		{search.Wanted{Query: "it", Prefix: &last}, "ig"}, // just that first, then what begins so
		{search.Wanted{Query: "can"}, "c"},
		{search.Wanted{Query: "cans"}, "c"},
		{search.Wanted{Query: "about"}, "a"},
		{search.Wanted{Query: "abou", Prefix: &last}, "a"},
		{search.Wanted{Query: "about u", Prefix: &last}, "ah"},
		{search.Wanted{Query: "here and"}, "h"},
		{search.Wanted{Query: "who we are"}, "w"},
		{search.Wanted{Query: "who we ar", Prefix: &last}, "w"},
		{search.Wanted{Query: "who we are", Types: []search.SearchType{search.FindPages}}, ""},
		{search.Wanted{Query: "runni", Prefix: &last}, "r"},
		{search.Wanted{Query: "the shoes"}, "r"},
		{search.Wanted{Query: "it is about"}, ""},
		{search.Wanted{Query: "the"}, ""},
		{search.Wanted{Query: `"who we are"`}, "w"},
		{search.Wanted{Query: `"are we who"`}, ""},
		{search.Wanted{Query: "it OR can"}, "ci"},
		{search.Wanted{Query: "it -shoes"}, "i"},
		{search.Wanted{Query: "it -town"}, ""}, // what is denied is asked of texts
		{search.Wanted{Query: "cans -shoes"}, "c"},
		{search.Wanted{Query: "about -shoes"}, "a"},
		{search.Wanted{Query: "about -books"}, ""},
		{search.Wanted{Query: "it OR can -town"}, "c"},
		{search.Wanted{Query: "about u -shoes", Prefix: &last}, "ah"},
		{search.Wanted{Query: "-it -town"}, "acghrw"},
		{search.Wanted{Query: `shoes -it -"who we are"`}, "r"},
	} {
		got := m.search(c.wanted, first(20))
		found := letters(got)
		if strings.Contains(c.wanted.Query, " OR ") || strings.HasPrefix(c.wanted.Query, "-") {
			found = sorted(found)
		}
		if found != c.want {
			t.Errorf("%+v finds %q, want %q", c.wanted, found, c.want)
		}
		if total, err := m.Search.Total(t.Context(), got); err != nil || total != len(c.want) {
			t.Errorf("%+v counts %d (%v)", c.wanted, total, err)
		}
	}
	for query, want := range map[string]string{
		"about": "", "it": "i", "-it": "cgrw", "it OR can": "ci", `"who we are"`: "w", "it*": "gi", "runni*": "r", "the grammar": "g",
	} {
		if got := sorted(handles(m.find(query, catalog.SortID, first(20)))); got != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
	}
	if got := handles(m.find("it", catalog.SortRelevance, first(20))); got != "i" {
		t.Errorf("by relevance it lists %q", got)
	}
}

func TestTitlesOfWordsThatSayNothingAreOfferedWhileAShopperTypes(t *testing.T) {
	t.Parallel()
	m := bookshop(t)
	for _, c := range []struct {
		typed search.Typed
		want  string
	}{
		{search.Typed{Query: "it"}, "it italian / it grammar /"},
		{search.Typed{Query: "it", Fields: []search.SearchableField{"TITLE"}}, "it italian / it grammar /"},
		{search.Typed{Query: "it", Fields: []search.SearchableField{"VENDOR"}}, "/ /"},
		{search.Typed{Query: "abo"}, "/ / about"},
		{search.Typed{Query: "about", Fields: []search.SearchableField{"TITLE"}}, "/ / about"},
		{search.Typed{Query: "for her"}, "/ / for-her"},
		{search.Typed{Query: "the"}, "/ /"},
	} {
		r, err := m.Search.Predict(t.Context(), shopper, c.typed)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, q := range r.Queries {
			said = append(said, q.Text)
		}
		said = append(said, "/")
		for _, p := range r.Products {
			said = append(said, p.Handle)
		}
		said = append(said, "/")
		for _, p := range r.Pages {
			said = append(said, p.Handle)
		}
		for _, collection := range r.Collections {
			said = append(said, collection.Handle)
		}
		if got := strings.Join(said, " "); got != c.want {
			t.Errorf("%+v offers %q, want %q", c.typed, got, c.want)
		}
	}
}
