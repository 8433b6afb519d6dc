package files_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/files"
)

func TestAFileIsWorkedOnTurnByTurn(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	job := d.hand(files.CatalogImportInput{Kind: files.Products, Mode: p(files.GoodRows)}, many(250)+"p-0001,Again,,,1,,\n")
	d.Hurry(0, time.Minute) // a turn is one batch
	for i, want := range []string{
		"Some CHECKING 0 of 100", "Some CHECKING 0 of 200", "Some RUNNING 0 of 251",
		"Some RUNNING 100 of 251", "Some RUNNING 200 of 251", "Nothing DONE 251 of 251", "Nothing DONE 251 of 251",
	} {
		left, err := d.Work(t.Context(), uuid.UUID(job.ID))
		now := d.now(job)
		name := map[files.Left]string{files.Nothing: "Nothing", files.Some: "Some", files.Elsewhere: "Elsewhere"}[left]
		if got := fmt.Sprintf("%s %s %d of %d", name, now.State, now.Done, now.Total); err != nil || got != want {
			t.Errorf("turn %d: %s, %v, want %s", i+1, got, err, want)
		}
	}
	if got := d.now(job); got.Created != 250 || got.Skipped != 1 || got.ProblemsCount != 1 {
		t.Errorf("%+v", got)
	}
	want := `502 Handle: The product "p-0001" began in row 4. The rows of one product must stand together.`
	if got := d.problems(job); len(got) != 1 || got[0] != want {
		t.Errorf("problems %q, want %q", got, want)
	}
	if n := d.count(`select line from file_problem`); n != 752 { // each product's title goes over two lines
		t.Errorf("the problem is in line %d", n)
	}
	if _, err := d.Purge(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if n := d.count(`select (select count(*) from file_key) + (select count(*) from file_bad_row)`); n != 0 {
		t.Errorf("%d rows about a file that is done are left", n)
	}
}

func TestAJobThatSomebodyHasIsLeftToThem(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	job := d.hand(files.CatalogImportInput{Kind: files.Products}, many(150))
	var met files.Left
	meeting := &canceling{Database: d.pool, left: 2, cancel: func() {
		var err error
		if met, err = d.Work(t.Context(), uuid.UUID(job.ID)); err != nil {
			t.Error(err)
		}
		if tasks, err := d.Waiting(t.Context(), 10); err != nil || len(tasks) != 0 {
			t.Errorf("%v wait, %v", tasks, err)
		}
	}}
	if left, err := d.another(meeting).Work(t.Context(), uuid.UUID(job.ID)); err != nil || left != files.Nothing || met != files.Elsewhere {
		t.Errorf("one ends with %d, %v, the other with %d", left, err, met)
	}
	if got := d.now(job); got.State != files.Done || got.Created != 150 {
		t.Errorf("%+v", got)
	}
}

func TestAJobThatGetsNowhereIsGivenUp(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	job := d.hand(files.CatalogImportInput{Kind: files.Products}, many(250))
	d.Hurry(0, time.Minute)
	if _, err := d.Work(t.Context(), uuid.UUID(job.ID)); err != nil { // a hundred are checked
		t.Fatal(err)
	}
	for i := range 8 {
		if _, err := d.another(&dying{d.pool, 1}).Work(t.Context(), uuid.UUID(job.ID)); !errors.Is(err, errDead) {
			t.Fatalf("try %d ends with %v", i+1, err)
		}
		if _, err := d.pool.Exec(t.Context(), `update file_job set leased_until = now() - interval '1 second'`); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := d.Work(t.Context(), uuid.UUID(job.ID)); err != nil || left != files.Nothing {
		t.Errorf("the ninth ends with %d, %v", left, err)
	}
	if got := d.now(job); got.State != files.Failed || *got.ErrorCode != files.Internal || got.FinishedAt == nil || d.count(`select count(*) from product`) != 0 {
		t.Errorf("%+v", got)
	}
}

// What is accepted and that somebody is told of it are one transaction.
func TestAcceptedIsTold(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	var told []uuid.UUID
	var deaf error
	d.Connect(func(_ context.Context, _ pgx.Tx, task files.Task) error {
		told = append(told, task.Job)
		return deaf
	})
	job := d.hand(files.CatalogImportInput{Kind: files.Products}, many(1))
	out, err := d.StartExport(t.Context(), access.SystemActor, "USD", files.CatalogExportInput{ExternalID: p("x")})
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.StartExport(t.Context(), access.SystemActor, "USD", files.CatalogExportInput{ExternalID: p("x")})
	if err != nil || again.ID != out.ID {
		t.Fatalf("%v, %v", again, err)
	}
	if len(told) != 2 || told[0] != uuid.UUID(job.ID) || told[1] != uuid.UUID(out.ID) {
		t.Errorf("told of %v, of %v and %v", told, job.ID, out.ID)
	}
	next, err := d.StartImport(t.Context(), access.SystemActor, "USD", files.CatalogImportInput{Kind: files.Products})
	if err != nil {
		t.Fatal(err)
	}
	deaf = errors.New("the queue is not there")
	if _, err := d.Receive(t.Context(), access.SystemActor, next.ID, strings.NewReader("x")); !errors.Is(err, deaf) {
		t.Errorf("a file that nobody works on: %v", err)
	}
	if _, err := d.StartExport(t.Context(), access.SystemActor, "USD", files.CatalogExportInput{}); !errors.Is(err, deaf) {
		t.Errorf("an export that nobody works on: %v", err)
	}
	if got := d.now(next); got.State != files.AwaitingFile || got.Bytes != 0 || d.count(`select count(*) from file_job`) != 3 || d.count(`select count(*) from file_content`) != 1 {
		t.Errorf("after that %+v", got)
	}
}
