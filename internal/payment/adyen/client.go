package adyen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// client speaks to the Checkout API.
type client struct {
	base string
	key  string
	http *http.Client
}

// The limits of a call. The caller's deadline is usually sooner.
const (
	callWithin  = 30 * time.Second
	longestBody = 1 << 20
	busyTries   = 6
	busyPause   = 50 * time.Millisecond // doubled each time
)

func newClient(base, key string) *client {
	return &client{base: base, key: key, http: &http.Client{
		Timeout: callWithin,
		// The API never sends anybody elsewhere, and its key must not go there.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// refusal is a definite no of the API: nothing was done, and the same request will never do anything. Other errors, such
// as a wrong key or a wrong address, are the shop's own and pass when they are mended.
type refusal struct {
	Code    string `json:"errorCode"`
	Message string `json:"message"`
}

func (r *refusal) Error() string {
	return fmt.Sprintf("adyen: refused with code %s: %s", r.Code, cut(r.Message))
}

// errBusy says that the same request is being done at this moment.
var errBusy = errors.New("adyen: the same request is being done")

// post sends a request under an idempotency key: sent again, it is answered as it was the first time. One that meets
// itself is sent again while the caller has time.
func (c *client) post(ctx context.Context, path string, key uuid.UUID, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("adyen: write a request: %w", err)
	}
	pause := busyPause
	for try := 1; ; try++ {
		err := c.send(ctx, http.MethodPost, path, key.String(), body, answer)
		if !errors.Is(err, errBusy) || try == busyTries {
			return err
		}
		select {
		case <-time.After(pause):
			pause *= 2
		case <-ctx.Done():
			return err
		}
	}
}

// send makes one call. Any error but a *refusal leaves open what has come of it.
func (c *client) send(ctx context.Context, method, path, key string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("adyen: %w", withoutAddress(err))
	}
	request.Header.Set("X-Api-Key", c.key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("adyen: %w", withoutAddress(err))
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, longestBody))
	if err != nil {
		return fmt.Errorf("adyen: read the answer: %w", err)
	}
	switch {
	case response.StatusCode/100 == 2:
		if answer == nil {
			return nil
		}
		if err := json.Unmarshal(text, answer); err != nil {
			return fmt.Errorf("adyen: read the answer: %w", err)
		}
		return nil
	case response.Header.Get("Transient-Error") == "true":
		return errBusy
	}
	if method == http.MethodDelete && response.StatusCode == http.StatusNotFound {
		return nil // it is gone already
	}
	var no refusal
	if err := json.Unmarshal(text, &no); err != nil {
		return fmt.Errorf("adyen: answered with status %d", response.StatusCode)
	}
	switch {
	case no.Code == codeInProgress:
		return errBusy
	case response.StatusCode == http.StatusUnprocessableEntity:
		return &no
	}
	return fmt.Errorf("adyen: answered with status %d, code %s: %s", response.StatusCode, no.Code, cut(no.Message))
}

// withoutAddress leaves out of an error where it was called: an address has the names of payments, of stored methods and
// of shoppers in it, which belong in no log.
func withoutAddress(err error) error {
	var sent *url.Error
	if errors.As(err, &sent) {
		return sent.Err
	}
	return err
}

// codeInProgress is the error code of a request that meets itself.
const codeInProgress = "704"
