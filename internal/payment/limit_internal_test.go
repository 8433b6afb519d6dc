package payment

import (
	"testing"

	"github.com/wharfhq/wharf/internal/money"
)

// TestAProviderIsClosedInACurrency by a most of 0, and stays open in others.
func TestAProviderIsClosedInACurrency(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"manual:USD::0", "manual:USD:0:0.00"} {
		closed, err := ParseLimit(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		list := limits{closed}
		f := list.refuse("manual", money.New(1, "USD"))
		if f == nil || f.Code != "AMOUNT_TOO_LARGE" || f.Message != "This way to pay is not for amounts in USD." {
			t.Errorf("%s: an amount is refused with %v", text, f)
		}
		if list.refuse("manual", money.New(1, "EUR")) != nil || list.refuse("test", money.New(1, "USD")) != nil {
			t.Errorf("%s closes more than manual in USD", text)
		}
	}
}
