package catalog

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/money"
)

// CollectionRuleColumn is what of a product a rule looks at. Of variants, and of tags, one that meets the rule is
// enough.
type CollectionRuleColumn string

// The columns of rules.
const (
	RuleProductMetafield CollectionRuleColumn = "PRODUCT_METAFIELD"
	RuleTag              CollectionRuleColumn = "TAG"
	RuleTitle            CollectionRuleColumn = "TITLE"
	RuleType             CollectionRuleColumn = "TYPE"
	RuleVendor           CollectionRuleColumn = "VENDOR"
	RuleCompareAtPrice   CollectionRuleColumn = "VARIANT_COMPARE_AT_PRICE"
	RuleInventory        CollectionRuleColumn = "VARIANT_INVENTORY"
	RulePrice            CollectionRuleColumn = "VARIANT_PRICE"
	RuleVariantTitle     CollectionRuleColumn = "VARIANT_TITLE"
	RuleWeight           CollectionRuleColumn = "VARIANT_WEIGHT"
)

// CollectionRuleRelation is how a rule compares. Those that deny hold where their opposite does not.
type CollectionRuleRelation string

// The relations of rules.
const (
	RuleContains    CollectionRuleRelation = "CONTAINS"
	RuleEndsWith    CollectionRuleRelation = "ENDS_WITH"
	RuleEquals      CollectionRuleRelation = "EQUALS"
	RuleGreaterThan CollectionRuleRelation = "GREATER_THAN"
	RuleIsNotSet    CollectionRuleRelation = "IS_NOT_SET"
	RuleIsSet       CollectionRuleRelation = "IS_SET"
	RuleLessThan    CollectionRuleRelation = "LESS_THAN"
	RuleNotContains CollectionRuleRelation = "NOT_CONTAINS"
	RuleNotEquals   CollectionRuleRelation = "NOT_EQUALS"
	RuleStartsWith  CollectionRuleRelation = "STARTS_WITH"
)

// CollectionRule is one condition on the members of a collection.
type CollectionRule struct {
	CollectionID id.CollectionID
	Column       CollectionRuleColumn
	Relation     CollectionRuleRelation
	Condition    string // as it was given
	Namespace    *string
	Key          *string

	number   *string // the condition where it is a number: minor units, or grams
	currency *money.Currency
}

// CollectionRuleSet is all conditions on the members of a collection.
type CollectionRuleSet struct {
	AppliedDisjunctively bool // one rule is enough; else all must hold
	Rules                []CollectionRule
}

// CollectionRuleInput is one condition to be.
type CollectionRuleInput struct {
	Column    CollectionRuleColumn
	Relation  CollectionRuleRelation
	Condition *string
	Namespace *string
	Key       *string
}

// CollectionRuleSetInput is what the conditions are to be. Without a rule the members are put in by people.
type CollectionRuleSetInput struct {
	AppliedDisjunctively *bool
	Rules                []CollectionRuleInput
}

// The bounds of rules.
const (
	maxRules     = 60
	maxCondition = 255
)

// relations says which of the relations go with texts, and which with numbers.
var relations = map[CollectionRuleRelation]struct{ text, number bool }{
	RuleContains: {text: true}, RuleNotContains: {text: true}, RuleStartsWith: {text: true}, RuleEndsWith: {text: true},
	RuleEquals: {true, true}, RuleNotEquals: {true, true}, RuleIsSet: {true, true}, RuleIsNotSet: {true, true},
	RuleGreaterThan: {number: true}, RuleLessThan: {number: true},
}

// readRules checks the conditions that are given and gives them in the form in which they are kept.
func readRules(in CollectionRuleSetInput, currency money.Currency, p *input.Problems) []CollectionRule {
	if len(in.Rules) > maxRules {
		p.Add(fault.Newf(fault.Invalid, "TOO_MANY", "A collection has at most %d rules.", maxRules).At("input", "ruleSet", "rules"))
		return nil
	}
	rules := make([]CollectionRule, len(in.Rules))
	for i, given := range in.Rules {
		rules[i] = ruleReader{p, strconv.Itoa(i)}.rule(given, currency)
	}
	return rules
}

// ruleReader reads one rule and knows its place in the input.
type ruleReader struct {
	problems *input.Problems
	at       string
}

func (r ruleReader) bad(field, code, message string) {
	r.problems.Add(fault.New(fault.Invalid, code, message).At("input", "ruleSet", "rules", r.at, field))
}

func (r ruleReader) rule(in CollectionRuleInput, currency money.Currency) CollectionRule {
	rule := CollectionRule{Column: in.Column, Relation: in.Relation}
	isNumber := in.Column == RulePrice || in.Column == RuleCompareAtPrice || in.Column == RuleWeight || in.Column == RuleInventory
	kinds := relations[in.Relation]
	if ok := isNumber && kinds.number || !isNumber && kinds.text || in.Column == RuleProductMetafield; !ok {
		r.bad("relation", "INVALID", "This column can't be compared so.")
	}
	r.metafield(in, &rule)
	if in.Column == RuleInventory && (in.Relation == RuleIsSet || in.Relation == RuleIsNotSet) {
		r.bad("relation", "INVALID", "This column can't be compared so.")
		return rule
	}
	if in.Relation == RuleIsSet || in.Relation == RuleIsNotSet {
		if in.Condition != nil && *in.Condition != "" {
			r.bad("condition", "INVALID", "Whether something is set needs no condition.")
		}
		return rule
	}
	if in.Condition != nil {
		rule.Condition = strings.TrimSpace(*in.Condition)
	}
	switch {
	case rule.Condition == "":
		r.bad("condition", "BLANK", "Say with what it is compared.")
		return rule
	case utf8.RuneCountInString(rule.Condition) > maxCondition:
		r.bad("condition", "TOO_LONG", "It is longer than 255 characters.")
		return rule
	case strings.ContainsRune(rule.Condition, 0):
		r.bad("condition", "INVALID", "It holds characters that can't be shown.")
		return rule
	}
	switch {
	case in.Column == RuleWeight:
		rule.number = r.grams(rule.Condition)
	case in.Column == RuleInventory:
		rule.number = r.units(rule.Condition)
	case isNumber:
		rule.number, rule.currency = r.price(rule.Condition, currency), &currency
	case in.Column == RuleProductMetafield && !kinds.text:
		rule.number = r.plain(rule.Condition)
	}
	return rule
}

// metafieldPart is what the parts of a metafield's name may be.
var metafieldPart = regexp.MustCompile(`^[A-Za-z0-9_-]{2,255}$`)

// metafield reads which metafield is meant, where one is.
func (r ruleReader) metafield(in CollectionRuleInput, rule *CollectionRule) {
	for _, part := range []struct {
		given *string
		to    **string
		field string
	}{{in.Namespace, &rule.Namespace, "namespace"}, {in.Key, &rule.Key, "key"}} {
		switch {
		case in.Column != RuleProductMetafield && part.given != nil:
			r.bad(part.field, "INVALID", "Only a metafield has a namespace and a key.")
		case in.Column != RuleProductMetafield:
		case part.given == nil:
			r.bad(part.field, "BLANK", "Say which metafield.")
		case !metafieldPart.MatchString(*part.given):
			r.bad(part.field, "INVALID", "It holds 2 to 255 letters, digits, hyphens and underscores.")
		default:
			*part.to = part.given
		}
	}
}

func (r ruleReader) price(text string, currency money.Currency) *string {
	m, err := money.Parse(text, currency)
	if err != nil || m.Minor < 0 {
		r.bad("condition", "INVALID", "It is no price in "+string(currency)+".")
		return nil
	}
	minor := strconv.FormatInt(m.Minor, 10)
	return &minor
}

var decimal = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,9})?$`)

func (r ruleReader) plain(text string) *string {
	if !decimal.MatchString(text) {
		r.bad("condition", "INVALID", "It is no number.")
		return nil
	}
	return &text
}

var wholeNumber = regexp.MustCompile(`^-?[0-9]{1,10}$`)

func (r ruleReader) units(text string) *string {
	if !wholeNumber.MatchString(text) {
		r.bad("condition", "INVALID", "It is no whole number.")
		return nil
	}
	return &text
}

// weights are the grams of each unit, exact.
var weights = map[string]string{"": "1", "g": "1", "kg": "1000", "oz": "28.349523125", "lb": "453.59237"}

// grams reads a weight, such as 2.5 kg; without a unit it is grams.
func (r ruleReader) grams(text string) *string {
	at := strings.IndexFunc(text, func(c rune) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' })
	if at < 0 {
		at = len(text)
	}
	number, unit := strings.TrimSpace(text[:at]), strings.ToLower(text[at:])
	per, known := weights[unit]
	if !known || !decimal.MatchString(number) || strings.HasPrefix(number, "-") {
		r.bad("condition", "INVALID", "It is no weight. Write it like 2.5 kg; the units are g, kg, oz and lb.")
		return nil
	}
	amount, _ := new(big.Rat).SetString(number)
	factor, _ := new(big.Rat).SetString(per)
	grams := amount.Mul(amount, factor).FloatString(3) // as many digits as a variant's weight has
	return &grams
}
