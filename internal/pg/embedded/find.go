package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// BinEnv names the folder with PostgreSQL's programs, in place of looking for it.
const BinEnv = "WHARF_PG_BIN"

// DownloadEnv set to "off" forbids downloading PostgreSQL's programs where none
// are installed; set to a URL it names the Maven repository to take them from.
const DownloadEnv = "WHARF_PG_DOWNLOAD"

// OldestMajor is the oldest PostgreSQL whose features the schema relies on.
const OldestMajor = 14

// Binaries is an installation of PostgreSQL's server programs.
type Binaries struct {
	Dir   string
	Major int
}

func (b Binaries) program(name string) string { return filepath.Join(b.Dir, name) }

// ErrNoBinaries says that no PostgreSQL server programs were found; its text
// names the command that installs them.
var ErrNoBinaries = errors.New("no PostgreSQL server programs found")

// Versioned folders of the distributions: Debian and Ubuntu, the PGDG packages
// of Red Hat's family, Arch, Alpine, SUSE, Gentoo, Nix profiles, Homebrew.
var versionedFolders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/lib/postgresql*/bin",
	"/usr/libexec/postgresql*",
	"/usr/lib64/postgresql-*/bin",
	"/opt/postgresql*/bin",
	"/opt/postgresql/*/bin",
	"/usr/local/pgsql*/bin",
	"/usr/local/postgresql*/bin",
	"/run/current-system/sw/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
}

// Find lists the installations of PostgreSQL on this machine, the best first:
// only the one that WHARF_PG_BIN names, if set; else what PATH offers and the
// distribution's versioned folders, newest major version first.
func Find(ctx context.Context) ([]Binaries, error) {
	if named := os.Getenv(BinEnv); named != "" {
		found, err := inspect(ctx, named)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", BinEnv, named, err)
		}
		return []Binaries{found}, nil
	}
	found := search(ctx, candidates(os.Getenv("PATH"), versionedFolders))
	if len(found) == 0 {
		return nil, notFound()
	}
	return found, nil
}

func notFound() error {
	return fmt.Errorf("%w in PATH and the usual folders: install PostgreSQL with `%s`, name the folder of its programs in %s, or set DATABASE_URL to use a server of your own",
		ErrNoBinaries, installCommand(), BinEnv)
}

// candidates are the folders that hold both programs, PATH's first, each once.
// A link in PATH leads to the folder of the real program, where its siblings are.
func candidates(path string, patterns []string) []string {
	var folders []string
	for _, folder := range filepath.SplitList(path) {
		if folder != "" {
			folders = append(folders, folder)
		}
	}
	for _, pattern := range patterns {
		matches, _ := filepath.Glob(pattern)
		folders = append(folders, matches...)
	}
	var whole []string
	for _, folder := range folders {
		resolved, err := filepath.EvalSymlinks(filepath.Join(folder, "postgres"))
		if err != nil {
			continue
		}
		folder = filepath.Dir(resolved)
		if _, err := os.Stat(filepath.Join(folder, "initdb")); err == nil && !slices.Contains(whole, folder) {
			whole = append(whole, folder)
		}
	}
	return whole
}

func search(ctx context.Context, folders []string) []Binaries {
	var found []Binaries
	for _, folder := range folders {
		if one, err := inspect(ctx, folder); err == nil {
			found = append(found, one)
		}
	}
	slices.SortStableFunc(found, func(a, b Binaries) int { return b.Major - a.Major })
	return found
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func inspect(ctx context.Context, folder string) (Binaries, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return Binaries{}, err
	}
	for _, program := range []string{"postgres", "initdb"} {
		info, err := os.Stat(filepath.Join(folder, program))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return Binaries{}, fmt.Errorf("there is no program %q in that folder: %w", program, ErrNoBinaries)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(folder, "postgres"), "--version").Output()
	if err != nil {
		return Binaries{}, fmt.Errorf("ask postgres for its version: %w", err)
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return Binaries{}, fmt.Errorf("postgres says %q, which names no version", strings.TrimSpace(string(out)))
	}
	major, err := strconv.Atoi(string(match[1]))
	if err != nil {
		return Binaries{}, err
	}
	if major < OldestMajor {
		return Binaries{}, fmt.Errorf("PostgreSQL %d is too old: %d or newer is needed", major, OldestMajor)
	}
	return Binaries{Dir: folder, Major: major}, nil
}

// installCommand is the one command that brings the programs on this system.
func installCommand() string {
	sudo := "sudo "
	if os.Geteuid() == 0 {
		sudo = ""
	}
	if runtime.GOOS == "darwin" {
		return "brew install postgresql@17"
	}
	for _, known := range []struct{ tool, command string }{
		{"apt-get", sudo + "apt-get install -y postgresql"},
		{"dnf", sudo + "dnf install -y postgresql-server"},
		{"yum", sudo + "yum install -y postgresql-server"},
		{"apk", sudo + "apk add postgresql"},
		{"pacman", sudo + "pacman -S --noconfirm postgresql"},
		{"zypper", sudo + "zypper install -y postgresql-server"},
		{"nix-env", "nix-env -iA nixpkgs.postgresql"},
	} {
		if _, err := exec.LookPath(known.tool); err == nil {
			return known.command
		}
	}
	return sudo + "apt-get install -y postgresql"
}
