package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/locale"
)

// meant is for whom a document is meant, as its @inContext says; nil where it says nothing. What the shop does not
// have is not refused: the market that applies answers, and localization tells which one it is.
type meant struct {
	country  *address.CountryCode
	language *locale.LanguageCode
}

func inContext(ctx context.Context) meant {
	var m meant
	if !graphql.HasOperationContext(ctx) {
		return m
	}
	op := graphql.GetOperationContext(ctx)
	directive := op.Operation.Directives.ForName("inContext")
	if directive == nil {
		return m
	}
	arguments := directive.ArgumentMap(op.Variables)
	if text, ok := arguments["country"].(string); ok {
		if country, known := address.ParseCountry(text); known {
			m.country = &country
		}
	}
	if text, ok := arguments["language"].(string); ok {
		language := locale.LanguageCode(text)
		m.language = &language
	}
	return m
}
