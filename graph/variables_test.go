package graph

import (
	"net/http"
	"strings"
	"testing"
)

func TestVariablesAreAsStrictAsLiterals(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	for name, test := range map[string]struct {
		declared, argument, value string
		literal                   string // the same as a literal; the value itself unless given, "-" when there is none
		ok                        bool
	}{
		"an Int":                       {"Int", "n", `7`, "", true},
		"an Int that is null":          {"Int", "n", `null`, "", true},
		"an Int in quotes":             {"Int", "n", `"7"`, "", false},
		"an Int with a fraction":       {"Int", "n", `1.5`, "", false},
		"an Int of 2^31":               {"Int", "n", `2147483648`, "", false},
		"an Int of -2^31":              {"Int", "n", `-2147483648`, "", true},
		"an Int of 1e400":              {"Int", "n", `1e400`, "", false},
		"a Boolean as Int":             {"Int", "n", `true`, "", false},
		"a Float":                      {"Float", "f", `1.5`, "", true},
		"a whole Float":                {"Float", "f", `2`, "", true},
		"a Float in quotes":            {"Float", "f", `"1.5"`, "", false},
		"a Float beyond all":           {"Float", "f", `1e999`, "", false},
		"a Boolean":                    {"Boolean", "b", `true`, "", true},
		"a Boolean in quotes":          {"Boolean", "b", `"true"`, "", false},
		"a Boolean as a number":        {"Boolean", "b", `1`, "", false},
		"a String":                     {"String", "s", `"a"`, "", true},
		"a String that is a number":    {"String", "s", `5`, "", false},
		"a String that is true":        {"String", "s", `true`, "", false},
		"a String with NUL":            {"String", "s", `"a\u0000b"`, "", false},
		"an ID":                        {"ID", "i", `"a"`, "", true},
		"an ID that is a whole number": {"ID", "i", `5`, "", true},
		"an ID with a fraction":        {"ID", "i", `5.5`, "", false},
		"an ID that is true":           {"ID", "i", `true`, "", false},
		"a Decimal":                    {"Decimal", "d", `"12.50"`, "", true},
		"a Decimal as a number":        {"Decimal", "d", `12.50`, "-", true},
		"a Decimal with an exponent":   {"Decimal", "d", `"1e9"`, "", false},
		"a Decimal of words":           {"Decimal", "d", `"twelve"`, "", false},
		"a DateTime":                   {"DateTime", "t", `"2026-11-22T19:46:13+01:00"`, "", true},
		"a DateTime without offset":    {"DateTime", "t", `"2026-11-22T19:46:13"`, "", false},
		"a DateTime as a number":       {"DateTime", "t", `1700000000`, "", false},
		"any JSON":                     {"JSON", "j", `{"a":[1,"2",null]}`, "-", true},
		"an enum":                      {"Size", "size", `"SMALL"`, "SMALL", true},
		"an enum in another case":      {"Size", "size", `"small"`, "small", false},
		"an enum as a number":          {"Size", "size", `1`, "", false},
		"one key of a oneOf":           {"Deep", "in", `{"pick":{"shelf":"a"}}`, `{pick:{shelf:"a"}}`, true},
		"two keys of a oneOf":          {"Deep", "in", `{"pick":{"shelf":"a","counter":1}}`, `{pick:{shelf:"a",counter:1}}`, false},
		"no key of a oneOf":            {"Deep", "in", `{"pick":{}}`, `{pick:{}}`, false},
		"a oneOf whose key is null":    {"Deep", "in", `{"pick":{"shelf":null}}`, `{pick:{shelf:null}}`, false},
		"a oneOf deep inside":          {"Deep", "in", `{"deeper":[{},{"deeper":[{"pick":{}}]}]}`, `{deeper:[{},{deeper:[{pick:{}}]}]}`, false},
		"an Int deep inside":           {"Deep", "in", `{"deeper":[{"n":"7"}]}`, `{deeper:[{n:"7"}]}`, false},
		"an enum deep inside":          {"Deep", "in", `{"deeper":{"size":"large"}}`, `{deeper:{size:large}}`, false},
		"an unknown key":               {"Deep", "in", `{"nothing":1}`, `{nothing:1}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(kind string, got answer) {
				code := got.code(t)
				if test.ok && code != "" {
					t.Errorf("%s: refused: %s", kind, got.body)
				}
				if !test.ok && (got.status != http.StatusBadRequest || code != "BAD_USER_INPUT") {
					t.Errorf("%s: got %d %s", kind, got.status, got.body)
				}
				if _, has := got.object(t)["data"]; has != test.ok {
					t.Errorf("%s: data is there: %v", kind, has)
				}
			}
			check("variable", e.post(t, "query($v: "+test.declared+") { echo("+test.argument+": $v) }", `{"v":`+test.value+`}`))
			literal := test.literal
			if literal == "" {
				literal = test.value
			}
			if literal != "-" {
				check("literal", e.post(t, "{ echo("+test.argument+": "+literal+") }"))
			}
		})
	}
}

func TestRefusedVariablesAreNamed(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	got := e.post(t, `query($in: Deep) { echo(in: $in) }`, `{"in":{"deeper":[{},{"pick":{"shelf":"a","counter":2}}]}}`)
	if !strings.Contains(got.body, `Variable \"$in.deeper[1].pick\": A Pick has exactly one key.`) {
		t.Errorf("got %s", got.body)
	}
}

func TestOneOfWithAVariableThatMayBeNull(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	if got := e.post(t, `query($s: String) { echo(in: {pick: {shelf: $s}}) }`, `{"s":null}`); got.status != http.StatusBadRequest {
		t.Errorf("a variable that may be null stands in a oneOf: %d %s", got.status, got.body)
	}
	if got := e.post(t, `query($s: String!) { echo(in: {pick: {shelf: $s}}) }`, `{"s":"a"}`); got.code(t) != "" {
		t.Errorf("got %s", got.body)
	}
}
