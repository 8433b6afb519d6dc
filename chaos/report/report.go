// Package report writes what a run has proven into the tables of docs/reliability.md, so that no figure there was
// typed by hand.
package report

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Result is one line of a table: what was tried, and what came of it.
type Result struct {
	Name    string // by which the line is found again, such as 10
	What    string // what was done to the shop
	Form    string // short or full
	Seed    uint64
	Took    time.Duration
	Checks  string // what was looked at, with figures
	Outcome string // passed, failed, or why it was not run
	Date    time.Time
}

const dash = "—"

func (r Result) line() string {
	seed, took, date, form := dash, dash, dash, r.Form
	if form == "" {
		form = dash
	} else {
		seed, took, date = strconv.FormatUint(r.Seed, 10), r.Took.Round(time.Second).String(), r.Date.UTC().Format("2006-01-02")
	}
	cells := []string{r.Name, r.What, form, seed, took, r.Checks, r.Outcome, date}
	for i, cell := range cells {
		cells[i] = strings.NewReplacer("|", "\\|", "\n", " ").Replace(cell)
		if cells[i] == "" {
			cells[i] = dash
		}
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// Update writes results into the table between the markers of a name, in the order that the table has. A line that has
// no result in this run stays as it is, with the date of the run it is from.
func Update(path, table string, results []Result) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+table+":begin -->\n", "<!-- "+table+":end -->"
	before, rest, found := strings.Cut(string(text), begin)
	body, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return fmt.Errorf("%s has no table %s between its markers", path, table)
	}
	lines := strings.Split(strings.TrimSpace(body), "\n")
	for _, r := range results {
		known := false
		for i, line := range lines {
			if strings.HasPrefix(line, "| "+r.Name+" |") {
				lines[i], known = r.line(), true
			}
		}
		if !known {
			lines = append(lines, r.line())
		}
	}
	whole := before + begin + strings.Join(lines, "\n") + "\n" + end + after
	return os.WriteFile(path, []byte(whole), 0o644) //nolint:gosec // a document
}
