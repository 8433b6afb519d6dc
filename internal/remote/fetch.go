package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxRedirects is how many redirects a fetch follows.
const maxRedirects = 5

// ErrRedirects says that an address leads on and on.
var ErrRedirects = errors.New("the address redirects more than five times")

// StatusError says that there is no file at an address, but an answer with this status.
type StatusError struct{ Status int }

// Error names the status.
func (e *StatusError) Error() string {
	return fmt.Sprintf("the server answers %d %s", e.Status, http.StatusText(e.Status))
}

// Check refuses an address from which nothing could ever be fetched, without asking anybody.
func (c *Client) Check(address string) error { return CheckURL(address, c.options.Loopback) }

// Fetch opens what lies at an address. Unlike a call it is not signed, tells nothing, and may be led elsewhere: each
// redirect is an address like the first one, checked as it is and dialed as it is. Whoever reads it bounds its size; its
// time is that of the whole call.
func (c *Client) Fetch(ctx context.Context, address string) (io.ReadCloser, error) {
	for range maxRedirects + 1 {
		if err := c.Check(address); err != nil {
			return nil, &RefusedError{err}
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return nil, &RefusedError{withoutAddress(err)}
		}
		request.Header.Set("User-Agent", "Wharf")
		response, err := c.http.Do(request)
		if err != nil {
			return nil, fmt.Errorf("fetch: %w", withoutAddress(err))
		}
		if response.StatusCode == http.StatusOK {
			return response.Body, nil
		}
		_ = response.Body.Close()
		to := response.Header.Get("Location")
		if response.StatusCode < 300 || response.StatusCode > 399 || to == "" {
			return nil, &StatusError{response.StatusCode}
		}
		next, err := request.URL.Parse(to)
		if err != nil {
			return nil, &RefusedError{withoutAddress(err)}
		}
		next.Fragment, next.RawFragment = "", ""
		address = next.String()
	}
	return nil, ErrRedirects
}

// RefusedError says that an address is none from which anything is fetched.
type RefusedError struct{ err error }

// Error says why.
func (e *RefusedError) Error() string { return e.err.Error() }

// Unwrap gives the reason.
func (e *RefusedError) Unwrap() error { return e.err }
