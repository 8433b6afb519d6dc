// Package fault is the one error type whose content a caller may see.
//
// A fault has a kind (how the API answers), a stable code (a contract), a sentence for people, and, where the
// caller can act on them, the path into the input and data. Every other error is internal: logged, never shown.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"time"
)

// Kind says how the API answers.
type Kind string

// The kinds, each one extensions.code of the API.
const (
	Unauthenticated Kind = "UNAUTHENTICATED"
	Forbidden       Kind = "FORBIDDEN"
	NotFound        Kind = "NOT_FOUND"
	Invalid         Kind = "BAD_USER_INPUT"
	Conflict        Kind = "CONFLICT"
	Throttled       Kind = "THROTTLED"
	Busy            Kind = "BUSY"
	TooComplex      Kind = "QUERY_TOO_COMPLEX"
)

// Fault is an error that the caller may see and act on.
type Fault struct {
	Kind       Kind
	Code       string         // stable, UPPER_CASE; one of the domain's error codes, or the kind itself
	Message    string         // a full sentence for people
	Field      []string       // path into the input, e.g. input, lines, 0, quantity; empty when it is the whole
	Data       map[string]any // what the caller needs to act: quantityAvailable, currentPrice, currentVersion
	RetryAfter time.Duration  // for Throttled and Busy
	Cause      error          // for the log only
}

// New makes a fault.
func New(kind Kind, code, message string) *Fault {
	return &Fault{Kind: kind, Code: code, Message: message}
}

// Newf makes a fault whose message is formatted.
func Newf(kind Kind, code, format string, args ...any) *Fault {
	return New(kind, code, fmt.Sprintf(format, args...))
}

// Error is the message for people, followed by the cause for the log.
func (f *Fault) Error() string {
	if f.Cause != nil {
		return f.Message + " (" + f.Cause.Error() + ")"
	}
	return f.Message
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Is holds two faults equal when kind and code agree.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Kind == f.Kind && t.Code == f.Code
}

// At gives a copy that names the path into the input.
func (f *Fault) At(field ...string) *Fault {
	c := *f
	c.Field = field
	return &c
}

// With gives a copy that carries one more datum.
func (f *Fault) With(key string, value any) *Fault {
	c := *f
	c.Data = make(map[string]any, len(f.Data)+1)
	maps.Copy(c.Data, f.Data)
	c.Data[key] = value
	return &c
}

// Because gives a copy that remembers the cause for the log.
func (f *Fault) Because(err error) *Fault {
	c := *f
	c.Cause = err
	return &c
}

// As finds the fault in an error's chain.
func As(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// IsKind says whether an error is a fault of that kind.
func IsKind(err error, kind Kind) bool {
	f, ok := As(err)
	return ok && f.Kind == kind
}
