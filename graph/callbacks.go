package graph

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/shop"
)

// What a callback may weigh, and how long taking one in may last.
const (
	maxCallback    = 1 << 20 // far above what is followed, so that who has sent too much is known, and operators are told
	callbackWithin = 10 * time.Second

	// Some providers sign within the body, so what is too long is held and parsed before anybody knows whose it is: this many at
	// once.
	mostLong = 4

	// What is too long is read and thrown away up to here: whoever still sends would not hear the answer.
	thrownAway  = 16 << 20
	throwWithin = 5 * time.Second
)

// paymentCallbacks takes the notifications of payment providers at /callbacks/payments/{provider}. The answer tells
// the provider only whether to send the same again: nothing of an order is in it.
func paymentCallbacks(s *shop.Shop, errs errorPresenter) http.Handler {
	long := make(chan struct{}, mostLong)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "Notifications are posted.", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, payment.MaxNotification+1))
		if err == nil && len(body) > payment.MaxNotification {
			select {
			case long <- struct{}{}:
				defer func() { <-long }()
			default:
				throwAway(w, r)
				http.Error(w, "Please send it again.", http.StatusServiceUnavailable)
				return
			}
			var rest []byte
			rest, err = io.ReadAll(io.LimitReader(r.Body, int64(maxCallback+1-len(body))))
			body = append(body, rest...)
		}
		switch {
		case err != nil:
			http.Error(w, "The notification was cut.", http.StatusBadRequest)
			return
		case len(body) > maxCallback:
			throwAway(w, r)
			http.Error(w, payment.TooLong, http.StatusRequestEntityTooLarge)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), callbackWithin)
		defer cancel()
		provider := r.PathValue("provider")
		err = s.Payments.Callback(ctx, provider, r.Header, body)
		switch {
		case err == nil:
			acknowledge(w, s.Payments.Acknowledgement(provider))
		case errors.Is(err, payment.ErrNoCallbacks):
			http.Error(w, "No such provider.", http.StatusNotFound)
		case errors.Is(err, payment.ErrForged):
			errs.log.WarnContext(ctx, "payment callback with a wrong signature", "provider", provider)
			http.Error(w, "The signature is wrong.", http.StatusUnauthorized)
		default:
			if reason, refused := payment.Refused(err); refused && len(body) > payment.MaxNotification {
				http.Error(w, payment.TooLong, http.StatusRequestEntityTooLarge)
				return
			} else if refused {
				http.Error(w, "This notification is refused for good: "+reason+".", http.StatusBadRequest)
				return
			}
			errs.warn(ctx, "payment callback failed", err, "provider", provider)
			http.Error(w, "Please send it again.", http.StatusServiceUnavailable)
		}
	})
}

// throwAway reads what is left of a request, for a while, and lets the connection end with the answer.
func throwAway(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(throwWithin)) // a recorder of tests has none
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, thrownAway))
}

// acknowledge says that a notification was kept, in the provider's own words if it wants any.
func acknowledge(w http.ResponseWriter, words string) {
	if words == "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, words) // whoever does not read it sends the notification again
}
