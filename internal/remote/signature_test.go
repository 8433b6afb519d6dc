package remote_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/remote"
)

// The specification's own example.
const (
	exampleBody      = `{"test": 2432232314}`
	exampleID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	exampleSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

var exampleTime = time.Unix(1614265330, 0)

func TestSignIsAsTheSpecificationSays(t *testing.T) {
	t.Parallel()
	header := http.Header{}
	remote.Sign(header, exampleID, exampleTime, []byte(exampleBody), secrets)
	if got := header.Get("webhook-signature"); got != exampleSignature {
		t.Errorf("signed with %s", got)
	}
	if header.Get("webhook-id") != exampleID || header.Get("webhook-timestamp") != "1614265330" {
		t.Errorf("the headers are %v", header)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	other := must(remote.ParseSecrets("whsec_" + base64.StdEncoding.EncodeToString([]byte("another secret of 24 bytes"))))
	header := func(changes ...string) http.Header {
		h := http.Header{}
		remote.Sign(h, exampleID, exampleTime, []byte(exampleBody), secrets)
		for i := 0; i < len(changes); i += 2 {
			h.Set(changes[i], changes[i+1])
		}
		return h
	}
	twice := http.Header{}
	remote.Sign(twice, exampleID, exampleTime, []byte(exampleBody), append(other, secrets...))
	for name, c := range map[string]struct {
		header  http.Header
		body    string
		after   time.Duration
		secrets []remote.Secret
		genuine bool
	}{
		"genuine":                              {header(), exampleBody, 0, secrets, true},
		"five minutes later":                   {header(), exampleBody, 5 * time.Minute, secrets, true},
		"five minutes early":                   {header(), exampleBody, -5 * time.Minute, secrets, true},
		"by a new secret, while it is changed": {header(), exampleBody, 0, append(other, secrets...), true},
		"by two secrets, one of them known":    {twice, exampleBody, 0, secrets, true},
		"a wrong signature beside a right":     {header(remote.HeaderSignature, "v2,x v1,!! v1,AAAA "+exampleSignature), exampleBody, 0, secrets, true},
		"too late":                             {header(), exampleBody, 5*time.Minute + time.Second, secrets, false},
		"too early":                            {header(), exampleBody, -5*time.Minute - time.Second, secrets, false},
		"another body":                         {header(), exampleBody + " ", 0, secrets, false},
		"another id":                           {header(remote.HeaderID, "msg_2"), exampleBody, 0, secrets, false},
		"no id":                                {header(remote.HeaderID, ""), exampleBody, 0, secrets, false},
		"another time":                         {header(remote.HeaderTimestamp, "1614265331"), exampleBody, 0, secrets, false},
		"no time":                              {header(remote.HeaderTimestamp, ""), exampleBody, 0, secrets, false},
		"a time that is none":                  {header(remote.HeaderTimestamp, "soon"), exampleBody, 0, secrets, false},
		"a time out of range":                  {header(remote.HeaderTimestamp, "9223372036854775807"), exampleBody, 0, secrets, false},
		"no signature":                         {header(remote.HeaderSignature, ""), exampleBody, 0, secrets, false},
		"another version":                      {header(remote.HeaderSignature, "v2"+exampleSignature[2:]), exampleBody, 0, secrets, false},
		"a part of the signature":              {header(remote.HeaderSignature, "v1,g0hM"), exampleBody, 0, secrets, false},
		"another secret":                       {header(), exampleBody, 0, other, false},
		"no secret":                            {header(), exampleBody, 0, nil, false},
		"nothing":                              {http.Header{}, "", 0, secrets, false},
	} {
		id, err := remote.Verify(c.header, []byte(c.body), exampleTime.Add(c.after), c.secrets)
		if c.genuine && (err != nil || id != exampleID) {
			t.Errorf("%s: %q, %v", name, id, err)
		}
		if !c.genuine && !errors.Is(err, remote.ErrSignature) {
			t.Errorf("%s: believed as %q, %v", name, id, err)
		}
	}
}

func TestParseSecrets(t *testing.T) {
	t.Parallel()
	secret := func(n int) string { return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for text, want := range map[string]int{
		secret(24): 1, secret(64): 1, secret(24) + "," + secret(32): 2, secret(24) + " " + secret(32): 2,
		"": 0, " ": 0, "whsec_": 0, secret(23): 0, secret(65): 0, strings.TrimPrefix(secret(24), "whsec_"): 0, secret(24) + ",x": 0, "whsec_!": 0,
	} {
		found, err := remote.ParseSecrets(text)
		if len(found) != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d secrets, %v", text, len(found), err)
		}
	}
}

func TestASecretDoesNotShowItself(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, secrets); text != "[whsec_…]" && text != "[]remote.Secret{whsec_…}" {
			t.Errorf("%s shows %s", format, text)
		}
	}
}
