package migrations_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// testdata/released.sha256 lists the files that databases out there have run. A release writes it anew, in this
// folder: sha256sum *.sql > testdata/released.sha256
const releasedFile = "testdata/released.sha256"

// TestReleasedMigrationsStandStill: a database remembers only the highest number it has come to. A file that is
// changed, or that is added below that number, would run on fresh databases and on no other.
func TestReleasedMigrationsStandStill(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(releasedFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range unlikeReleased(t, os.DirFS("."), string(text)) {
		t.Error(problem)
	}
}

func TestUnlikeReleased(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	line := func(name, text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:]) + "  " + name + "\n"
	}
	released := line("000010_a.up.sql", "a") + line("000010_a.down.sql", "b") + line("000020_c.up.sql", "c") + line("000020_c.down.sql", "d")
	for name, c := range map[string]struct {
		change func(fstest.MapFS)
		want   []string
	}{
		"nothing new":      {func(fstest.MapFS) {}, nil},
		"a higher number":  {func(f fstest.MapFS) { f["000021_e.up.sql"], f["000021_e.down.sql"] = file(""), file("") }, nil},
		"a number between": {func(f fstest.MapFS) { f["000015_e.up.sql"] = file("") }, []string{"000015_e.up.sql: give it a number above 20, the highest one released"}},
		"a number twice":   {func(f fstest.MapFS) { f["000020_e.up.sql"] = file("") }, []string{"000020_e.up.sql: give it a number above 20, the highest one released"}},
		"a change":         {func(f fstest.MapFS) { f["000010_a.up.sql"] = file("x") }, []string{"000010_a.up.sql was released and is changed: undo that, and write a migration that changes what it made"}},
		"a file is gone":   {func(f fstest.MapFS) { delete(f, "000010_a.down.sql") }, []string{"000010_a.down.sql was released and is gone"}},
		"without a number": {func(f fstest.MapFS) { f["more.up.sql"] = file("") }, []string{"more.up.sql has no number"}},
		"two new ones of one number": {
			func(f fstest.MapFS) { f["000030_e.up.sql"], f["000030_f.up.sql"] = file(""), file("") },
			[]string{"000030_f.up.sql: 000030_e.up.sql has the same number"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{
				"000010_a.up.sql": file("a"), "000010_a.down.sql": file("b"), "000020_c.up.sql": file("c"), "000020_c.down.sql": file("d"),
			}
			c.change(files)
			if got := unlikeReleased(t, files, released); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// unlikeReleased says which files are not as they were released, and which new ones have a number that is too low.
func unlikeReleased(t *testing.T, files fs.FS, list string) (problems []string) {
	t.Helper()
	released, highest := map[string]string{}, 0
	for lines := bufio.NewScanner(strings.NewReader(list)); lines.Scan(); {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			t.Fatalf("%s: %q is no line of sha256sum", releasedFile, lines.Text())
		}
		released[name] = sum
		number, _ := numberOf(name)
		highest = max(highest, number)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if len(released) == 0 || len(names) == 0 {
		t.Fatalf("%d files are released, %d are here", len(released), len(names))
	}
	taken := map[int]string{}
	for _, name := range names {
		number, err := numberOf(name)
		sum, old := released[name]
		delete(released, name)
		if err != nil {
			problems = append(problems, name+" has no number")
			continue
		}
		if !old && number <= highest {
			problems = append(problems, fmt.Sprintf("%s: give it a number above %d, the highest one released", name, highest))
			continue
		}
		if strings.HasSuffix(name, ".up.sql") {
			if other, twice := taken[number]; twice {
				problems = append(problems, fmt.Sprintf("%s: %s has the same number", name, other))
			}
			taken[number] = name
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		if now := sha256.Sum256(text); old && hex.EncodeToString(now[:]) != sum {
			problems = append(problems, name+" was released and is changed: undo that, and write a migration that changes what it made")
		}
	}
	for name := range released {
		problems = append(problems, name+" was released and is gone")
	}
	return problems
}

func numberOf(name string) (int, error) {
	digits, _, _ := strings.Cut(name, "_")
	return strconv.Atoi(digits)
}
