// Package remote calls other people's services: partners' payment, tax and shipping services, and the receivers of
// webhooks. Every call is signed, has an end in time and in size, follows no redirect, and never reaches an address
// that is not open to everybody: whoever may type an address into a shop must not reach what stands behind its wall. A
// fetch of a file is the same but for the signature and the redirects.
//
// It knows nothing of what is called. What an answer means is for the caller; that there was none is an error, and
// says nothing about whether the call had an effect.
package remote

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/clock"
)

// Options say how long a call may take and how much may come back. The zero value is right for a payment service.
type Options struct {
	Connect   time.Duration // until there is a connection, and then until it is secret; 2 s each
	FirstByte time.Duration // until the answer begins, once the call was sent; 10 s
	Whole     time.Duration // until the last byte; 15 s
	MaxAnswer int64         // in bytes; 1 MB

	// Loopback also allows plain HTTP, and any port, on this machine: for development and tests. Production refuses it.
	Loopback bool

	Resolver Resolver    // finds the addresses of a name; the machine's when nil
	Clock    clock.Clock // for the time of a signature; the machine's when nil
	TLS      *tls.Config // whom to trust; the machine's list when nil
}

// Resolver finds the addresses of a name.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Client calls. It is safe for concurrent use.
type Client struct {
	options Options
	http    *http.Client
}

// New makes a client.
func New(o Options) *Client {
	o.Connect = orElse(o.Connect, 2*time.Second)
	o.FirstByte = orElse(o.FirstByte, 10*time.Second)
	o.Whole = orElse(o.Whole, 15*time.Second)
	if o.MaxAnswer == 0 {
		o.MaxAnswer = 1 << 20
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Clock == nil {
		o.Clock = clock.System
	}
	d := dialer{resolver: o.Resolver, loopback: o.Loopback, within: o.Connect, connect: new(net.Dialer).DialContext}
	return &Client{options: o, http: &http.Client{
		Timeout: o.Whole,
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would look the name up again, past the dialer
			DialContext:            d.dial,
			TLSClientConfig:        o.TLS,
			TLSHandshakeTimeout:    o.Connect,
			ResponseHeaderTimeout:  o.FirstByte,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true, // so that MaxAnswer is what it says
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    16,
			MaxConnsPerHost:        128,
			IdleConnTimeout:        60 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// Call is one signed call: a POST of a body.
type Call struct {
	URL     string
	ID      string // the same when the call is repeated
	Header  http.Header
	Body    []byte
	Secrets []Secret // each signs; there are two while a secret is changed
}

// Answer is what came back, whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// The reasons for which there is no answer, beside those of the network.
var (
	ErrTooLarge = errors.New("the answer is larger than it may be")
	ErrRedirect = errors.New("the service answered with a redirect, which is not followed")
)

// Post makes a call. An error says that there is no whole answer; the call may have had its effect all the same.
func (c *Client) Post(ctx context.Context, call Call) (Answer, error) {
	if err := CheckURL(call.URL, c.options.Loopback); err != nil {
		return Answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return Answer{}, fmt.Errorf("call: %w", withoutAddress(err))
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Wharf")
	maps.Copy(request.Header, call.Header)
	Sign(request.Header, call.ID, c.options.Clock.Now(), call.Body, call.Secrets)
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("call: %w", withoutAddress(err))
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		return Answer{}, fmt.Errorf("%w: %s", ErrRedirect, response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, c.options.MaxAnswer+1))
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(body)) > c.options.MaxAnswer {
		return Answer{}, ErrTooLarge
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// IsJSON says whether a Content-Type is one of JSON. What a proxy on the way writes in a service's place seldom is.
func IsJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// withoutAddress leaves out of an error where it was called: partners put tokens into their addresses, which belong in no
// log.
func withoutAddress(err error) error {
	var sent *url.Error
	if errors.As(err, &sent) {
		return sent.Err
	}
	return err
}
