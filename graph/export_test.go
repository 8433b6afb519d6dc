package graph

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/internal/answers"
)

// Schema is the schema of the API.
func Schema() *ast.Schema { return parsedSchema }

// CachedRule is by which rule the answer to a query without variables may be kept.
func CachedRule(query string) (answers.Rule, bool, error) {
	document, errs := gqlparser.LoadQueryWithRules(parsedSchema, query, nil)
	if len(errs) > 0 {
		return answers.Rule{}, false, errs
	}
	rule, ok := newCachedTable(parsedSchema).ruleOf(&graphql.OperationContext{Operation: document.Operations[0]})
	return rule, ok, nil
}
