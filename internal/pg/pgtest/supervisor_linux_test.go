package pgtest_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"golang.org/x/sys/unix"
)

// memberEnv makes TestMember a test process of its own, which uses the shared
// server until its input ends.
const memberEnv = "WHARF_PGTEST_TEST_MEMBER"

func TestMember(t *testing.T) {
	if os.Getenv(memberEnv) == "" {
		return
	}
	pool := pgtest.New(t)
	started := value[string](t, pool, `select extract(epoch from pg_postmaster_start_time())::text`)
	leftovers := value[int](t, pool, `select count(*) from pg_database where datname like 'test\_%'`)
	_, _ = os.Stdout.WriteString("\nready " + started + " " + strconv.Itoa(leftovers) + "\n")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if got := value[int](t, pool, `select 1`); got != 1 {
		t.Errorf("got %d", got)
	}
}

// member is a test process in a world of its own: a temporary folder stands for
// the machine's, so that it shares no server with the tests that run now.
type member struct {
	t         *testing.T
	cmd       *exec.Cmd
	input     io.Closer
	server    string // when the server started, which tells servers apart
	databases int
}

func startMember(t *testing.T, world string) *member {
	t.Helper()
	started, err := tryMember(t, world)
	if err != nil {
		t.Fatal(err)
	}
	return started
}

func tryMember(t *testing.T, world string, env ...string) (*member, error) {
	t.Helper()
	return tryMemberIn(t, world, "", env...)
}

func tryMemberIn(t *testing.T, world, checkout string, env ...string) (*member, error) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "-test.run=^TestMember$")
	cmd.Dir = checkout
	cmd.Env = append(append(os.Environ(), memberEnv+"=1", "TMPDIR="+world), env...)
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 3 && words[0] == "ready" {
			databases, err := strconv.Atoi(words[2])
			return &member{t, cmd, input, words[1], databases}, err
		}
		said.WriteString(lines.Text() + "\n")
	}
	return nil, errors.New(said.String())
}

func (m *member) end() {
	m.t.Helper()
	if err := m.input.Close(); err != nil {
		m.t.Error(err)
	}
	if err := m.cmd.Wait(); err != nil {
		m.t.Errorf("the test process ended with %v", err)
	}
}

func (m *member) kill() {
	m.t.Helper()
	if err := m.cmd.Process.Kill(); err != nil {
		m.t.Error(err)
	}
	_ = m.cmd.Wait()
}

// processes are those that work in a world: servers and supervisors.
func processes(t *testing.T, world string) (found []int) {
	t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if where, err := os.Readlink(folder); err == nil && strings.HasPrefix(where, world+"/") {
			pid, err := strconv.Atoi(strings.Split(folder, "/")[2])
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, pid)
		}
	}
	return found
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func noneLeft(t *testing.T, world string) {
	t.Helper()
	eventually(t, "no process is left", func() bool { return len(processes(t, world)) == 0 })
}

func TestServer_is_shared_and_leaves_nothing(t *testing.T) {
	t.Parallel()
	world := pgtest.Folder(t)

	// They arrive together: one starts the server, both use it.
	members := make([]*member, 3)
	var all sync.WaitGroup
	for i := range members {
		all.Go(func() {
			var err error
			if members[i], err = tryMember(t, world); err != nil {
				t.Errorf("test process %d: %v", i, err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	for _, other := range members[1:] {
		if other.server != members[0].server {
			t.Errorf("two servers, started at %s and %s", other.server, members[0].server)
		}
	}

	t.Run("a killed test process takes nothing from the others", func(t *testing.T) {
		members[0].kill()
		members[1].end()
	})
	t.Run("the last one killed, nothing is left", func(t *testing.T) {
		members[2].kill()
		noneLeft(t, world)
	})
	t.Run("what the killed ones left is cleared", func(t *testing.T) {
		last := startMember(t, world)
		if last.databases != 1 {
			t.Errorf("%d databases of tests, want this one's alone", last.databases)
		}
		if last.server == members[0].server {
			t.Error("the server was never stopped")
		}
		last.end()
		noneLeft(t, world)
	})
}

func TestServer_arrival_while_it_stops(t *testing.T) {
	t.Parallel()
	world := pgtest.Folder(t)
	first := startMember(t, world)
	first.end()

	files, err := filepath.Glob(filepath.Join(world, "*", "users.lock"))
	if err != nil || len(files) != 1 {
		t.Fatalf("found %v, %v", files, err)
	}
	// The supervisor looks for a moment, but holds on only when it stops.
	heldTwice := func() bool {
		first := held(t, files[0])
		return held(t, files[0]) && first
	}
	eventually(t, "the supervisor stops the server", heldTwice)

	second := startMember(t, world)
	if second.server == first.server {
		t.Error("the server was not stopped")
	}
	second.end()
	noneLeft(t, world)
}

func held(t *testing.T, path string) bool {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	time.Sleep(2 * time.Millisecond)
	return errors.Is(unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK)
}

func TestServer_supervisor_killed(t *testing.T) {
	t.Parallel()
	world := pgtest.Folder(t)
	first := startMember(t, world)
	for _, pid := range processes(t, world) {
		if name, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "exe")); err == nil && filepath.Base(name) != "postgres" {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		}
	}
	first.kill()
	second := startMember(t, world)
	if second.server == first.server {
		t.Error("the server outlived its supervisor")
	}
	second.end()
	noneLeft(t, world)
}

func TestServer_two_checkouts_use_two(t *testing.T) {
	t.Parallel()
	world := pgtest.Folder(t)
	members := make([]*member, 2)
	for i, name := range []string{"one", "two"} {
		checkout := filepath.Join(pgtest.Folder(t), name)
		if err := os.Mkdir(checkout, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(checkout, "go.mod"), []byte("module checkout\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var err error
		if members[i], err = tryMemberIn(t, world, checkout); err != nil {
			t.Fatal(err)
		}
	}
	if members[0].server == members[1].server {
		t.Error("two checkouts share a server")
	}
	for _, one := range members {
		one.end()
	}
	noneLeft(t, world)
}

func TestServer_without_PostgreSQL(t *testing.T) {
	t.Parallel()
	world := pgtest.Folder(t)
	_, err := tryMember(t, world, "WHARF_PG_BIN="+world)
	if err == nil || !strings.Contains(err.Error(), "FAIL: TestMember") || !strings.Contains(err.Error(), "the tests need PostgreSQL: WHARF_PG_BIN="+world) {
		t.Errorf("got %v", err)
	}
	noneLeft(t, world)
}
