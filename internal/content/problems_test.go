package content_test

import (
	"slices"
	"testing"

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
	_, article := c.SetArticle(t.Context(), access.SystemActor, content.ArticleSetInput{Handle: p("a"), Title: p("A"), Tags: slices.Repeat([]string{""}, 251)})
	if got := codes(article); !slices.Equal(got, []string{"BLANK input.blogId", "TOO_MANY input.tags"}) {
		t.Errorf("an article of 251 tags: %v", got)
	}
}
