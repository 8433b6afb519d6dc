package graph_test

import (
	"testing"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/locale"
	"github.com/wharfhq/wharf/internal/money"
)

// TestEveryCodeOfTheSchemaIsKnown: a code that the schema offers is read, has its digits and has a name.
func TestEveryCodeOfTheSchemaIsKnown(t *testing.T) {
	t.Parallel()
	types := graph.NewExecutableSchema(graph.Config{}).Schema().Types
	for _, code := range types["CurrencyCode"].EnumValues {
		var c money.Currency
		if err := c.UnmarshalGQL(code.Name); err != nil {
			t.Error(err)
		}
		if c.Name() == code.Name {
			t.Errorf("the currency %s has no name", code.Name)
		}
	}
	for _, code := range types["LanguageCode"].EnumValues {
		var c locale.LanguageCode
		if err := c.UnmarshalGQL(code.Name); err != nil {
			t.Error(err)
		}
	}
	for _, code := range []string{"BYR", "STD", "VEF", "VES", "USD"} {
		if types["CurrencyCode"].EnumValues.ForName(code) == nil {
			t.Errorf("the schema has no currency %s", code)
		}
	}
	for _, code := range []string{"CKB", "FIL", "PT_BR"} {
		if types["LanguageCode"].EnumValues.ForName(code) == nil {
			t.Errorf("the schema has no language %s", code)
		}
	}
}
