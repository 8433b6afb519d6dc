package faults_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/chaos/harness"
)

// smallDisk puts a part of the data folder on a memory file system with little room. What is there moves along.
func (r *row) smallDisk(part string, room int) func(data string) error {
	return func(data string) error {
		folder := filepath.Join(data, part)
		moved := folder + ".moved"
		info, err := os.Stat(folder)
		if err != nil {
			return err
		}
		if err := os.Rename(folder, moved); err != nil {
			return err
		}
		if err := os.Mkdir(folder, info.Mode().Perm()); err != nil {
			return err
		}
		if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", room)); err != nil {
			return fmt.Errorf("mount: %w", err)
		}
		r.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
		owner := info.Sys().(*syscall.Stat_t)
		if err := os.Chown(folder, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
		if out, err := exec.CommandContext(r.Context(), "cp", "-a", moved+"/.", folder).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return os.RemoveAll(moved)
	}
}

// needsMount ends the row where nobody may mount a file system.
func (r *row) needsMount() {
	r.Helper()
	probe := filepath.Join(r.dir, "probe")
	r.must(os.Mkdir(probe, 0o700))
	if err := syscall.Mount("tmpfs", probe, "tmpfs", 0, "size=1m"); err != nil {
		r.notHere("no file system of limited size can be mounted (" + err.Error() + ")")
	}
	_ = syscall.Unmount(probe, 0)
}

// ballast fills what room is left, and gives what takes it away again.
func (r *row) ballast(folder string) (drop func()) {
	r.Helper()
	path := filepath.Join(folder, "ballast")
	file, err := os.Create(path)
	r.must(err)
	block := make([]byte, 64<<10)
	for {
		if _, err := file.Write(block); err != nil {
			break
		}
	}
	_ = file.Close()
	return func() { _ = os.Remove(path) }
}

func TestFault05_TableSpaceFull(t *testing.T) {
	r := begin(t, 5, "the disk of the tables is full")
	r.needsMount()
	var base string
	mount := r.smallDisk("base", 120)
	s := r.open(harness.Options{Mount: func(data string) error {
		base = filepath.Join(data, "base")
		return mount(data)
	}})
	p := s.Servers[0]
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Shoppers: 16, Patience: 3 * time.Minute})
	r.sleep(2 * time.Second)
	postmaster, err := s.Cluster.Postmaster()
	r.must(err)
	drop := r.ballast(base)
	full := time.Now()
	refused := func() (n int) { // for want of room, and of nothing else that is BUSY
		for line := range strings.Lines(s.Logs()) {
			if strings.Contains(line, `"path":"answer"`) && strings.Contains(line, "SQLSTATE 53100") {
				n++
			}
		}
		return n
	}
	for refused() < 20 {
		if time.Since(full) > time.Minute {
			t.Fatalf("no order was refused for want of room")
		}
		r.sleep(100 * time.Millisecond)
	}
	logged := len(s.Logs())
	r.sleep(time.Duration(r.of(3, 15)) * time.Second)
	perSecond := (len(s.Logs()) - logged) / r.of(3, 15)
	for range 5 { // reads go on
		var answer struct {
			Products struct{ Nodes []struct{ Handle string } }
		}
		r.must(p.Ask(t.Context(), "", `{ products(first: 5) { nodes { handle } } }`, nil, &answer))
	}
	during, failed := c.Placed(), refused()
	drop()
	freed := time.Now()
	for c.Placed() <= during+20 {
		if time.Since(freed) > 30*time.Second {
			t.Fatal("no order is placed again, 30 s after there is room")
		}
		r.sleep(10 * time.Millisecond)
	}
	back := time.Since(freed)
	if now, err := s.Cluster.Postmaster(); err != nil || now != postmaster {
		t.Errorf("PostgreSQL was restarted: %v", err)
	}
	if perSecond > 1<<20 {
		t.Errorf("the log grew by %d kB a second", perSecond>>10)
	}
	if !strings.Contains(s.Logs(), "No space left on device") {
		t.Error("nothing in the log says why")
	}
	if n := strings.Count(s.Logs(), "Make room on the database's disk"); n != 1 {
		t.Errorf("what to do is said %d times, want once", n)
	}
	c.Leave()
	codes := c.History.Codes(full, freed)
	for code, n := range codes {
		if code != "BUSY" {
			t.Errorf("%d requests were answered with %q for want of room, want BUSY: the same may be sent again", n, code)
		}
	}
	r.found("%d requests failed, each with an answer (%v), reads went on, %d kB of log a second; 20 more orders %s after there was room", failed, codes, perSecond>>10, back.Round(time.Millisecond))
	r.prove(s, c)
}

func TestFault06_LogFull(t *testing.T) {
	r := begin(t, 6, "the disk of PostgreSQL's log is full, until PostgreSQL stops")
	r.needsMount()
	var wal string
	mount := r.smallDisk("pg_wal", 160)
	s := r.open(harness.Options{
		Settings: map[string]string{"max_wal_size": "64MB", "min_wal_size": "32MB"},
		Mount: func(data string) error {
			wal = filepath.Join(data, "pg_wal")
			return mount(data)
		},
	})
	p := s.Servers[0]
	pid := p.PID()
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Patience: 4 * time.Minute})
	r.sleep(2 * time.Second)
	drop := r.ballast(wal)
	watch := s.Watch(t.Context(), p)
	r.must(r.fillLog(s.Cluster))
	select {
	case <-s.Cluster.Ended():
	case <-time.After(2 * time.Minute):
		t.Fatal("PostgreSQL goes on with a full log")
	}
	down := time.Now()
	before := c.Placed()
	for p.Status(t.Context(), "/readyz") != http.StatusServiceUnavailable {
		if time.Since(down) > 5*time.Second {
			t.Fatal("readiness says yes without a database")
		}
		r.sleep(10 * time.Millisecond)
	}
	r.sleep(time.Second)
	drop()
	r.must(s.Cluster.Start(t.Context()))
	r.must(p.Ready(t.Context(), 20*time.Second))
	back := time.Now()
	for c.Placed() <= before+20 {
		if time.Since(back) > 30*time.Second {
			t.Fatal("no order is placed again")
		}
		r.sleep(10 * time.Millisecond)
	}
	c.Leave()
	if h := watch(); h.NotAlive > 0 || h.NotReady == 0 {
		t.Errorf("liveness said no %d times, readiness %d times", h.NotAlive, h.NotReady)
	}
	if p.PID() != pid {
		t.Error("the server was restarted")
	}
	r.found("%d orders before PostgreSQL stopped; served again with it, without a restart of the server", before)
	r.prove(s, c)
}

// fillLog writes log and nothing else until the server gives up.
func (r *row) fillLog(c *harness.Cluster) error {
	for range 4000 {
		err := c.AsOwner(r.Context(), func(conn *pgx.Conn) error {
			for range 50 {
				if _, err := conn.Exec(context.WithoutCancel(r.Context()), `select pg_logical_emit_message(false, 'ballast', repeat('x', 1000000))`); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil //nolint:nilerr // that is what this is for
		}
	}
	return fmt.Errorf("the log never filled")
}
