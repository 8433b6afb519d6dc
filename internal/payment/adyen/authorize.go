package adyen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
)

type paymentRequest struct {
	MerchantAccount          string         `json:"merchantAccount"`
	Reference                string         `json:"reference"`
	MerchantOrderReference   string         `json:"merchantOrderReference"`
	Amount                   amount         `json:"amount"`
	PaymentMethod            paymentMethod  `json:"paymentMethod"`
	ReturnURL                string         `json:"returnUrl"`
	ShopperReference         string         `json:"shopperReference,omitempty"`
	ShopperInteraction       string         `json:"shopperInteraction"`
	RecurringProcessingModel string         `json:"recurringProcessingModel,omitempty"`
	StorePaymentMethod       bool           `json:"storePaymentMethod,omitempty"`
	AuthenticationData       authentication `json:"authenticationData"`
	AdditionalData           manualCapture  `json:"additionalData"`
}

type paymentMethod struct {
	Type   string `json:"type"`
	Stored string `json:"storedPaymentMethodId,omitempty"`
}

// authentication asks for challenges to be pages at an address, which a client of any kind can show.
type authentication struct {
	ThreeDS struct {
		Native string `json:"nativeThreeDS"`
	} `json:"threeDSRequestData"`
}

// manualCapture keeps Adyen from taking the money by itself.
type manualCapture struct {
	ManualCapture string `json:"manualCapture"`
}

type detailsRequest struct {
	Details struct {
		RedirectResult string `json:"redirectResult"`
	} `json:"details"`
}

// paymentAnswer is what Adyen answers to both.
type paymentAnswer struct {
	PSPReference      string  `json:"pspReference"`
	MerchantReference string  `json:"merchantReference"`
	ResultCode        string  `json:"resultCode"`
	RefusalReason     string  `json:"refusalReason"`
	Amount            *amount `json:"amount"`
	Action            *struct {
		Type      string `json:"type"`
		Method    string `json:"method"`
		URL       string `json:"url"`
		ExpiresAt string `json:"expiresAt"`
	} `json:"action"`
	AdditionalData additionalData `json:"additionalData"`
}

// resultInvalid stands beside Adyen's own result codes: it has refused to read the request.
const resultInvalid = "Invalid"

// results are the states that Adyen's result codes mean.
var results = map[string]payment.ChargeState{
	"Authorised":       payment.ChargeAuthorized,
	"Refused":          payment.ChargeDeclined,
	"Cancelled":        payment.ChargeDeclined,
	"Error":            payment.ChargeDeclined,
	resultInvalid:      payment.ChargeDeclined,
	"Pending":          payment.ChargePending,
	"Received":         payment.ChargePending,
	"PresentToShopper": payment.ChargePending,
	"RedirectShopper":  payment.ChargeChallenge,
	"ChallengeShopper": payment.ChargeChallenge,
	"IdentifyShopper":  payment.ChargeChallenge,
}

// Authorize asks Adyen to reserve the amount. What was decided under a key before is answered again without a call. A
// key that was closed while Adyen was asked is refused, and what it has reserved is cancelled.
func (p *Provider) Authorize(ctx context.Context, a payment.Authorization) (payment.Charge, error) {
	key, err := uuid.Parse(a.Key)
	if err != nil {
		return payment.Charge{}, fmt.Errorf("adyen: %q is no key: %w", a.Key, err)
	}
	c, err := p.charge(ctx, key)
	if err != nil {
		return payment.Charge{}, err
	}
	switch {
	case c.State != "" && !c.fits(a.Amount):
		// No decline: it would be believed, and what is reserved forgotten.
		return payment.Charge{}, fmt.Errorf("adyen: key %s was used for another amount", key)
	case c.State == "":
		err = p.pay(ctx, key, a)
	case c.State == payment.ChargeChallenge && a.Challenged && a.Result != "":
		err = p.confirm(ctx, key, a)
	default:
		return c.answer()
	}
	if err != nil {
		return payment.Charge{}, err
	}
	if c, err = p.charge(ctx, key); err != nil {
		return payment.Charge{}, err
	}
	if c.State == payment.ChargeChallenge && a.OffSession { // nobody is there to be asked
		if c, err = p.close(ctx, key); err == nil {
			c.Reason = reasonAway
		}
	}
	if err == nil && c.closed {
		c, err = p.release(ctx, key, c)
	}
	if err != nil {
		return payment.Charge{}, err
	}
	return c.answer()
}

// pay makes the payment. The key is the idempotency key of the call and the reference of the payment, so that Adyen makes
// one of it however often it is asked, and every notification tells which key it is about.
func (p *Provider) pay(ctx context.Context, key uuid.UUID, a payment.Authorization) error {
	invalid := call{charge: key, kind: callPayment, key: key, result: resultInvalid}
	value, err := inMinorUnits(a.Amount)
	if err != nil {
		invalid.reason = reasonAmount
		return p.keep(ctx, invalid)
	}
	invalid.amount, invalid.reason = a.Amount, reasonMethod
	t, err := readToken(a.Token, a.Customer)
	if err != nil {
		return p.keep(ctx, invalid)
	}
	request := paymentRequest{
		MerchantAccount: p.config.MerchantAccount, Reference: a.Key, MerchantOrderReference: a.Reference, Amount: value,
		PaymentMethod: paymentMethod{t.kind, t.stored}, ReturnURL: p.returnURL(a), ShopperReference: t.shopper,
		ShopperInteraction: "Ecommerce", AdditionalData: manualCapture{"true"},
	}
	request.AuthenticationData.ThreeDS.Native = "disabled"
	if a.Save && a.Customer != "" && t.stored == "" {
		request.StorePaymentMethod, request.RecurringProcessingModel = true, "CardOnFile"
	}
	if t.stored != "" {
		request.ShopperInteraction, request.RecurringProcessingModel = "ContAuth", "CardOnFile"
		if a.OffSession {
			request.RecurringProcessingModel = "UnscheduledCardOnFile"
		}
	}
	var answer paymentAnswer
	err = p.client.post(ctx, "/payments", key, request, &answer)
	var no *refusal
	if errors.As(err, &no) {
		return p.keep(ctx, invalid)
	}
	if err != nil {
		return err
	}
	if !request.StorePaymentMethod {
		answer.AdditionalData = nil // what it may say of a stored method is not new
	}
	return p.believe(ctx, call{charge: key, kind: callPayment, key: key, amount: a.Amount}, answer)
}

// confirm hands over what the shopper has brought back from a challenge. What they bring is part of the key: a wrong
// result must not stand in the way of the right one, and leaves the challenge open.
func (p *Provider) confirm(ctx context.Context, key uuid.UUID, a payment.Authorization) error {
	var request detailsRequest
	request.Details.RedirectResult = a.Result
	var answer paymentAnswer
	of := derived(key, "details "+a.Result)
	err := p.client.post(ctx, "/payments/details", of, request, &answer)
	var no *refusal
	if errors.As(err, &no) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.believe(ctx, call{charge: key, kind: callDetails, key: of, amount: a.Amount}, answer)
}

// believe keeps what Adyen has answered, unless it cannot be meant: then the outcome is not known.
func (p *Provider) believe(ctx context.Context, k call, a paymentAnswer) error {
	state, ok := results[a.ResultCode]
	switch {
	case !ok:
		return fmt.Errorf("adyen: answered with result %q", cut(a.ResultCode))
	case a.MerchantReference != "" && a.MerchantReference != k.charge.String():
		return errors.New("adyen: answered with another reference")
	case !storable(a.PSPReference) || len(a.PSPReference) > 255 || (state == payment.ChargeAuthorized && a.PSPReference == ""):
		return errors.New("adyen: answered without a name of the payment")
	}
	if a.Amount != nil && state == payment.ChargeAuthorized {
		if got, err := a.Amount.money(); err != nil || got != k.amount {
			return fmt.Errorf("adyen: answered with %d %q", a.Amount.Value, cut(a.Amount.Currency))
		}
	}
	k.psp, k.result = a.PSPReference, a.ResultCode
	switch state {
	case payment.ChargeAuthorized:
		k.saved = a.AdditionalData.saved()
	case payment.ChargeDeclined:
		k.reason = declined(a.RefusalReason + " " + a.ResultCode)
	case payment.ChargeChallenge:
		k.reason = reasonChallenge
		if act := a.Action; act != nil && (act.Method == "" || act.Method == http.MethodGet) && isPage(act.URL) {
			k.url = act.URL
		}
	case payment.ChargePending:
		k.settlesBy = a.settlesBy(time.Now())
	}
	return p.keep(ctx, k)
}

// banksTake is how long a transfer or a debit may take when Adyen does not say.
const banksTake = 7 * 24 * time.Hour

// settlesBy is until when something pending is decided: a shopper who was given a voucher or a bank's account takes days
// to pay, as a debit does. Everything else is a matter of minutes.
func (a paymentAnswer) settlesBy(now time.Time) *time.Time {
	if a.ResultCode == "Pending" {
		return nil
	}
	by := now.Add(banksTake)
	if a.Action != nil {
		if at, err := time.Parse(time.RFC3339, a.Action.ExpiresAt); err == nil && at.After(now) {
			by = at
		}
	}
	by = by.UTC().Truncate(time.Microsecond)
	return &by
}

// isPage says whether an address is one that a browser may be sent to.
func isPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && storable(address)
}

// returnURL is where the shopper comes back to, with the order's id.
func (p *Provider) returnURL(a payment.Authorization) string {
	u, err := url.Parse(p.config.ReturnURL)
	if err != nil { // New has read it
		return p.config.ReturnURL
	}
	query := u.Query()
	query.Set("order", a.Reference)
	u.RawQuery = query.Encode()
	return u.String()
}
