package scalar_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/wharfhq/wharf/graph/scalar"
	"github.com/wharfhq/wharf/internal/fault"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, values := range map[string]struct{ good, bad []any }{
		"Int":           {[]any{json.Number("0"), json.Number("-2147483648"), int64(2147483647), 5}, []any{"5", 5.0, true, json.Number("1.0"), json.Number("2147483648"), int64(-2147483649), nil, json.Number("1e3")}},
		"Float":         {[]any{json.Number("1.5"), json.Number("1e3"), 2.5, int64(7)}, []any{"1.5", true, math.Inf(1), math.NaN(), json.Number("1e999"), nil}},
		"Boolean":       {[]any{true, false}, []any{"true", json.Number("1"), int64(0), nil}},
		"String":        {[]any{"", "lamp", "läßt\nsich"}, []any{json.Number("5"), true, int64(5), "a\x00b", "\xff", nil}},
		"ID":            {[]any{"gid://wharf/Product/1", json.Number("5"), int64(5)}, []any{json.Number("5.5"), 5.5, true, "a\x00", nil}},
		"DateTime":      {[]any{"2026-11-22T19:46:13Z", "2026-11-22T19:46:13.123456+05:30"}, []any{"2026-11-22", "2026-11-22T19:46:13", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.9-10:00", "0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000009Z", json.Number("5"), nil}},
		"URL":           {[]any{"https://example.com/a?b=c"}, []any{"/a", "javascript:alert(1)", "https://", "https://user:password@example.com", "ftp://example.com", "https://example.com/" + strings.Repeat("a", 2048), json.Number("5")}},
		"HTML":          {[]any{"<b>lamp</b>"}, []any{json.Number("5"), "\x00"}},
		"Decimal":       {[]any{"12.50", "-1", "0", json.Number("12.50"), int64(3)}, []any{"", ".5", "5.", "1e3", "+5", "1,5", "0x1", strings.Repeat("9", 31), json.Number("1e999"), 1.5, true}},
		"Color":         {[]any{"#6A8CAF", "#6a8caf"}, []any{"6A8CAF", "#6A8CA", "#6A8CAFF", "red", json.Number("5")}},
		"UnsignedInt64": {[]any{"0", "18446744073709551615"}, []any{"-1", "18446744073709551616", "1.5", "", json.Number("5")}},
		"JSON":          {[]any{"x", json.Number("5"), nil, map[string]any{}}, nil},
		"Unheard":       {[]any{"x", nil}, nil},
	} {
		for _, v := range values.good {
			if err := scalar.Check(name, v); err != nil {
				t.Errorf("%s refuses %T %v: %v", name, v, v, err)
			}
		}
		for _, v := range values.bad {
			err := scalar.Check(name, v)
			if !fault.IsKind(err, fault.Invalid) {
				t.Errorf("%s takes %T %v: %v", name, v, v, err)
			}
		}
	}
}

func TestMarshal(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("CET", 3600)
	for want, m := range map[string]graphql.Marshaler{
		`5`:                        scalar.MarshalInt(5),
		`-7`:                       scalar.MarshalInt32(-7),
		`2147483647`:               scalar.MarshalInt64(math.MaxInt32),
		`1.5`:                      scalar.MarshalFloat(1.5),
		`true`:                     scalar.MarshalBoolean(true),
		`"a\"b"`:                   scalar.MarshalString(`a"b`),
		`"i"`:                      scalar.MarshalID("i"),
		`"2026-11-22T18:46:13.5Z"`: scalar.MarshalDateTime(time.Date(2026, 11, 22, 19, 46, 13, 500_000_000, berlin)),
		`"https://example.com"`:    scalar.MarshalURL("https://example.com"),
		`"18446744073709551615"`:   scalar.MarshalUnsignedInt64(math.MaxUint64),
		`{"a":[1,null]}`:           scalar.MarshalJSON(map[string]any{"a": []any{1, nil}}),
		`"#6A8CAF"`:                scalar.MarshalColor("#6A8CAF"),
	} {
		if got := written(m); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for name, m := range map[string]graphql.Marshaler{
		"an Int beyond 32 bits": scalar.MarshalInt64(math.MaxInt32 + 1),
		"a Float that is none":  scalar.MarshalFloat(math.NaN()),
		"no moment":             scalar.MarshalDateTime(time.Time{}),
		"what is no JSON":       scalar.MarshalJSON(func() {}),
	} {
		if got := written(m); got != "null" {
			t.Errorf("%s is written as %s", name, got)
		}
	}
}

func written(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}
