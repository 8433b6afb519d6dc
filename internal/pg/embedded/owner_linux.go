package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

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

// owned tells whether a process has the folder now. It asks for a share of the
// lock, so that those who ask do not pass for owners among each other.
func (h home) owned() bool {
	file, err := os.Open(filepath.Join(h.dir, "lock"))
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	return errors.Is(unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK)
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
