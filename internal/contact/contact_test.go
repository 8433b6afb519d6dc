package contact_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/contact"
)

func TestEmail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" Ada.Lovelace@Example.COM ": "ada.lovelace@example.com",
		"a+b@mail.example.org":       "a+b@mail.example.org",
		"ada@bücher.example":         "ada@xn--bcher-kva.example",
	} {
		if got, ok := contact.Email(text); !ok || got != want {
			t.Errorf("Email(%q) is %q, %t; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "ada", "ada@", "@example.com", "ada@localhost", "a@b@example.com", "Ada <ada@example.com>",
		"ada@example.com, eve@example.com", "ada@exa mple.com", "ada\r\nBcc: eve@example.com", "a..b@example.com",
		strings.Repeat("a", 65) + "@example.com", strings.Repeat("a", 250) + "@example.com", "ada@-x-.example",
	} {
		if got, ok := contact.Email(text); ok {
			t.Errorf("Email(%q) was read as %q", text, got)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, region, want string }{
		{"+49 30 1234567", "", "+49301234567"},
		{"030 1234567", "DE", "+49301234567"},
		{"(212) 555-0123", "US", "+12125550123"},
	} {
		if got, ok := contact.Phone(c.text, c.region); !ok || got != c.want {
			t.Errorf("Phone(%q, %q) is %q, %t; want %q", c.text, c.region, got, ok, c.want)
		}
	}
	for _, text := range []string{"", "030 1234567", "+1", "call me", "+999999999999999999999", strings.Repeat("+4", 40)} {
		if got, ok := contact.Phone(text, ""); ok {
			t.Errorf("Phone(%q) was read as %q", text, got)
		}
	}
}

func TestCardNumbersAreFound(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"4242424242424242",
		"4242 4242 4242 4242",
		"4242-4242-4242-4242",
		"4242 - 4242 - 4242 - 4242",
		"4242\u00a04242\u20134242\u20124242",
		"please charge 4242 4242 4242 4242, thanks",
		"card:4242424242424242.",
		"card 2 4242 4242 4242 4242 12 29",
		"４２４２４２４２４２４２４２４２",    // full width
		"٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢", // Arabic-Indic
		"378282246310005",     // American Express
		"5555 5555 5555 4444",
		"2223003122003222",
		"6011 1111 1111 1117",
		"3056 9309 0259 04",
		"3566002020360505",
		"6200000000000005",
		"4222222222222", // 13 digits
	} {
		if !contact.HoldsCardNumber(text) {
			t.Errorf("no card number was found in %q", text)
		}
	}
}

func TestOtherNumbersAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"",
		"ring twice",
		"4242 4242 4242 4241",       // fails Luhn
		"1234567812345670",          // passes Luhn, no issuer
		"424242424242",              // too short
		"42424242424242424242",      // too long
		"4242.4242.4242.4242",       // neither spaces nor dashes
		"4242 4242 house 4242 4242", // two numbers
		"Flat 12, 44 Main St, 10115 Berlin",
		"order 2026-03-01 12:30",
	} {
		if contact.HoldsCardNumber(text) {
			t.Errorf("a card number was found in %q", text)
		}
	}
}

func TestMarkupAndURLs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"<b>Ada</b>": true, "a < b": false, "a > b": false, "Ada <3 Bob": false, "x <script src=y>": true} {
		if got := contact.HoldsMarkup(text); got != want {
			t.Errorf("HoldsMarkup(%q) is %t", text, got)
		}
	}
	for text, want := range map[string]bool{"see HTTPS://evil.example": true, "www.evil.example": true, "Ada Lovelace": false} {
		if got := contact.HoldsURL(text); got != want {
			t.Errorf("HoldsURL(%q) is %t", text, got)
		}
	}
}

func TestEmoji(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"🏠", "Main St ❤️", "7️⃣ Main St", "🇩🇪", "Sun ☀"} {
		if !contact.HoldsEmoji(text) {
			t.Errorf("%q has one", text)
		}
	}
	for _, text := range []string{"", "12/3 Main St", "Calle № 5 1ª", "東京都", "شارع ١", "Straße 7"} {
		if contact.HoldsEmoji(text) {
			t.Errorf("%q has none", text)
		}
	}
}
