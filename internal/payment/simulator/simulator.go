// Package simulator is the world outside a shop: a payment provider with books of its own on disk, that answers over
// HTTP in the protocols of real providers and misbehaves on demand. It is for tests, for `make chaos` and for the
// examples, and is never plugged into a shop.
//
// It has four parts, and a face for each protocol.
//
//   - Books is what the provider knows: an append-only file that outlives a kill, in which a key never moves money
//     twice. It knows no protocol.
//   - Modes is how the world misbehaves: by the payment token of a charge, or by rules that a test sets for a share of
//     the calls or of the callbacks.
//   - Callbacks sends what has changed to the shop, and repeats it until it is taken.
//   - World puts them behind HTTP: /{face}/ for each protocol, /control/ for whoever runs the test, and /challenge/ for
//     the page on which a shopper proves who they are.
//   - A Face reads one protocol's calls, asks the Books, and words answers and callbacks. It never decides anything, so
//     every protocol misbehaves in the same ways.
//
// What it promises: what was answered is in the books, also after kill -9, and nothing else is, except where a Mode
// says so; the same seed and the same calls in the same order misbehave in the same way.
package simulator

import (
	"crypto/sha256"
	"encoding/hex"
)

// name derives a name that the provider gives, the same for the same origin, also after a restart.
func name(prefix, origin string) string {
	sum := sha256.Sum256([]byte(prefix + origin))
	return prefix + hex.EncodeToString(sum[:12])
}
