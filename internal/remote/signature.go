package remote

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Secret is a key that two sides share. It never shows itself when it, or what holds it, is printed: not even fmt looks
// behind a pointer that lies deep.
type Secret struct{ key *[]byte }

// NewSecret takes the bytes of a key.
func NewSecret(key []byte) Secret {
	key = bytes.Clone(key)
	return Secret{&key}
}

const (
	secretPrefix = "whsec_"
	minSecret    = 24
	maxSecret    = 64
)

// ErrSecret says that a text is no secret.
var ErrSecret = errors.New("a secret is whsec_ and the base64 of 24 to 64 random bytes")

// ParseSecrets reads secrets as the specification writes them, separated by commas or spaces: the one that holds, and
// while it is changed the other.
func ParseSecrets(text string) ([]Secret, error) {
	var all []Secret
	for word := range strings.FieldsSeq(strings.ReplaceAll(text, ",", " ")) {
		encoded, ok := strings.CutPrefix(word, secretPrefix)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < minSecret || len(key) > maxSecret {
			return nil, ErrSecret
		}
		all = append(all, NewSecret(key))
	}
	if len(all) == 0 {
		return nil, ErrSecret
	}
	return all, nil
}

// String hides the secret.
func (Secret) String() string { return "whsec_…" }

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// mac is the signature over what the specification (Standard Webhooks 1.0) says is signed.
func (s Secret) mac(id, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, *s.key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// The headers of a signature.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// tolerance is how old or how early a message may be, so that one that was overheard is of no use for long.
const tolerance = 5 * time.Minute

// Sign signs a body, once with each secret. The id stays the same when a message is repeated; the time is of the try.
func Sign(header http.Header, id string, at time.Time, body []byte, secrets []Secret) {
	seconds := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(s.mac(id, seconds, body))
	}
	header.Set(HeaderID, id)
	header.Set(HeaderTimestamp, seconds)
	header.Set(HeaderSignature, strings.Join(signatures, " "))
}

// ErrSignature says that a message is not from whom it says to be from, or that it is old.
var ErrSignature = errors.New("the signature is wrong")

// Verify checks a message over the bytes as they came, and gives its id. One right signature by one of the secrets is
// enough. Without a secret nothing is believed.
func Verify(header http.Header, body []byte, now time.Time, secrets []Secret) (string, error) {
	id, at := header.Get(HeaderID), header.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || id == "" {
		return "", ErrSignature
	}
	if sent := time.Unix(seconds, 0); now.Sub(sent) > tolerance || sent.Sub(now) > tolerance {
		return "", ErrSignature
	}
	for text := range strings.FieldsSeq(header.Get(HeaderSignature)) {
		encoded, ok := strings.CutPrefix(text, "v1,")
		if !ok {
			continue
		}
		signature, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			continue
		}
		for _, s := range secrets {
			if hmac.Equal(signature, s.mac(id, at, body)) {
				return id, nil
			}
		}
	}
	return "", ErrSignature
}
