// Package id gives every kind of thing in the shop its own identifier type.
//
// An identifier is a UUID version 7, made in Go before the row is written. Outside it is the opaque text
// gid://wharf/<Kind>/<uuid>; in the database it is a uuid column. One defined type per kind lets the compiler
// refuse an order's id where a cart's is expected.
package id

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

//go:generate go run gen.go

const scheme = "gid://wharf/"

// ErrInvalid says that a text is no identifier of the kind that was asked for.
var ErrInvalid = errors.New("invalid global id")

// Global is an identifier whose kind is known only at run time, as given to node(id:).
type Global struct {
	Kind string
	UUID [16]byte
}

// Node is anything of the API that has a global id.
type Node interface{ IsNode() }

// Parse reads gid://wharf/<Kind>/<uuid>. What follows a question mark (a cart's key) is ignored.
func Parse(text string) (Global, error) {
	rest, ok := strings.CutPrefix(text, scheme)
	if !ok {
		return Global{}, fmt.Errorf("%w: %.80q", ErrInvalid, text)
	}
	rest, _, _ = strings.Cut(rest, "?")
	kind, tail, ok := strings.Cut(rest, "/")
	if !ok || kind == "" || len(tail) != 36 {
		return Global{}, fmt.Errorf("%w: %.80q", ErrInvalid, text)
	}
	u, err := uuid.Parse(tail)
	if err != nil {
		return Global{}, fmt.Errorf("%w: %.80q", ErrInvalid, text)
	}
	return Global{Kind: kind, UUID: u}, nil
}

// String writes the identifier in its outside form.
func (g Global) String() string { return format(g.Kind, g.UUID) }

// New makes a fresh UUID version 7: time-ordered, so that indexes grow at their end.
func New() [16]byte { return uuid.Must(uuid.NewV7()) }

func format(kind string, u [16]byte) string { return scheme + kind + "/" + uuid.UUID(u).String() }

func parseKind(kind, text string) ([16]byte, error) {
	g, err := Parse(text)
	if err != nil {
		return [16]byte{}, err
	}
	if g.Kind != kind {
		return [16]byte{}, fmt.Errorf("%w: %.80q is no %s", ErrInvalid, text, kind)
	}
	return g.UUID, nil
}

func unmarshalGQL(kind string, v any) ([16]byte, error) {
	text, ok := v.(string)
	if !ok {
		return [16]byte{}, fmt.Errorf("%w: an id is a string", ErrInvalid)
	}
	return parseKind(kind, text)
}

func marshalGQL(w io.Writer, kind string, u [16]byte) {
	_, _ = io.WriteString(w, `"`+format(kind, u)+`"`)
}

func scanUUID(v pgtype.UUID) ([16]byte, error) {
	if !v.Valid {
		return [16]byte{}, errors.New("null where an id is expected")
	}
	return v.Bytes, nil
}
