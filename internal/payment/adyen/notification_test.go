package adyen_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/adyen"
	"github.com/wharfhq/wharf/internal/payment/simulator"
)

// reader makes a provider that only reads: it has no database and nobody to call.
func reader(t *testing.T, change func(*adyen.Config)) *adyen.Provider {
	t.Helper()
	c := adyen.Config{APIKey: apiKey, MerchantAccount: "TestMerchant", HMACKeys: []string{hmacKey}, ReturnURL: "https://shop.example/paid"}
	change(&c)
	p, err := adyen.New(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// published is a notification with the fields and the signature that Adyen's own libraries are tested with.
func published(signature string) string {
	return fmt.Sprintf(`{"live": "false", "notificationItems": [{"NotificationRequestItem": {
		"additionalData": {"hmacSignature": %q}, "amount": {"value": 1130, "currency": "EUR"},
		"pspReference": "7914073381342284", "eventCode": "AUTHORISATION", "eventDate": "2019-05-06T17:15:34.121+02:00",
		"merchantAccountCode": "TestMerchant", "merchantReference": "TestPayment-1407325143704", "paymentMethod": "visa",
		"reason": "", "success": "true"}}]}`, signature)
}

const (
	otherKey       = "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00"
	signature      = "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="
	otherSignature = "Ny9gS2veKo5E4w8/OL6xz1/wvT/hYkAXy1xNc/QvO4I="
)

func TestPublishedSignatures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys      []string
		signature string
		genuine   bool
	}{
		"the key":                     {[]string{hmacKey}, signature, true},
		"another key":                 {[]string{otherKey}, otherSignature, true},
		"a new key while the old one": {[]string{otherKey, hmacKey}, signature, true},
		"the old key still":           {[]string{otherKey, hmacKey}, otherSignature, true},
		"a key in small letters":      {[]string{strings.ToLower(hmacKey)}, signature, true},
		"a key that is not ours":      {[]string{otherKey}, signature, false},
		"no signature":                {[]string{hmacKey}, "", false},
		"no base64":                   {[]string{hmacKey}, "%", false},
		"a shorter one":               {[]string{hmacKey}, "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWg==", false},
	} {
		p := reader(t, func(config *adyen.Config) { config.HMACKeys = c.keys })
		notices, err := p.Notification(nil, []byte(published(c.signature)))
		if !c.genuine {
			if !errors.Is(err, payment.ErrForged) {
				t.Errorf("%s: it is believed: %+v, %v", name, notices, err)
			}
			continue
		}
		want := payment.Notice{ID: "7914073381342284 AUTHORISATION true 2019-05-06T15:15:34.121Z", Charge: "TestPayment-1407325143704"}
		if err != nil || len(notices) != 1 || notices[0] != want {
			t.Errorf("%s: it reads as %+v, %v", name, notices, err)
		}
	}
}

// TestWhatTheSignatureCoversCannotBeChanged changes each field that counts.
func TestWhatTheSignatureCoversCannotBeChanged(t *testing.T) {
	t.Parallel()
	p := reader(t, func(*adyen.Config) {})
	for _, change := range [][2]string{
		{`"pspReference": "7914073381342284"`, `"pspReference": "7914073381342285"`},
		{`"eventCode"`, `"originalReference": "7914073381342284", "eventCode"`},
		{`"TestMerchant"`, `"TestMerchants"`},
		{`TestPayment-1407325143704`, `TestPayment-1407325143705`},
		{`1130`, `1131`},
		{`EUR`, `USD`},
		{`AUTHORISATION`, `CAPTURE`},
		{`"success": "true"`, `"success": "false"`},
		// the same text under the signature, cut into other fields
		{`"pspReference": "7914073381342284"`, `"pspReference": "7914073381342284:", "originalReference": "TestMerchant"`},
	} {
		body := strings.Replace(published(signature), change[0], change[1], 1)
		if body == published(signature) {
			t.Fatalf("%s is not in it", change[0])
		}
		if notices, err := p.Notification(http.Header{}, []byte(body)); !errors.Is(err, payment.ErrForged) {
			t.Errorf("%s: it is believed: %+v, %v", change[1], notices, err)
		}
	}
}

func TestHostileNotifications(t *testing.T) {
	t.Parallel()
	p := reader(t, func(*adyen.Config) {})
	genuine := published(signature)
	item := genuine[strings.Index(genuine, `[{`)+1 : strings.LastIndex(genuine, `]}`)]
	forged := strings.Replace(item, "1130", "113000", 1)
	for name, body := range map[string]string{
		"nothing":                  "",
		"no JSON":                  "live=false&success=true",
		"another shape":            `[1, 2, 3]`,
		"null":                     `null`,
		"no items":                 `{"live": "false", "notificationItems": []}`,
		"an empty item":            `{"live": "false", "notificationItems": [{}]}`,
		"no live":                  `{"notificationItems": [` + item + `]}`,
		"a live that is none":      strings.Replace(genuine, `"live": "false"`, `"live": "perhaps"`, 1),
		"an amount in words":       strings.Replace(genuine, `1130`, `"1130"`, 1),
		"an amount with a point":   strings.Replace(genuine, `1130`, `1130.5`, 1),
		"an amount beyond numbers": strings.Replace(genuine, `1130`, `99999999999999999999`, 1),
		"a signature in a number":  strings.Replace(genuine, `"`+signature+`"`, `7`, 1),
		"no success":               strings.Replace(genuine, `"success": "true"`, `"x": 1`, 1),
		"a success in words":       strings.Replace(genuine, `"success": "true"`, `"success": "yes"`, 1),
		"no additional data":       strings.Replace(genuine, `"additionalData"`, `"more"`, 1),
		"a forged one in a batch":  `{"live": "false", "notificationItems": [` + item + `, ` + forged + `]}`,
		"a crowd":                  `{"live": "false", "notificationItems": [` + strings.Repeat(item+",", 100) + item + `]}`,
		"cut":                      genuine[:len(genuine)-2],
		"deep":                     strings.Repeat(`{"live":`, 20000),
		"huge":                     `{"live": "` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		if notices, err := p.Notification(http.Header{}, []byte(body)); !errors.Is(err, payment.ErrForged) {
			t.Errorf("%s: it is believed: %+v, %v", name, notices, err)
		}
		if err := p.Keep(t.Context(), http.Header{}, []byte(body)); !errors.Is(err, payment.ErrForged) {
			t.Errorf("%s: it is kept: %v", name, err)
		}
	}
	batch := `{"live": false, "notificationItems": [` + item + `, ` + item + `]}`
	if notices, err := p.Notification(http.Header{}, []byte(batch)); err != nil || len(notices) != 2 || notices[0] != notices[1] {
		t.Errorf("a batch of two genuine ones reads as %+v, %v", notices, err)
	}
}

// TestWhatIsNotForThisShop is told, and changes nothing.
func TestWhatIsNotForThisShop(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		merchant string
		live     bool
		reason   string
	}{
		"ours":               {"TestMerchant", false, ""},
		"of another account": {"AnotherMerchant", false, "it is of another merchant account"},
		"a test, to a live":  {"TestMerchant", true, "it is of a test, and this shop is live"},
	} {
		p := reader(t, func(config *adyen.Config) {
			config.MerchantAccount = c.merchant
			if config.Live = c.live; c.live {
				config.LivePrefix = "1797a841fbb37ca7-AdyenDemo"
			}
		})
		notices, err := p.Notification(nil, []byte(published(signature)))
		if err != nil || len(notices) != 1 || notices[0].Foreign != c.reason {
			t.Errorf("%s: it reads as %+v, %v", name, notices, err)
		}
	}
	p := reader(t, func(*adyen.Config) {})
	live := strings.Replace(published(signature), `"live": "false"`, `"live": "true"`, 1)
	if notices, err := p.Notification(nil, []byte(live)); err != nil || notices[0].Foreign != "it is of a live shop, and this one is a test" {
		t.Errorf("a live one, to a test: it reads as %+v, %v", notices, err)
	}
}

// TestEachKindOfNotification says what each makes of a charge of which 48.60 were reserved, and 20.00 of that taken.
func TestEachKindOfNotification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	failed := func(i *simulator.AdyenItem) { i.Success, i.Reason = "false", "Refused" }
	type totals struct{ Authorized, Captured, Refunded, Voided, Disputed, DisputeLost int64 }
	taken := totals{total, 2000, 0, 0, 0, 0}
	for _, c := range []struct {
		code      string
		minor     int64
		spoil     func(*simulator.AdyenItem)
		want      totals
		attention string
	}{
		{"CAPTURE", 1000, nil, totals{total, 3000, 0, 0, 0, 0}, ""},
		{"CAPTURE", 1000, failed, taken, ""},
		{"CAPTURE_FAILED", 1000, nil, totals{total, 3000, 0, 0, 1000, 0}, ""},
		{"CANCELLATION", total, nil, totals{total, 2000, 0, 2860, 0, 0}, ""},
		{"CANCELLATION", total, failed, taken, ""},
		{"TECHNICAL_CANCEL", total, nil, totals{total, 2000, 0, 2860, 0, 0}, ""},
		{"EXPIRE", 2860, nil, totals{total, 2000, 0, 2860, 0, 0}, ""},
		{"REFUND", 500, nil, totals{total, 2000, 500, 0, 0, 0}, ""},
		{"REFUND", 500, failed, taken, ""},
		{"REFUND_FAILED", 500, nil, totals{total, 2000, 500, 0, 0, 0}, "the refund of 5.00 USD has come back and did not reach the shopper: "},
		{"REFUNDED_REVERSED", 500, nil, taken, "the refund of 5.00 USD has come back and did not reach the shopper: "},
		{"CANCEL_OR_REFUND", 500, nil, taken, "5.00 USD were released or given back in Adyen's Customer Area; compare the charge there with the order"},
		{"NOTIFICATION_OF_CHARGEBACK", 700, nil, totals{total, 2000, 0, 0, 700, 0}, ""},
		{"CHARGEBACK", 700, nil, totals{total, 2000, 0, 0, 700, 0}, ""},
		{"CHARGEBACK_REVERSED", 700, nil, taken, ""},
		{"SECOND_CHARGEBACK", 700, nil, totals{total, 2000, 0, 0, 700, 700}, ""},
		{"PREARBITRATION_LOST", 700, nil, totals{total, 2000, 0, 0, 700, 700}, ""},
		{"PREARBITRATION_WON", 700, nil, taken, ""},
		{"OFFER_CLOSED", total, nil, taken, ""},
		{"AUTHORISATION", total, failed, taken, ""},
	} {
		if c.spoil == nil {
			c.spoil = func(*simulator.AdyenItem) {}
		}
		charge := key()
		body := w.note(charge, c.code, "SOMETHING", c.minor, c.spoil)
		notices, err := w.provider.Notification(nil, body)
		if err != nil || len(notices) != 1 || notices[0].Charge != charge || notices[0].Attention != c.attention || notices[0].Foreign != "" {
			t.Errorf("%s reads as %+v, %v", c.code, notices, err)
		}
		w.learn(t, w.note(charge, "AUTHORISATION", "PAYMENT1", total), w.note(charge, "CAPTURE", "CAPTURE1", 2000), body, body)
		got, err := w.provider.Lookup(t.Context(), charge)
		if err != nil || got.State != payment.ChargeAuthorized || got.Ref != "PAYMENT1" {
			t.Errorf("after %s it is %s, %v", c.code, got.State, err)
		}
		if is := (totals{got.Authorized.Minor, got.Captured.Minor, got.Refunded.Minor, got.Voided.Minor, got.Disputed.Minor, got.DisputeLost.Minor}); is != c.want {
			t.Errorf("after %s it is %+v, not %+v", c.code, is, c.want)
		}
	}
}

// TestNotificationsThatTellOfNoCharge are acknowledged, and that is all.
func TestNotificationsThatTellOfNoCharge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	charge := key()
	for _, code := range []string{"REPORT_AVAILABLE", "REQUEST_FOR_INFORMATION", "NOTIFICATION_OF_FRAUD", "SOMETHING_NEW"} {
		body := w.note(charge, code, "SOMETHING", 1)
		if notices, err := w.provider.Notification(nil, body); err != nil || len(notices) != 0 {
			t.Errorf("%s reads as %+v, %v", code, notices, err)
		}
		w.learn(t, body)
	}
	if _, err := w.provider.Lookup(t.Context(), charge); !errors.Is(err, payment.ErrUnknownKey) {
		t.Errorf("looked up, it answers %v", err)
	}
	if words := w.provider.Acknowledgement(); words != "[accepted]" {
		t.Errorf("it acknowledges with %q", words)
	}
}

// TestARefusedPaymentSaysWhyInOurOwnWords: what Adyen suspects is not for the shopper.
func TestARefusedPaymentSaysWhyInOurOwnWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for reason, want := range map[string]string{
		"FRAUD":              "Your bank has declined the payment.",
		"Not enough balance": "Your bank has declined the payment: the account does not hold enough money.",
		"Expired Card":       "Your bank has declined the payment: the card has expired.",
		"Shopper Cancelled":  "The payment was not finished.",
	} {
		charge := key()
		w.learn(t, w.note(charge, "AUTHORISATION", "PAYMENT1", total, func(i *simulator.AdyenItem) { i.Success, i.Reason = "false", reason }))
		if c, err := w.provider.Lookup(t.Context(), charge); err != nil || c.State != payment.ChargeDeclined || c.Reason != want || c.Authorized.Minor != 0 {
			t.Errorf("%s: it is %+v, %v", reason, c, err)
		}
	}
	charge := key()
	w.learn(t, w.note(charge, "OFFER_CLOSED", "PAYMENT1", total))
	if c, err := w.provider.Lookup(t.Context(), charge); err != nil || c.State != payment.ChargeDeclined || c.Reason != "The payment was not finished." {
		t.Errorf("left, it is %+v, %v", c, err)
	}
}
