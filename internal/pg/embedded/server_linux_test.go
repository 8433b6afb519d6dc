package embedded

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/wharfhq/wharf/internal/pg"
)

// folder is a temporary folder that the server's user can reach: those of the
// testing package are closed to it.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	server, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, server) })
	return server
}

func stop(t *testing.T, server *Server) {
	t.Helper()
	if err := server.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func query[T any](t *testing.T, server *Server, sql string) T {
	t.Helper()
	return queryURL[T](t, server.URL(Login), sql)
}

func queryURL[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// eventually waits for something outside this process.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	whole := t
	dir := filepath.Join(folder(t), "not", "there", "yet")
	server := start(whole, dir)
	if !server.Owned {
		t.Fatal("the first command does not own the server")
	}
	data := server.home.data()

	t.Run("it is durable, private and deterministic", func(t *testing.T) {
		conn, err := pgx.Connect(t.Context(), server.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
		if err := pg.CheckDurability(t.Context(), conn); err != nil {
			t.Error(err)
		}
		for name, want := range map[string]string{
			"data_checksums": "on", "server_encoding": "UTF8", "listen_addresses": "", "timezone": "UTC",
			"unix_socket_permissions": "0700",
		} {
			if got := query[string](t, server, "select current_setting('"+name+"')"); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if got := query[string](t, server, "select datcollate from pg_database where datname = 'wharf'"); got != "C" {
			t.Errorf("the database sorts by %q, want C", got)
		}
		for _, folder := range []string{server.home.inner(), server.socket, data} {
			info, err := os.Stat(folder)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v: others may look into it", folder, info.Mode())
			}
		}
	})

	t.Run("it does not run as root", func(t *testing.T) {
		info, err := os.Stat(filepath.Join("/proc", pidOf(t, data)))
		if err != nil {
			t.Fatal(err)
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || owner.Uid == 0 {
			t.Error("the server runs as root")
		}
	})

	t.Run("Ctrl-C in the terminal does not reach it", func(t *testing.T) {
		group, err := syscall.Getpgid(announced(t, server).Server)
		if err != nil {
			t.Fatal(err)
		}
		if group == syscall.Getpgrp() {
			t.Error("the server is in our process group")
		}
	})

	t.Run("a second command uses it and leaves it alone", func(t *testing.T) {
		second, err := Start(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if second.Owned || second.URL("x") != server.URL("x") {
			t.Errorf("owned %v, URL %s; want the running server's %s", second.Owned, second.URL("x"), server.URL("x"))
		}
		stop(t, second)
		if got := query[int](t, server, "select 1"); got != 1 {
			t.Errorf("got %d", got)
		}
	})

	t.Run("a start after a stop has the data", func(t *testing.T) {
		execute(t, server.URL(Login), "create table kept as select 42 as answer")
		stop(t, server)
		if left := processesIn([]string{data}); len(left) != 0 {
			t.Fatalf("processes %v are left", left)
		}
		if err := server.Err(); err != nil {
			t.Errorf("stopped with %v", err)
		}
		if _, err := Attach(t.Context(), dir); err == nil {
			t.Error("attached to a server that was stopped")
		}
		stop(t, server)
		server = start(whole, dir)
		if got := query[int](t, server, "select answer from kept"); got != 42 {
			t.Errorf("read %d, want 42", got)
		}
	})

	t.Run("killed with -9 it comes back by itself, with what was committed", func(t *testing.T) {
		execute(t, server.URL(Login), "create table acknowledged as select 7 as answer")
		before := announced(t, server).Server
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the server answers again", func() bool {
			found, err := server.home.announced()
			return err == nil && found.Server != before && ping(t.Context(), server.socket) == nil
		})
		if got := query[int](t, server, "select answer from acknowledged"); got != 7 {
			t.Errorf("read %d, want 7", got)
		}
	})
}

func announced(t *testing.T, server *Server) notice {
	t.Helper()
	found, err := server.home.announced()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func pidOf(t *testing.T, data string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, _, _ := strings.Cut(string(text), "\n")
	return pid
}

func TestStart_together(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	servers := make([]*Server, 4)
	var all sync.WaitGroup
	for i := range servers {
		all.Go(func() {
			server, err := Start(t.Context(), Options{Dir: dir})
			if err != nil {
				t.Errorf("start %d: %v", i, err)
				return
			}
			servers[i] = server
		})
	}
	all.Wait()
	owners := 0
	for _, server := range servers {
		if server == nil {
			t.FailNow()
		}
		if server.Owned {
			owners++
			defer stop(t, server)
		}
		if server.URL("") != servers[0].URL("") {
			t.Errorf("two servers: %s and %s", server.URL(""), servers[0].URL(""))
		}
	}
	if owners != 1 {
		t.Errorf("%d owners, want 1", owners)
	}
}

// shop is another process that runs the server of a folder.
type shop struct {
	cmd *exec.Cmd
	url string
}

func startShop(t *testing.T, dir string) shop {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		// Its server writes into the folder until it, too, has ended.
		eventually(t, "the other process's server ends", func() bool {
			return len(processesIn([]string{home{dir}.data()})) == 0
		})
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(line)
	if len(words) != 3 || words[0] != "ready" {
		t.Fatalf("the other process says %q", line)
	}
	return shop{cmd, words[2]}
}

func TestServer_owner_killed(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	data := home{dir}.data()
	owner := startShop(t, dir)
	execute(t, owner.url, "create table acknowledged as select 7 as answer")
	if err := owner.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.cmd.Wait()

	t.Run("the server ends with it", func(t *testing.T) {
		eventually(t, "no process is left", func() bool { return len(processesIn([]string{data})) == 0 })
	})
	t.Run("the next start has what was acknowledged", func(t *testing.T) {
		server := start(t, dir)
		if got := queryURL[int](t, server.URL("postgres"), "select answer from acknowledged"); got != 7 {
			t.Errorf("read %d, want 7", got)
		}
	})
	t.Run("a start while the old server is still ending succeeds", func(t *testing.T) {
		owner := startShop(t, dir)
		if err := owner.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = owner.cmd.Wait()
		if server := start(t, dir); !server.Owned {
			t.Error("does not own the server")
		}
	})
	t.Run("asked to end, it ends cleanly and its server with it", func(t *testing.T) {
		owner := startShop(t, dir)
		if err := owner.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := owner.cmd.Wait(); err != nil {
			t.Errorf("ended with %v", err)
		}
		if left := processesIn([]string{data}); len(left) != 0 {
			t.Errorf("processes %v are left", left)
		}
	})
}

func TestServer_of_another_process(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	owner := startShop(t, dir)
	user := func(patience time.Duration) *Server {
		server := start(t, dir)
		server.patience = patience
		if server.Owned {
			t.Fatal("two owners")
		}
		return server
	}
	hasty, patient := user(100*time.Millisecond), user(time.Hour)
	ended, kept := hasty.Done(), patient.Done()
	if err := owner.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.cmd.Wait()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Fatal("the end of the owner goes unnoticed")
	}
	if err := hasty.Err(); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("it ended with %v", err)
	}

	// The owner is started again in time: nothing has ended.
	startShop(t, dir)
	if got := query[int](t, patient, "select 1"); got != 1 {
		t.Errorf("got %d", got)
	}
	select {
	case <-kept:
		t.Errorf("ended: %v", patient.Err())
	default:
	}
	stop(t, patient)
	<-kept
	if err := patient.Err(); err != nil {
		t.Errorf("stopped with %v", err)
	}
}

func TestStart_clears_an_orphan(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	server := start(t, dir)
	execute(t, server.URL(Login), "create table kept as select 42 as answer")
	stop(t, server)

	// A server that nothing ties to us, as one of an owner that could not pass on
	// the signal.
	socket := folder(t)
	if err := server.account.own(socket); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(server.binaries.program("postgres"), append([]string{"-D", server.home.data()}, settings(socket, nil)...)...)
	cmd.Env = environment()
	cmd.SysProcAttr = server.account.attributes(0)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	eventually(t, "the orphan answers", func() bool { return ping(t.Context(), socket) == nil })

	again := start(t, dir)
	select {
	case <-ended:
	default:
		t.Error("the orphan still runs")
	}
	if got := query[int](t, again, "select answer from kept"); got != 42 {
		t.Errorf("read %d, want 42", got)
	}
	stop(t, again)
}

func TestStart_gives_up_in_time(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	held, err := home{dir}.tryLock()
	if err != nil || held == nil {
		t.Fatalf("lock %v, error %v", held, err)
	}
	defer held.release()
	_, err = Start(t.Context(), Options{Dir: dir, Within: 200 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "another process holds the data folder") {
		t.Errorf("got %v", err)
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the error %v does not say why the server was not found", err)
	}
}
