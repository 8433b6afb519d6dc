package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user the server runs as: ourselves, or, as root, an
// unprivileged user, since PostgreSQL rightly refuses to run as root.
type account struct {
	uid, gid int
	name     string
	drops    bool
}

// unprivileged picks the user that root drops to.
func unprivileged() (account, error) {
	for _, name := range []string{"postgres", "nobody"} {
		known, err := user.Lookup(name)
		if err != nil {
			continue
		}
		if who, err := accountOf(known); err == nil {
			return who, nil
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and this system has neither a user postgres nor a user nobody: run as an ordinary user, or set DATABASE_URL")
}

func accountOf(known *user.User) (account, error) {
	uid, err := strconv.Atoi(known.Uid)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.Atoi(known.Gid)
	if err != nil {
		return account{}, err
	}
	return account{uid: uid, gid: gid, name: known.Username, drops: true}, nil
}

func ourselves() account {
	return account{uid: os.Geteuid(), gid: os.Getegid()}
}

// attributes makes a child run as this user, apart from our process group (a
// Ctrl-C is for us: we drain first, and then stop the server), and get a signal
// when the thread that started it ends.
func (a account) attributes(whenOrphaned syscall.Signal) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: whenOrphaned}
	if a.drops {
		attributes.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attributes
}

// own gives a file to the user.
func (a account) own(path string) error {
	if !a.drops {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// mustReach checks that the user may enter every folder on the way to path.
func (a account) mustReach(path string) error {
	if !a.drops {
		return nil
	}
	for folder := path; ; folder = filepath.Dir(folder) {
		info, err := os.Stat(folder)
		if err != nil {
			return err
		}
		if info.IsDir() && !a.mayEnter(info) {
			return fmt.Errorf("the server runs as user %q, who may not enter %s (mode %#o): choose another folder, open that one with chmod o+x, or run as an ordinary user",
				a.name, folder, info.Mode().Perm())
		}
		if folder == filepath.Dir(folder) {
			return nil
		}
	}
}

func (a account) mayEnter(info os.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	switch mode := info.Mode().Perm(); {
	case int(owner.Uid) == a.uid:
		return mode&0o100 != 0
	case int(owner.Gid) == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
