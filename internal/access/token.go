package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
)

// NewToken makes an opaque token: the prefix, which tells a reader of logs and secret scanners what leaked, and 256
// random bits. Only its hash is to be stored.
func NewToken(prefix string) (token string, hash []byte) {
	token = prefix + NewSecret()
	return token, HashToken(token)
}

// NewSecret is 256 random bits as text.
func NewSecret() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails: the runtime stops the process instead
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// NewShortCode is a random text of n lower-case hexadecimal digits, for the public part of a key.
func NewShortCode(n int) string {
	random := make([]byte, (n+1)/2)
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)[:n]
}

// HashToken is the form in which a token is stored. A plain hash is enough: 256 random bits cannot be guessed.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// TokenMatches compares a token with a stored hash in constant time.
func TokenMatches(token string, hash []byte) bool {
	return subtle.ConstantTimeCompare(HashToken(token), hash) == 1
}
