package catalog

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong with a file, and where.
type Problem struct {
	Row     int    // as a spreadsheet counts: the header is row 1; 0 when it is the file as a whole
	Line    int    // as an editor counts
	Column  string // the column's name; empty when it is the row as a whole
	Message string
}

// String is the problem as a line for people.
func (p Problem) String() string {
	var where []string
	switch {
	case p.Row > 0 && p.Line > 0 && p.Line != p.Row:
		where = append(where, fmt.Sprintf("row %d (line %d)", p.Row, p.Line))
	case p.Row > 0:
		where = append(where, fmt.Sprintf("row %d", p.Row))
	case p.Line > 0:
		where = append(where, fmt.Sprintf("line %d", p.Line))
	}
	if p.Column != "" {
		where = append(where, fmt.Sprintf("column %q", p.Column))
	}
	if len(where) == 0 {
		return p.Message
	}
	return strings.Join(where, ", ") + ": " + p.Message
}

// maxProblems bounds how many problems are kept; the rest is counted.
const maxProblems = 100

// InvalidFile says what is wrong with a file. Nothing of it was written.
type InvalidFile struct {
	Problems []Problem
	More     int // how many were found beyond those listed

	rows []int // all rows that have problems
}

// Error lists the problems, one a line.
func (e *InvalidFile) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(lines, "\n")
}

// maxMessage bounds a message: a file may hold names of any length.
const maxMessage = 500

func (e *InvalidFile) add(p Problem) {
	if runes := []rune(p.Message); len(runes) > maxMessage {
		p.Message = string(runes[:maxMessage]) + "..."
	}
	if n := len(e.rows); n == 0 || e.rows[n-1] != p.Row {
		e.rows = append(e.rows, p.Row)
	}
	if len(e.Problems) == maxProblems {
		e.More++
		return
	}
	e.Problems = append(e.Problems, p)
}

// orNil is the error, or nil when there is no problem.
func (e *InvalidFile) orNil() error {
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}
