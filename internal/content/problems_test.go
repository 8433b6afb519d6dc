package content_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/content"
)

// TestAllThatIsWrongIsToldAtOnce, also where it can't be said what would be written.
func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	_, page := c.SetPage(t.Context(), access.SystemActor, content.PageSetInput{Handle: p("not so"), Title: p(" ")})
	_, blog := c.SetBlog(t.Context(), access.SystemActor, content.BlogSetInput{Handle: p("not so"), Title: p("")})
	_, article := c.SetArticle(t.Context(), access.SystemActor, content.ArticleSetInput{Handle: p("not so"), Title: p(""), Tags: []string{"rope", ""}})
	_, menu := c.SetMenu(t.Context(), access.SystemActor, content.MenuSetInput{Handle: p("not so"), Title: p(""), Items: []content.MenuItemInput{
		{Title: "", Type: content.HTTPItem},
		{ID: p("gid://wharf/MenuItem/x"), Title: "Light", Type: "COLLECTION", ResourceID: p("gid://wharf/Page/x"), Tags: []string{"warm", ""}, Items: []content.MenuItemInput{
			{Title: "Deep", Type: content.HTTPItem, URL: p("javascript:alert(1)")},
		}},
	}})
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"page":    {page, []string{"INVALID input.handle", "BLANK input.title"}},
		"blog":    {blog, []string{"INVALID input.handle", "BLANK input.title"}},
		"article": {article, []string{"INVALID input.handle", "BLANK input.blogId", "BLANK input.title", "BLANK input.tags.1"}},
		"menu": {menu, []string{
			"INVALID input.handle", "BLANK input.title", "BLANK input.items.0.title", "BLANK input.items.0.url",
			"NOT_FOUND input.items.1.id", "NOT_FOUND input.items.1.resourceId", "BLANK input.items.1.tags.1",
			"INVALID input.items.1.items.0.url",
		}},
	} {
		if got := codes(test.err); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestAnArticleOfNoBlog is told that its title is missing, too, unless it may be one that is there.
func TestAnArticleOfNoBlog(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	if _, err := c.SetBlog(t.Context(), access.SystemActor, content.BlogSetInput{Handle: p("news"), Title: p("News")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SetArticle(t.Context(), access.SystemActor, content.ArticleSetInput{BlogHandle: p("news"), Handle: p("old"), Title: p("Old")}); err != nil {
		t.Fatal(err)
	}
	for handle, want := range map[string][]string{
		"walk-n": {"BLANK input.blogId", "BLANK input.title"},
		"OLD":    {"BLANK input.blogId"},
	} {
		_, err := c.SetArticle(t.Context(), access.SystemActor, content.ArticleSetInput{Handle: p(handle)})
		if got := codes(err); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", handle, got, want)
		}
	}
}

// TestAnAuthorHasAnAddressOrNone: it is kept as it was given, since shoppers read it.
func TestAnAuthorHasAnAddressOrNone(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	if _, err := c.SetBlog(t.Context(), access.SystemActor, content.BlogSetInput{Handle: p("news"), Title: p("News")}); err != nil {
		t.Fatal(err)
	}
	by := func(email string) (content.Article, error) {
		return c.SetArticle(t.Context(), access.SystemActor, content.ArticleSetInput{
			BlogHandle: p("news"), Handle: p("walk"), Title: p("A walk"), Author: &content.ArticleAuthorInput{FirstName: "Noor", Email: &email},
		})
	}
	for _, email := range []string{"nope", "noor@", "@example.com", "noor@example", "Noor <noor@example.com>", "🪢@example.com\x00"} {
		if _, err := by(email); !slices.Equal(codes(err), []string{"INVALID input.author.email"}) {
			t.Errorf("%q: %v", email, err)
		}
	}
	for email, want := range map[string]string{" Noor@Example.com ": "Noor@Example.com", "noor@bücher.example": "noor@bücher.example", " ": ""} {
		if a, err := by(email); err != nil || a.Author.Email != want {
			t.Errorf("%q is kept as %q: %v", email, a.Author.Email, err)
		}
	}
}

// TestWhatIsKeptBackHasNoDate: a date beside published: false is refused, not forgotten.
func TestWhatIsKeptBackHasNoDate(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	soon, no, yes := time.Now().Add(time.Hour), false, true
	if _, err := c.SetBlog(t.Context(), access.SystemActor, content.BlogSetInput{Handle: p("news"), Title: p("News")}); err != nil {
		t.Fatal(err)
	}
	for published, want := range map[*bool][]string{&no: {"INVALID input.publishedAt"}, &yes: nil, nil: nil} {
		_, article := c.SetArticle(t.Context(), access.SystemActor, content.ArticleSetInput{
			BlogHandle: p("news"), Handle: p("walk"), Title: p("A walk"), PublishedAt: &soon, Published: published,
		})
		_, page := c.SetPage(t.Context(), access.SystemActor, content.PageSetInput{Handle: p("about"), Title: p("About"), PublishedAt: &soon, Published: published})
		if !slices.Equal(codes(article), want) || !slices.Equal(codes(page), want) {
			t.Errorf("published %v: %v, %v", published, article, page)
		}
	}
}

// TestWhatIsTooMuchIsNotLookedAtOneByOne: an answer is not longer than what a menu or an article may hold.
func TestWhatIsTooMuchIsNotLookedAtOneByOne(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	items := slices.Repeat([]content.MenuItemInput{{Title: "", Type: content.HTTPItem}}, 126)
	_, menu := c.SetMenu(t.Context(), access.SystemActor, content.MenuSetInput{Handle: p("m"), Title: p("M"), Items: []content.MenuItemInput{
		{Title: "", Type: content.HTTPItem, Items: items}, {Title: "", Type: content.HTTPItem, Items: items},
	}})
	if got := codes(menu); !slices.Equal(got, []string{"TOO_MANY input.items"}) {
		t.Errorf("a menu of 254 entries: %v", got)
	}
	_, menu = c.SetMenu(t.Context(), access.SystemActor, content.MenuSetInput{Handle: p("m"), Title: p("M"), Items: items[:100]})
	if got := codes(menu); len(got) != 51 || got[50] != "INVALID input" || !strings.HasSuffix(menu.Error(), "There are 150 more errors.") {
		t.Errorf("of 200 faults in a menu are told %d: %v", len(got), menu)
	}
	_, article := c.SetArticle(t.Context(), access.SystemActor, content.ArticleSetInput{Handle: p("a"), Title: p("A"), Tags: slices.Repeat([]string{""}, 251)})
	if got := codes(article); !slices.Equal(got, []string{"BLANK input.blogId", "TOO_MANY input.tags"}) {
		t.Errorf("an article of 251 tags: %v", got)
	}
}
