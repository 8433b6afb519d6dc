package inventory

import (
	"fmt"
	"slices"
	"strings"
)

// InvalidFile says what is wrong with a file of locations or stock. Nothing of it was written.
type InvalidFile struct {
	Problems []string // each with its place: entry and field, or row and column
	More     int      // how many were found beyond those listed
}

// maxProblems bounds how many problems are kept; the rest is counted.
const maxProblems = 100

// Error lists the problems, one a line.
func (e *InvalidFile) Error() string {
	lines := slices.Clone(e.Problems)
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(lines, "\n")
}

func (e *InvalidFile) add(format string, args ...any) {
	if len(e.Problems) == maxProblems {
		e.More++
		return
	}
	e.Problems = append(e.Problems, fmt.Sprintf(format, args...))
}
