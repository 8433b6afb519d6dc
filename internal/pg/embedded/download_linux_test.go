package embedded

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// programs is an archive like the repository's, whose bin/postgres and
// bin/initdb are scripts that claim to be version 17.5.
//
//go:embed testdata/programs.txz
var programs []byte

func repository(t *testing.T, tamper func(jar []byte) []byte) (string, *atomic.Int64) {
	t.Helper()
	var jar bytes.Buffer
	archive := zip.NewWriter(&jar)
	file, err := archive.Create("postgres-linux-x86_64.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(programs); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(jar.Bytes())
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch {
		case !strings.Contains(r.URL.Path, "/embedded-postgres-binaries-linux-"):
			http.NotFound(w, r)
		case strings.HasSuffix(r.URL.Path, ".jar.sha256"):
			_, _ = w.Write([]byte(hex.EncodeToString(sum[:])))
		default:
			_, _ = w.Write(tamper(jar.Bytes()))
		}
	}))
	t.Cleanup(func() {
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return server.URL, &asked
}

func untouched(jar []byte) []byte { return jar }

func TestDownload(t *testing.T) {
	t.Parallel()
	url, asked := repository(t, untouched)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "postgres", "data", "PG_VERSION"), "9\n")
	folder := home{dir}
	if err := folder.download(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	found := folder.downloaded(t.Context())
	if len(found) != 1 || found[0].Major != 17 {
		t.Fatalf("found %v, want version 17", found)
	}
	if got := asked.Load(); got != 2 {
		t.Errorf("asked %d times, want once for the archive and once for its sum", got)
	}
	if entries, err := os.ReadDir(folder.programs()); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want the programs alone", entries, err)
	}
	// The library deletes data of another version when it gets near it.
	if text, err := os.ReadFile(filepath.Join(folder.data(), "PG_VERSION")); err != nil || string(text) != "9\n" {
		t.Errorf("the data was touched: %q, %v", text, err)
	}
}

func TestDownload_refuses_what_was_changed_on_the_way(t *testing.T) {
	t.Parallel()
	url, _ := repository(t, func(jar []byte) []byte { return append([]byte("x"), jar...) })
	folder := home{t.TempDir()}
	err := folder.download(t.Context(), url)
	if err == nil || !strings.Contains(err.Error(), "checksums do not match") {
		t.Errorf("got %v", err)
	}
	if found := folder.downloaded(t.Context()); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

func TestDownload_once_where_nothing_is_installed(t *testing.T) {
	url, asked := repository(t, untouched)
	t.Setenv(BinEnv, "")
	t.Setenv("PATH", t.TempDir())
	none := versionedFolders
	versionedFolders = nil
	t.Cleanup(func() { versionedFolders = none })
	log := slog.New(slog.DiscardHandler)
	folder := home{t.TempDir()}

	t.Setenv(DownloadEnv, "off")
	if _, err := folder.installed(t.Context(), log); err == nil || asked.Load() != 0 {
		t.Errorf("error %v after %d requests; want an error and none", err, asked.Load())
	}
	t.Setenv(DownloadEnv, url+"/absent?")
	_, err := folder.installed(t.Context(), log)
	if err == nil {
		t.Fatal("found programs where there are none")
	}
	mustHold(t, err.Error(), "install", BinEnv, "a download was tried too")

	t.Setenv(DownloadEnv, url)
	before := asked.Load()
	for range 2 {
		// The scripts need no PATH but for echo, which the shell has.
		found, err := folder.installed(t.Context(), log)
		if err != nil || len(found) != 1 || found[0].Major != 17 {
			t.Fatalf("found %v, %v", found, err)
		}
	}
	if got := asked.Load() - before; got != 2 {
		t.Errorf("asked %d times for two starts, want 2: archive and sum, once", got)
	}
}
