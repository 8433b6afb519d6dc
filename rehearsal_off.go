//go:build !failpoint

package main

import "github.com/wharfhq/wharf/internal/payment"

// rehearsed is the payment provider of a rehearsal of faults; in this build there is none.
func rehearsed() ([]payment.Provider, error) { return nil, nil }
