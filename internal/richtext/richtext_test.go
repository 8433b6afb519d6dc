package richtext_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/richtext"
)

func TestSanitizeLeavesNothingThatRuns(t *testing.T) {
	t.Parallel()
	for hostile, want := range map[string]string{
		`<script>alert(1)</script>Hello`:                                 "Hello",
		`<p onclick="alert(1)">Hello</p>`:                                "<p>Hello</p>",
		`<a href="javascript:alert(1)">x</a>`:                            "x",
		`<a href="JaVaScRiPt&#58;alert(1)">x</a>`:                        "x",
		`<a href="data:text/html,<script>alert(1)</script>">x</a>`:       "x",
		`<img src="x" onerror="alert(1)">`:                               `<img src="x">`,
		`<svg><script>alert(1)</script></svg>`:                           "",
		`<iframe src="https://evil.example"></iframe>`:                   "",
		`<style>p { display: none }</style><p style="color:red">x</p>`:   "<p>x</p>",
		`<math><mi xlink:href="javascript:alert(1)">x</mi></math>`:       "x",
		`<form action="https://evil.example"><input name="p"></form>`:    "",
		`<p>unclosed <b>bold`:                                            "<p>unclosed <b>bold",
		`<!--[if IE]><script>alert(1)</script><![endif]--><p>x</p>`:      "<p>x</p>",
		`<p dir="rtl" lang="ar">مرحبا 👋🏽</p>`:                            `<p dir="rtl" lang="ar">مرحبا 👋🏽</p>`,
		`<a href="/pages/about">x</a> <a href="https://a.example">y</a>`: `<a href="/pages/about">x</a> <a href="https://a.example">y</a>`,
	} {
		if got := richtext.Sanitize(hostile); got != want {
			t.Errorf("%s\n got %s\nwant %s", hostile, got, want)
		}
	}
}

func TestPlainAndTruncate(t *testing.T) {
	t.Parallel()
	if got := richtext.Plain("<h1>Wool &amp; rope</h1><p>from <b>har</b>bor</p>"); got != "Wool & rope from harbor" {
		t.Errorf("plain: %q", got)
	}
	for at, want := range map[int]string{0: "", 2: "..", 9: "one...", 11: "one two...", 13: "one two three", 99: "one two three"} {
		if got := richtext.Truncate("one two three", &at); got != want {
			t.Errorf("cut at %d: %q, want %q", at, got, want)
		}
	}
}
