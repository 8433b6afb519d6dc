//go:build failpoint

package main

import (
	"os"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/remote"
	signed "github.com/wharfhq/wharf/internal/remote"
)

// rehearsed is the payment provider outside that a rehearsal of faults plugs in: the simulator, on this machine. It is
// in no binary that sells, as this file is built with the failpoints only.
func rehearsed() ([]payment.Provider, error) {
	url := os.Getenv("WHARF_REHEARSAL_URL")
	if url == "" {
		return nil, nil
	}
	secrets, err := signed.ParseSecrets(os.Getenv("WHARF_REHEARSAL_SECRET"))
	if err != nil {
		return nil, err
	}
	outside, err := remote.New(remote.Options{
		Name: "outside", Title: "Outside", URL: url, Account: "rehearsal", Secrets: secrets, Loopback: true,
	})
	return []payment.Provider{outside}, err
}
