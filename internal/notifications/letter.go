package notifications

import (
	"embed"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"
)

// letter is what the templates may show. Everything in it is already written for people.
type letter struct {
	Shop      string
	Order     string   // #1001
	Name      string   // the buyer's first name; may be empty
	Lines     []line   // what was ordered
	Totals    []total  // subtotal to total, in the order of a receipt
	Delivery  delivery // where it goes
	Deadline  string   // until when the shopper may act; empty when there is none
	Reason    string   // why it was canceled; empty when nobody said
	Link      string   // the order's page in the storefront; empty when the shop has none
	Owed      bool     // the order costs something
	Challenge bool     // the bank waits for the shopper's confirmation
	Refund    bool     // money was taken or set aside and goes back
}

type line struct {
	Title, Variant, Amount string
	Quantity               int
}

type total struct {
	Label, Amount string
	Grand         bool
}

type delivery struct {
	Heading string // Ships to, Pick up at
	Lines   []string
}

//go:embed templates
var templateFiles embed.FS

// Each kind has a pair of files; layout.txt and layout.html hold what they share.
var (
	texts = parse(func(kind Kind) *text.Template {
		return text.Must(text.New("layout.txt").Option("missingkey=error").
			ParseFS(templateFiles, "templates/layout.txt", "templates/"+string(kind)+".txt"))
	})
	pages = parse(func(kind Kind) *html.Template {
		return html.Must(html.New("layout.html").Option("missingkey=error").
			ParseFS(templateFiles, "templates/layout.html", "templates/"+string(kind)+".html"))
	})
)

func parse[T any](one func(Kind) T) map[Kind]T {
	all := make(map[Kind]T)
	for _, kind := range Kinds() {
		all[kind] = one(kind)
	}
	return all
}

// render writes a letter as subject, text and HTML.
func render(kind Kind, l letter) (subject, plain, page string, err error) {
	var s, t, h strings.Builder
	if err := texts[kind].ExecuteTemplate(&s, "subject", l); err != nil {
		return "", "", "", fmt.Errorf("write the subject of %s: %w", kind, err)
	}
	if err := texts[kind].Execute(&t, l); err != nil {
		return "", "", "", fmt.Errorf("write the text of %s: %w", kind, err)
	}
	if err := pages[kind].Execute(&h, l); err != nil {
		return "", "", "", fmt.Errorf("write the page of %s: %w", kind, err)
	}
	return oneLine(s.String()), t.String(), h.String(), nil
}

// oneLine makes a header's value of a text: a shopper's name must not begin a header of its own.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' }), " ")
}
