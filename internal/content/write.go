package content

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
	"github.com/wharfhq/wharf/internal/richtext"
)

// The bounds of what is written.
const (
	maxName  = 255       // characters of a title, a handle, a tag
	maxShort = 1020      // characters of a description for search engines
	maxBody  = 256 << 10 // bytes of HTML
	maxTags  = 250
)

// SEOInput is what search engines are told; what is nil stays, what is empty goes.
type SEOInput = richtext.SEOInput

// DeleteInput says what goes.
type DeleteInput struct {
	ID              string
	ExpectedVersion *int
}

// identity is how a caller names what is written: by its id, else by the caller's own id, else by its handle. So a
// request that comes twice finds the second time what the first has made.
type identity struct {
	id       pgtype.UUID
	owner    string
	external *string
	handle   *string
}

// named reads an identity. Own ids are each partner's; everybody of the shop shares theirs.
func named(actor access.Actor, kind string, text, external, handle *string, p *problems) identity {
	who := identity{owner: "shop"}
	if actor.Kind == access.Partner {
		who.owner = actor.By()
	}
	if text != nil {
		global, err := id.Parse(*text)
		if err != nil || global.Kind != kind {
			p.add(errAbsent.At("input", "id"))
		}
		who.id = pgtype.UUID{Bytes: global.UUID, Valid: true}
	}
	if external != nil {
		who.external = external
		p.name("externalId", *external)
	}
	if handle != nil {
		name := strings.ToLower(strings.TrimSpace(*handle))
		who.handle = &name
		p.handle(name)
	}
	if text == nil && external == nil && handle == nil {
		p.add(fault.New(fault.Invalid, "BLANK", "Give an id, an externalId or a handle.").At("input", "handle"))
	}
	return who
}

// ownerOf is whose external id it is; null without one.
func (i identity) ownerOf() *string {
	if i.external == nil {
		return nil
	}
	return &i.owner
}

var (
	errAbsent = fault.New(fault.NotFound, "NOT_FOUND", "There is no such thing.")
	errTaken  = fault.New(fault.Conflict, "TAKEN", "The handle is another one's.").At("input", "handle")
)

// stale refuses a write that rests on another version.
func stale(expected *int, version int) error {
	if expected == nil || *expected == version {
		return nil
	}
	return fault.Newf(fault.Conflict, "VERSION_CONFLICT", "It has changed: it is at version %d.", version).
		With("currentVersion", version).At("input", "expectedVersion")
}

// locked reads a thing to be written and holds it until the transaction ends; false where a new one is to be made.
func locked[T any](ctx context.Context, tx pgx.Tx, statement string, fields func(*T) []any, who identity, expected *int, arguments ...any) (T, bool, error) {
	var thing T
	arguments = append([]any{who.id, who.owner, who.external, who.handle}, arguments...)
	switch err := tx.QueryRow(ctx, statement, arguments...).Scan(fields(&thing)...); {
	case pg.IsNoRows(err) && who.id.Valid:
		return thing, false, errAbsent.At("input", "id")
	case pg.IsNoRows(err) && expected != nil:
		return thing, false, errAbsent.At("input", "expectedVersion")
	case pg.IsNoRows(err):
		return thing, false, nil
	case err != nil:
		return thing, false, fmt.Errorf("lock content: %w", err)
	default:
		return thing, true, nil
	}
}

// write runs a write. Of two callers who make the same thing at once, the second meets the first one's row when it
// inserts, and runs again as a change of it; a handle that is still taken then is another one's.
func (c *Content) write(ctx context.Context, fn func(tx pgx.Tx) error) error {
	err := c.change(ctx, fn)
	if pg.IsUnique(err, "") {
		err = c.change(ctx, fn)
	}
	if pg.IsUnique(err, "") {
		return errTaken.Because(err)
	}
	return err
}

// change runs a transaction that changes what is read, and tells all who keep answers.
func (c *Content) change(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return pg.InTx(ctx, c.db, func(tx pgx.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		_, err := position.Advance(ctx, tx, position.Content)
		return err
	})
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

// publication decides when a thing is seen: at the moment that is given, at once, or not at all. Without a word what
// is new is seen at once and what there is stays as it is.
func publication(was *time.Time, isNew bool, now time.Time, at *time.Time, wanted *bool) *time.Time {
	switch {
	case wanted != nil && !*wanted:
		return nil
	case at != nil:
		moment := at.UTC().Truncate(time.Microsecond)
		return &moment
	case wanted != nil && was == nil, isNew:
		return &now
	default:
		return was
	}
}

// problems gathers everything that is wrong with an input, so that a caller mends all of it at once.
type problems struct{ found []error }

func (p *problems) add(err error) { p.found = append(p.found, err) }

// err joins what was found; nil where all is well.
func (p *problems) err() error { return errors.Join(p.found...) }

// name bounds a text of one line that can't be empty.
func (p *problems) name(field, value string) {
	switch {
	case strings.TrimSpace(value) == "":
		p.add(fault.New(fault.Invalid, "BLANK", "It is empty.").At("input", field))
	case utf8.RuneCountInString(value) > maxName:
		p.add(fault.Newf(fault.Invalid, "TOO_LONG", "It is longer than %d characters.", maxName).At("input", field))
	case strings.ContainsFunc(value, unicode.IsControl):
		p.add(fault.New(fault.Invalid, "INVALID", "It holds characters that can't be shown.").At("input", field))
	}
}

// handle checks a name for addresses.
func (p *problems) handle(name string) {
	p.name("handle", name)
	if strings.ContainsFunc(name, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) && c != '-' && c != '_'
	}) {
		p.add(fault.New(fault.Invalid, "INVALID", "A handle holds letters, digits and hyphens.").At("input", "handle"))
	}
}

// title checks a title where one is given and gives it, else the one that was.
func (p *problems) title(given *string, was string) string {
	if given == nil {
		return was
	}
	title := strings.TrimSpace(*given)
	p.name("title", title)
	return title
}

// html sanitizes a text where one is given.
func (p *problems) html(field string, given *string) *string {
	if given == nil {
		return nil
	}
	if len(*given) > maxBody {
		p.add(fault.Newf(fault.Invalid, "TOO_LONG", "It is longer than %d bytes.", maxBody).At("input", field))
		return nil
	}
	clean := richtext.Sanitize(*given)
	return &clean
}

// seo writes what search engines are told.
func (p *problems) seo(in *SEOInput, title, description **string) {
	if in == nil {
		return
	}
	for _, part := range []struct {
		given   *string
		to      **string
		field   string
		longest int
	}{{in.Title, title, "title", maxName}, {in.Description, description, "description", maxShort}} {
		if part.given == nil {
			continue
		}
		text := strings.Join(strings.Fields(*part.given), " ")
		if utf8.RuneCountInString(text) > part.longest {
			p.add(fault.Newf(fault.Invalid, "TOO_LONG", "It is longer than %d characters.", part.longest).At("input", "seo", part.field))
		}
		*part.to = nil
		if text != "" {
			*part.to = &text
		}
	}
}

// tags cleans tags where some are given: each once, whatever its case.
func (p *problems) tags(given, was []string) []string {
	if given == nil {
		return was
	}
	tags := []string{}
	for _, tag := range given {
		tag = strings.TrimSpace(tag)
		p.name("tags", tag)
		if !slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, tag) }) {
			tags = append(tags, tag)
		}
	}
	if len(tags) > maxTags {
		p.add(fault.Newf(fault.Invalid, "TOO_MANY", "There are more than %d tags.", maxTags).At("input", "tags"))
	}
	return tags
}

// address checks a web address: an absolute one, or a path of the shop's own.
func (p *problems) address(text string, schemes []string, field ...string) {
	parsed, err := url.Parse(text)
	own := err == nil && parsed.Scheme == "" && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.HasPrefix(text, `/\`)
	absolute := err == nil && slices.Contains(schemes, parsed.Scheme) && (parsed.Host != "" || parsed.Opaque != "")
	if len(text) > 2048 || strings.ContainsFunc(text, unicode.IsSpace) || !own && !absolute {
		p.add(fault.New(fault.Invalid, "INVALID", "An address begins with https:// or http://, or is a path that begins with /.").
			At(append([]string{"input"}, field...)...))
	}
}
