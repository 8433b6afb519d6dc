package faults_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
	"github.com/wharfhq/wharf/chaos/report"
	"github.com/wharfhq/wharf/chaos/scenario"
)

// The choices of a run, from its environment.
var (
	form     = os.Getenv("WHARF_FAULTS")       // short or full; nothing runs no row
	seedText = os.Getenv("WHARF_FAULTS_SEED")  // 1 unless given
	table    = os.Getenv("WHARF_FAULTS_TABLE") // the document to write the results into
	must     = os.Getenv("WHARF_FAULTS_MUST")  // the rows without which a run is not green, such as 1,2,10
)

var (
	seed     uint64 = 1
	template *harness.Template
	results  struct {
		sync.Mutex
		list []report.Result
	}
)

func TestMain(m *testing.M) {
	if form == "" {
		fmt.Println("the fault matrix runs with WHARF_FAULTS=short or full: see make chaos-short, make chaos")
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if form != "short" && form != "full" {
		fmt.Printf("WHARF_FAULTS=%s: it is short or full\n", form)
		return 2
	}
	if seedText != "" {
		var err error
		if seed, err = strconv.ParseUint(seedText, 10, 64); err != nil {
			fmt.Println("WHARF_FAULTS_SEED is a number:", err)
			return 2
		}
	}
	dir, err := os.MkdirTemp("", "wharf-faults-")
	if err != nil {
		fmt.Println(err)
		return 2
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if template, err = harness.Prepare(context.Background(), filepath.Join("..", ".."), dir); err != nil {
		fmt.Println("prepare the shop:", err)
		return 2
	}
	fmt.Printf("fault matrix: %s form, seed %d\n", form, seed)
	code := m.Run()
	if err := missing(); err != nil {
		fmt.Println(err)
		code = 1
	}
	if table != "" {
		if err := report.Update(table, "faults", results.list); err != nil {
			fmt.Println("write the results:", err)
			code = 1
		}
	}
	return code
}

// missing names the rows that had to run and did not: a row that is skipped is not passed.
func missing() error {
	ran := map[string]bool{}
	for _, r := range results.list {
		ran[r.Name] = r.Form != ""
	}
	for row := range strings.SplitSeq(must, ",") {
		if row = strings.TrimSpace(row); row != "" && !ran[row] {
			return fmt.Errorf("row %s of the fault matrix had to run, and did not", row)
		}
	}
	return nil
}

// row is one row of the matrix being proven.
type row struct {
	*testing.T
	full   bool
	seed   uint64
	random *rand.Rand
	dir    string
	checks []string
	reason string // why it can't be run here
}

// begin starts a row. What comes of it is a line of the table.
func begin(t *testing.T, number int, fault string) *row {
	t.Helper()
	return beginAs(t, strconv.Itoa(number), uint64(number), fault)
}

// beginAs starts what has no number in the matrix: its random numbers are told from those of a row by another one.
func beginAs(t *testing.T, name string, stream uint64, fault string) *row {
	t.Helper()
	if form == "short" {
		t.Parallel() // most of a short row is the wait for rest; what is full has the machine for itself
	}
	dir, err := os.MkdirTemp("", fmt.Sprintf("wharf-fault-%s-", name)) //nolint:usetesting // the logs of a failure are kept
	if err != nil {
		t.Fatal(err)
	}
	r := &row{T: t, full: form == "full", seed: seed, random: rand.New(rand.NewPCG(seed, stream)), dir: dir}
	began := time.Now()
	t.Logf("row %s, %s form, seed %d: %s", name, form, seed, fault)
	t.Cleanup(func() {
		result := report.Result{
			Name: name, What: fault, Form: form, Seed: r.seed, Took: time.Since(began),
			Checks: strings.Join(r.checks, "; "), Outcome: "passed", Date: time.Now(),
		}
		switch {
		case t.Failed():
			result.Outcome = "**failed**"
			t.Logf("FAILED with seed %d; logs are in %s", r.seed, dir)
			_ = os.RemoveAll(filepath.Join(dir, "db"))
		case r.reason != "":
			result = report.Result{Name: result.Name, What: fault, Outcome: "not run here: " + r.reason}
			_ = os.RemoveAll(dir)
		default:
			_ = os.RemoveAll(dir)
		}
		results.Lock()
		defer results.Unlock()
		results.list = append(results.list, result)
	})
	return r
}

// notHere ends a row that this machine can't run.
func (r *row) notHere(reason string) {
	r.Helper()
	r.reason = reason
	r.Skip("not run here: " + reason)
}

// found keeps a figure for the table.
func (r *row) found(format string, args ...any) {
	r.Helper()
	text := fmt.Sprintf(format, args...)
	r.Log(text)
	r.checks = append(r.checks, text)
}

// of is how much of something the form asks for.
func (r *row) of(short, full int) int {
	if r.full {
		return full
	}
	return short
}

// within is how long something may take: on a machine of its own in full form, and beside other rows in short form.
func (r *row) within(alone, beside time.Duration) time.Duration {
	if r.full {
		return alone
	}
	return beside
}

// open starts a shop that ends with the row.
func (r *row) open(o harness.Options) *harness.Shop {
	r.Helper()
	if !r.full {
		o.Setup = harness.Sooner + o.Setup
	}
	s, err := template.Open(r.Context(), r.dir, o)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { s.Close(context.Background()) })
	return s
}

// scenario lets a proof that is told with figures be the row.
func (r *row) scenario(prove func(*scenario.Run) error) {
	r.Helper()
	run := &scenario.Run{Template: template, Dir: r.dir, Seed: r.seed, Short: !r.full, Say: func(format string, args ...any) { r.Logf(format, args...) }}
	r.must(prove(run))
	r.checks = append(r.checks, run.Figures())
}

// must fails the row on an error.
func (r *row) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// prove ends a row: everything comes to rest, and all that was told is held against what is.
func (r *row) prove(s *harness.Shop, crowds ...*harness.Crowd) {
	r.Helper()
	for i, c := range crowds {
		_ = c.History.Write(filepath.Join(r.dir, fmt.Sprintf("history-%d.jsonl", i+1)))
	}
	summary, err := s.Prove(r.Context(), s.Cluster.TestBooks, 2*time.Minute, crowds...)
	if err != nil {
		r.Fatal(err)
	}
	r.found("%s", summary)
}

// sleep lets the traffic go on for a while: the fault is a matter of time.
func (r *row) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}

// between gives a moment between two, of the row's own random numbers.
func (r *row) between(least, most time.Duration) time.Duration {
	return least + time.Duration(r.random.Int64N(int64(most-least)))
}
