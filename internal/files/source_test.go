package files_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/files"
)

// host is a server with a file, and how often it was asked.
func host(t *testing.T, answer http.HandlerFunc) (string, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, &asked
}

func (d desk) from(kind files.Kind, address string) files.ImportJob {
	d.Helper()
	job, err := d.StartImport(d.Context(), access.SystemActor, "USD", files.CatalogImportInput{Kind: kind, URL: &address})
	if err != nil {
		d.Fatal(err)
	}
	if job.State != files.Fetching {
		d.Errorf("it begins as %s", job.State)
	}
	return job
}

func TestAFileIsFetchedFromItsAddress(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	address, asked := host(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/door" {
			http.Redirect(w, r, "/products.csv", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "Handle,Title,Variant Price\nlamp,Lamp,1\n")
	})
	job := d.from(files.Products, address+"/door?secret=hunter2")
	d.work()
	if got := d.now(job); got.State != files.Done || got.Created != 1 || got.StartedAt == nil || asked.Load() != 2 {
		t.Errorf("%+v, asked %d times", got, asked.Load())
	}
	if n := d.count(`select count(*) from file_job where source_url is not null or file_job::text like '%hunter2%'`); n != 0 {
		t.Error("the address is remembered")
	}
	if err := d.FetchSource(t.Context(), uuid.UUID(job.ID)); err != nil || asked.Load() != 2 {
		t.Errorf("fetched again: %v, asked %d times", err, asked.Load())
	}
}

func TestTwoFetchesBringOneFile(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	var met sync.WaitGroup
	met.Add(2)
	address, _ := host(t, func(w http.ResponseWriter, _ *http.Request) {
		met.Done()
		met.Wait() // both ask before one is answered
		_, _ = io.WriteString(w, "Handle,Title,Variant Price\nlamp,Lamp,1\n")
	})
	job := d.from(files.Products, address)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := d.FetchSource(t.Context(), uuid.UUID(job.ID)); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if n := d.count(`select count(*) from file_content`); n != 1 || d.now(job).State != files.Waiting {
		t.Errorf("%d files are kept, the job is %+v", n, d.now(job))
	}
}

func TestFilesThatCanNotBeFetched(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		asked  int64
		reason string
	}{
		"nothing there": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, 1, "There is no file, but: the server answers 404 Not Found."},
		"led inward": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://169.254.169.254/latest/meta-data", http.StatusFound)
		}, 1, "The address begins with https://, has no port and no password in it, and leads to a server that everybody can reach."},
		"too large": {func(w http.ResponseWriter, _ *http.Request) {
			for line := make([]byte, 1<<20); ; {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		}, 1, "The file is larger than 8 MB."},
		"empty":   {func(http.ResponseWriter, *http.Request) {}, 1, "The file is empty."},
		"failing": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, 5, "There is no file, but: the server answers 502 Bad Gateway."},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "Handle")
		}, 5, "The file broke off, or took longer than a minute."},
	} {
		address, asked := host(t, c.answer)
		job := d.from(files.Stock, address)
		tries := int64(0)
		for d.now(job).State == files.Fetching {
			tries++
			if err := d.FetchSource(t.Context(), uuid.UUID(job.ID)); (err == nil) != (tries == c.asked) {
				t.Errorf("%s: try %d ends with %v", name, tries, err)
			}
		}
		got, problems := d.now(job), d.problems(job)
		if got.State != files.Failed || *got.ErrorCode != files.NotFetched || got.FinishedAt == nil || got.ProblemsCount != 1 ||
			len(problems) != 1 || problems[0] != c.reason || asked.Load() != c.asked {
			t.Errorf("%s: %+v %q after %d tries", name, got, problems, asked.Load())
		}
	}
	if n := d.count(`select (select count(*) from file_content) + (select count(*) from product)`); n != 0 {
		t.Errorf("%d rows are left of files that could not be fetched", n)
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	for _, address := range []string{
		"", "products.csv", "ftp://example.com/a.csv", "http://example.com/a.csv", "https://10.0.0.1/a.csv", "https://example.com:8443/a.csv",
		"https://me:secret@example.com/a.csv", "file:///etc/passwd", "https://example.com/" + strings.Repeat("x", 5000),
	} {
		_, err := d.StartImport(t.Context(), access.SystemActor, "USD", files.CatalogImportInput{Kind: files.Products, URL: &address})
		var refused *fault.Fault
		if !errors.As(err, &refused) || refused.Code != "INVALID" || strings.Join(refused.Field, ".") != "input.url" {
			t.Errorf("%.40q: %v", address, err)
		}
	}
	if n := d.count(`select count(*) from file_job`); n != 0 {
		t.Errorf("%d jobs were made", n)
	}
}

func TestAFetchThatIsEndedBringsNothing(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	var job files.ImportJob
	address, _ := host(t, func(w http.ResponseWriter, _ *http.Request) {
		if _, err := d.CancelImport(t.Context(), job.ID); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "Handle,Title,Variant Price\nlamp,Lamp,1\n")
	})
	job = d.from(files.Products, address)
	d.work()
	if got := d.now(job); got.State != files.Canceled || d.count(`select count(*) from file_content`) != 0 || d.count(`select count(*) from product`) != 0 {
		t.Errorf("%+v", got)
	}
}
