package remote_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/remote"
)

var secrets = must(remote.ParseSecrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// service is a service on this machine, with what it was sent.
func service(t *testing.T, answer http.HandlerFunc) (string, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		gone, cancel := context.WithCancel(r.Context())
		defer cancel()
		go func() {
			select {
			case <-ended:
				cancel()
			case <-gone.Done():
			}
		}()
		answer(w, r.WithContext(gone))
	}))
	t.Cleanup(func() {
		close(ended)
		server.Close()
	})
	return server.URL, &calls
}

func call(url string) remote.Call {
	return remote.Call{URL: url, ID: "msg_1", Body: []byte(`{"a":1}`), Secrets: secrets}
}

func TestACallIsSignedAndAnswered(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	url, _ := service(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		id, err := remote.Verify(r.Header, body, now.Now(), secrets)
		if err != nil || id != "msg_1" || string(body) != `{"a":1}` || r.Method != http.MethodPost ||
			r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Idempotency-Key") != "k" {
			t.Errorf("it was sent %s %s %v, %v", r.Method, body, r.Header, err)
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("short and stout"))
	})
	c := call(url)
	c.Header = http.Header{"Idempotency-Key": {"k"}}
	answer, err := remote.New(remote.Options{Loopback: true, Clock: now}).Post(t.Context(), c)
	if err != nil || answer.Status != http.StatusTeapot || string(answer.Body) != "short and stout" {
		t.Errorf("answered with %d %s, %v", answer.Status, answer.Body, err)
	}
}

func TestThisMachineIsForDevelopmentOnly(t *testing.T) {
	t.Parallel()
	plain, calls := service(t, func(http.ResponseWriter, *http.Request) {})
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer secure.Close()
	for _, url := range []string{plain, secure.URL, "https://localhost/"} {
		if _, err := remote.New(remote.Options{}).Post(t.Context(), call(url)); err == nil {
			t.Errorf("%s was called", url)
		}
	}
	if calls.Load() != 0 {
		t.Errorf("it was called %d times", calls.Load())
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	inside, insideCalls := service(t, func(http.ResponseWriter, *http.Request) {})
	for _, status := range []int{301, 302, 303, 307, 308} {
		url, _ := service(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside, status) })
		if answer, err := remote.New(remote.Options{Loopback: true}).Post(t.Context(), call(url)); !errors.Is(err, remote.ErrRedirect) {
			t.Errorf("%d: %+v, %v", status, answer, err)
		}
	}
	if insideCalls.Load() != 0 {
		t.Errorf("it was followed %d times", insideCalls.Load())
	}
}

func TestACallHasAnEnd(t *testing.T) {
	t.Parallel()
	const short = 100 * time.Millisecond
	for name, c := range map[string]struct {
		options remote.Options
		answer  http.HandlerFunc
	}{
		"no first byte": {remote.Options{FirstByte: short}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		"no last byte": {remote.Options{Whole: short}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("{"))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}},
		"no end": {remote.Options{MaxAnswer: 1000}, func(w http.ResponseWriter, _ *http.Request) {
			for line := bytes.Repeat([]byte("x"), 1000); ; {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		}},
		"cut": {remote.Options{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		}},
		"headers without end": {remote.Options{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Filler", strings.Repeat("x", 1<<20))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := service(t, c.answer)
			c.options.Loopback = true
			if answer, err := remote.New(c.options).Post(t.Context(), call(url)); err == nil {
				t.Errorf("it answered %d with %d bytes", answer.Status, len(answer.Body))
			}
		})
	}
}

func TestAnAnswerOfTheGreatestSizeIsRead(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]error{1000: nil, 1001: remote.ErrTooLarge} {
		url, _ := service(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), size)) })
		answer, err := remote.New(remote.Options{Loopback: true, MaxAnswer: 1000}).Post(t.Context(), call(url))
		if !errors.Is(err, want) || (want == nil && len(answer.Body) != size) {
			t.Errorf("%d bytes: read %d, %v", size, len(answer.Body), err)
		}
	}
}

func TestAStrangersCertificateIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	if _, err := remote.New(remote.Options{Loopback: true}).Post(t.Context(), call(server.URL)); err == nil {
		t.Error("a certificate of nobody was trusted")
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	options := remote.Options{Loopback: true, TLS: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}
	if _, err := remote.New(options).Post(t.Context(), call(server.URL)); err != nil {
		t.Errorf("a trusted certificate was refused: %v", err)
	}
}

// TestNoErrorTellsTheAddress: a token in it is as good as a password, and errors are logged.
func TestNoErrorTellsTheAddress(t *testing.T) {
	t.Parallel()
	hangs, _ := service(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cut, _ := service(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	moved, _ := service(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/?token=hunter2", http.StatusFound) })
	for _, url := range []string{hangs, cut, moved, "http://127.0.0.1:1"} {
		_, err := remote.New(remote.Options{Loopback: true, Whole: 100 * time.Millisecond}).Post(t.Context(), call(url+"/pay?token=hunter2"))
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "/pay") {
			t.Errorf("%s: %v", url, err)
		}
		if url == hangs {
			var timeout interface{ Timeout() bool }
			if !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("that it took too long is lost: %v", err)
			}
		}
	}
}
