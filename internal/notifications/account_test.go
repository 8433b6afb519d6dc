package notifications

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/settings"
)

func accountSample() (settings.Shop, customers.Letter) {
	shop := settings.Shop{
		Name: "Fennwick Harbor Supply", URL: "https://shop.example/",
		ResetTemplate: "{url}/account/reset/{customer}/{token}", VerifyTemplate: "{url}/account/verify/{token}",
	}
	return shop, customers.Letter{
		Customer: id.CustomerID(uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057")), Email: "ada@example.com",
		FirstName: some("Ada"), Proven: true, Token: "wharfl_secret", ExpiresAt: time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC),
	}
}

func TestLettersToCustomers(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{PasswordReset, EmailVerification} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			shop, l := accountSample()
			l.Reset = kind == PasswordReset
			mail, err := letterTo(message{kind: kind, id: "letter-1@shop.example"}, shop, l)
			if err != nil {
				t.Fatal(err)
			}
			if mail.To != "ada@example.com" || mail.ID != "letter-1@shop.example" {
				t.Errorf("it goes to %s as %s", mail.To, mail.ID)
			}
			golden(t, string(kind)+".txt", "Subject: "+mail.Subject+"\n\n"+mail.Text)
			golden(t, string(kind)+".html", mail.HTML)
		})
	}
}

// Whoever takes over an account that anybody may have made is told that it will be empty.
func TestLetterThatEmptiesAnAccountSaysSo(t *testing.T) {
	t.Parallel()
	shop, l := accountSample()
	l.Reset, l.Proven, l.FirstName = true, false, nil
	mail, err := letterTo(message{kind: PasswordReset, id: "letter-1@shop.example"}, shop, l)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "password_reset_unproven.txt", "Subject: "+mail.Subject+"\n\n"+mail.Text)
	golden(t, "password_reset_unproven.html", mail.HTML)
}

// A customer's own words are text in letters too.
func TestForeignTextStaysTextInLettersToCustomers(t *testing.T) {
	t.Parallel()
	shop, l := accountSample()
	shop.Name = "Shop & Sons\r\nBcc: all@example.com"
	l.FirstName = some("<script>alert(1)</script>\r\nBcc: all@example.com")
	mail, err := letterTo(message{kind: EmailVerification}, shop, l)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(mail.Subject, "\r\n") || strings.Contains(mail.Text, "\nBcc:") {
		t.Errorf("foreign text begins a line of its own:\n%s\n%s", mail.Subject, mail.Text)
	}
	if strings.Contains(mail.HTML, "<script>") || strings.Contains(mail.HTML, "Shop & Sons") {
		t.Errorf("the page holds foreign text unescaped:\n%s", mail.HTML)
	}
}
