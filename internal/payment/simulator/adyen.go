package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/money"
)

// Adyen is the face of Adyen's Checkout API: requests to change a payment are only received, and what came of them is
// told by signed notifications. It stands for one merchant account.
type Adyen struct {
	APIKey          string
	MerchantAccount string
	HMACKey         string // in hex
	Live            bool

	world *World
}

// Name is adyen.
func (*Adyen) Name() string { return "adyen" }

// adyenUnits are the digits after the point of currencies that Adyen counts in its own way.
var adyenUnits = map[money.Currency]string{"CLP": "00", "ISK": "00"}

type adyenAmount struct {
	Value    int64          `json:"value"`
	Currency money.Currency `json:"currency"`
}

func adyenValue(minor int64, c money.Currency) adyenAmount {
	for range adyenUnits[c] {
		minor *= 10
	}
	return adyenAmount{minor, c}
}

func (a adyenAmount) money() money.Money {
	for range adyenUnits[a.Currency] {
		a.Value /= 10
	}
	return money.New(a.Value, a.Currency)
}

type adyenCall struct {
	MerchantAccount        string
	Reference              string
	MerchantOrderReference string
	PaymentReference       string
	Amount                 adyenAmount
	PaymentMethod          struct {
		Type                  string
		StoredPaymentMethodID string `json:"storedPaymentMethodId"`
	}
	ShopperReference         string
	ShopperInteraction       string
	RecurringProcessingModel string
	StorePaymentMethod       bool
	Details                  struct{ RedirectResult string }

	key  string
	path string
}

// Handler answers the calls of version 71.
func (f *Adyen) Handler(w *World) http.Handler {
	f.world = w
	mux := http.NewServeMux()
	answer := func(pattern, operation string, act func(adyenCall, Show) Reply) {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			var c adyenCall
			body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 64<<10))
			if err == nil && len(body) > 0 {
				err = json.Unmarshal(body, &c)
			}
			c.key, c.path = r.Header.Get("Idempotency-Key"), r.PathValue("psp")
			account := c.MerchantAccount + r.FormValue("merchantAccount")
			switch {
			case r.Header.Get("X-Api-Key") != f.APIKey:
				write(rw, f.refuse(http.StatusUnauthorized, "000", "HTTP Status Response - Unauthorized"))
				return
			case err != nil:
				write(rw, f.refuse(http.StatusBadRequest, "702", "Unexpected input"))
				return
			case account != f.MerchantAccount && operation != "details":
				write(rw, f.refuse(http.StatusForbidden, "901", "Invalid Merchant Account"))
				return
			}
			if c.key == "" {
				c.key = uuid.NewString()
			}
			if c.ShopperReference == "" {
				c.ShopperReference = r.FormValue("shopperReference")
			}
			call := Call{Face: f, Operation: operation, Charge: f.chargeOf(c), Token: c.PaymentMethod.Type}
			w.Serve(rw, r, call, func(show Show) Reply { return act(c, show) })
		})
	}
	answer("POST /v71/payments", "authorize", f.pay)
	answer("POST /v71/payments/details", "details", f.details)
	answer("POST /v71/payments/{psp}/captures", "capture", f.changes(w.Capture))
	answer("POST /v71/payments/{psp}/refunds", "refund", f.changes(w.Refund))
	answer("POST /v71/payments/{psp}/cancels", "void", f.changes(w.Void))
	answer("POST /v71/cancels", "void", f.revoke)
	answer("DELETE /v71/storedPaymentMethods/{psp}", "forget", f.forget)
	return mux
}

// chargeOf is the key of the charge that a call is about.
func (f *Adyen) chargeOf(c adyenCall) string {
	switch {
	case c.PaymentReference != "":
		return c.PaymentReference
	case c.Details.RedirectResult != "":
		return strings.TrimPrefix(c.Details.RedirectResult, adyenResult)
	case c.path != "":
		if charge, err := f.world.Books.ByRef(adyenRef("ch_", c.path)); err == nil {
			return charge.Key()
		}
		return ""
	}
	return c.Reference
}

// adyenName is how Adyen names what the books name, and adyenRef the other way round.
func adyenName(ref string) string {
	_, text, _ := strings.Cut(ref, "_")
	return strings.ToUpper(text)
}

func adyenRef(prefix, name string) string { return prefix + strings.ToLower(name) }

// adyenResult begins what a shopper brings back from a challenge.
const adyenResult = "result-"

func (f *Adyen) pay(c adyenCall, show Show) Reply {
	token := c.PaymentMethod.Type
	if c.PaymentMethod.StoredPaymentMethodID != "" {
		token = adyenRef("pm_", c.PaymentMethod.StoredPaymentMethodID)
	}
	done, err := f.world.Authorize(Authorization{
		Face: f.Name(), Account: f.MerchantAccount, Key: c.key, Reference: c.MerchantOrderReference, Token: token, Amount: c.Amount.money(),
		Customer: c.ShopperReference, Save: c.StorePaymentMethod, OffSession: c.RecurringProcessingModel == "UnscheduledCardOnFile",
	})
	switch {
	case errors.Is(err, ErrKeyReused):
		return f.refuse(http.StatusUnprocessableEntity, "704", "request already processed or in progress")
	case err != nil:
		return f.Refusal(http.StatusInternalServerError, err.Error())
	case done.First.Refusal != nil && done.First.Refusal.Code == CodeMethod:
		return f.refuse(http.StatusUnprocessableEntity, "14_006", "Invalid payment method data")
	}
	return f.reply(http.StatusOK, f.result(done.First, show))
}

// details goes on with a payment after its challenge.
func (f *Adyen) details(c adyenCall, show Show) Reply {
	charge, err := f.world.Books.Charge(f.chargeOf(c))
	if err != nil || charge.State == Challenged || !strings.HasPrefix(c.Details.RedirectResult, adyenResult) {
		return f.refuse(http.StatusUnprocessableEntity, "101", "Invalid details")
	}
	return f.reply(http.StatusOK, f.result(charge, show))
}

// result words a payment.
func (f *Adyen) result(c Charge, show Show) map[string]any {
	shown := show(c)
	body := map[string]any{"merchantReference": c.Key()}
	if shown.Asked.Reference != c.Asked.Reference {
		body["merchantReference"] = shown.Asked.Reference
	}
	switch c.State {
	case Authorized:
		body["resultCode"], body["pspReference"] = "Authorised", adyenName(c.Ref)
		body["amount"] = adyenValue(shown.Authorized, shown.Currency)
		if c.Method != "" {
			body["additionalData"] = map[string]string{
				"tokenization.storedPaymentMethodId": adyenName(c.Method), "tokenization.shopperReference": c.Asked.Customer,
				"paymentMethod": "visa", "cardSummary": "4242",
			}
		}
	case Challenged:
		body["resultCode"] = "RedirectShopper"
		body["action"] = map[string]string{"type": "redirect", "method": "GET", "url": f.world.ChallengeURL(c.Key())}
	case Pending:
		body["resultCode"], body["pspReference"] = "Pending", adyenName(c.Ref)
	default:
		body["resultCode"], body["pspReference"], body["refusalReason"] = "Refused", adyenName(c.Ref), adyenReason(c.Refusal)
	}
	return body
}

func adyenReason(r *Refusal) string {
	switch {
	case r == nil:
		return "Refused"
	case r.Code == CodeFunds:
		return "Not enough balance"
	case r.Code == CodeAmount:
		return "Insufficient balance on payment"
	}
	return "Refused"
}

// changes receives a request to change a payment; its outcome is told later.
func (f *Adyen) changes(do func(Change) (Answer, error)) func(adyenCall, Show) Reply {
	return func(c adyenCall, _ Show) Reply {
		_, err := do(Change{Key: c.key, Charge: f.chargeOf(c), Amount: c.Amount.money(), Face: f.Name()})
		switch {
		case errors.Is(err, ErrUnknownCharge):
			return f.refuse(http.StatusUnprocessableEntity, "167", "Original pspReference required for this operation")
		case errors.Is(err, ErrKeyReused):
			return f.refuse(http.StatusUnprocessableEntity, "704", "request already processed or in progress")
		case err != nil:
			return f.Refusal(http.StatusInternalServerError, err.Error())
		}
		return f.received(c)
	}
}

// revoked begins the keys of cancellations by the shop's own reference.
const revoked = "revoke "

// revoke cancels by the shop's own reference. A payment that has not come yet is not stopped by it: Adyen authorizes it
// when it comes.
func (f *Adyen) revoke(c adyenCall, _ Show) Reply {
	if _, err := f.world.Books.Charge(c.PaymentReference); err != nil {
		return f.received(c)
	}
	if _, err := f.world.Void(Change{Key: revoked + c.key, Charge: c.PaymentReference, Face: f.Name()}); err != nil {
		return f.Refusal(http.StatusInternalServerError, err.Error())
	}
	c.key = revoked + c.key
	return f.received(c)
}

func (f *Adyen) received(c adyenCall) Reply {
	return f.reply(http.StatusCreated, map[string]any{
		"merchantAccount": f.MerchantAccount, "pspReference": adyenName(name("mod_", c.key)), "reference": c.Reference, "status": "received",
	})
}

func (f *Adyen) forget(c adyenCall, _ Show) Reply {
	for _, m := range f.world.Books.Saved(c.ShopperReference) {
		if m.Ref != adyenRef("pm_", c.path) {
			continue
		}
		if err := f.world.Books.Forget(m.Ref); err != nil {
			return f.Refusal(http.StatusInternalServerError, err.Error())
		}
		return Reply{Status: http.StatusNoContent}
	}
	return f.refuse(http.StatusNotFound, "800", "Contract not found")
}

// Refusal words an error that the world answers by itself.
func (f *Adyen) Refusal(status int, message string) Reply { return f.refuse(status, "905", message) }

func (f *Adyen) refuse(status int, code, message string) Reply {
	return f.reply(status, map[string]any{"status": status, "errorCode": code, "message": message, "errorType": "validation"})
}

func (*Adyen) reply(status int, body map[string]any) Reply {
	text, err := json.Marshal(body)
	if err != nil {
		return Reply{Status: http.StatusInternalServerError}
	}
	return Reply{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
}
