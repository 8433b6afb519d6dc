package graph

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/shop"
)

// What a callback may weigh, and how long taking one in may last.
const (
	maxCallback    = 64 << 10
	callbackWithin = 10 * time.Second
)

// paymentCallbacks takes the notifications of payment providers at /callbacks/payments/{provider}. The answer tells
// the provider only whether to send the same again: nothing of an order is in it.
func paymentCallbacks(s *shop.Shop, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "Notifications are posted.", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallback))
		if err != nil {
			http.Error(w, "The notification is too long or was cut.", http.StatusRequestEntityTooLarge)
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
			log.WarnContext(ctx, "payment callback with a wrong signature", "provider", provider)
			http.Error(w, "The signature is wrong.", http.StatusUnauthorized)
		default:
			log.WarnContext(ctx, "payment callback failed", "provider", provider, "error", err)
			http.Error(w, "Please send it again.", http.StatusServiceUnavailable)
		}
	})
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
