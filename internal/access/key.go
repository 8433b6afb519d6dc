package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Purpose names what a server key is for. Each purpose has a key of its own.
type Purpose string

// The purposes for which the shop keeps keys. The names are stored.
const (
	OrderTokens Purpose = "order_token"
	CartSecrets Purpose = "cart_secret"
	Cursors     Purpose = "cursor"

	LoginAttempts     Purpose = "login_attempt"
	IdempotencyHashes Purpose = "idempotency_hash"
	TestCallbacks     Purpose = "test_callback"
	GiftCardCodes     Purpose = "gift_card_code"
	FileLinks         Purpose = "file_link"
	CustomerLetters   Purpose = "customer_letter"
)

var purposes = []Purpose{OrderTokens, CartSecrets, Cursors, LoginAttempts, IdempotencyHashes, TestCallbacks, GiftCardCodes, FileLinks, CustomerLetters}

// Keys are the secrets of the shop, the same in each of its processes. They are kept in the database, so that a
// token derived from them can be given again after a restart.
type Keys struct {
	secrets map[Purpose][]byte
}

// The first process to start makes the key; the others, and those that start at the same moment, take what it made.
const makeServerKeySQL = `
insert into server_key (purpose, secret)
values ($1, $2)
on conflict (purpose) do nothing`

const serverKeySQL = `
select secret
from server_key
where purpose = $1`

// LoadKeys reads the server keys and makes those that are missing.
func LoadKeys(ctx context.Context, db pg.DB) (*Keys, error) {
	keys := &Keys{secrets: make(map[Purpose][]byte, len(purposes))}
	for _, purpose := range purposes {
		fresh := make([]byte, 32)
		_, _ = rand.Read(fresh)
		if _, err := db.Exec(ctx, makeServerKeySQL, string(purpose), fresh); err != nil {
			return nil, fmt.Errorf("make the server key for %s: %w", purpose, err)
		}
		var secret []byte
		if err := db.QueryRow(ctx, serverKeySQL, string(purpose)).Scan(&secret); err != nil {
			return nil, fmt.Errorf("read the server key for %s: %w", purpose, err)
		}
		keys.secrets[purpose] = secret
	}
	return keys, nil
}

// Sign derives 256 bits from data under the key of one purpose.
func (k *Keys) Sign(purpose Purpose, data []byte) []byte {
	secret, ok := k.secrets[purpose]
	if !ok {
		panic("no server key for " + string(purpose))
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(data)
	return mac.Sum(nil)
}

// Verify checks a signature in constant time.
func (k *Keys) Verify(purpose Purpose, data, signature []byte) bool {
	return hmac.Equal(k.Sign(purpose, data), signature)
}

const orderTokenPrefix = "wharfo_"

// OrderToken is the token that opens one order to whoever holds it. It is always the same for the same order, so it
// can be given again for a repeated request; orders keep only its hash.
func (k *Keys) OrderToken(order id.OrderID) string {
	return orderTokenPrefix + hex.EncodeToString(order[:]) + "_" +
		base64.RawURLEncoding.EncodeToString(k.Sign(OrderTokens, order[:]))
}

// OpenOrderToken gives the order that a token opens, or false when the token is not one of ours.
func (k *Keys) OpenOrderToken(token string) (id.OrderID, bool) {
	var order id.OrderID
	rest, ok := strings.CutPrefix(token, orderTokenPrefix)
	if !ok || len(rest) < 2*len(order) {
		return id.OrderID{}, false
	}
	if _, err := hex.Decode(order[:], []byte(rest[:2*len(order)])); err != nil {
		return id.OrderID{}, false
	}
	if !hmac.Equal([]byte(token), []byte(k.OrderToken(order))) {
		return id.OrderID{}, false
	}
	return order, true
}
