package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/remote"
)

func p[T any](value T) *T { return &value }

// desk is where files are handed in.
type desk struct {
	*testing.T
	*files.Files
	pool *pgxpool.Pool
}

// web reaches servers of the tests.
var web = remote.New(remote.Options{Loopback: true, Whole: 20 * time.Second})

func openDesk(t *testing.T) desk {
	t.Helper()
	pool := pgtest.New(t)
	keys, err := access.LoadKeys(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	return desk{t, files.New(pool, keys, web), pool}
}

func (d desk) hand(in files.CatalogImportInput, file string) files.ImportJob {
	d.Helper()
	job, err := d.StartImport(d.Context(), access.SystemActor, "USD", in)
	if err != nil {
		d.Fatal(err)
	}
	if job, err = d.Receive(d.Context(), access.SystemActor, job.ID, strings.NewReader(file)); err != nil {
		d.Fatal(err)
	}
	return job
}

// work works on all files that wait.
func (d desk) work() {
	d.Helper()
	for d.round(d.Files) {
	}
}

// round lets somebody do a turn of each job that waits, and says whether there was one.
func (d desk) round(f *files.Files) bool {
	d.Helper()
	tasks, err := d.Waiting(d.Context(), 100)
	if err != nil {
		d.Error(err)
	}
	for _, task := range tasks {
		if task.Fetch {
			err = f.FetchSource(d.Context(), task.Job)
		} else {
			_, err = f.Work(d.Context(), task.Job)
		}
		if err != nil {
			d.Error(err)
			return false
		}
	}
	return len(tasks) > 0
}

// another is another process of the same shop.
func (d desk) another(db files.Database) *files.Files {
	d.Helper()
	keys, err := access.LoadKeys(d.Context(), d.pool)
	if err != nil {
		d.Fatal(err)
	}
	return files.New(db, keys, web)
}

func (d desk) now(job files.ImportJob) files.ImportJob {
	d.Helper()
	job, err := d.Import(d.Context(), job.ID)
	if err != nil {
		d.Fatal(err)
	}
	return job
}

func (d desk) problems(job files.ImportJob) []string {
	d.Helper()
	by, err := d.ProblemsByImport(d.Context(), []id.ImportJobID{job.ID}, 1000)
	if err != nil {
		d.Fatal(err)
	}
	var lines []string
	for _, problem := range by[job.ID] {
		line := problem.Message
		if problem.Column != nil {
			line = *problem.Column + ": " + line
		}
		if problem.Row != nil {
			line = strconv.Itoa(*problem.Row) + " " + line
		}
		lines = append(lines, line)
	}
	return lines
}

func (d desk) count(sql string) (n int) {
	d.Helper()
	if err := d.pool.QueryRow(d.Context(), sql).Scan(&n); err != nil {
		d.Fatal(err)
	}
	return n
}

// many is a file of so many products, two rows each.
func many(n int) string {
	var file strings.Builder
	file.WriteString("Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty,Note\n")
	for i := range n {
		fmt.Fprintf(&file, "p-%04d,\"Line one\nline two %d\",Size,S,1.50,3,x\np-%04d,,,L,2.50,,\n", i, i, i)
	}
	return file.String()
}

func TestImportOfProducts(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	job := d.hand(files.CatalogImportInput{Kind: files.Products, ExternalID: p("monday")}, many(250))
	if job.State != files.Waiting || job.Bytes != int64(len(many(250))) {
		t.Errorf("handed in: %+v", job)
	}
	d.work()
	got := d.now(job)
	if got.State != files.Done || got.Total != 250 || got.Done != 250 || got.Created != 250 || got.Skipped != 0 || got.ProblemsCount != 0 ||
		len(got.Ignored) != 1 || got.Ignored[0] != "Note" || got.FinishedAt == nil {
		t.Errorf("worked on: %+v", got)
	}
	catalogAt := strconv.Itoa(d.count(`select position from realm_position where realm = 'catalog'`))
	if got.Position() == nil || *got.Position() != catalogAt || job.Position() != nil {
		t.Errorf("it has ended at %v, want %s; before it was at %v", got.Position(), catalogAt, job.Position())
	}
	if n, units := d.count(`select count(*) from product_variant`), d.count(`select sum(on_hand) from stock_level`); n != 500 || units != 750 {
		t.Errorf("%d variants and %d units", n, units)
	}
	again, err := d.StartImport(t.Context(), access.SystemActor, "USD", files.CatalogImportInput{Kind: files.Products, ExternalID: p("monday")})
	if err != nil || again.ID != job.ID {
		t.Errorf("under the same name %+v, %v", again, err)
	}
	_, err = d.StartImport(t.Context(), access.SystemActor, "USD", files.CatalogImportInput{Kind: files.Stock, ExternalID: p("monday")})
	if !errors.Is(err, fault.New(fault.Conflict, "TAKEN", "")) {
		t.Errorf("another kind under the same name: %v", err)
	}
	if _, err := d.Receive(t.Context(), access.SystemActor, job.ID, strings.NewReader("x")); !errors.Is(err, fault.New(fault.Conflict, "HAS_FILE", "")) {
		t.Errorf("a second file: %v", err)
	}
	next := d.hand(files.CatalogImportInput{Kind: files.Products}, many(250))
	d.work()
	if got := d.now(next); got.State != files.Done || got.Unchanged != 250 || got.Created+got.Updated != 0 || *got.Position() != catalogAt {
		t.Errorf("the same file again: %+v", got)
	}
}

const halfBad = `Handle,Title,Option1 Name,Option1 Value,Variant Price,Collection
good,Good,,,1.00,
bad,Bad,,,cheap,
,No handle,,,1.00,
two,Two,Size,S,1.00,
two,,,M,-1,
fine,Fine,,,2.00,
good,Good again,,,3.00,
ruled,Ruled,,,1.00,Sale
`

func TestAFileWithBadRows(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	_, err := catalog.SetCollection(t.Context(), d.pool, access.SystemActor, "USD", catalog.CollectionSetInput{
		Handle: p("sale"), Title: p("Sale"), RuleSet: &catalog.CollectionRuleSetInput{Rules: []catalog.CollectionRuleInput{
			{Column: catalog.RuleTag, Relation: catalog.RuleEquals, Condition: p("sale")},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := d.hand(files.CatalogImportInput{Kind: files.Products}, halfBad)
	part := d.hand(files.CatalogImportInput{Kind: files.Products, Mode: p(files.GoodRows)}, halfBad)
	if left, err := d.Work(t.Context(), uuid.UUID(whole.ID)); err != nil || left != files.Nothing {
		t.Fatal(left, err)
	}
	want := strings.Join([]string{
		`3 Variant Price: "cheap" is no price in USD. Write it like 12.50.`,
		`4 Handle: The handle is missing.`,
		`6 Variant Price: A price can't be negative.`,
		`8 Handle: The product "good" began in row 2. The rows of one product must stand together.`,
		`9 Collection: The collection Sale has rules, which decide about its products.`,
	}, "\n")
	if got := d.now(whole); got.State != files.Failed || *got.ErrorCode != "INVALID_FILE" || got.Total != 7 || got.Done != 0 || got.ProblemsCount != 5 {
		t.Errorf("all or nothing: %+v", got)
	}
	if got := strings.Join(d.problems(whole), "\n"); got != want {
		t.Errorf("problems\n%s\nwant\n%s", got, want)
	}
	if n := d.count(`select count(*) from product`); n != 0 {
		t.Errorf("all or nothing wrote %d products", n)
	}
	d.work()
	if got := d.now(part); got.State != files.Done || got.ErrorCode != nil || got.Total != 7 || got.Done != 7 || got.Skipped != 5 || got.Created != 2 || got.ProblemsCount != 5 {
		t.Errorf("the good rows: %+v", got)
	}
	if got := strings.Join(d.problems(part), "\n"); got != want {
		t.Errorf("problems\n%s\nwant\n%s", got, want)
	}
	var handles string
	if err := d.pool.QueryRow(t.Context(), `select string_agg(handle || ' ' || title, ', ' order by handle) from product`).Scan(&handles); err != nil || handles != "fine Fine, good Good" {
		t.Errorf("products %q, %v", handles, err)
	}
	t.Run("its problems can be fetched while the link lasts", func(t *testing.T) {
		now := time.Now()
		link, err := url.Parse(d.Link(now, part.ID, files.ProblemsFile))
		if err != nil {
			t.Fatal(err)
		}
		at := strings.Split(link.Path, "/")
		fetch := func(now time.Time, part, signature string) (string, error) {
			var b bytes.Buffer
			err := d.Fetch(t.Context(), now, at[2], part, link.Query().Get("until"), signature, &b)
			return b.String(), err
		}
		signature := link.Query().Get("signature")
		text, err := fetch(now, at[3], signature)
		if err != nil || !strings.HasPrefix(text, "Row,Line,Column,Message\n3,3,Variant Price,") || strings.Count(text, "\n") != 6 {
			t.Errorf("%q, %v", text, err)
		}
		for name, err := range map[string]error{
			"later":               second(fetch(now.Add(files.LinkFor+time.Second), at[3], signature)),
			"the file instead":    second(fetch(now, "export", signature)),
			"without signature":   second(fetch(now, at[3], "")),
			"another's":           second(fetch(now, at[3], strings.Repeat("00", 32))),
			"no signature at all": second(fetch(now, at[3], "zz")),
		} {
			if !errors.Is(err, files.ErrLink) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func second(_ string, err error) error { return err }

func TestHostileFiles(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	const head = "Handle,Title,Variant Price\n"
	for name, c := range map[string]struct{ file, problem string }{
		"a workbook":           {"PK\x03\x04 and so on", "The file is a ZIP archive or a workbook."},
		"compressed":           {"\x1f\x8b\x08 and so on", "The file is compressed."},
		"UTF-16":               {"\xff\xfeH\x00", "The file is UTF-16."},
		"no UTF-8":             {head + "a,\xff\xfe,1\n", "2 Title: This is no UTF-8."},
		"zero characters":      {head + "a,b\x00c,1\n", "2 Title: The text holds a zero character."},
		"a row without an end": {head + "a,\"" + strings.Repeat("x", 9<<20), "2 A row is longer than 8 MB."},
		"an open quotation":    {head + "a,\"x", "2 This is no CSV"},
		"many rows":            {head + "a,A,1\n" + strings.Repeat(",,\n", 999_999), "1000001 The file has more than 1000000 rows."},
		"many columns":         {strings.Repeat("x,", 1000) + head, "1 The file has 1003 columns"},
		"no header":            {"a,b,c\n1,2,3\n", "1 Handle: The column is missing."},
		"semicolons":           {"Handle;Title;Variant Price\n", "The columns must be separated by commas."},
		"a long name":          {head + strings.Repeat("ü!", 100_000) + ",x,1\n", "2 Handle: The handle"},
	} {
		job := d.hand(files.CatalogImportInput{Kind: files.Products}, c.file)
		d.work()
		got, problems := d.now(job), d.problems(job)
		if got.State != files.Failed || got.ErrorCode == nil || *got.ErrorCode != "INVALID_FILE" || len(problems) == 0 || !strings.Contains(problems[0], c.problem) {
			t.Errorf("%s: %+v, %.200q, want %q", name, got, problems, c.problem)
		}
		for _, problem := range problems {
			if len(problem) > 3000 {
				t.Errorf("%s: a problem of %d bytes", name, len(problem))
			}
		}
	}
	if n := d.count(`select count(*) from product`); n != 0 {
		t.Errorf("%d products were written", n)
	}
	torn := d.hand(files.CatalogImportInput{Kind: files.Products, Mode: p(files.GoodRows)}, head+"a,A,1\nb,\"B,1\nc,C,1\n")
	d.work()
	if got := d.now(torn); got.State != files.Failed || *got.ErrorCode != files.InvalidFile || got.ProblemsCount != 1 || d.count(`select count(*) from product`) != 0 {
		t.Errorf("the good rows of a file that can't be read to its end: %+v %q", got, d.problems(torn))
	}
	for file, problem := range map[string]string{
		"PK\x03\x04 and so on":                             "The file is a ZIP archive or a workbook.",
		"\ufeff\"Location\",SKU,On hand\r\nW,\"a\r\nb\",1": "2 Location: There is no location \"W\".",
		"Location,SKU,On hand\nW,\"x":                      "2 This is no CSV",
	} {
		job := d.hand(files.CatalogImportInput{Kind: files.Stock}, file)
		d.work()
		if got, problems := d.now(job), d.problems(job); got.State != files.Failed || len(problems) == 0 || !strings.Contains(problems[0], problem) {
			t.Errorf("stock %q: %+v, %.200q, want %q", file, got, problems, problem)
		}
	}
	var bad strings.Builder
	bad.WriteString(head)
	for i := range 1500 {
		fmt.Fprintf(&bad, "x%d,,cheap\n", i)
	}
	job := d.hand(files.CatalogImportInput{Kind: files.Products}, bad.String())
	d.work()
	if got := d.now(job); got.ProblemsCount != 3000 || len(d.problems(job)) != 1000 {
		t.Errorf("3000 problems: %+v, %d are kept", got, len(d.problems(job)))
	}
}

// endless is a file that never ends.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

// torn is a file that breaks off.
type torn struct {
	io.Reader
	reason error
}

func (r torn) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = r.reason
	}
	return n, err
}

func TestFilesThatAreNotTakenIn(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	job, err := d.StartImport(t.Context(), access.SystemActor, "USD", files.CatalogImportInput{Kind: files.Stock})
	if err != nil {
		t.Fatal(err)
	}
	large := &endless{}
	for name, c := range map[string]struct {
		actor access.Actor
		file  io.Reader
		want  *fault.Fault
	}{
		"too large":             {access.SystemActor, large, fault.New(fault.Invalid, "TOO_LARGE", "")},
		"empty":                 {access.SystemActor, strings.NewReader(""), fault.New(fault.Invalid, "BLANK", "")},
		"broken off":            {access.SystemActor, torn{strings.NewReader("Location"), errors.New("connection reset")}, fault.New(fault.Invalid, "INVALID", "")},
		"cut":                   {access.SystemActor, torn{strings.NewReader("Location"), io.ErrUnexpectedEOF}, fault.New(fault.Invalid, "INVALID", "")},
		"without a right to it": {access.Actor{Kind: access.Partner, Scopes: access.Scopes{"catalog:write"}}, strings.NewReader("x"), fault.New(fault.Forbidden, "FORBIDDEN", "")},
	} {
		if _, err := d.Receive(t.Context(), c.actor, job.ID, c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if large.read > 9<<20 {
		t.Errorf("%d bytes of a file that is too large were read", large.read)
	}
	if n := d.count(`select count(*) from file_content`); n != 0 || d.now(job).State != files.AwaitingFile {
		t.Errorf("%d files are left, the job is %+v", n, d.now(job))
	}
	var all sync.WaitGroup
	took := make([]error, 4)
	for i := range took {
		all.Go(func() {
			_, took[i] = d.Receive(t.Context(), access.SystemActor, job.ID, strings.NewReader("Location,SKU,On hand\n"))
		})
	}
	all.Wait()
	won := 0
	for _, err := range took {
		if err == nil {
			won++
		} else if !errors.Is(err, fault.New(fault.Conflict, "HAS_FILE", "")) {
			t.Error(err)
		}
	}
	if n := d.count(`select count(*) from file_content`); won != 1 || n != 1 {
		t.Errorf("%d of 4 files were taken, %d are kept", won, n)
	}
	if _, err := d.Receive(t.Context(), access.SystemActor, id.NewImportJobID(), strings.NewReader("x")); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("a job that never was: %v", err)
	}
}

func TestImportOfStock(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	if _, err := inventory.ImportLocations(t.Context(), d.pool, strings.NewReader(`[{"id": "W", "name": "Warehouse"}]`), nil); err != nil {
		t.Fatal(err)
	}
	var products, counts strings.Builder
	products.WriteString("Handle,Title,Variant SKU,Variant Price\n")
	counts.WriteString("Location,SKU,On hand\n")
	for i := range 1200 {
		fmt.Fprintf(&products, "p%d,P,S-%d,1\n", i, i)
		fmt.Fprintf(&counts, "W,S-%d,2\n", i)
	}
	d.hand(files.CatalogImportInput{Kind: files.Products}, products.String())
	d.work()
	bad := d.hand(files.CatalogImportInput{Kind: files.Stock, Mode: p(files.GoodRows)}, "Location,SKU,On hand\nX,S-1,1\nW,S-1,7\nW,none,1\nW,S-2,many\nW,\xff,1\n")
	d.work()
	if got := d.now(bad); got.State != files.Done || got.Total != 5 || got.Done != 5 || got.Skipped != 4 || got.Updated != 1 || got.ProblemsCount != 4 {
		t.Errorf("the good rows: %+v %q", got, d.problems(bad))
	}
	job := d.hand(files.CatalogImportInput{Kind: files.Stock}, counts.String())
	d.work()
	if got := d.now(job); got.State != files.Done || got.Total != 1200 || got.Done != 1200 || got.Updated != 1200 || got.Position() != nil {
		t.Errorf("counts: %+v, at %v", got, got.Position())
	}
	if n := d.count(`select sum(on_hand) from stock_level`); n != 2400 {
		t.Errorf("%d units", n)
	}
	none := d.hand(files.CatalogImportInput{Kind: files.Stock}, "SKU,Count\nS-1,1\n")
	d.work()
	if got := d.now(none); got.State != files.Failed || *got.ErrorCode != "INVALID_FILE" || len(d.problems(none)) != 2 {
		t.Errorf("no such columns: %+v %q", got, d.problems(none))
	}
}

// dying is a database whose process is gone after so many transactions.
type dying struct {
	files.Database
	left int
}

var errDead = errors.New("the process is gone")

func (d *dying) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	if d.left == 0 {
		return nil, errDead
	}
	d.left--
	return d.Database.BeginTx(ctx, options)
}

func (d *dying) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if d.left == 0 {
		return pgconn.CommandTag{}, errDead
	}
	return d.Database.Exec(ctx, sql, args...)
}

func TestAnImportGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	job := d.hand(files.CatalogImportInput{Kind: files.Products, Mode: p(files.GoodRows)}, many(450)+"p-0007,Again,,,1,,\n")
	// A transaction takes the job, five check a hundred products each, and two write as many.
	other := d.another(&dying{d.pool, 8})
	other.Hurry(time.Minute, 100*time.Millisecond)
	if _, err := other.Work(t.Context(), uuid.UUID(job.ID)); !errors.Is(err, errDead) {
		t.Fatalf("the worker ended with %v", err)
	}
	if got := d.now(job); got.State != files.Running || got.Done != 200 || got.Created != 200 || got.FinishedAt != nil {
		t.Errorf("where it died: %+v", got)
	}
	if _, err := d.pool.Exec(t.Context(), `update product set title = 'changed since' where handle = 'p-0199'`); err != nil {
		t.Fatal(err)
	}
	for d.now(job).State == files.Running { // until the lease has run out
		d.work()
	}
	got := d.now(job)
	if got.State != files.Done || got.Total != 451 || got.Done != 451 || got.Created != 450 || got.Unchanged+got.Updated != 0 || got.Skipped != 1 {
		t.Errorf("at the end: %+v", got)
	}
	if n := d.count(`select count(*) from product where title = 'changed since'`); n != 1 {
		t.Error("a batch that was done was done again")
	}
	if n := d.count(`select count(*) from product_variant where removed_at is null`); n != 900 {
		t.Errorf("%d variants", n)
	}
}

func TestTwoWorkersDoAFileOnce(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	var jobs []files.ImportJob
	for i := range 3 {
		jobs = append(jobs, d.hand(files.CatalogImportInput{Kind: files.Products}, strings.ReplaceAll(many(120), "p-", fmt.Sprintf("p%d-", i))))
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			other := d.another(d.pool)
			other.Hurry(0, time.Minute) // a turn is one batch
			for d.round(other) {
			}
		})
	}
	all.Wait()
	for _, job := range jobs {
		if got := d.now(job); got.State != files.Done || got.Done != 120 || got.Created != 120 {
			t.Errorf("%+v", got)
		}
	}
}

func TestACanceledImportStopsBetweenBatches(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	waits := d.hand(files.CatalogImportInput{Kind: files.Products}, many(10))
	if got, err := d.CancelImport(t.Context(), waits.ID); err != nil || got.State != files.Canceled || got.FinishedAt == nil {
		t.Errorf("%+v, %v", got, err)
	}
	d.work()
	if n := d.count(`select count(*) from product`); n != 0 {
		t.Errorf("a cancelled file wrote %d products", n)
	}
	runs := d.hand(files.CatalogImportInput{Kind: files.Products}, many(450))
	cancel := &canceling{Database: d.pool, left: 8, cancel: func() {
		if _, err := d.CancelImport(t.Context(), runs.ID); err != nil {
			t.Error(err)
		}
	}}
	if left, err := d.another(cancel).Work(t.Context(), uuid.UUID(runs.ID)); err != nil || left != files.Nothing {
		t.Fatal(left, err)
	}
	if got := d.now(runs); got.State != files.Canceled || got.Done != 200 || d.count(`select count(*) from product`) != 200 {
		t.Errorf("cancelled after two batches: %+v", got)
	}
	if _, err := d.CancelImport(t.Context(), id.NewImportJobID()); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("a job that never was: %v", err)
	}
}

// canceling cancels before a transaction begins.
type canceling struct {
	files.Database
	left   int
	cancel func()
}

func (c *canceling) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	if c.left--; c.left == -1 {
		c.cancel()
	}
	return c.Database.BeginTx(ctx, options)
}

func TestPurge(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	job := d.hand(files.CatalogImportInput{Kind: files.Products}, many(1))
	open := d.hand(files.CatalogImportInput{Kind: files.Products}, many(1))
	if n, err := d.Purge(t.Context(), 10); err != nil || n != 0 {
		t.Errorf("%d are forgotten, %v", n, err)
	}
	if _, err := d.pool.Exec(t.Context(), `update file_job set state = 'DONE', finished_at = now() - interval '8 days' where id = $1`, job.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.pool.Exec(t.Context(), `insert into file_content (id, created_at) values (gen_random_uuid(), now() - interval '2 days')`); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Purge(t.Context(), 10); err != nil || n != 2 {
		t.Errorf("%d are forgotten, %v", n, err)
	}
	if got := d.now(job); got.Bytes != 0 || d.now(open).Bytes == 0 || d.count(`select count(*) from file_chunk`) != 1 {
		t.Errorf("%+v, and %+v", got, d.now(open))
	}
	if _, err := d.pool.Exec(t.Context(), `update file_job set finished_at = now() - interval '91 days' where id = $1`, job.ID); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Purge(t.Context(), 10); err != nil || n != 1 || d.count(`select count(*) from file_job`) != 1 {
		t.Errorf("%d are forgotten, %v", n, err)
	}
}
