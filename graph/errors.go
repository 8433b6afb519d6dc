package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// codeInternal is what a caller sees of everything that isn't theirs to know.
const codeInternal = "INTERNAL"

// codePersistedQueryNotFound asks a client to send the document together with its hash.
const codePersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND"

// maxErrors is how many errors one answer lists; a small document must not buy a large answer.
const maxErrors = 25

// What is refused before anything was executed is an error of the whole operation: on a socket it is sent as
// `error`, not as a result.
func init() {
	for _, kind := range []fault.Kind{
		fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Invalid,
		fault.Conflict, fault.Throttled, fault.Busy, fault.TooComplex,
	} {
		errcode.RegisterErrorType(string(kind), errcode.KindProtocol)
	}
	errcode.RegisterErrorType(codeInternal, errcode.KindProtocol)
	errcode.RegisterErrorType(codePersistedQueryNotFound, errcode.KindProtocol)
}

// errorPresenter turns errors into what the caller may see. It is the only place that does.
type errorPresenter struct {
	log  *slog.Logger
	lack *lack
}

func newErrorPresenter(log *slog.Logger, c clock.Clock) errorPresenter {
	return errorPresenter{log, newLack(c)}
}

// present is gqlgen's hook for every error of an operation.
func (p errorPresenter) present(ctx context.Context, err error) *gqlerror.Error {
	var known *gqlerror.Error
	errors.As(err, &known)
	if f, ok := visible(err); ok {
		p.unserved(ctx, err)
		shown := refusal(f)
		if known != nil {
			shown.Path, shown.Locations = known.Path, known.Locations
		} else {
			shown.Path = graphql.GetPath(ctx)
		}
		return shown
	}
	if known != nil && known.Err == nil && known.Extensions["code"] != nil {
		return ofDocument(known)
	}
	if readingArguments(ctx) { // a type of ours could not read the caller's value
		shown := refuse(fault.Invalid, nil, "An argument has a value that is not of its type.")
		shown.Path, shown.Locations = graphql.GetPath(ctx), fieldLocation(ctx)
		if known != nil && known.Path != nil {
			shown.Path = known.Path
		}
		return shown
	}
	shown := p.internal(ctx, err, nil)
	if known != nil {
		shown.Path, shown.Locations = known.Path, known.Locations
	}
	return shown
}

// warn logs what went wrong outside an operation, or what the database lacks.
func (p errorPresenter) warn(ctx context.Context, message string, err error, about ...any) {
	if !p.toldLack(ctx, err) {
		p.log.WarnContext(ctx, message, append(about, "error", err)...)
	}
}

// unserved logs that the database did not serve an operation. Most of that passes.
func (p errorPresenter) unserved(ctx context.Context, err error) {
	if p.toldLack(ctx, err) {
		return
	}
	if _, ours := fault.As(err); !ours && unavailable(err) {
		p.log.WarnContext(ctx, "the database did not serve an operation", slog.Any("error", err), slog.String("path", graphql.GetPath(ctx).String()))
	}
}

// toldLack says as an error what the database lacks, since somebody must act: not for each of the many that meet it, but
// once. It tells whether it has logged the error.
func (p errorPresenter) toldLack(ctx context.Context, err error) bool {
	if !pg.IsExhausted(err) {
		return false
	}
	state := pg.SQLState(err)
	news := p.lack.meet(state)
	if news {
		p.log.ErrorContext(ctx, "the database lacks a resource", slog.Any("error", err), slog.String("path", graphql.GetPath(ctx).String()),
			slog.String("what_to_do", remedy(state)))
	}
	return news
}

// ofDocument is an error of the parser or the validator: about the caller's own document, made of the caller's own
// words. What others have as its code is its reason here; the file name that the parser adds is always empty and goes.
func ofDocument(known *gqlerror.Error) *gqlerror.Error {
	shown := *known
	shown.Message = withoutSuggestion(known.Message)
	shown.Extensions = maps.Clone(known.Extensions)
	delete(shown.Extensions, "file")
	if code := shown.Extensions["code"]; code == errcode.ParseFailed || code == errcode.ValidationFailed {
		shown.Extensions["code"], shown.Extensions["reason"] = string(fault.Invalid), code
	}
	if len(known.Path) > 1 && known.Path[0] == ast.PathName("variable") { // a path leads into the answer, and there is none
		shown.Path, shown.Message = nil, fmt.Sprintf("Variable %q: %s", "$"+known.Path[1:].String(), shown.Message)
	}
	return &shown
}

// readingArguments says whether an error arose while a field's arguments were read, before its resolver was called.
func readingArguments(ctx context.Context) bool {
	field := graphql.GetFieldContext(ctx)
	return field != nil && field.Args == nil && field.Field.Field != nil && field.Field.Definition != nil &&
		len(field.Field.Definition.Arguments) > 0
}

func fieldLocation(ctx context.Context) []gqlerror.Location {
	at := graphql.GetFieldContext(ctx).Field.Position
	if at == nil {
		return nil
	}
	return []gqlerror.Location{{Line: at.Line, Column: at.Column}}
}

// recovered answers for a panic in a resolver.
func (p errorPresenter) recovered(ctx context.Context, cause any) error {
	return p.internal(ctx, fmt.Errorf("panic: %v", cause), debug.Stack())
}

// internal logs an error under a fresh id; the id is all that the caller gets.
func (p errorPresenter) internal(ctx context.Context, err error, stack []byte) *gqlerror.Error {
	errorID := uuid.NewString()
	attrs := []any{slog.String("error_id", errorID), slog.Any("error", err), slog.String("path", graphql.GetPath(ctx).String())}
	if stack != nil {
		attrs = append(attrs, slog.String("stack", string(stack)))
	}
	p.log.ErrorContext(ctx, "operation failed", attrs...)
	return &gqlerror.Error{
		Message:    "Something went wrong on our side. It has been logged.",
		Extensions: map[string]any{"code": codeInternal, "id": errorID},
	}
}

// visible finds what a caller may know about an error.
func visible(err error) (*fault.Fault, bool) {
	if f, ok := fault.As(err); ok {
		return f, true
	}
	switch {
	case errors.Is(err, id.ErrInvalid):
		return fault.New(fault.Invalid, "INVALID_ID", "This is not an id of the kind that is expected here."), true
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Busy, "TIMEOUT", "The operation took too long and was given up. Try again."), true
	case errors.Is(err, context.Canceled):
		return fault.New(fault.Busy, "CANCELED", "The operation was ended before it was done."), true
	case unavailable(err):
		return fault.New(fault.Busy, string(fault.Busy),
			"The shop can't answer at this moment. Try again; under the same idempotency key nothing happens twice."), true
	}
	return nil, false
}

// unavailable tells whether the database is away, overloaded or short of a resource, or has not said what became of a
// commit: another try may do better.
func unavailable(err error) bool {
	return pg.IsUnreachable(err) || pg.IsExhausted(err) || pg.IsLockTimeout(err) || pg.IsStatementTimeout(err) || pg.IsRetryable(err) ||
		errors.Is(err, pg.ErrCommitUnknown)
}

// refusal is a fault as a GraphQL error: its kind as the code, then its own code, its place in the input and its
// data where it has them.
func refusal(f *fault.Fault) *gqlerror.Error {
	extensions := make(map[string]any, len(f.Data)+4)
	maps.Copy(extensions, f.Data)
	extensions["code"] = string(f.Kind)
	if f.Code != "" && f.Code != string(f.Kind) {
		extensions["reason"] = f.Code
	}
	if len(f.Field) > 0 {
		extensions["field"] = f.Field
	}
	if f.RetryAfter > 0 {
		extensions["retryAfter"] = math.Ceil(f.RetryAfter.Seconds()*1000) / 1000
	}
	return &gqlerror.Error{Err: f, Message: f.Message, Extensions: extensions}
}

// refuse makes the error of a request that names something the schema or a limit does not allow.
func refuse(kind fault.Kind, at *ast.Position, format string, args ...any) *gqlerror.Error {
	err := refusal(fault.Newf(kind, string(kind), format, args...))
	if at != nil {
		err.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return err
}

// withoutSuggestion cuts hints at names that the caller did not write.
func withoutSuggestion(message string) string {
	for _, hint := range []string{" Did you mean", "; Did you mean"} {
		if i := strings.Index(message, hint); i >= 0 {
			message = message[:i]
		}
	}
	return message
}

func errorList(errs ...*gqlerror.Error) gqlerror.List { return errs }

// cutErrors keeps an answer's error list short.
func cutErrors(errs gqlerror.List) gqlerror.List {
	if len(errs) <= maxErrors {
		return errs
	}
	more := fmt.Sprintf("%d more errors are not listed.", len(errs)-maxErrors)
	cut := append(gqlerror.List{}, errs[:maxErrors]...)
	return append(cut, &gqlerror.Error{Message: more, Extensions: map[string]any{"code": errs[maxErrors].Extensions["code"]}})
}
