package content_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/position"
)

func open(t *testing.T) (*content.Content, *pgxpool.Pool) {
	t.Helper()
	pool := pgtest.New(t)
	return content.New(pool, catalog.Known), pool
}

func p[T any](value T) *T { return &value }

// codes are the refusals in an error, with their paths.
func codes(err error) (all []string) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			all = append(all, codes(one)...)
		}
		return all
	}
	if f, ok := fault.As(err); ok {
		return []string{f.Code + " " + strings.Join(f.Field, ".")}
	}
	return nil
}

func TestManyWhoMakeOnePageMakeOne(t *testing.T) {
	t.Parallel()
	c, pool := open(t)
	var all sync.WaitGroup
	pages := make([]content.Page, 8)
	for i := range pages {
		all.Go(func() {
			var err error
			if pages[i], err = c.SetPage(t.Context(), access.SystemActor, content.PageSetInput{Handle: p("about"), Title: p("About")}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, page := range pages {
		if page.ID != pages[0].ID || page.Version != 1 {
			t.Errorf("one of them has %s at version %d, another %s", page.ID, page.Version, pages[0].ID)
		}
	}
	list, err := content.Pages(t.Context(), pool, access.SystemActor, content.Listing{}, pg.Page{First: p(9)})
	if err != nil || len(list.Nodes) != 1 {
		t.Errorf("there are %d pages, %v", len(list.Nodes), err)
	}
}

func TestOneOfThoseWhoRestOnAVersionWins(t *testing.T) {
	t.Parallel()
	c, pool := open(t)
	if _, err := c.SetBlog(t.Context(), access.SystemActor, content.BlogSetInput{Handle: p("news"), Title: p("News")}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	refused := make([]error, 6)
	for i := range refused {
		all.Go(func() {
			_, refused[i] = c.SetBlog(t.Context(), access.SystemActor, content.BlogSetInput{
				Handle: p("news"), Title: p("News " + string(rune('a'+i))), ExpectedVersion: p(1),
			})
		})
	}
	all.Wait()
	won := 0
	for _, err := range refused {
		if err == nil {
			won++
		} else if got := codes(err); !slices.Equal(got, []string{"VERSION_CONFLICT input.expectedVersion"}) {
			t.Errorf("one who came later hears %v (%v)", got, err)
		}
	}
	blog, err := content.BlogByHandle(t.Context(), pool, "news")
	if err != nil || won != 1 || blog.Version != 2 {
		t.Errorf("%d of 6 won, the blog is at version %d, %v", won, blog.Version, err)
	}
}

func TestAnArticleKeepsItsBlog(t *testing.T) {
	t.Parallel()
	c, pool := open(t)
	for range 5 {
		blog, err := c.SetBlog(t.Context(), access.SystemActor, content.BlogSetInput{Handle: p("news"), Title: p("News")})
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		var written, deleted error
		both.Go(func() {
			_, written = c.SetArticle(t.Context(), access.SystemActor, content.ArticleSetInput{BlogHandle: p("news"), Handle: p("a"), Title: p("A")})
		})
		both.Go(func() { _, deleted = c.DeleteBlog(t.Context(), content.DeleteInput{ID: blog.ID.String()}) })
		both.Wait()
		switch {
		case written == nil && slices.Equal(codes(deleted), []string{"NOT_EMPTY input.id"}):
			articles, err := content.ArticlesByHandle(t.Context(), pool, access.SystemActor, []id.BlogID{blog.ID}, "a")
			if err != nil || len(articles) != 1 {
				t.Fatalf("the article is gone: %v", err)
			}
			if _, err := c.DeleteArticle(t.Context(), content.DeleteInput{ID: articles[blog.ID].ID.String()}); err != nil {
				t.Fatal(err)
			}
		case deleted == nil && slices.Equal(codes(written), []string{"NOT_FOUND input.blogHandle"}):
		default:
			t.Fatalf("the article: %v; the blog: %v", written, deleted)
		}
	}
}

func TestAWriteThatChangesNothingMovesNothing(t *testing.T) {
	t.Parallel()
	c, pool := open(t)
	at := func() int64 {
		t.Helper()
		all, err := position.Current(t.Context(), pool)
		if err != nil {
			t.Fatal(err)
		}
		return all[position.Content]
	}
	title, items := "One", []content.MenuItemInput{{Title: "Search", Type: "SEARCH"}}
	writes := map[string]func() (int, error){
		"page": func() (int, error) {
			page, err := c.SetPage(t.Context(), access.SystemActor, content.PageSetInput{Handle: p("a"), Title: &title, Body: p("<p>A</p>")})
			return page.Version, err
		},
		"blog": func() (int, error) {
			blog, err := c.SetBlog(t.Context(), access.SystemActor, content.BlogSetInput{Handle: p("news"), Title: &title})
			return blog.Version, err
		},
		"menu": func() (int, error) {
			menu, err := c.SetMenu(t.Context(), access.SystemActor, content.MenuSetInput{Handle: p("main"), Title: &title, Items: items})
			if err == nil {
				items[0].ID = p(menu.Items[0].ID.String())
			}
			return menu.Version, err
		},
		"policy": func() (int, error) {
			policy, err := c.SetPolicy(t.Context(), content.PolicySetInput{Type: "PRIVACY_POLICY", Title: &title, Body: "We tell nobody."})
			return policy.Version, err
		},
	}
	for _, step := range []struct {
		title          string
		moves, version int
	}{{"One", 1, 1}, {"One", 0, 1}, {"Two", 1, 2}, {"Two", 0, 2}} {
		title = step.title
		for name, write := range writes {
			before := at()
			version, err := write()
			if moved := at() - before; err != nil || version != step.version || int(moved) != step.moves {
				t.Errorf("%s called %s: version %d, %d moves, %v; want %d, %d", name, title, version, moved, err, step.version, step.moves)
			}
		}
	}
	before := at()
	if none, err := c.SetPolicy(t.Context(), content.PolicySetInput{Type: "REFUND_POLICY"}); err != nil || none != nil || at() != before {
		t.Errorf("taking away what is not there: %v, %v, %d moves", none, err, at()-before)
	}
}

func TestACursorIsOfOneOrder(t *testing.T) {
	t.Parallel()
	c, pool := open(t)
	for _, name := range []string{"alpha", "beta"} {
		if _, err := c.SetBlog(t.Context(), access.SystemActor, content.BlogSetInput{Handle: &name, Title: &name}); err != nil {
			t.Fatal(err)
		}
	}
	list := func(sort, query string, after *string, reverse bool) (pg.Connection[content.Blog], error) {
		return content.Blogs(t.Context(), pool, access.SystemActor, content.Listing{SortKey: sort, Query: &query}, pg.Page{First: p(1), After: after, Reverse: reverse})
	}
	one, err := list("HANDLE", "", nil, false)
	if err != nil || len(one.Nodes) != 1 {
		t.Fatal(one, err)
	}
	after := one.PageInfo.EndCursor
	if two, err := list("HANDLE", "", after, false); err != nil || two.Nodes[0].Handle != "beta" {
		t.Errorf("the list goes on with %v, %v", two.Nodes, err)
	}
	if none, err := list("HANDLE", "", after, true); err != nil || len(none.Nodes) != 0 {
		t.Errorf("turned around it goes on with %v, %v", none.Nodes, err)
	}
	for _, sort := range []string{"TITLE", "ID", "RELEVANCE"} {
		if got, err := list(sort, "", after, false); !slices.Equal(codes(err), []string{"BAD_USER_INPUT "}) {
			t.Errorf("by %s the list goes on with %v, %v", sort, got.Nodes, err)
		}
	}
	byID, err := list("RELEVANCE", "", nil, false) // of nothing that is asked: by id
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list("ID", "", byID.PageInfo.EndCursor, false); err != nil {
		t.Errorf("the same order under its other name: %v", err)
	}
	if _, err := list("RELEVANCE", "alpha", byID.PageInfo.EndCursor, false); !slices.Equal(codes(err), []string{"BAD_USER_INPUT "}) {
		t.Errorf("a place by id is taken for one by relevance: %v", err)
	}
}

func TestExternalIDsAreEachPartners(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	set := func(who byte, handle, title string) content.Page {
		page, err := c.SetPage(t.Context(), access.Actor{Kind: access.Partner, ID: [16]byte{who}}, content.PageSetInput{
			ExternalID: p("42"), Handle: p(handle), Title: p(title),
		})
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	one, other := set(1, "one", "One"), set(2, "two", "Two")
	if again := set(1, "uno", "Uno"); one.ID == other.ID || again.ID != one.ID || again.Handle != "uno" || again.Version != 2 {
		t.Errorf("the first partner's page is %+v, the second's %s", again, other.ID)
	}
}

func TestMenuEntriesKeepTheirIDs(t *testing.T) {
	t.Parallel()
	c, pool := open(t)
	input := content.MenuSetInput{Handle: p("main"), Title: p("Main"), Items: []content.MenuItemInput{
		{Title: "One", Type: "SEARCH", Items: []content.MenuItemInput{{Title: "Below", Type: "FRONTPAGE"}}}, {Title: "Two", Type: "CATALOG"},
	}}
	menu, err := c.SetMenu(t.Context(), access.SystemActor, input)
	if err != nil {
		t.Fatal(err)
	}
	two := menu.Items[1].ID.String()
	input.Items = []content.MenuItemInput{{ID: &two, Title: "Second", Type: "CATALOG"}, {Title: "Third", Type: "SEARCH"}}
	if menu, err = c.SetMenu(t.Context(), access.SystemActor, input); err != nil {
		t.Fatal(err)
	}
	if menu.ItemsCount != 2 || menu.Items[0].ID.String() != two || menu.Items[0].Title != "Second" || menu.Version != 2 {
		t.Errorf("the menu is %+v", menu)
	}
	input.Items = append(input.Items, content.MenuItemInput{ID: &two, Title: "Twice", Type: "SEARCH"})
	if _, err = c.SetMenu(t.Context(), access.SystemActor, input); !slices.Equal(codes(err), []string{"NOT_FOUND input.items.2.id"}) {
		t.Errorf("an entry that is named twice: %v", err)
	}
	input.Items = []content.MenuItemInput{}
	if menu, err = c.SetMenu(t.Context(), access.SystemActor, input); err != nil || menu.ItemsCount != 0 {
		t.Errorf("emptied, it is %+v, %v", menu, err)
	}
	if _, err := c.DeleteMenu(t.Context(), content.DeleteInput{ID: menu.ID.String()}); err != nil {
		t.Fatal(err)
	}
	if _, err := content.MenuByHandle(t.Context(), pool, "main"); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("deleted, it is %v", err)
	}
}
