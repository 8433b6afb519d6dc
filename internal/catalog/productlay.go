package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gosimple/slug"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/richtext"
)

func number(i int) string { return strconv.Itoa(i) }

func slugOf(title string) string { return slug.Make(title) }

// product gives the product as it is to be; what is wrong with the input is among the problems then.
func (l *laying) product() whole {
	to := l.was
	if l.isNew {
		to.Product = Product{ID: id.NewProductID(), Tags: []string{}, Status: Active, CreatedAt: l.now}
	}
	to.Currency = l.currency
	l.fields(&to.Product)
	if to.external == nil {
		to.external = l.who.External
	}
	l.gallery(&to)
	l.choices(&to)
	return to
}

// fields lays the product's own fields.
func (l *laying) fields(p *Product) {
	p.Title = l.p.Title(l.in.Title, p.Title, l.isNew)
	switch {
	case l.who.Handle != nil:
		p.Handle = *l.who.Handle
	case l.isNew:
		if p.Handle = handleOf(p.Title); p.Handle == "" && p.Title != "" {
			l.refuse("BLANK", "The title has no letter to make a handle of: give one.", "handle")
		}
	}
	if html := l.p.HTML(l.in.DescriptionHTML, "descriptionHtml"); html != nil {
		p.DescriptionHTML, p.Text = *html, richtext.Plain(*html)
	}
	l.line(l.in.Vendor, &p.Vendor, "vendor")
	l.line(l.in.ProductType, &p.ProductType, "productType")
	if l.in.Tags != nil {
		p.Tags = l.tags()
	}
	if l.in.Status != nil {
		p.Status = *l.in.Status
	}
	if l.in.IsGiftCard != nil {
		p.IsGiftCard = *l.in.IsGiftCard
	}
	l.p.SEO(l.in.SEO, &p.SEOTitle, &p.SEODescription)
	at := l.p.Publication(p.PublishedOn, l.isNew, l.now, l.in.PublishedAt, l.in.Published)
	if at == nil || p.PublishedOn == nil || !at.Equal(*p.PublishedOn) {
		p.PublishedOn = at
	}
}

// line lays a text of one line, which may be empty.
func (l *laying) line(given *string, to *string, path ...string) {
	if given == nil {
		return
	}
	text := strings.TrimSpace(*given)
	switch {
	case utf8.RuneCountInString(text) > maxName:
		l.refuse("TOO_LONG", fmt.Sprintf("It is longer than %d characters.", maxName), path...)
	case strings.ContainsFunc(text, unicode.IsControl):
		l.refuse("INVALID", "It holds characters that can't be shown.", path...)
	default:
		*to = text
	}
}

// words lays a text of one line that is absent where it is empty.
func (l *laying) words(given *string, to **string, path ...string) {
	if given == nil {
		return
	}
	var text string
	l.line(given, &text, path...)
	*to = optional(text)
}

// tags cleans the tags: each once, whatever its case, in their order.
func (l *laying) tags() []string {
	if len(l.in.Tags) > maxTags {
		l.refuse("TOO_MANY", fmt.Sprintf("There are more than %d tags.", maxTags), "tags")
		return []string{}
	}
	tags := []string{}
	for i, tag := range l.in.Tags {
		tag = strings.TrimSpace(tag)
		l.p.Name(tag, "tags", number(i))
		if strings.Contains(tag, ",") { // in files it parts two tags
			l.refuse("INVALID", "A tag has no comma.", "tags", number(i))
		}
		if !slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, tag) }) {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	return tags
}
