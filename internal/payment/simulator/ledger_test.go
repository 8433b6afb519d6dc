package simulator_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment/simulator"
)

func lines(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

// everything is all that the books know.
func everything(t *testing.T, b *simulator.Books) []simulator.Charge {
	t.Helper()
	all, err := b.Changed(time.Time{}, 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTheBooksAddUpAndOutliveTheirProcess does many things at random, many of which must be refused, checks the sums
// of each charge, and opens the same file again: it holds the same, and every key is answered as before.
func TestTheBooksAddUpAndOutliveTheirProcess(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		path := filepath.Join(t.TempDir(), "books")
		b := openBooks(t, path, simulator.BooksOptions{Once: seed%2 == 1})
		random := rand.New(rand.NewPCG(seed, 0))
		tokens := []string{"approve", "approve", "approve", "pending", "challenge", "decline"}
		var asked []simulator.Authorization
		var changes []simulator.Change
		for range 10 {
			a := ask(tokens[random.IntN(len(tokens))])
			a.Customer, a.Save = "ada", random.IntN(2) == 0
			asked = append(asked, a)
			if _, err := b.Authorize(a); err != nil {
				t.Fatal(err)
			}
		}
		for range 150 {
			key := asked[random.IntN(len(asked))].Key
			c := change(key, random.Int64N(3000))
			var err error
			switch random.IntN(9) {
			case 0, 1, 2:
				_, err = b.Capture(c)
				changes = append(changes, c)
			case 3, 4:
				_, err = b.Refund(c)
			case 5:
				if random.IntN(4) == 0 {
					_, err = b.Void(c)
				}
			case 6:
				_, err = b.Settle(key)
			case 7:
				_, err = b.Dispute(key, c.Amount.Minor)
			case 8:
				_, err = b.Fail(key)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range everything(t, b) {
			if c.Refunded > c.Captured || c.Captured+c.Voided > c.Authorized || c.Disputed+c.Refunded > c.Captured && c.Disputed > c.Captured ||
				(c.Authorized != 0 && c.Authorized != 4860) || min(c.Captured, c.Refunded, c.Voided, c.Disputed) < 0 || (c.State == simulator.Closed && c.Rest() != 0) {
				t.Errorf("seed %d: %+v does not add up", seed, c)
			}
		}
		again := openBooks(t, path, simulator.BooksOptions{Once: seed%2 == 1})
		if x, y := everything(t, b), everything(t, again); !reflect.DeepEqual(x, y) {
			t.Errorf("seed %d: opened again, the books hold\n%+v instead of\n%+v", seed, y, x)
		}
		for _, c := range changes {
			x, errX := b.Capture(c)
			y, errY := again.Capture(c)
			if errX != nil || errY != nil || !x.Again || !reflect.DeepEqual(x, y) {
				t.Errorf("seed %d: before it answers %+v, %v, now %+v, %v", seed, x, errX, y, errY)
			}
		}
	}
}

func TestATornLineWasNeverAnswered(t *testing.T) {
	t.Parallel()
	for _, torn := range []string{`{"number":2,"kind":"capt`, `x`, "\x00\x00\x00"} {
		path := filepath.Join(t.TempDir(), "books")
		b := openBooks(t, path, simulator.BooksOptions{})
		a := ask("approve")
		done(t)(b.Authorize(a))
		before := everything(t, b)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(torn); err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
		b = openBooks(t, path, simulator.BooksOptions{})
		if after := everything(t, b); !reflect.DeepEqual(before, after) {
			t.Errorf("%q: the books hold %+v", torn, after)
		}
		done(t)(b.Capture(change(a.Key, 1000)))
		b = openBooks(t, path, simulator.BooksOptions{})
		if c, err := b.Charge(a.Key); err != nil || c.Captured != 1000 || lines(t, path) != 2 {
			t.Errorf("%q: what was written behind it is %+v, %v", torn, c, err)
		}
	}
}

func TestDamagedBooksAreNotOpened(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "books")
	if err := os.WriteFile(path, []byte("{\"number\":1,\"kind\":\"authorize\"\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := simulator.OpenBooks(path, simulator.BooksOptions{}); err == nil || !strings.Contains(err.Error(), "byte 0") {
		t.Errorf("opened with %v", err)
	}
}

const childBooks = "WHARF_TEST_BOOKS"

// TestBookkeeper is the child of TestNothingAnsweredIsLostByAKill: it reserves amounts and says so until it is killed.
func TestBookkeeper(t *testing.T) {
	path := os.Getenv(childBooks)
	if path == "" {
		t.Skip("it is started by TestNothingAnsweredIsLostByAKill")
	}
	b := openBooks(t, path, simulator.BooksOptions{})
	for {
		a := ask("approve")
		done(t)(b.Authorize(a))
		fmt.Println("booked", a.Key)
	}
}

func TestNothingAnsweredIsLostByAKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "books")
	var answered []string
	for range 5 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBookkeeper$")
		child.Env = append(os.Environ(), childBooks+"="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		heard := 0
		for said := bufio.NewScanner(out); said.Scan(); {
			if key, ok := strings.CutPrefix(said.Text(), "booked "); ok && len(key) == 36 {
				answered = append(answered, key)
				if heard++; heard == 20 {
					_ = child.Process.Kill() // whatever it has written by then is read to the end
				}
			}
		}
		_ = child.Wait()
		if heard < 20 {
			t.Fatalf("it said only %d", heard)
		}
	}
	b := openBooks(t, path, simulator.BooksOptions{})
	for _, key := range answered {
		if c, err := b.Charge(key); err != nil || c.Authorized != 4860 {
			t.Errorf("%s was answered, and the books say %+v, %v", key, c, err)
		}
	}
	if known := len(everything(t, b)); known > len(answered)+5 { // at most one in each life was booked and not said
		t.Errorf("%d were answered, and %d are in the books", len(answered), known)
	}
}
