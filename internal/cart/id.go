package cart

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
)

// ID names a cart together with the secret that opens it: gid://wharf/Cart/<uuid>?key=<secret>.
type ID struct {
	UUID   [16]byte
	key    string
	inside bool // the shop itself asks, for a customer who has proved to be the cart's
}

const keyMark = "?key="

// ParseID reads a cart's id. It says false to what is none; an id without a secret is one that opens nothing.
func ParseID(text string) (ID, bool) {
	global, err := id.Parse(text)
	if err != nil || global.Kind != "Cart" {
		return ID{}, false
	}
	_, key, _ := strings.Cut(text, keyMark)
	return ID{UUID: global.UUID, key: key}, true
}

// String writes the id with its secret. It is for the holder of the cart only, never for logs.
func (i ID) String() string {
	return "gid://wharf/Cart/" + uuid.UUID(i.UUID).String() + keyMark + i.key
}

// Opaque is the id without the scheme, as it stands in the address of a checkout page.
func (i ID) Opaque() string { return uuid.UUID(i.UUID).String() + keyMark + i.key }

// MarshalGQL writes the id as a GraphQL ID.
func (i ID) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(i.String())) }

// UnmarshalGQL reads a GraphQL ID.
func (i *ID) UnmarshalGQL(v any) error {
	text, _ := v.(string)
	parsed, ok := ParseID(text)
	if !ok {
		return fmt.Errorf("%w: not a cart's id", id.ErrInvalid)
	}
	*i = parsed
	return nil
}

// opens compares the secret with the stored hash in constant time.
func (i ID) opens(hash []byte) bool { return i.inside || access.TokenMatches(i.key, hash) }
