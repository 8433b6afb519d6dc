package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// AdyenItem is what a notification tells.
type AdyenItem struct {
	AdditionalData      map[string]string `json:"additionalData,omitempty"`
	Amount              adyenAmount       `json:"amount"`
	EventCode           string            `json:"eventCode"`
	EventDate           string            `json:"eventDate"`
	MerchantAccountCode string            `json:"merchantAccountCode"`
	MerchantReference   string            `json:"merchantReference"`
	OriginalReference   string            `json:"originalReference,omitempty"`
	PSPReference        string            `json:"pspReference"`
	Reason              string            `json:"reason"`
	Success             string            `json:"success"`
}

// Messages tells what has happened to a payment. Nobody is told that a shopper is being asked, or that a bank thinks.
func (f *Adyen) Messages(n News) []Message {
	payment := adyenName(n.Charge.Ref)
	item := AdyenItem{
		Amount: adyenValue(n.Entry.Amount, n.Entry.Currency), EventDate: n.Entry.At.Format(time.RFC3339Nano),
		MerchantAccountCode: n.Account, MerchantReference: n.Charge.Key(), OriginalReference: payment,
		PSPReference: adyenName(name("mod_", n.Entry.Key)), Success: "true",
	}
	if now, err := f.world.Books.Charge(n.Charge.Key()); err == nil && now.Asked.Reference != n.Charge.Asked.Reference {
		item.MerchantReference = n.Charge.Asked.Reference // of somebody else
	}
	if n.Entry.Key == "" {
		item.PSPReference = adyenName(name("mod_", n.ID))
	}
	switch n.Entry.Kind {
	case KindAuthorize, KindSettle, KindDecline, KindFail:
		item.EventCode, item.PSPReference, item.OriginalReference = "AUTHORISATION", payment, ""
		item.Amount = adyenValue(n.Charge.Asked.Amount.Minor, n.Charge.Asked.Amount.CurrencyCode)
	case KindCapture:
		item.EventCode = "CAPTURE"
	case KindRefund:
		item.EventCode = "REFUND"
	case KindVoid:
		if n.Charge.Authorized == 0 {
			return nil
		}
		item.EventCode = "CANCELLATION"
		if strings.HasPrefix(n.Entry.Key, revoked) {
			item.EventCode = "TECHNICAL_CANCEL"
		}
	case KindExpire:
		item.EventCode = "EXPIRE"
	case KindDispute:
		item.EventCode = "CHARGEBACK"
	default:
		return nil
	}
	if n.Entry.Refusal != nil {
		item.Success, item.Reason = "false", adyenReason(n.Entry.Refusal)
		if n.Entry.Amount == 0 && item.EventCode != "AUTHORISATION" {
			item.Amount = adyenValue(n.Entry.Wanted, n.Entry.Currency)
		}
	}
	return []Message{f.Notification(f.Live && !n.Test, item)}
}

// Notification signs and words a notification of these items.
func (f *Adyen) Notification(live bool, items ...AdyenItem) Message {
	wrapped := make([]map[string]AdyenItem, len(items))
	for i, item := range items {
		item.AdditionalData = map[string]string{"hmacSignature": f.sign(item)}
		wrapped[i] = map[string]AdyenItem{"NotificationRequestItem": item}
	}
	body, err := json.Marshal(map[string]any{"live": strconv.FormatBool(live), "notificationItems": wrapped})
	if err != nil {
		return Message{}
	}
	return Message{Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

func (f *Adyen) sign(i AdyenItem) string {
	key, err := hex.DecodeString(f.HMACKey)
	if err != nil {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(i.PSPReference + ":" + i.OriginalReference + ":" + i.MerchantAccountCode + ":" + i.MerchantReference + ":" +
		strconv.FormatInt(i.Amount.Value, 10) + ":" + string(i.Amount.Currency) + ":" + i.EventCode + ":" + i.Success))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
