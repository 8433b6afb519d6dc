package catalog

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/money"
)

// bounded is a cell's text of at most that many characters.
func (r *productReader) bounded(column string, most int) string {
	text := r.cell(column)
	if utf8.RuneCountInString(text) > most {
		r.problem(column, fmt.Sprintf("The text is longer than %d characters.", most))
		return ""
	}
	return text
}

// list reads names between separators, without repetition.
func (r *productReader) list(column, separator string) []string {
	names := []string{}
	for name := range strings.SplitSeq(r.cell(column), separator) {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if utf8.RuneCountInString(name) > maxName {
			r.problem(column, fmt.Sprintf("%q is longer than %d characters.", clip(name), maxName))
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (r *productReader) truth(column string, absent bool) bool {
	switch text := strings.ToLower(r.cell(column)); text {
	case "":
		return absent
	case "true", "yes", "1":
		return true
	case "false", "no", "0":
		return false
	default:
		r.problem(column, fmt.Sprintf("%q is neither true nor false.", clip(text)))
		return absent
	}
}

// moments are how points in time are written: as the API writes them, and as other shops' files and spreadsheets do.
var moments = []string{
	time.RFC3339, "2006-01-02 15:04:05 -0700",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
}

// moment reads a point in time. One without a zone is in UTC, and a date alone is its first moment. The years are those
// that the API takes.
func (r *productReader) moment(column string) *time.Time {
	text := r.cell(column)
	if text == "" {
		return nil
	}
	for _, layout := range moments {
		at, err := time.Parse(layout, strings.TrimSuffix(text, " UTC"))
		at = at.UTC().Truncate(time.Microsecond) // PostgreSQL keeps microseconds
		if err == nil && at.Year() >= 1 && at.Year() <= 9999 && !at.IsZero() {
			return &at
		}
	}
	r.problem(column, fmt.Sprintf("%q is no point in time. Write it like 2026-11-22T08:00:00Z.", clip(text)))
	return nil
}

func (r *productReader) amount(column string) *int64 {
	text := r.cell(column)
	if text == "" {
		return nil
	}
	m, err := money.Parse(text, r.currency)
	switch {
	case err != nil:
		r.problem(column, fmt.Sprintf("%q is no price in %s. Write it like %s.", clip(text), r.currency, money.New(1250, r.currency).Amount()))
		return nil
	case m.Minor < 0:
		r.problem(column, "A price can't be negative.")
		return nil
	default:
		return &m.Minor
	}
}

func (r *productReader) quantity() *int {
	text := r.cell(colQuantity)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > maxQuantity || n < -maxQuantity {
		r.problem(colQuantity, fmt.Sprintf("%q is no quantity. Quantities are whole numbers.", clip(text)))
		return nil
	}
	return &n
}

func (r *productReader) backorder() bool {
	switch text := strings.ToLower(r.cell(colPolicy)); text {
	case "", "deny":
		return false
	case "continue":
		return true
	default:
		r.problem(colPolicy, fmt.Sprintf("%q is no policy. Give deny or continue.", clip(text)))
		return false
	}
}

func (r *productReader) grams() float64 {
	text := r.cell(colGrams)
	if text == "" {
		return 0
	}
	grams, err := strconv.ParseFloat(text, 64)
	if err != nil || !(grams >= 0 && grams <= maxGrams) {
		r.problem(colGrams, fmt.Sprintf("%q is no weight in grams.", clip(text)))
		return 0
	}
	return math.Round(grams*1000) / 1000
}

var units = map[string]WeightUnit{"": Kilograms, "kg": Kilograms, "g": Grams, "oz": Ounces, "lb": Pounds}

func (r *productReader) unit() WeightUnit {
	unit, ok := units[strings.ToLower(r.cell(colWeightUnit))]
	if !ok {
		r.problem(colWeightUnit, fmt.Sprintf("%q is no unit of weight. Give g, kg, oz or lb.", clip(r.cell(colWeightUnit))))
	}
	return unit
}

// address reads where an image is: on the web, or, with a slash at its beginning, on the shop's own server.
func (r *productReader) address(column string) string {
	text := r.bounded(column, 2048)
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	own := err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//")
	web := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
	if !own && !web {
		r.problem(column, fmt.Sprintf("%q is no address of an image. It begins with https://.", clip(text)))
		return ""
	}
	return text
}

// clip shortens what a message quotes.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "..."
	}
	return text
}
