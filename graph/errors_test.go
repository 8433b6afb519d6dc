package graph

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

func TestErrorsShowWhatTheCallerMayKnow(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	for how, want := range map[string]string{
		"wrapped": `{"message":"The order has changed.","path":["fail"],"locations":[{"line":1,"column":3}],` +
			`"extensions":{"code":"CONFLICT","currentVersion":7,"field":["input","expectedVersion"],"reason":"VERSION_CONFLICT"}}`,
		"throttled": `{"message":"Too many requests.","path":["fail"],"locations":[{"line":1,"column":3}],"extensions":{"code":"THROTTLED","retryAfter":1.5}}`,
		"id": `{"message":"This is not an id of the kind that is expected here.","path":["fail"],"locations":[{"line":1,"column":3}],` +
			`"extensions":{"code":"BAD_USER_INPUT","reason":"INVALID_ID"}}`,
		"deadline": `{"message":"The operation took too long and was given up. Try again.","path":["fail"],"locations":[{"line":1,"column":3}],` +
			`"extensions":{"code":"BUSY","reason":"TIMEOUT"}}`,
	} {
		got := e.post(t, `{ fail(how: "`+how+`") }`)
		// The toy knows no locations of its own; gqlgen adds them in generated code.
		want = strings.Replace(want, `"locations":[{"line":1,"column":3}],`, "", 1)
		if !strings.HasPrefix(got.body, `{"errors":[`+want+`],"data":{"fail":null}`) {
			t.Errorf("%s:\n got %s\nwant %s", how, got.body, want)
		}
	}
}

// TestADatabaseThatDoesNotServeIsBusy: what another try may bring right is no internal error, and a commit whose answer
// was lost is not called a failure.
func TestADatabaseThatDoesNotServeIsBusy(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"cut", "locked", "unanswered"} {
		e := newEdge(t)
		got := e.post(t, `{ fail(how: "`+how+`") }`)
		if got.code(t) != "BUSY" || strings.Contains(got.body, "secret") {
			t.Errorf("%s: %d %s", how, got.status, got.body)
		}
		if log := e.log.String(); !strings.Contains(log, "the database did not serve an operation") {
			t.Errorf("%s: the log does not tell what happened: %s", how, log)
		}
	}
}

// TestOnlyWhatOthersCanMendIsBusy of what the database has too little of: what a statement itself wants too much of would be
// refused again, for ever.
func TestOnlyWhatOthersCanMendIsBusy(t *testing.T) {
	t.Parallel()
	for state, code := range map[string]string{
		pgerrcode.InsufficientResources:      "BUSY",
		pgerrcode.DiskFull:                   "BUSY",
		pgerrcode.OutOfMemory:                "INTERNAL", // and locks: max_locks_per_transaction
		pgerrcode.TooManyConnections:         "BUSY",
		pgerrcode.ConfigurationLimitExceeded: "INTERNAL", // such as temp_file_limit
	} {
		var log strings.Builder
		presenter := newErrorPresenter(slog.New(slog.NewTextHandler(&log, nil)), clock.System)
		for range 2 {
			got := presenter.present(t.Context(), fmt.Errorf("read: %w", &pgconn.PgError{Code: state, Message: "secret"}))
			if got.Extensions["code"] != code || strings.Contains(got.Message, "secret") {
				t.Errorf("%s: %v, want %s", state, got, code)
			}
			if errorID, told := got.Extensions["id"].(string); told != (code == "INTERNAL") || !strings.Contains(log.String(), errorID) {
				t.Errorf("%s: its id is %q, and the log says\n%s", state, errorID, log.String())
			}
		}
		errors, remedies := map[string]int{"BUSY": 1, "INTERNAL": 2}[code], map[string]int{"BUSY": 1}[code]
		if said := log.String(); strings.Count(said, "level=ERROR") != errors || strings.Count(said, "what_to_do=") != remedies {
			t.Errorf("%s: want %d errors with %d remedies in the log\n%s", state, errors, remedies, said)
		}
	}
}

func TestEverythingElseIsInternalAndLogged(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"unknown", "panic"} {
		e := newEdge(t)
		got := e.post(t, `{ fail(how: "`+how+`") }`)
		if got.status != 200 || got.code(t) != "INTERNAL" || strings.Contains(got.body, "secret") {
			t.Errorf("%s: %d %s", how, got.status, got.body)
		}
		errs, _ := got.object(t)["errors"].([]any)
		extensions, _ := errs[0].(map[string]any)["extensions"].(map[string]any)
		errorID, _ := extensions["id"].(string)
		if len(extensions) != 2 || errorID == "" {
			t.Errorf("%s: the extensions are %v, want code and id alone", how, extensions)
		}
		log := e.log.String()
		if !strings.Contains(log, "error_id="+errorID) || !strings.Contains(log, "secret") {
			t.Errorf("%s: the log does not tell what happened: %s", how, log)
		}
		if how == "panic" && !strings.Contains(log, "toy_test.go") {
			t.Errorf("the log has no stack: %s", log)
		}
	}
}

// A type of a domain that cannot read what the caller sent says so in words of its own; the caller learns whose mistake
// it was, and nothing else.
func TestAnArgumentThatCannotBeReadIsTheCallersMistake(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	presenter := newErrorPresenter(slog.New(slog.NewTextHandler(&log, nil)), clock.System)
	field := graphql.CollectedField{Field: &ast.Field{
		Name: "order", Alias: "order", Position: &ast.Position{Line: 2, Column: 3},
		Definition: &ast.FieldDefinition{Arguments: ast.ArgumentDefinitionList{{Name: "id"}}},
	}}
	reading := graphql.WithFieldContext(t.Context(), &graphql.FieldContext{Object: "Query", Field: field})
	for name, err := range map[string]error{
		"plain":       errors.New("secret: unknown currency"),
		"with a path": gqlerror.WrapPath(ast.Path{ast.PathName("order"), ast.PathName("id")}, errors.New("secret")),
	} {
		got := presenter.present(reading, err)
		if got.Extensions["code"] != "BAD_USER_INPUT" || strings.Contains(got.Message, "secret") || len(got.Path) == 0 || len(got.Locations) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if log.Len() > 0 {
		t.Errorf("a caller's mistake was logged as ours: %s", log.String())
	}
	called := graphql.WithFieldContext(t.Context(), &graphql.FieldContext{Object: "Query", Field: field, Args: map[string]any{}})
	if got := presenter.present(called, errors.New("secret")); got.Extensions["code"] != "INTERNAL" {
		t.Errorf("of the resolver itself: %+v", got)
	}
}

func TestVariablesOfTheWrongTypeAreNamed(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	got := e.post(t, `query($in: Deep) { echo(in: $in) }`, `{"in": {"deeper": [{"size": "MEDIUM"}]}}`)
	want := `{"errors":[{"message":"Variable \"$in.deeper[0].size\": MEDIUM is not a valid Size",`
	if got.status != 400 || got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.body, want) || strings.Contains(got.body, `"path"`) {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestNoSuggestions(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	for _, document := range []string{
		`{ helo }`, `{ thing }`, `{ thing { nam } }`, `{ echo(sice: SMALL) }`, `{ echo(size: SMAL) }`, `{ echo(size: "SMALL") }`,
		`{ echo(in: {pik: {shelf: "a"}}) }`, `{ hello @skp(if: true) }`, `query($x: Siz) { echo(size: $x) }`, `{ hello { x } }`,
		`{ nodes(ids: []) { name } }`, `{ ...on Thin { id } }`,
	} {
		got := e.post(t, document)
		if got.status != 400 || got.code(t) != "BAD_USER_INPUT" {
			t.Errorf("%s: %d %s", document, got.status, got.body)
		}
		if strings.Contains(got.body, "Did you mean") || strings.Contains(got.body, `"file"`) {
			t.Errorf("%s: %s", document, got.body)
		}
	}
}

func TestUserErrors(t *testing.T) {
	t.Parallel()
	type mistake struct{ code, message string }
	as := func(f *fault.Fault) mistake { return mistake{f.Code, f.Message} }
	stock := fault.New(fault.Conflict, "OUT_OF_STOCK", "Only 2 are left.")
	note := fault.New(fault.Invalid, "TOO_LONG", "The note is too long.")

	t.Run("none", func(t *testing.T) {
		t.Parallel()
		if got, err := userErrors(nil, as); got == nil || len(got) != 0 || err != nil {
			t.Errorf("got %v, %v; want an empty list", got, err)
		}
	})
	t.Run("refusals of the business stand in the payload", func(t *testing.T) {
		t.Parallel()
		got, err := userErrors(fmt.Errorf("place: %w", stock), as)
		if err != nil || !slices.Equal(got, []mistake{{"OUT_OF_STOCK", "Only 2 are left."}}) {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("several at once", func(t *testing.T) {
		t.Parallel()
		got, err := userErrors(errors.Join(stock, note), as)
		if err != nil || len(got) != 2 || got[1].code != "TOO_LONG" {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("an id that is none is the caller's input", func(t *testing.T) {
		t.Parallel()
		_, parse := id.ParseOrderID("nonsense")
		got, err := userErrors(parse, as)
		if err != nil || len(got) != 1 || got[0].code != "INVALID_ID" {
			t.Errorf("got %v, %v", got, err)
		}
	})
	for name, err := range map[string]error{
		"not signed in":          fault.New(fault.Unauthenticated, "UNAUTHENTICATED", "Sign in."),
		"too busy":               fault.New(fault.Busy, "BUSY", "Try again."),
		"unknown":                errors.New("disk full"),
		"unknown among refusals": errors.Join(stock, errors.New("disk full")),
	} {
		t.Run(name+" fails the operation", func(t *testing.T) {
			t.Parallel()
			if got, gave := userErrors(err, as); got != nil || gave == nil {
				t.Errorf("got %v, %v", got, gave)
			}
		})
	}
}
