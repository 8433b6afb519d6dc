package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// home is a data folder:
//
//	lock          held by the process that runs the server
//	server.json   where that server listens
//	postgres/     handed to the user the server runs as, closed to all others
//	  data/       the database
//	  data.new/   a database that is not whole yet
//	  socket/     where the server listens, unless that path is too long
//
// As root the folder itself stays root's: a process of the server's user could
// else lead root's writes elsewhere by a link.
type home struct {
	dir string
}

func (h home) inner() string      { return filepath.Join(h.dir, "postgres") }
func (h home) data() string       { return filepath.Join(h.inner(), "data") }
func (h home) unfinished() string { return filepath.Join(h.inner(), "data.new") }
func (h home) notice() string     { return filepath.Join(h.dir, "server.json") }

// openHome makes the folder if it is absent.
func openHome(dir string) (home, error) {
	if dir == "" {
		return home{}, errors.New("the PostgreSQL server needs a data folder")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	if err := makeFolder(dir); err != nil {
		return home{}, fmt.Errorf("make the data folder: %w", err)
	}
	// One folder has one name, whichever link leads to it.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return home{}, fmt.Errorf("open the data folder: %w", err)
	}
	return home{dir}, nil
}

// makeFolder makes what is missing on the way. As root others may pass through,
// whatever the umask says, for the server runs as one of them; and a folder that
// was made for us, empty as yet, is opened the same way.
func makeFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil:
		_, ours := os.Stat(filepath.Join(dir, "postgres"))
		if os.Geteuid() != 0 || (len(entries) > 0 && ours != nil) {
			return nil
		}
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o011 == 0o011 {
			return err
		}
		return os.Chmod(dir, info.Mode().Perm()|0o011)
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	if err := makeParent(filepath.Dir(dir)); err != nil {
		return err
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.Mkdir(dir, mode); err != nil {
		if errors.Is(err, os.ErrExist) {
			return nil
		}
		return err
	}
	return os.Chmod(dir, mode)
}

func makeParent(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return makeFolder(dir)
}

// account is whoever owns the existing data, else a fresh choice.
func (h home) account() (account, error) {
	if os.Geteuid() != 0 {
		return ourselves(), nil
	}
	for _, folder := range []string{h.data(), h.inner()} {
		info, err := os.Stat(folder)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return account{}, err
		}
		owner, ok := info.Sys().(*syscall.Stat_t)
		if !ok || owner.Uid == 0 {
			break
		}
		if known, err := user.LookupId(strconv.Itoa(int(owner.Uid))); err == nil {
			return accountOf(known)
		}
		return account{uid: int(owner.Uid), gid: int(owner.Gid), name: strconv.Itoa(int(owner.Uid)), drops: true}, nil
	}
	return unprivileged()
}

// hand makes the inner folder and gives it to the user the server runs as.
func (h home) hand(who account) error {
	if err := who.mustReach(h.dir); err != nil {
		return fmt.Errorf("the data folder %s: %w", h.dir, err)
	}
	if err := os.Mkdir(h.inner(), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make the server's folder: %w", err)
	}
	if err := os.Chmod(h.inner(), 0o700); err != nil {
		return fmt.Errorf("close the server's folder to others: %w", err)
	}
	if err := who.own(h.inner()); err != nil {
		return fmt.Errorf("hand the folder %s to user %s: %w", h.inner(), who.name, err)
	}
	return nil
}

type lock struct{ file *os.File }

// tryLock takes the folder for this process; nil means that another has it. The
// lock ends with the process, however it ends.
func (h home) tryLock() (*lock, error) {
	file, err := os.OpenFile(filepath.Join(h.dir, "lock"), os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return &lock{file}, nil
	}
	_ = file.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock the data folder: %w", err)
}

func (l *lock) release() { _ = l.file.Close() }

// notice tells other commands where the server listens.
type notice struct {
	Socket string `json:"socket"`
	Server int    `json:"serverPid"`
	Owner  int    `json:"ownerPid"`
}

func (h home) announce(socket string, pid int) error {
	text, err := json.Marshal(notice{Socket: socket, Server: pid, Owner: os.Getpid()})
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(h.dir, "server.json.*")
	if err != nil {
		return fmt.Errorf("announce the server: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), h.notice())
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("announce the server: %w", err)
	}
	return nil
}

func (h home) announced() (notice, error) {
	file, err := os.Open(h.notice())
	if err != nil {
		return notice{}, err
	}
	defer func() { _ = file.Close() }()
	var found notice
	if err := json.NewDecoder(io.LimitReader(file, 1<<16)).Decode(&found); err != nil {
		return notice{}, fmt.Errorf("read %s: %w", h.notice(), err)
	}
	return found, nil
}

const dataDirectorySQL = `select current_setting('data_directory')`

// running finds the server that another process runs in this folder, and makes
// sure that it is the one of this folder.
func (h home) running(ctx context.Context) (socket string, err error) {
	found, err := h.announced()
	if err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, connection(found.Socket, "postgres"))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	var data string
	if err := conn.QueryRow(ctx, dataDirectorySQL).Scan(&data); err != nil {
		return "", err
	}
	if data != h.data() {
		return "", fmt.Errorf("the server at %s serves another folder, %s", found.Socket, data)
	}
	return found.Socket, nil
}

// A socket's path holds at most 107 bytes.
const (
	longestSocket = 107
	socketFile    = ".s.PGSQL." + Port
	shortPrefix   = "wharf-"
)

// openSocket makes the private folder of the socket: in the data folder, or,
// where that path is too long, a short one of its own.
func (h home) openSocket(who account) (string, error) {
	if left, err := h.announced(); err == nil {
		h.closeSocket(left.Socket)
	}
	folder := filepath.Join(h.inner(), "socket")
	if !fits(folder) {
		return shortSocket(who)
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("make the socket's folder: %w", err)
	}
	return folder, who.own(folder)
}

func fits(folder string) bool { return len(filepath.Join(folder, socketFile)) <= longestSocket }

func shortSocket(who account) (string, error) {
	for _, base := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if !fits(filepath.Join(base, shortPrefix+"0123456789")) || who.mustReach(base) != nil {
			continue
		}
		folder, err := os.MkdirTemp(base, shortPrefix)
		if err != nil {
			continue
		}
		return folder, who.own(folder)
	}
	return "", errors.New("the data folder's path is too long for a socket, and no temporary folder is short enough: choose a shorter path")
}

// closeSocket takes away the notice and a short folder of our own making, and
// nothing that is not named like one.
func (h home) closeSocket(folder string) {
	_ = os.Remove(h.notice())
	if filepath.Dir(folder) == h.inner() || !strings.HasPrefix(filepath.Base(folder), shortPrefix) {
		return
	}
	for _, name := range []string{socketFile, socketFile + ".lock"} {
		_ = os.Remove(filepath.Join(folder, name))
	}
	_ = os.Remove(folder)
}
