package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

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
