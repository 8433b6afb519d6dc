// Package richtext holds texts that a shop writes for people to read: HTML by an allow-list, the same without its
// markup, and what search engines are told.
//
// It promises that what Sanitize gave can stand in any storefront's page: no script, no style and no event handler is
// left in it, so that no reader has to look again.
package richtext

import (
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// allowed is what a text may hold: text with its structure, links and pictures. Everything else, scripts and
// event handlers and styles before all, is left out.
var allowed = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowStandardURLs()
	p.AllowStandardAttributes()
	p.AllowElements("p", "br", "hr", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "i", "em", "u",
		"s", "small", "sub", "sup", "mark", "blockquote", "q", "cite", "code", "pre", "abbr", "del", "ins", "figure",
		"figcaption", "section", "article", "header", "footer", "address")
	p.AllowLists()
	p.AllowTables()
	p.AllowAttrs("href").OnElements("a")
	p.AllowImages()
	p.RequireNoFollowOnLinks(false)
	return p
}()

// Sanitize leaves of a text what the allow-list has.
func Sanitize(body string) string { return strings.TrimSpace(allowed.Sanitize(body)) }

// Plain is a text without its markup: blocks become spaces, entities characters.
func Plain(body string) string {
	var text strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(body))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(text.String()), " ")
		case html.TextToken:
			text.Write(tokens.Text())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			if name, _ := tokens.TagName(); !inline[string(name)] {
				text.WriteByte(' ')
			}
		}
	}
}

// inline lists the elements that do not end a word.
var inline = map[string]bool{
	"span": true, "a": true, "b": true, "strong": true, "i": true, "em": true, "u": true, "s": true, "small": true,
	"sub": true, "sup": true, "mark": true, "code": true, "abbr": true, "del": true, "ins": true, "q": true, "cite": true,
}

// SEO is what search engines are told of a page.
type SEO struct {
	Title       *string
	Description *string
}

// SEOInput is what search engines are to be told; what is nil stays, what is empty goes.
type SEOInput struct {
	Title       *string
	Description *string
}
