package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	downloadVersion    = embeddedpostgres.V17
	downloadRepository = "https://repo1.maven.org/maven2"
)

// Programs lists the installations to choose from, the best first: the
// machine's, then those that were downloaded into this data folder, and where
// there are none, a fresh download into it.
func Programs(ctx context.Context, dir string, log *slog.Logger) ([]Binaries, error) {
	folder, err := openHome(dir)
	if err != nil {
		return nil, err
	}
	return folder.installed(ctx, log)
}

func (h home) installed(ctx context.Context, log *slog.Logger) ([]Binaries, error) {
	found, missing := Find(ctx)
	if missing != nil && !errors.Is(missing, ErrNoBinaries) {
		return nil, missing
	}
	if os.Getenv(BinEnv) == "" {
		found = append(found, h.downloaded(ctx)...)
	}
	if len(found) > 0 {
		return found, nil
	}
	repository := os.Getenv(DownloadEnv)
	if repository == "off" || os.Getenv(BinEnv) != "" {
		return nil, missing
	}
	if repository == "" {
		repository = downloadRepository
	}
	log.Info("no PostgreSQL is installed; downloading its programs once", "version", string(downloadVersion), "from", repository, "to", h.programs())
	if err := h.download(ctx, repository); err != nil {
		return nil, fmt.Errorf("%w; a download was tried too: %w", missing, err)
	}
	if found = h.downloaded(ctx); len(found) == 0 {
		return nil, fmt.Errorf("%w; what was downloaded from %s does not run here", missing, repository)
	}
	return found, nil
}

func (h home) downloaded(ctx context.Context) []Binaries {
	folders, err := filepath.Glob(filepath.Join(h.programs(), "*", "bin"))
	if err != nil {
		return nil
	}
	return search(ctx, folders)
}

// download fetches and unpacks the programs and does nothing else. The library
// would go on to make a database, first deleting what is in its place, and to
// serve it on a network port. It is kept from both: every path it is given lies
// in a fresh folder, and the data's path leads through a file, so that it gives
// up right after unpacking.
func (h home) download(ctx context.Context, repository string) error {
	if err := makeFolder(h.programs()); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(h.programs(), "download-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	blocker := filepath.Join(scratch, "no-data-here")
	if err := os.WriteFile(blocker, nil, 0o600); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	unpacked := filepath.Join(scratch, "programs")
	database := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(downloadVersion).
		BinaryRepositoryURL(strings.TrimSuffix(repository, "/")).
		CachePath(filepath.Join(scratch, "cache")).
		RuntimePath(filepath.Join(scratch, "runtime")).
		BinariesPath(unpacked).
		DataPath(filepath.Join(blocker, "data")).
		Port(port).
		Logger(io.Discard))

	ended := make(chan error, 1)
	go func() { ended <- database.Start() }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		// Its requests know no deadline; what it still writes goes with scratch.
		return fmt.Errorf("download PostgreSQL's programs: %w", ctx.Err())
	}
	if err == nil {
		return errors.Join(errors.New("the download started a server it should not have"), database.Stop())
	}
	for _, program := range []string{"postgres", "initdb"} {
		if _, missing := os.Stat(filepath.Join(unpacked, "bin", program)); missing != nil {
			return fmt.Errorf("download PostgreSQL's programs: %w", err)
		}
	}
	// The server's user must be able to read them, whatever the umask.
	if err := openToRead(unpacked); err != nil {
		return err
	}
	return os.Rename(unpacked, filepath.Join(h.programs(), string(downloadVersion)))
}

func openToRead(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Type()&os.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if mode&0o111 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode&^0o022)
	})
}

func freePort() (uint32, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no free port")
	}
	return uint32(address.Port), nil
}
