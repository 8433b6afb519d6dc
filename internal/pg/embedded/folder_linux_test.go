package embedded

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refuses starts a server that must not start, and gives the reason.
func refuses(t *testing.T, dir string) string {
	t.Helper()
	server, err := Start(t.Context(), Options{Dir: dir})
	if err == nil {
		stop(t, server)
		t.Fatal("the server started")
	}
	return err.Error()
}

func mustHold(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q does not say %q", text, word)
		}
	}
}

func TestStart_never_touches_data_it_does_not_know(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, text string
		says       []string
	}{
		"of another major version":      {"postgres/data/PG_VERSION", "9\n", []string{"made by PostgreSQL 9", "left untouched", BinEnv, "pg_upgrade"}},
		"of a version without a number": {"postgres/data/PG_VERSION", "soon\n", []string{`"soon"`, "left untouched"}},
		"without a version":             {"postgres/data/base/1/2", "a row", []string{"PG_VERSION is missing", "left untouched"}},
		"in which a server has run":     {"postgres/data.new/postmaster.opts", "postgres", []string{"a server has run in it", "left untouched"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t)
			path := filepath.Join(dir, filepath.FromSlash(test.file))
			write(t, path, test.text)
			mustHold(t, refuses(t, dir), test.says...)
			if got, err := os.ReadFile(path); err != nil || string(got) != test.text {
				t.Errorf("the file now holds %q, %v", got, err)
			}
		})
	}
}

func TestStart_after_an_interrupted_start(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	write(t, filepath.Join(dir, "postgres", "data.new", "base", "half"), "written")
	server := start(t, dir)
	if got := query[int](t, server, "select 1"); got != 1 {
		t.Errorf("got %d", got)
	}
	if _, err := os.Stat(server.home.unfinished()); !os.IsNotExist(err) {
		t.Errorf("data.new is still there: %v", err)
	}
}

func TestStart_interrupted(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		server, err := Start(ctx, Options{Dir: dir})
		if err == nil {
			err = server.Stop(context.WithoutCancel(ctx))
		}
		failed <- err
	}()
	eventually(t, "the database is being made", func() bool {
		_, err := os.Stat(filepath.Join(home{dir}.unfinished(), "base"))
		return err == nil
	})
	cancel()
	if err := <-failed; err == nil {
		t.Error("the interrupted start says nothing")
	}
	if _, err := os.Stat(home{dir}.data()); !os.IsNotExist(err) {
		t.Errorf("a data folder that is not whole has its final name: %v", err)
	}
	start(t, dir)
}

func TestStart_long_path(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("long", 25))
	server := start(t, dir)
	if got := query[int](t, server, "select 1"); got != 1 {
		t.Errorf("got %d", got)
	}
	short := server.socket
	if strings.HasPrefix(short, dir) || !fits(short) {
		t.Errorf("the socket is in %s", short)
	}
	info, err := os.Stat(short)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder has mode %v", info.Mode())
	}
	second, err := Start(t.Context(), Options{Dir: dir})
	if err != nil || second.Owned {
		t.Errorf("a second command does not find it: %v", err)
	}
	stop(t, server)
	if _, err := os.Stat(short); !os.IsNotExist(err) {
		t.Errorf("the short folder is left behind: %v", err)
	}
}

func TestStart_as_root(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root hands its folder to another user")
	}
	t.Run("a folder that the server's user cannot reach is an error that names it", func(t *testing.T) {
		t.Parallel()
		closed := filepath.Join(folder(t), "closed")
		if err := os.Mkdir(closed, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(closed, "secret"), "of somebody")
		mustHold(t, refuses(t, filepath.Join(closed, "data")), "may not enter "+closed+" ", "0700", "chmod o+x")
		info, err := os.Stat(closed)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the folder was opened: %v %v", info.Mode(), err)
		}
	})
	t.Run("an empty folder that was made for it is opened and its inside handed over", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(folder(t), "made")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		server := start(t, dir)
		if got := query[int](t, server, "select 1"); got != 1 {
			t.Errorf("got %d", got)
		}
		owner, err := server.home.account()
		if err != nil || owner.uid == 0 || owner.uid != server.account.uid {
			t.Errorf("the data belongs to %+v, %v; the server runs as %+v", owner, err, server.account)
		}
	})
	t.Run("a folder that holds other things stays as it is", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(folder(t), "home")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "letters"), "private")
		mustHold(t, refuses(t, dir), "may not enter "+dir+" ")
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the folder was opened: %v %v", info.Mode(), err)
		}
	})
}

func TestStart_through_a_link(t *testing.T) {
	t.Parallel()
	target, link := folder(t), filepath.Join(folder(t), "link")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	server := start(t, target)
	second, err := Start(t.Context(), Options{Dir: link})
	if err != nil {
		t.Fatal(err)
	}
	if second.Owned || second.URL("") != server.URL("") {
		t.Error("one folder has two servers")
	}
}
