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
	_, article := c.SetArticle(t.Context(), access.SystemActor, content.ArticleSetInput{Handle: p("not so"), Title: p(""), Tags: []string{""}})
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"page":    {page, []string{"INVALID input.handle", "BLANK input.title"}},
		"blog":    {blog, []string{"INVALID input.handle", "BLANK input.title"}},
		"article": {article, []string{"INVALID input.handle", "BLANK input.blogId", "BLANK input.title", "BLANK input.tags"}},
	} {
		if got := codes(test.err); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
