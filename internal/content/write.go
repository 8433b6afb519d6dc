package content

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/position"
	"github.com/wharfhq/wharf/internal/richtext"
)

// maxTags bounds the tags of an article.
const maxTags = 250

// SEOInput is what search engines are told; what is nil stays, what is empty goes.
type SEOInput = richtext.SEOInput

// DeleteInput says what goes.
type DeleteInput struct {
	ID              string
	ExpectedVersion *int
}

// errUnchanged ends a write that finds everything as it is wanted.
var errUnchanged = errors.New("nothing is different")

// change runs a write, and tells all who keep answers what they rest on no more; those of a write that changes nothing
// stay true.
func (c *Content) change(ctx context.Context, fn func(tx pgx.Tx) error) error {
	err := input.Write(ctx, c.db, func(tx pgx.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		_, err := position.Advance(ctx, tx, position.Content)
		return err
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

const nowSQL = `
select now()`

// present is the transaction's moment, by the database's clock: what is published now is seen at once, whatever this
// machine's clock says.
func present(ctx context.Context, tx pgx.Tx) (now time.Time, err error) {
	if err = tx.QueryRow(ctx, nowSQL).Scan(&now); err != nil {
		return now, fmt.Errorf("ask for the time: %w", err)
	}
	return now, nil
}

// problems are what is wrong with an input of content.
type problems struct{ input.Problems }

// tags cleans tags where some are given: each once, whatever its case.
func (p *problems) tags(given, was []string) []string {
	switch {
	case given == nil:
		return was
	case len(given) > maxTags:
		p.Add(fault.Newf(fault.Invalid, "TOO_MANY", "There are more than %d tags.", maxTags).At("input", "tags"))
		return was
	}
	tags := []string{}
	for i, tag := range given {
		tag = strings.TrimSpace(tag)
		p.Name(tag, "tags", strconv.Itoa(i))
		if !slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, tag) }) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// address checks a web address: an absolute one, or a path of the shop's own.
func (p *problems) address(text string, schemes []string, field ...string) {
	parsed, err := url.Parse(text)
	own := err == nil && parsed.Scheme == "" && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.HasPrefix(text, `/\`)
	absolute := err == nil && slices.Contains(schemes, parsed.Scheme) && (parsed.Host != "" || parsed.Opaque != "")
	if len(text) > 2048 || strings.ContainsFunc(text, unicode.IsSpace) || !own && !absolute {
		p.Add(fault.New(fault.Invalid, "INVALID", "An address begins with https:// or http://, or is a path that begins with /.").
			At(append([]string{"input"}, field...)...))
	}
}
