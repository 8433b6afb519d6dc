// Package input is what all management mutations have in common: how a caller names the thing that is written, and the
// checks of what is said of it.
//
// It promises that everything wrong with an input is gathered, each with its path, so that a caller mends all of it at
// once; and that what passes is bounded and can be shown. It knows nothing of what is written.
package input

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/richtext"
)

// The bounds of what is written.
const (
	MaxName    = 255       // characters of a title, a handle, a tag
	MaxShort   = 1020      // characters of a description for search engines
	maxBody    = 256 << 10 // bytes of HTML
	maxAddress = 2048
)

// maxProblems is how much of what is wrong with an input is told.
const maxProblems = 50

// Problems gathers what is wrong with an input: everything, within a bound that no input comes near by a mistake or two.
// What is beyond it is counted.
type Problems struct {
	found []error
	more  int
}

// Add notes one more.
func (p *Problems) Add(err error) {
	switch {
	case err == nil:
	case len(p.found) == maxProblems:
		p.more++
	default:
		p.found = append(p.found, err)
	}
}

// Join notes all that was found apart.
func (p *Problems) Join(apart *Problems) {
	for _, err := range apart.found {
		p.Add(err)
	}
	p.more += apart.more
}

// Err joins what was found, and says how much more there is; nil where all is well.
func (p *Problems) Err() error {
	if p.more == 0 {
		return errors.Join(p.found...)
	}
	more := fault.Newf(fault.Invalid, "INVALID", "There are %d more errors.", p.more)
	if p.more == 1 {
		more.Message = "There is one more error."
	}
	return errors.Join(append(slices.Clone(p.found), more.At("input"))...)
}

func under(field []string) []string { return append([]string{"input"}, field...) }

// Name bounds a text of one line that can't be empty.
func (p *Problems) Name(value string, field ...string) {
	switch {
	case strings.TrimSpace(value) == "":
		p.Add(fault.New(fault.Invalid, "BLANK", "It is empty.").At(under(field)...))
	case utf8.RuneCountInString(value) > MaxName:
		p.Add(fault.Newf(fault.Invalid, "TOO_LONG", "It is longer than %d characters.", MaxName).At(under(field)...))
	case strings.ContainsFunc(value, unicode.IsControl):
		p.Add(fault.New(fault.Invalid, "INVALID", "It holds characters that can't be shown.").At(under(field)...))
	}
}

// Handle checks a name for addresses.
func (p *Problems) Handle(name string) {
	p.Name(name, "handle")
	if strings.ContainsFunc(name, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) && c != '-' && c != '_'
	}) {
		p.Add(fault.New(fault.Invalid, "INVALID", "A handle holds letters, digits and hyphens.").At("input", "handle"))
	}
}

// Title checks a title where one is given and gives it, else the one that was; what is new needs one.
func (p *Problems) Title(given *string, was string, isNew bool) string {
	if given == nil {
		if isNew {
			p.Add(fault.New(fault.Invalid, "BLANK", "What is new needs a title.").At("input", "title"))
		}
		return was
	}
	title := strings.TrimSpace(*given)
	p.Name(title, "title")
	return title
}

// HTML sanitizes a text where one is given.
func (p *Problems) HTML(given *string, field ...string) *string {
	if given == nil {
		return nil
	}
	if len(*given) > maxBody {
		p.Add(fault.Newf(fault.Invalid, "TOO_LONG", "It is longer than %d bytes.", maxBody).At(under(field)...))
		return nil
	}
	clean := richtext.Sanitize(*given)
	return &clean
}

// Short writes a text of one line where one is given; an empty one takes it away.
func (p *Problems) Short(given *string, to **string, longest int, field ...string) {
	if given == nil {
		return
	}
	text := strings.Join(strings.Fields(*given), " ")
	if utf8.RuneCountInString(text) > longest {
		p.Add(fault.Newf(fault.Invalid, "TOO_LONG", "It is longer than %d characters.", longest).At(under(field)...))
	}
	*to = nil
	if text != "" {
		*to = &text
	}
}

// SEO writes what search engines are told.
func (p *Problems) SEO(in *richtext.SEOInput, title, description **string) {
	if in != nil {
		p.Short(in.Title, title, MaxName, "seo", "title")
		p.Short(in.Description, description, MaxShort, "seo", "description")
	}
}

// Address checks a web address: an absolute one, or a path of the shop's own.
func (p *Problems) Address(text string, field ...string) {
	parsed, err := url.Parse(text)
	own := err == nil && parsed.Scheme == "" && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.HasPrefix(text, `/\`)
	absolute := err == nil && slices.Contains([]string{"http", "https"}, parsed.Scheme) && parsed.Host != ""
	if len(text) > maxAddress || strings.ContainsFunc(text, unicode.IsSpace) || !own && !absolute {
		p.Add(fault.New(fault.Invalid, "INVALID", "An address begins with https:// or http://, or is a path that begins with /.").
			At(under(field)...))
	}
}

// Publication decides when a thing is seen: at the moment that is given, at once, or not at all. Without a word what
// is new is seen at once and what there is stays as it is. What is kept back has no moment at which it is seen.
func (p *Problems) Publication(was *time.Time, isNew bool, now time.Time, at *time.Time, wanted *bool) *time.Time {
	switch {
	case wanted != nil && !*wanted:
		if at != nil {
			p.Add(fault.New(fault.Invalid, "INVALID", "What is kept back has no date. Leave out published: false, or the date.").At("input", "publishedAt"))
		}
		return nil
	case at != nil:
		moment := at.UTC().Truncate(time.Microsecond)
		if was != nil && was.Equal(moment) {
			return was // the same moment may be written in another zone
		}
		return &moment
	case wanted != nil && was == nil, isNew:
		return &now
	default:
		return was
	}
}
