package adyen

import (
	"testing"

	"github.com/wharfhq/wharf/internal/money"
)

func TestAdyensMinorUnits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency money.Currency
		ours     int64
		theirs   int64
	}{
		{"USD", 1250, 1250},
		{"JPY", 1250, 1250},
		{"KWD", 1250, 1250},
		{"CLP", 1250, 125000}, // Adyen counts hundredths of a peso, which nobody else does
		{"ISK", 1250, 125000},
		{"IDR", 125000, 1250}, // and no sen
		{"CVE", 125000, 1250},
		{"USD", 0, 0},
	} {
		m := money.New(c.ours, c.currency)
		there, err := inMinorUnits(m)
		if err != nil || there != (amount{string(c.currency), c.theirs}) {
			t.Errorf("%s is sent as %+v, %v", m, there, err)
		}
		if back, err := there.money(); err != nil || back != m {
			t.Errorf("%s comes back as %s, %v", m, back, err)
		}
	}
	for _, m := range []money.Money{money.New(125050, "IDR"), money.New(1<<62, "CLP"), money.New(1, "XXXX"), money.New(1, "usd")} {
		if there, err := inMinorUnits(m); err == nil {
			t.Errorf("%d %s is sent as %+v", m.Minor, m.CurrencyCode, there)
		}
	}
	for _, a := range []amount{{"CLP", 125050}, {"", 1}, {"IDR", 1 << 62}} {
		if m, err := a.money(); err == nil {
			t.Errorf("%+v is read as %s", a, m)
		}
	}
}

func TestWhoMayUseAToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, customer string
		want           token
		refused        bool
	}{
		{"ideal", "", token{kind: "ideal"}, false},
		{"ideal", "ada", token{kind: "ideal", shopper: "ada"}, false},
		{"scheme:84160@ada", "ada", token{"scheme", "84160", "ada"}, false},
		{"scheme:84160@ada", "bob", token{}, true},
		{"scheme:84160@ada", "", token{}, true},
		{"scheme:84160@guest-1", "", token{"scheme", "84160", "guest-1"}, false},
		{"scheme:84160@guest-1", "ada", token{"scheme", "84160", "guest-1"}, false},
		{"4111111111111111", "ada", token{}, true},
	} {
		got, err := readToken(c.text, c.customer)
		if (err != nil) != c.refused || got != c.want {
			t.Errorf("%s by %q is %+v, %v", c.text, c.customer, got, err)
		}
	}
}

func TestStoredMethodsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data additionalData
		want savedMethod
	}{
		{additionalData{}, savedMethod{}},
		{additionalData{"tokenization.storedPaymentMethodId": 7}, savedMethod{}},
		{
			additionalData{"tokenization.storedPaymentMethodId": "84160", "tokenization.shopperReference": "ada", "paymentMethod": "visa", "cardSummary": "1111"},
			savedMethod{"scheme:84160@ada", "Visa ending in 1111"},
		},
		{
			additionalData{"recurring.recurringDetailReference": "84160", "recurring.shopperReference": "ada", "paymentMethod": "jcb", "cardSummary": "1111"},
			savedMethod{"scheme:84160@ada", "Card ending in 1111"},
		},
		{
			additionalData{"tokenization.storedPaymentMethodId": "84160", "tokenization.shopperReference": "ada", "paymentMethod": "sepadirectdebit"},
			savedMethod{"sepadirectdebit:84160@ada", "sepadirectdebit"},
		},
		{additionalData{"tokenization.storedPaymentMethodId": "84/160", "tokenization.shopperReference": "ada", "paymentMethod": "visa"}, savedMethod{}},
	} {
		if got := c.data.saved(); got != c.want {
			t.Errorf("%v is stored as %+v", c.data, got)
		}
	}
}
