package graph

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/graph/scalar"
	"github.com/wharfhq/wharf/internal/fault"
)

// strictVariables refuses variables that gqlparser lets through: numbers in quotes, enum values in another case, more
// or less than one key of a @oneOf input. It runs before any resolver, so nothing has happened when it refuses.
func strictVariables(schema *ast.Schema, op *graphql.OperationContext) *gqlerror.Error {
	for _, variable := range op.Operation.VariableDefinitions {
		value, given := op.Variables[variable.Variable]
		if !given {
			continue
		}
		if err := checkValue(schema, variable.Type, value, "$"+variable.Variable); err != nil {
			err.Locations = []gqlerror.Location{{Line: variable.Position.Line, Column: variable.Position.Column}}
			return err
		}
	}
	return nil
}

func checkValue(schema *ast.Schema, typ *ast.Type, value any, path string) *gqlerror.Error {
	if value == nil {
		return nil // where null is not allowed, gqlparser has said so
	}
	if typ.Elem != nil {
		return checkList(schema, typ.Elem, value, path)
	}
	def := schema.Types[typ.NamedType]
	switch def.Kind {
	case ast.Scalar:
		if err := scalar.Check(def.Name, value); err != nil {
			f, _ := visible(err)
			return refuseVariable(path, f.Message)
		}
	case ast.Enum:
		name, ok := value.(string)
		if !ok || def.EnumValues.ForName(name) == nil {
			return refuseVariable(path, fmt.Sprintf("This is not a value of %s.", def.Name))
		}
	case ast.InputObject:
		return checkObject(schema, def, value, path)
	default: // output types are no variables
	}
	return nil
}

func checkList(schema *ast.Schema, elem *ast.Type, value any, path string) *gqlerror.Error {
	if list, ok := value.([]any); ok {
		for i, one := range list {
			if err := checkValue(schema, elem, one, path+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
		return nil
	}
	// A single value stands for a list of one; gqlparser makes it a slice of the value's own type.
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice {
		for i := range list.Len() {
			if err := checkValue(schema, elem, list.Index(i).Interface(), path+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
		return nil
	}
	return checkValue(schema, elem, value, path)
}

func checkObject(schema *ast.Schema, def *ast.Definition, value any, path string) *gqlerror.Error {
	object, ok := value.(map[string]any)
	if !ok {
		return refuseVariable(path, fmt.Sprintf("A %s is an object.", def.Name))
	}
	if def.Directives.ForName("oneOf") != nil {
		if len(object) != 1 {
			return refuseVariable(path, fmt.Sprintf("A %s has exactly one key.", def.Name))
		}
		for key, one := range object {
			if one == nil {
				return refuseVariable(path+"."+key, fmt.Sprintf("The one key of a %s is not null.", def.Name))
			}
		}
	}
	for _, field := range def.Fields {
		if one, given := object[field.Name]; given {
			if err := checkValue(schema, field.Type, one, path+"."+field.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func refuseVariable(path, sentence string) *gqlerror.Error {
	return refuse(fault.Invalid, nil, "Variable %q: %s", path, sentence)
}
