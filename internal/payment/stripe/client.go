package stripe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/remote"
)

const (
	// callWithin ends a call that its caller would wait for longer.
	callWithin = 30 * time.Second
	// maxAnswer is more than the largest page of Stripe's lists.
	maxAnswer = 16 << 20
)

// newClient makes a client that calls once: the shop decides whether and when to call again. (A kept connection that was
// closed in the meantime is replaced by net/http, under the same key.) The library's own log is off, since it holds
// tokens; what fails is told by the error.
func newClient(o Options) *api.Client {
	way := &road{account: o.Account, next: transport()}
	backend := &api.BackendConfig{
		HTTPClient: &http.Client{
			Timeout:       callWithin,
			Transport:     way,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		LeveledLogger:     &api.LeveledLogger{Level: api.LevelNull},
		MaxNetworkRetries: api.Int64(0),
		EnableTelemetry:   api.Bool(false),
	}
	if at, err := url.Parse(o.URL); err == nil && at.Host != "" {
		way.prefix = strings.TrimSuffix(at.Path, "/")
		backend.URL = api.String(at.Scheme + "://" + at.Host)
	}
	return api.NewClient(o.Key, api.WithBackends(api.NewBackendsWithConfig(backend)))
}

func transport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  callWithin,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    64,
		MaxConnsPerHost:        128,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// road names the account for which a call is made, and bounds its answer. It also puts the path before which the API
// stands, since the library takes none.
type road struct {
	account string
	prefix  string
	next    http.RoundTripper
}

// RoundTrip sends a call.
func (r *road) RoundTrip(call *http.Request) (*http.Response, error) {
	call = call.Clone(call.Context())
	call.URL.Path = r.prefix + call.URL.Path
	if r.account != "" {
		call.Header.Set("Stripe-Account", r.account)
	}
	answer, err := r.next.RoundTrip(call)
	if err != nil {
		return nil, err
	}
	answer.Body = &bounded{ReadCloser: answer.Body, left: maxAnswer}
	if answer.StatusCode < http.StatusMultipleChoices {
		if kind := answer.Header.Get("Content-Type"); !remote.IsJSON(kind) { // somebody's on the way, such as a page of a proxy
			_ = answer.Body.Close()
			return nil, fmt.Errorf("an answer of type %.64q, which is none of Stripe's", kind)
		}
		return answer, nil
	}
	return refusing(answer)
}

// refusing lets an answer that is no success through where it says Stripe's reason, which always has a type. Any other is
// somebody's on the way, such as a proxy that finds Stripe busy: that is no answer of Stripe's, and the library could not
// tell it from one that makes no sense.
func refusing(answer *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	var said struct {
		Error struct {
			Type api.ErrorType `json:"type"`
		} `json:"error"`
	}
	if err == nil && (json.Unmarshal(body, &said) != nil || said.Error.Type == "") {
		err = fmt.Errorf("status %d without a reason of Stripe's", answer.StatusCode)
	}
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// CloseIdleConnections ends the connections that nobody uses.
func (r *road) CloseIdleConnections() {
	if t, ok := r.next.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

var (
	errTooLong   = errors.New("the answer is too long")
	errBrokenOff = errors.New("the answer breaks off")
)

// bounded is a body that fails when it is longer than it may be; cutting it off could make another answer of it. That the rest
// of one does not come, or nothing at all, is told from what makes no sense.
type bounded struct {
	io.ReadCloser
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, errTooLong
	}
	if errors.Is(err, io.EOF) && b.left == maxAnswer {
		return n, fmt.Errorf("%w: there is nothing in it", errBrokenOff)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", errBrokenOff, err)
	}
	return n, err
}

// once makes a call under a key. Stripe keeps a failure of its own for the key too and would answer it for a day; the
// caller has looked whether the call was carried out, so it is made again under another key.
func once[T any](key string, call func(key string) (T, error)) (T, error) {
	v, err := call(key)
	var e *api.Error
	if errors.As(err, &e) && e.HTTPStatusCode >= http.StatusInternalServerError &&
		e.LastResponse != nil && e.LastResponse.Header.Get("Idempotent-Replayed") == "true" {
		return call(key + "-again")
	}
	return v, err
}

// The pauses before something is done again that Stripe has refused because a twin of it was under way.
const (
	firstPause = 40 * time.Millisecond
	lastPause  = 2 * time.Second
)

// patiently does something again for as long as a twin of it is under way.
func patiently(ctx context.Context, do func() (payment.Charge, error)) (payment.Charge, error) {
	for pause := firstPause; ; pause *= 2 {
		charge, err := do()
		if !errors.Is(err, errBusy) || pause > lastPause {
			return charge, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return payment.Charge{}, fmt.Errorf("stripe: wait for another call: %w", ctx.Err())
		}
	}
}
