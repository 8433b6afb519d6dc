package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/wharfhq/wharf/graph/scalar"
	"github.com/wharfhq/wharf/internal/fault"
)

// validationRules are the specification's rules, without suggestions of names that the caller did not write, with
// our own way to compare overlapping fields, and with literals as strict as variables. gqlgen changes the set it is
// given, so each validation gets a fresh one.
func validationRules() *rules.Rules {
	return rules.NewRules(
		rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.FragmentsOnCompositeTypesRule,
		rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownDirectivesRule,
		rules.KnownFragmentNamesRule,
		rules.KnownRootTypeRule,
		rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.LoneAnonymousOperationRule,
		rules.MaxIntrospectionDepth,
		rules.NoFragmentCyclesRule,
		rules.NoUndefinedVariablesRule,
		rules.NoUnusedFragmentsRule,
		rules.NoUnusedVariablesRule,
		mergeableFields,
		rules.PossibleFragmentSpreadsRule,
		rules.ProvidedRequiredArgumentsRule,
		rules.ScalarLeafsRuleWithoutSuggestions,
		rules.SingleFieldSubscriptionsRule,
		strictLiterals,
		rules.UniqueArgumentNamesRule,
		rules.UniqueDirectivesPerLocationRule,
		rules.UniqueFragmentNamesRule,
		rules.UniqueInputFieldNamesRule,
		rules.UniqueOperationNamesRule,
		rules.UniqueVariableNamesRule,
		rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
		rules.VariablesAreInputTypesRule,
		rules.VariablesInAllowedPositionRule,
	)
}

// An answer is one piece: nothing is delivered later. The parser knows @defer without being told, and gqlgen answers null
// for what was deferred; so the schema does not have it.
func init() { delete(parsedSchema.Directives, "defer") }

// strictLiterals holds literals to the form of their scalar: the size of an Int, the digits of a Decimal, the offset
// of a DateTime. What kind of literal a built-in scalar takes is another rule's.
var strictLiterals = core.Rule{
	Name: "StrictLiterals",
	RuleFunc: func(observers *core.Events, addError core.AddErrFunc) {
		observers.OnValue(func(_ *core.Walker, value *ast.Value) {
			if value.Definition == nil || value.Definition.Kind != ast.Scalar || !hasForm(value) {
				return
			}
			v, err := value.Value(nil)
			if err != nil {
				addError(core.Message("%s is not a %s.", value.String(), value.Definition.Name), core.At(value.Position))
				return
			}
			if err := scalar.Check(value.Definition.Name, v); err != nil {
				if f, ok := fault.As(err); ok {
					addError(core.Message("%s", f.Message), core.At(value.Position))
				}
			}
		})
	},
}

// hasForm says whether a literal's scalar has more to say about it than its kind.
func hasForm(value *ast.Value) bool {
	switch value.Definition.Name {
	case "Int":
		return value.Kind == ast.IntValue
	case "Float":
		return value.Kind == ast.IntValue || value.Kind == ast.FloatValue
	case "String", "ID":
		return value.Kind == ast.StringValue || value.Kind == ast.BlockValue
	case "Boolean":
		return false
	}
	switch value.Kind {
	case ast.Variable, ast.NullValue, ast.ListValue:
		return false
	default:
		return true
	}
}
