package manual_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/payment/manual"
	"github.com/wharfhq/wharf/internal/payment/paymenttest"
)

func TestPromises(t *testing.T) {
	paymenttest.Run(t, func(*testing.T) paymenttest.Vendor { return paymenttest.Vendor{Provider: manual.New()} })
}
