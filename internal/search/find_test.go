package search_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/search"
)

// library is the wardrobe with what a shop writes about it: page Wash, articles Xmas and Yarn (not yet published).
func library(t *testing.T) market {
	t.Helper()
	m := open(t, wardrobe)
	m.exec(`insert into page (id, handle, title, body, published_at) values (gen_random_uuid(), 'wash', 'Washing cotton', 'How to wash', now())`)
	m.exec(`insert into collection (id, handle, title) values (gen_random_uuid(), 'knitwear', 'Knitwear')`)
	m.exec(`insert into blog (id, handle, title) values (gen_random_uuid(), 'news', 'News')`)
	m.exec(`insert into article (id, blog_id, handle, title, body, author_first_name, published_at)
select gen_random_uuid(), id, 'xmas', 'Gifts', 'A sweater for everyone', 'Ada', now() from blog
union all
select gen_random_uuid(), id, 'yarn', 'Sweater secrets', '', 'Ada', now() + interval '1 day' from blog`)
	return m
}

func letter(thing search.SearchResultItem) string {
	switch thing := thing.(type) {
	case catalog.Product:
		return thing.Handle[:1]
	case content.Page:
		return thing.Handle[:1]
	case content.Article:
		return thing.Handle[:1]
	}
	return "?"
}

func letters(c search.SearchResultItemConnection) string {
	var all strings.Builder
	for _, thing := range c.Nodes {
		all.WriteString(letter(thing))
	}
	return all.String()
}

func (m market) search(wanted search.Wanted, page pg.Page) search.SearchResultItemConnection {
	m.t.Helper()
	c, err := m.Search.Find(m.t.Context(), shopper, wanted, page)
	if err != nil {
		m.t.Fatalf("%+v: %v", wanted, err)
	}
	return c
}

func TestSearchFindsInItsOrder(t *testing.T) {
	t.Parallel()
	m := library(t)
	if _, err := m.Search.SetSynonyms(t.Context(), search.SearchSynonymsSetInput{Groups: []search.SynonymGroupInput{
		{Words: []string{"Jumper", "sweater", "pull over"}}, {Words: []string{"hat", "cap"}},
	}}); err != nil {
		t.Fatal(err)
	}
	last, show, hide := search.PrefixLast, search.UnavailableShow, search.UnavailableHide
	for _, c := range []struct {
		wanted search.Wanted
		want   string
	}{
		{search.Wanted{Query: "summer tee"}, "t"},
		{search.Wanted{Query: "TEE-BS"}, "t"},
		{search.Wanted{Query: "cotton cap", Unavailable: &show}, "c"},
		{search.Wanted{Query: "sweaters"}, "px"},
		{search.Wanted{Query: "jumper"}, "px"},
		{search.Wanted{Query: "pull over"}, "px"},
		{search.Wanted{Query: "sweatr"}, "p"}, // misspelled
		{search.Wanted{Query: "sweter"}, "p"},
		{search.Wanted{Query: "swe"}, ""},
		{search.Wanted{Query: "s"}, ""},
		{search.Wanted{Query: "pol", Prefix: &last}, "p"},
		{search.Wanted{Query: "red swea", Prefix: &last}, "p"},
		{search.Wanted{Query: "summer", Unavailable: &show}, "tc"},
		{search.Wanted{Query: "summer", Unavailable: &hide}, "t"},
		{search.Wanted{Query: "cotton", Types: []search.SearchType{search.FindPages, search.FindArticles}}, "w"},
		{search.Wanted{Query: "sweater", Types: []search.SearchType{search.FindArticles}}, "x"},
		{search.Wanted{Query: "cotton", Sort: search.SearchByPrice, Unavailable: &show}, "tcpw"},
		{search.Wanted{Query: "cotton", Sort: search.SearchByPrice}, "tpwc"},
		{search.Wanted{Query: "cotton", Types: []search.SearchType{search.FindProducts}, Filters: filtersOf([]selected{vendor("Bolt")})}, "p"},
		{search.Wanted{Query: "שלום 🎉"}, ""},
		{search.Wanted{Query: "the"}, ""},
	} {
		got := m.search(c.wanted, first(20))
		if letters(got) != c.want {
			t.Errorf("%+v finds %q, want %q", c.wanted, letters(got), c.want)
		}
		total, err := m.Search.Total(t.Context(), got)
		if err != nil || total != len(c.want) {
			t.Errorf("%+v counts %d (%v)", c.wanted, total, err)
		}
	}
	if got := letters(m.search(search.Wanted{Query: ""}, first(20))); len(got) != 5 || got[4] != 'c' {
		t.Errorf("without words %q is found: not all, what can't be bought last", got)
	}
	filters, err := m.Search.FoundFilters(t.Context(), m.search(search.Wanted{Query: "cotton"}, first(1)))
	if err != nil || !strings.Contains(shown(filters), "filter.p.vendor Brand LIST TEXT: ACME 2") && !strings.Contains(shown(filters), "filter.p.vendor Brand LIST TEXT: Acme 2") {
		t.Errorf("what is found can be filtered by %s (%v)", shown(filters), err)
	}
}

func TestASearchIsReadFromBothEnds(t *testing.T) {
	t.Parallel()
	m := library(t)
	one := 1
	for _, sort := range []search.SearchSortKeys{search.SearchByRelevance, search.SearchByPrice} {
		for _, turned := range []bool{false, true} {
			wanted := search.Wanted{Query: "cotton", Sort: sort}
			whole := first(20)
			whole.Reverse = turned
			want := letters(m.search(wanted, whole))
			if len(want) != 4 || want[3] != 'c' {
				t.Fatalf("by %s (reverse %v) %q: what can't be bought is not last", sort, turned, want)
			}
			forward, backward := "", ""
			page := pg.Page{First: &one, Reverse: turned}
			for range 10 {
				c := m.search(wanted, page)
				forward += letters(c)
				if !c.PageInfo.HasNextPage {
					break
				}
				page.After = c.PageInfo.EndCursor
			}
			page = pg.Page{Last: &one, Reverse: turned}
			for range 10 {
				c := m.search(wanted, page)
				backward = letters(c) + backward
				if !c.PageInfo.HasPreviousPage {
					break
				}
				page.Before = c.PageInfo.StartCursor
			}
			if forward != want || backward != want {
				t.Errorf("by %s (reverse %v) %q, page by page %q, from the end %q", sort, turned, want, forward, backward)
			}
		}
	}
}

func TestSearchesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	m := library(t)
	other := m.find("", catalog.SortTitle, first(1)).PageInfo.EndCursor
	page := first(1)
	page.After = other
	for name, err := range map[string]error{
		"a cursor of another list": func() error {
			_, err := m.Search.Find(t.Context(), shopper, search.Wanted{Query: "cotton"}, page)
			return err
		}(),
		"a long text": func() error {
			_, err := m.Search.Find(t.Context(), shopper, search.Wanted{Query: strings.Repeat("x", 1001)}, first(1))
			return err
		}(),
		"a zero byte": func() error {
			_, err := m.Search.Predict(t.Context(), shopper, search.Typed{Query: "a\x00"})
			return err
		}(),
		"no limit": func() error {
			_, err := m.Search.Predict(t.Context(), shopper, search.Typed{Query: "a", Limit: ptr(0)})
			return err
		}(),
		"a lonely synonym": func() error {
			_, err := m.Search.SetSynonyms(t.Context(), search.SearchSynonymsSetInput{Groups: []search.SynonymGroupInput{{Words: []string{"a"}}}})
			return err
		}(),
		"a synonym twice": func() error {
			_, err := m.Search.SetSynonyms(t.Context(), search.SearchSynonymsSetInput{Groups: []search.SynonymGroupInput{{Words: []string{"a", " A "}}}})
			return err
		}(),
	} {
		if !fault.IsKind(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsOfferedWhileAShopperTypes(t *testing.T) {
	t.Parallel()
	m := library(t)
	each := search.LimitEach
	offered := func(typed search.Typed) string {
		r, err := m.Search.Predict(t.Context(), shopper, typed)
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, q := range r.Queries {
			all.WriteString("[" + q.Text + "]")
		}
		for _, p := range r.Products {
			all.WriteString(letter(p))
		}
		for _, c := range r.Collections {
			all.WriteString(c.Handle)
		}
		for _, p := range r.Pages {
			all.WriteString(letter(p))
		}
		for _, a := range r.Articles {
			all.WriteString(letter(a))
		}
		return all.String()
	}
	for _, c := range []struct {
		typed search.Typed
		want  string
	}{
		{search.Typed{Query: "cot"}, "[cotton]cw"},
		{search.Typed{Query: "cot", Fields: []search.SearchableField{"TAG"}}, "tp"},
		{search.Typed{Query: "swe"}, "[sweater]p"},
		{search.Typed{Query: "swe", Fields: []search.SearchableField{"TITLE", "BODY"}}, "[sweater]px"},
		{search.Typed{Query: "polo-rm", Fields: []search.SearchableField{"VARIANTS_SKU"}}, "p"},
		{search.Typed{Query: "knit"}, "knitwear"},
		{search.Typed{Query: "cot", Limit: ptr(1)}, "[cotton]"},
		{search.Typed{Query: "cot", Limit: ptr(1), LimitScope: &each}, "[cotton]cw"},
		{search.Typed{Query: "cot", Types: []search.PredictiveSearchType{search.PredictProducts}}, "c"},
		{search.Typed{Query: "  "}, ""},
	} {
		if got := offered(c.typed); got != c.want {
			t.Errorf("%+v offers %q, want %q", c.typed, got, c.want)
		}
	}
	r, err := m.Search.Predict(t.Context(), shopper, search.Typed{Query: "Polo <s"})
	if err != nil || len(r.Queries) != 0 {
		t.Errorf("offers %+v (%v)", r.Queries, err)
	}
	r, err = m.Search.Predict(t.Context(), shopper, search.Typed{Query: "polo swe"})
	if err != nil || len(r.Queries) != 1 || r.Queries[0].StyledText != "<mark>polo swe</mark><span>ater</span>" {
		t.Errorf("offers %+v (%v)", r.Queries, err)
	}
}
