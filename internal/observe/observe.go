// Package observe is how Wharf is watched: logs, traces and metrics.
//
// It promises that nothing a shopper or a partner must keep secret reaches a log line: e-mail addresses, phone and
// card numbers, tokens and passwords are masked in the one handler through which every line goes, and line breaks
// and control characters in foreign text are written as escapes. Traces and metrics carry ids and codes only.
// What is worth reporting is decided by the packages that report it.
package observe

import "context"

type requestKey struct{}

// WithRequest gives a context that remembers the request's id; every log line made under it carries the id.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// Request is the id of the request that is being answered, or nothing.
func Request(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
