package catalog

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/fault"
)

func TestMetafieldValuesAreOfTheirTypes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, value, want string }{
		{"single_line_text_field", "Oak 🪵 خشب", "Oak 🪵 خشب"},
		{"single_line_text_field", "two\nlines", "INVALID_VALUE"},
		{"single_line_text_field", "", "BLANK"},
		{"single_line_text_field", strings.Repeat("é", 5000), strings.Repeat("é", 5000)},
		{"single_line_text_field", strings.Repeat("é", 5001), "INVALID_VALUE"},
		{"multi_line_text_field", "two\nlines", "two\nlines"},
		{"multi_line_text_field", "a\x00b", "INVALID_VALUE"},
		{"multi_line_text_field", "a\xffb", "INVALID_VALUE"},
		{"multi_line_text_field", strings.Repeat("a", 64<<10+1), "TOO_LONG"},
		{"number_integer", "-12", "-12"},
		{"number_integer", "9007199254740991", "9007199254740991"},
		{"number_integer", "9007199254740992", "INVALID_VALUE"},
		{"number_integer", "012", "INVALID_VALUE"},
		{"number_integer", "1.0", "INVALID_VALUE"},
		{"number_decimal", "12.50", "12.50"},
		{"number_decimal", "1e3", "INVALID_VALUE"},
		{"number_decimal", "NaN", "INVALID_VALUE"},
		{"boolean", "true", "true"},
		{"boolean", "TRUE", "INVALID_VALUE"},
		{"date", "2024-02-29", "2024-02-29"},
		{"date", "2025-02-29", "INVALID_VALUE"},
		{"date_time", "2026-11-27T08:00:00", "2026-11-27T08:00:00"},
		{"date_time", "2026-11-27T08:00:00.5+01:00", "2026-11-27T08:00:00.5+01:00"},
		{"date_time", "2026-11-27", "INVALID_VALUE"},
		{"json", `{"a": [1, null]}`, `{"a": [1, null]}`},
		{"json", `{"a": `, "INVALID_VALUE"},
		{"color", "#6A8CAF", "#6A8CAF"},
		{"color", "red", "INVALID_VALUE"},
		{"url", "https://a.example/x?y=1", "https://a.example/x?y=1"},
		{"url", "mailto:ada@example.com", "mailto:ada@example.com"},
		{"url", "javascript:alert(1)", "INVALID_VALUE"},
		{"url", "//a.example", "INVALID_VALUE"},
		{"product_reference", "gid://wharf/Product/01890a5d-ac96-774b-bcce-b302099a8057", "gid://wharf/Product/01890a5d-ac96-774b-bcce-b302099a8057"},
		{"product_reference", "gid://wharf/Page/01890a5d-ac96-774b-bcce-b302099a8057", "INVALID_VALUE"},
		{"list.single_line_text_field", `[ "a", "b" ]`, `["a","b"]`},
		{"list.single_line_text_field", `["a", ""]`, "INVALID_VALUE"},
		{"list.single_line_text_field", `["a", {}]`, "INVALID_VALUE"},
		{"list.single_line_text_field", `null`, "INVALID_VALUE"},
		{"list.single_line_text_field", `a, b`, "INVALID_VALUE"},
		{"list.single_line_text_field", `["a", 1]`, "INVALID_VALUE"},
		{"list.single_line_text_field", `["a", true]`, "INVALID_VALUE"},
		{"list.number_integer", `[1, -2]`, `[1,-2]`},
		{"list.number_integer", `[1, "2"]`, "INVALID_VALUE"},
		{"list.number_decimal", `[1.5, "2.50"]`, `[1.5,"2.50"]`},
		{"list.date", `[2026]`, "INVALID_VALUE"},
		{"list.number_integer", `[1.5]`, "INVALID_VALUE"},
		{"list.color", `[]`, `[]`},
		{"list.color", "[" + strings.Repeat(`"#000000",`, 128) + `"#000000"]`, "TOO_MANY"},
		{"list.boolean", `[]`, "INVALID_TYPE"},
		{"list.list.color", `[]`, "INVALID_TYPE"},
		{"rich_text", "x", "INVALID_TYPE"},
		{"", "x", "INVALID_TYPE"},
	} {
		got, err := "", checkType(test.kind)
		if err == nil {
			got, err = checkValue(test.kind, test.value)
		}
		if f, ok := fault.As(err); ok {
			got = f.Code
		}
		if got != test.want {
			t.Errorf("%s %.60q: %.60q, want %.60q", test.kind, test.value, got, test.want)
		}
	}
}
