package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// home is a data folder:
//
//	lock          held by the process that runs the server
//	server.json   where that server listens
//	programs/     PostgreSQL's programs, where they had to be downloaded
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

func (h home) programs() string   { return filepath.Join(h.dir, "programs") }
func (h home) inner() string      { return filepath.Join(h.dir, "postgres") }
func (h home) data() string       { return filepath.Join(h.inner(), "data") }
func (h home) unfinished() string { return filepath.Join(h.inner(), "data.new") }
func (h home) notice() string     { return filepath.Join(h.dir, "server.json") }

// Exists tells whether a data folder holds a database. It makes and changes nothing.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(home{dir}.data(), "PG_VERSION"))
	return err == nil
}

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
// whatever the umask says, for the server runs as one of them.
func makeFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err == nil {
		return openFolder(dir, entries)
	}
	if !errors.Is(err, os.ErrNotExist) {
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

// openFolder lets others pass through an existing folder, if it is ours: empty
// as yet, or with nothing in it but what a data folder holds.
func openFolder(dir string, entries []os.DirEntry) error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, entry := range entries {
		if !slices.Contains([]string{"lock", "server.json", "demo.json", "programs", "postgres"}, entry.Name()) {
			return nil
		}
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o011 == 0o011 {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()|0o011)
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
