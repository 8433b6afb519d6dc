package notifications

import (
	"context"
	"embed"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/settings"
)

// accountLetter is what the templates of letters to customers may show.
type accountLetter struct {
	Shop    string
	Name    string // the customer's first name; may be empty
	Link    string // where the storefront takes the token
	Expires string // until when the token works
	Empties bool   // whoever uses it takes an account over, and finds it empty
}

//go:embed accounttemplates
var accountFiles embed.FS

var (
	accountTexts = map[Kind]*text.Template{PasswordReset: accountText(PasswordReset), EmailVerification: accountText(EmailVerification)}
	accountPages = map[Kind]*html.Template{PasswordReset: accountPage(PasswordReset), EmailVerification: accountPage(EmailVerification)}
)

func accountText(kind Kind) *text.Template {
	return text.Must(text.New("layout.txt").Option("missingkey=error").
		ParseFS(accountFiles, "accounttemplates/layout.txt", "accounttemplates/"+string(kind)+".txt"))
}

func accountPage(kind Kind) *html.Template {
	return html.Must(html.New("layout.html").Option("missingkey=error").
		ParseFS(accountFiles, "accounttemplates/layout.html", "accounttemplates/"+string(kind)+".html"))
}

// SendLetter sends one letter to a customer, if there is still somebody to send it to and it has not been sent. An
// error means: try again later.
func (n *Notifications) SendLetter(ctx context.Context, key id.CustomerLetterID) error {
	l, there, err := n.accounts.Letter(ctx, key)
	if err != nil || !there {
		return err
	}
	m := message{about: key, version: 1, kind: EmailVerification, id: fmt.Sprintf("letter-%s@%s", uuid.UUID(key), n.domain)}
	if l.Reset {
		m.kind = PasswordReset
	}
	return n.deliver(ctx, m, func() (Message, string, error) {
		shop, err := n.settings.Load(ctx)
		if err != nil {
			return Message{}, "", fmt.Errorf("read the shop's name: %w", err)
		}
		mail, err := letterTo(m, shop, l)
		return mail, "", err
	})
}

// letterTo writes a letter down. Whatever a customer or a merchant typed becomes a single line.
func letterTo(m message, shop settings.Shop, l customers.Letter) (Message, error) {
	show := accountLetter{Shop: oneLine(shop.Name), Expires: l.ExpiresAt.UTC().Format("January 2, 2006 at 15:04 UTC"), Empties: !l.Proven}
	if l.FirstName != nil {
		show.Name = oneLine(*l.FirstName)
	}
	customer := uuid.UUID(l.Customer).String()
	if show.Link = shop.VerifyURL(customer, l.Token); l.Reset {
		show.Link = shop.ResetURL(customer, l.Token)
	}
	var subject, plain, page strings.Builder
	if err := accountTexts[m.kind].ExecuteTemplate(&subject, "subject", show); err != nil {
		return Message{}, fmt.Errorf("write the subject of %s: %w", m.kind, err)
	}
	if err := accountTexts[m.kind].Execute(&plain, show); err != nil {
		return Message{}, fmt.Errorf("write the text of %s: %w", m.kind, err)
	}
	if err := accountPages[m.kind].Execute(&page, show); err != nil {
		return Message{}, fmt.Errorf("write the page of %s: %w", m.kind, err)
	}
	return Message{
		ID: m.id, Kind: m.kind, To: l.Email, Subject: oneLine(subject.String()), Text: plain.String(), HTML: page.String(), Date: l.CreatedAt,
	}, nil
}
