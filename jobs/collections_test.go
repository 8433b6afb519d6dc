package jobs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// A file comes in and a collection follows it, both by themselves.
func TestFilesAreWorkedOnAndRulesFollow(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	title, handle, tag := "Lamps", "lamps", "lamp"
	lamps, err := catalog.SetCollection(t.Context(), o.Pool, clerk, "USD", catalog.CollectionSetInput{
		Handle: &handle, Title: &title, RuleSet: &catalog.CollectionRuleSetInput{Rules: []catalog.CollectionRuleInput{
			{Column: catalog.RuleTag, Relation: catalog.RuleEquals, Condition: &tag},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	job, err := o.Files.StartImport(t.Context(), access.SystemActor, "USD", files.CatalogImportInput{Kind: files.Products})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Files.Receive(t.Context(), access.SystemActor, job.ID, strings.NewReader("Handle,Title,Tags,Variant Price\na,A,lamp,1\nb,B,other,1\n")); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for members := ""; members != "a"; {
		if time.Now().After(deadline) {
			t.Fatalf("after 30 s the members are %q", members)
		}
		err := o.Pool.QueryRow(t.Context(), `select coalesce(string_agg(p.handle, ' '), '')
from collection_product m join product p on p.id = m.product_id where m.collection_id = $1`, lamps.ID).Scan(&members)
		if err != nil {
			t.Fatal(err)
		}
	}
	if job, err = o.Files.Import(t.Context(), job.ID); err != nil || job.State != files.Done || job.Created != 2 {
		t.Errorf("%+v, %v", job, err)
	}
}
