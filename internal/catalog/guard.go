package catalog

import "strings"

// Spreadsheets read a cell that begins with one of these as a formula, whoever wrote it. What the shop writes into a file
// gets an apostrophe before it, which they show as text; reading takes exactly that one away, so that nothing is lost on
// the way out and back.
const formula = "=+-@\t\r"

// Guarded is a text as it may stand in a cell.
func Guarded(text string) string {
	if isGuarded(text, 0) {
		return "'" + text
	}
	return text
}

// Unguarded is the text that a cell holds.
func Unguarded(cell string) string {
	if isGuarded(cell, 1) {
		return cell[1:]
	}
	return cell
}

// isGuarded says whether a text is at least so many apostrophes and then the beginning of a formula.
func isGuarded(text string, least int) bool {
	rest := strings.TrimLeft(text, "'")
	return len(text)-len(rest) >= least && rest != "" && strings.Contains(formula, rest[:1])
}
