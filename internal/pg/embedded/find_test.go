package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// installation makes a folder whose programs claim a version.
func installation(t *testing.T, folder, version string) string {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s'\n", version)
	for _, program := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(folder, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFind_prefers_the_newest(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	sixteen := installation(t, filepath.Join(root, "lib", "16", "bin"), "16.4 (Debian 16.4-1)")
	nine := installation(t, filepath.Join(root, "lib", "9.6", "bin"), "9.6.24")
	seventeen := installation(t, filepath.Join(root, "lib", "17", "bin"), "17beta1")
	fourteen := installation(t, filepath.Join(root, "path"), "14.1")
	half := filepath.Join(root, "lib", "18", "bin")
	write(t, filepath.Join(half, "initdb"), "no server beside it")
	linked := filepath.Join(root, "links")
	if err := os.MkdirAll(linked, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(sixteen, "postgres"), filepath.Join(linked, "postgres")); err != nil {
		t.Fatal(err)
	}

	path := strings.Join([]string{"", fourteen, linked, filepath.Join(root, "absent")}, string(filepath.ListSeparator))
	folders := candidates(path, []string{filepath.Join(root, "lib", "*", "bin")})
	if want := []string{fourteen, sixteen, seventeen, nine}; !slices.Equal(folders, want) {
		t.Errorf("candidates %v, want %v", folders, want)
	}
	found := search(t.Context(), folders)
	want := []Binaries{{seventeen, 17}, {sixteen, 16}, {fourteen, 14}}
	if !slices.Equal(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
}

func TestFind_override(t *testing.T) {
	root := t.TempDir()
	t.Setenv(BinEnv, installation(t, filepath.Join(root, "mine"), "15.2"))
	found, err := Find(t.Context())
	if err != nil || !slices.Equal(found, []Binaries{{filepath.Join(root, "mine"), 15}}) {
		t.Errorf("found %v, %v", found, err)
	}
	t.Setenv(BinEnv, filepath.Join(root, "nothing"))
	if _, err = Find(t.Context()); !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), BinEnv+"="+filepath.Join(root, "nothing")) {
		t.Errorf("got %v", err)
	}
	t.Setenv(BinEnv, installation(t, filepath.Join(root, "old"), "12.1"))
	if _, err = Find(t.Context()); err == nil || !strings.Contains(err.Error(), "PostgreSQL 12 is too old") {
		t.Errorf("got %v", err)
	}
}

func TestFind_says_how_to_install(t *testing.T) {
	err := notFound()
	if !errors.Is(err, ErrNoBinaries) {
		t.Errorf("%v is not ErrNoBinaries", err)
	}
	for _, word := range []string{"install", "postgresql", BinEnv, "DATABASE_URL"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}
