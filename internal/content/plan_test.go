package content_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// TestListsOfArticlesDoNotSortThemAll: the first page of ten thousand articles reads an index in its order. Only what
// is asked for by the blog's title, or by how well it matches words, is sorted.
func TestListsOfArticlesDoNotSortThemAll(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, sql := range []string{
		`insert into blog (id, handle, title) select gen_random_uuid(), 'b' || i, 'Blog ' || i from generate_series(1, 20) i`,
		`insert into article (id, blog_id, handle, title, published_at, author_first_name)
		 select gen_random_uuid(), b.id, 'a' || i, 'Article ' || i, now() - i * interval '1 minute', 'A' || i % 50
		 from blog b, generate_series(1, 500) i`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.ConnectConfig(t.Context(), pool.Config().ConnConfig.Copy())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, sql := range []string{`reset role`, `analyze`} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for key, statement := range content.ArticleStatements() {
		if key == "BLOG_TITLE" || key == "RELEVANCE" {
			continue
		}
		rows, err := conn.Query(t.Context(), "explain "+statement, false, "", []int32{}, []string{}, []string{}, []string{}, []bool{}, nil, nil, 26, []*string{nil})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, "\n")
		if strings.Contains(plan, "Seq Scan on article") {
			t.Errorf("%s reads all articles:\n%s", key, plan)
		}
	}
}
