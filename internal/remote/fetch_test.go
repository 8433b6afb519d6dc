package remote_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/remote"
)

// inward finds an inward address for every name.
type inward struct{}

func (inward) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("10.0.0.1")}, nil
}

func fetch(t *testing.T, c *remote.Client, address string) (string, error) {
	t.Helper()
	body, err := c.Fetch(t.Context(), address)
	if err != nil {
		return "", err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	return string(text), err
}

func TestAFileIsFetchedWhereItLies(t *testing.T) {
	t.Parallel()
	c := remote.New(remote.Options{Loopback: true, Resolver: inward{}, Connect: time.Second})
	file, asked := service(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/a.csv" || r.Header.Get("Referer") != "" || r.Header.Get("Webhook-Signature") != "" {
			t.Errorf("it was asked with %s %s %v", r.Method, r.URL, r.Header)
		}
		_, _ = io.WriteString(w, "Handle\na\n")
	})
	door, _ := service(t, func(w http.ResponseWriter, r *http.Request) {
		switch to := r.URL.Path; to {
		case "/file":
			http.Redirect(w, r, file+"/a.csv#here", http.StatusFound)
		case "/near":
			http.Redirect(w, r, "file", http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/inward":
			http.Redirect(w, r, "https://10.0.0.1/secret", http.StatusFound)
		case "/meta":
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		case "/named":
			http.Redirect(w, r, "https://inside.example/", http.StatusFound)
		case "/disk":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		default:
			w.WriteHeader(http.StatusGone)
		}
	})
	for _, path := range []string{"/file", "/near"} {
		if text, err := fetch(t, c, door+path); err != nil || text != "Handle\na\n" {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
	if asked.Load() != 2 {
		t.Errorf("the file was asked for %d times", asked.Load())
	}
	var refused *remote.RefusedError
	var status *remote.StatusError
	for path, is := range map[string]func(error) bool{
		"/loop":    func(err error) bool { return errors.Is(err, remote.ErrRedirects) },
		"/inward":  func(err error) bool { return errors.Is(err, remote.ErrInward) && errors.As(err, &refused) },
		"/meta":    func(err error) bool { return errors.As(err, &refused) },
		"/named":   func(err error) bool { return errors.Is(err, remote.ErrInward) },
		"/disk":    func(err error) bool { return errors.As(err, &refused) },
		"/nowhere": func(err error) bool { return errors.As(err, &status) && status.Status == http.StatusFound },
		"/else":    func(err error) bool { return errors.As(err, &status) && status.Status == http.StatusGone },
	} {
		text, err := fetch(t, c, door+path)
		if text != "" || !is(err) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
}

func TestWhatIsFetchedHasAnEnd(t *testing.T) {
	t.Parallel()
	slow, _ := service(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "Handle\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	if text, err := fetch(t, remote.New(remote.Options{Loopback: true, Whole: 100 * time.Millisecond}), slow); err == nil {
		t.Errorf("a file that never ends was read: %q", text)
	}
	if _, err := fetch(t, remote.New(remote.Options{}), slow); err == nil {
		t.Error("this machine was asked in production")
	}
}
