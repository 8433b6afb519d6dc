package pgtest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

// forgetOldBoot removes the servers of an earlier boot of this machine: without
// fsync their data need not have survived its end, and it is only a cache.
func forgetOldBoot(folder string) error {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return err
	}
	path := filepath.Join(folder, bootFile)
	if last, err := os.ReadFile(path); err == nil && string(last) == string(boot) {
		return nil
	}
	old, err := filepath.Glob(filepath.Join(folder, "postgres-*"))
	if err != nil {
		return err
	}
	for _, data := range old {
		if err := os.RemoveAll(data); err != nil {
			return err
		}
	}
	return os.WriteFile(path, boot, 0o600)
}

// testFolder is this checkout's folder: private, and short enough for a socket.
func testFolder() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(root))
	folder := filepath.Join(os.TempDir(), "wharf-test-"+strconv.Itoa(os.Getuid())+"-"+hex.EncodeToString(hash[:6]))
	// Others may pass through, since as root the server runs as another user; what
	// it holds is closed to them.
	if err := os.Mkdir(folder, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	if err := mustBeOurs(folder); err != nil {
		return "", err
	}
	return folder, os.Chmod(folder, 0o711)
}

// moduleRoot is the folder of go.mod above the tested package.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.EvalSymlinks(folder)
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("no go.mod above the working directory: run the tests in the module")
		}
		folder = parent
	}
}
