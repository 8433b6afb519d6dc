package jobs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/jobs"
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
	o.eventually(func() bool { return strings.HasPrefix(o.queued("follow_rules"), "completed default") })
	o.eventually(func() bool { return o.queued("work_on_file") == "completed files" })
}

// queued tells the states and queues of the jobs of a kind.
func (o *office) queued(kind string) (states string) {
	o.t.Helper()
	const queuedSQL = `select coalesce(string_agg(state::text || ' ' || queue, ', ' order by id), '') from river.river_job where kind = $1`
	if err := o.Pool.QueryRow(o.t.Context(), queuedSQL, kind).Scan(&states); err != nil {
		o.t.Fatal(err)
	}
	return states
}

// eventually asks until the answer is yes.
func (o *office) eventually(is func() bool) {
	o.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); {
		if time.Now().After(deadline) {
			o.t.Fatal("it is not so after 30 s")
		}
	}
}

func TestAFileOfAProcessThatDiedIsWorkedOn(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	job := o.hand("Handle,Title,Variant Price\na,A,1\nb,B,1\n")
	if got := o.queued("work_on_file"); got != "available files" {
		t.Fatalf("what was handed in is %q", got)
	}
	for _, sql := range []string{
		`update file_job set state = 'CHECKING', worker = gen_random_uuid(), leased_until = now() - interval '40 seconds', tries = 1`,
		`update river.river_job set state = 'running', attempt = 1, attempted_at = now() - interval '1 minute', attempted_by = array['the dead']`,
	} {
		if _, err := o.Pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	o.second(shoptest.Working())
	o.second(shoptest.Working())
	o.eventually(func() bool { return o.queued("work_on_file") == "completed files" })
	if got, err := o.Files.Import(t.Context(), job); err != nil || got.State != files.Done || got.Created != 2 || got.Done != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAFileWhoseJobIsGoneIsResumed(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	job := o.hand("Handle,Title,Variant Price\na,A,1\n")
	if _, err := o.Pool.Exec(t.Context(), `delete from river.river_job`); err != nil {
		t.Fatal(err)
	}
	o.second(shoptest.Working()) // the leader looks when it begins
	o.eventually(func() bool {
		got, err := o.Files.Import(t.Context(), job)
		return err == nil && got.State == files.Done && got.Created == 1
	})
	o.eventually(func() bool { return o.queued("work_on_file") == "completed files" })
}

// hand hands a file of products in.
func (o *office) hand(file string) id.ImportJobID {
	o.t.Helper()
	job, err := o.Files.StartImport(o.t.Context(), access.SystemActor, "USD", files.CatalogImportInput{Kind: files.Products})
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.Files.Receive(o.t.Context(), access.SystemActor, job.ID, strings.NewReader(file)); err != nil {
		o.t.Fatal(err)
	}
	return job.ID
}
