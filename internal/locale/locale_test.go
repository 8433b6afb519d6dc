package locale_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/locale"
)

func TestLanguagesHaveNames(t *testing.T) {
	t.Parallel()
	for code, want := range map[locale.LanguageCode][2]string{
		"EN": {"English", "English"}, "DE": {"German", "Deutsch"}, "AR": {"Arabic", "العربية"},
		"PT_BR": {"Brazilian Portuguese", "português"}, "FIL": {"Filipino", "Filipino"},
		"CKB": {"Central Kurdish", "کوردیی ناوەندی"}, "QQ": {"QQ", "QQ"}, "english": {"english", "english"},
	} {
		if got := [2]string{code.Name(), code.EndonymName()}; got != want {
			t.Errorf("%s is called %q, want %q", code, got, want)
		}
	}
	if locale.UnitsOf("US") != locale.Imperial || locale.UnitsOf("GB") != locale.Metric {
		t.Error("the units of countries are mixed up")
	}
}
