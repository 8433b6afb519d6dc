package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/wharfhq/wharf/internal/fault"
)

// What one document may ask for. Every limit is checked on the parsed text, before validation and before any work;
// a fragment counts as often as it is spread.
const (
	maxBody               = 256 << 10
	maxTokens             = 5_000
	maxFields             = 1_000
	maxDepth              = 12
	maxIntrospectionDepth = 20
	maxAliases            = 30
	maxDirectives         = 100
	maxRootMutations      = 5
)

// documentLimits measures each document that isn't known yet.
type documentLimits struct {
	known graphql.Cache[*ast.QueryDocument]
}

// ExtensionName names the extension in gqlgen.
func (documentLimits) ExtensionName() string { return "DocumentLimits" }

// Validate is content with every schema.
func (documentLimits) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters refuses a document that is too large. A document in the cache has passed before.
func (l documentLimits) MutateOperationParameters(ctx context.Context, p *graphql.RawParams) *gqlerror.Error {
	if len(p.Query) > maxBody { // a socket or a query string has limits of its own; this one holds for all roads
		return refuse(fault.TooComplex, nil, "A document has at most %d bytes.", maxBody)
	}
	if doc, ok := l.known.Get(ctx, p.Query); ok {
		return oneOperation(doc, p.OperationName)
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: p.Query}, maxTokens)
	if err != nil {
		return parseError(err)
	}
	if err := oneOperation(doc, p.OperationName); err != nil {
		return err
	}
	return measure(doc)
}

// oneOperation refuses a request that does not say which of a document's operations is meant.
func oneOperation(doc *ast.QueryDocument, operation string) *gqlerror.Error {
	switch {
	case operation == "" && len(doc.Operations) > 1:
		return refuse(fault.Invalid, nil, "The document has %d operations. Say in operationName which one is meant.", len(doc.Operations))
	case operation != "" && doc.Operations.ForName(operation) == nil:
		return refuse(fault.Invalid, nil, "The document has no operation %.100q, which operationName names.", operation)
	}
	return nil
}

// parseError is the answer to a text that is no document. The token limit has no location, unlike all others.
func parseError(err error) *gqlerror.Error {
	known, ok := err.(*gqlerror.Error) //nolint:errorlint // the parser returns this type, never wrapped
	if !ok || len(known.Locations) == 0 {
		return refuse(fault.TooComplex, nil, "A document has at most %d tokens.", maxTokens)
	}
	errcode.Set(known, errcode.ParseFailed)
	return known
}

// size is what a selection asks for with all its fragments written out.
type size struct {
	fields, aliases, directives int
	depth                       int       // levels of fields
	introspection               int       // levels of fields below __schema or __type, those included
	lists                       listNames // introspection lists anywhere below
	repeated                    bool      // an introspection list below itself
}

// listNames is a set of introspection's list fields.
type listNames uint8

var introspectionLists = map[string]listNames{
	"types": 1, "fields": 2, "args": 4, "interfaces": 8, "possibleTypes": 16, "enumValues": 32, "inputFields": 64, "directives": 128,
}

// measuring writes fragments out without writing them out: each is measured once and counted per spread, so the work
// grows with the text and not with what the text stands for.
type measuring struct {
	doc       *ast.QueryDocument
	fragments map[string]*size // nil while being measured
}

func measure(doc *ast.QueryDocument) *gqlerror.Error {
	m := measuring{doc, map[string]*size{}}
	for _, operation := range doc.Operations {
		total, err := m.selection(operation.SelectionSet)
		if err != nil {
			return err
		}
		total.directives = sum(total.directives, len(operation.Directives))
		if err := total.check(operation.Position); err != nil {
			return err
		}
		if operation.Operation == ast.Mutation {
			roots := m.roots(operation.SelectionSet, map[string]bool{})
			if roots > maxRootMutations {
				return refuse(fault.TooComplex, operation.Position, "An operation has at most %d mutations; this one has %d.", maxRootMutations, roots)
			}
		}
	}
	for _, fragment := range doc.Fragments {
		total, err := m.fragment(fragment)
		if err != nil {
			return err
		}
		alone := *total
		alone.depth, alone.introspection = 0, 0 // how deep it is counts where it is spread
		if err := alone.check(fragment.Position); err != nil {
			return err
		}
	}
	return nil
}

func (s *size) check(at *ast.Position) *gqlerror.Error {
	switch {
	case s.fields > maxFields:
		return refuse(fault.TooComplex, at, "An operation selects at most %d fields.", maxFields)
	case s.depth > maxDepth:
		return refuse(fault.TooComplex, at, "Fields are nested at most %d deep; here they are %d.", maxDepth, s.depth)
	case s.introspection > maxIntrospectionDepth:
		return refuse(fault.TooComplex, at, "Introspection is nested at most %d deep; here it is %d.", maxIntrospectionDepth, s.introspection)
	case s.aliases > maxAliases:
		return refuse(fault.TooComplex, at, "An operation has at most %d aliases.", maxAliases)
	case s.directives > maxDirectives:
		return refuse(fault.TooComplex, at, "An operation has at most %d directives.", maxDirectives)
	}
	return nil
}

func (m measuring) selection(set ast.SelectionSet) (size, *gqlerror.Error) {
	var total size
	for _, selection := range set {
		var one size
		var err *gqlerror.Error
		switch s := selection.(type) {
		case *ast.Field:
			one, err = m.field(s)
		case *ast.InlineFragment:
			one, err = m.selection(s.SelectionSet)
			one.directives = sum(one.directives, len(s.Directives))
		case *ast.FragmentSpread:
			if fragment := m.doc.Fragments.ForName(s.Name); fragment != nil { // an unknown one is the validator's
				var spread *size
				if spread, err = m.fragment(fragment); err == nil {
					one = *spread
				}
			}
			one.directives = sum(one.directives, len(s.Directives))
		}
		if err != nil {
			return size{}, err
		}
		total.add(one)
	}
	return total, nil
}

func (m measuring) field(f *ast.Field) (size, *gqlerror.Error) {
	s, err := m.selection(f.SelectionSet)
	if err != nil {
		return size{}, err
	}
	s.fields = sum(s.fields, 1)
	s.directives = sum(s.directives, len(f.Directives))
	if f.Alias != f.Name {
		s.aliases = sum(s.aliases, 1)
	}
	if f.Name == "__schema" || f.Name == "__type" {
		if s.repeated {
			return size{}, refuse(fault.TooComplex, f.Position, "Introspection selects each list at most once on a path.")
		}
		return size{fields: s.fields, aliases: s.aliases, directives: s.directives, depth: 1, introspection: s.depth + 1}, nil
	}
	s.depth++
	if list := introspectionLists[f.Name]; list != 0 {
		s.repeated = s.repeated || s.lists&list != 0
		s.lists |= list
	}
	return s, nil
}

func (m measuring) fragment(f *ast.FragmentDefinition) (*size, *gqlerror.Error) {
	if known, ok := m.fragments[f.Name]; ok {
		if known == nil {
			err := refuse(fault.Invalid, f.Position, "Cannot spread fragment %q within itself.", f.Name)
			errcode.Set(err, errcode.ValidationFailed)
			return nil, err
		}
		return known, nil
	}
	m.fragments[f.Name] = nil
	s, err := m.selection(f.SelectionSet)
	if err != nil {
		return nil, err
	}
	s.directives = sum(s.directives, len(f.Directives))
	m.fragments[f.Name] = &s
	return &s, nil
}

// roots counts the fields of a mutation's first level.
func (m measuring) roots(set ast.SelectionSet, seen map[string]bool) (n int) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Name != "__typename" {
				n++
			}
		case *ast.InlineFragment:
			n += m.roots(s.SelectionSet, seen)
		case *ast.FragmentSpread:
			if fragment := m.doc.Fragments.ForName(s.Name); fragment != nil && !seen[s.Name] {
				seen[s.Name] = true // a fragment spread twice is executed once
				n += m.roots(fragment.SelectionSet, seen)
			}
		}
	}
	return n
}

func (s *size) add(other size) {
	s.fields = sum(s.fields, other.fields)
	s.aliases = sum(s.aliases, other.aliases)
	s.directives = sum(s.directives, other.directives)
	s.depth = max(s.depth, other.depth)
	s.introspection = max(s.introspection, other.introspection)
	s.lists |= other.lists
	s.repeated = s.repeated || other.repeated
}

// sum adds up to a ceiling far above every limit, so that no document makes a number turn negative.
func sum(a, b int) int { return min(a+b, 1<<30) }
