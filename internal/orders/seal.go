package orders

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
)

// A key opens the personal data of one order. Once it is deleted nobody can, wherever copies of the events lie.
type key []byte

const keySize = 32 // AES-256

func newKey() key {
	k := make(key, keySize)
	_, _ = rand.Read(k) // never fails: the runtime stops the process instead
	return k
}

// A keeper is an event that carries personal data. It is stored with the data sealed.
type keeper interface {
	event.Data
	personal() bool // whether this one does
	seal(k key, order id.OrderID) (event.Data, error)
	open(k key, order id.OrderID) (event.Data, error)
}

func (p Placed) seal(k key, order id.OrderID) (event.Data, error) {
	if p.Personal == nil {
		return p, nil
	}
	var err error
	p.Sealed, err = k.seal(order, p.Kind(), p.Personal)
	return p, err
}

func (p Placed) open(k key, order id.OrderID) (event.Data, error) {
	if len(p.Sealed) == 0 {
		return p, nil
	}
	p.Personal = new(Personal)
	return p, k.open(order, p.Kind(), p.Sealed, p.Personal)
}

func (n NoteAdded) seal(k key, order id.OrderID) (event.Data, error) {
	var err error
	n.Sealed, err = k.seal(order, n.Kind(), n.Body)
	return n, err
}

func (n NoteAdded) open(k key, order id.OrderID) (event.Data, error) {
	return n, k.open(order, n.Kind(), n.Sealed, &n.Body)
}

func (c PaymentCaptured) seal(k key, order id.OrderID) (event.Data, error) {
	if c.Reference == nil {
		return c, nil
	}
	var err error
	c.Sealed, err = k.seal(order, c.Kind(), c.Reference)
	return c, err
}

func (c PaymentCaptured) open(k key, order id.OrderID) (event.Data, error) {
	if len(c.Sealed) == 0 {
		return c, nil
	}
	return c, k.open(order, c.Kind(), c.Sealed, &c.Reference)
}

func (p Placed) personal() bool          { return p.Personal != nil }
func (NoteAdded) personal() bool         { return true }
func (c PaymentCaptured) personal() bool { return c.Reference != nil }

// seal encrypts a value for one order and kind of event: moved elsewhere, it does not open.
func (k key) seal(order id.OrderID, kind string, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode personal data of %s: %w", kind, err)
	}
	box, err := k.box()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize(), box.NonceSize()+len(plain)+box.Overhead())
	_, _ = rand.Read(nonce)
	return box.Seal(nonce, nonce, plain, append(order[:], kind...)), nil
}

func (k key) open(order id.OrderID, kind string, sealed []byte, into any) error {
	box, err := k.box()
	if err != nil {
		return err
	}
	if len(sealed) < box.NonceSize() {
		return fmt.Errorf("personal data of %s is cut off", kind)
	}
	plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], append(order[:], kind...))
	if err != nil {
		return fmt.Errorf("open personal data of %s: %w", kind, err)
	}
	return json.Unmarshal(plain, into)
}

func (k key) box() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, fmt.Errorf("an order's key is unusable: %w", err)
	}
	return cipher.NewGCM(block)
}
