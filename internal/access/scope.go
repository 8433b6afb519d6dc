package access

import (
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/fault"
)

// Scope is one permission, <area>:<read|write>. To write in an area includes reading it.
type Scope string

// The areas that scopes divide the API into. storefront is no part of the API: who may write there acts for shoppers, and
// is believed when it says where they are.
var areas = []string{
	"catalog", "customers", "fulfillment", "inventory", "keys", "operations", "orders", "payments", "storefront", "webhooks",
}

// AllScopes is every permission there is, in alphabetical order.
func AllScopes() Scopes {
	all := make(Scopes, 0, 2*len(areas))
	for _, area := range areas {
		all = append(all, Scope(area+":read"), Scope(area+":write"))
	}
	return all
}

func (s Scope) valid() bool {
	area, verb, ok := strings.Cut(string(s), ":")
	return ok && (verb == "read" || verb == "write") && slices.Contains(areas, area)
}

// Scopes is a set of permissions.
type Scopes []Scope

// Has says whether the set grants a scope. A scope that does not exist is granted by nothing.
func (s Scopes) Has(scope Scope) bool {
	if !scope.valid() {
		return false
	}
	if slices.Contains(s, scope) {
		return true
	}
	area, reads := strings.CutSuffix(string(scope), ":read")
	return reads && slices.Contains(s, Scope(area+":write"))
}

// Includes says whether every scope of the other set is granted: nobody gives away more than they hold.
func (s Scopes) Includes(other Scopes) bool {
	for _, scope := range other {
		if !s.Has(scope) {
			return false
		}
	}
	return true
}

// Strings gives the set as texts, the form in which it is stored.
func (s Scopes) Strings() []string {
	texts := make([]string, len(s))
	for i, scope := range s {
		texts[i] = string(scope)
	}
	return texts
}

// ParseScopes reads a set; the result is sorted and free of repetition. A name that is no scope is refused.
func ParseScopes(texts []string) (Scopes, error) {
	scopes := make(Scopes, 0, len(texts))
	for _, text := range texts {
		scope := Scope(strings.TrimSpace(text))
		if !scope.valid() {
			return nil, fault.Newf(fault.Invalid, "INVALID_SCOPE", "%.40q is not a scope. The scopes are %s.",
				text, strings.Join(AllScopes().Strings(), ", "))
		}
		scopes = append(scopes, scope)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}
