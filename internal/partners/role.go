package partners

import "github.com/wharfhq/wharf/internal/access"

// Role is what a member of staff is there for. It decides what they may do.
type Role string

// The roles of staff.
const (
	RoleAdmin   Role = "admin"   // everything, keys and operations included
	RoleManager Role = "manager" // runs the shop: catalog, stock, orders, money
	RoleSupport Role = "support" // helps shoppers with their orders
	RolePicker  Role = "picker"  // works one store's picking queue
)

// Roles lists all roles, those with the most rights first.
var Roles = []Role{RoleAdmin, RoleManager, RoleSupport, RolePicker}

// Scopes is what a role may do; an unknown role may do nothing.
func (r Role) Scopes() access.Scopes {
	switch r {
	case RoleAdmin:
		return access.AllScopes()
	case RoleManager:
		return access.Scopes{
			"catalog:write", "customers:write", "fulfillment:write", "inventory:write", "keys:read",
			"operations:read", "orders:write", "payments:write", "webhooks:read",
		}
	case RoleSupport:
		return access.Scopes{"catalog:read", "customers:write", "fulfillment:read", "inventory:read", "orders:write", "payments:read"}
	case RolePicker:
		return access.Scopes{"catalog:read", "fulfillment:write", "inventory:read"}
	default:
		return nil
	}
}

// NeedsLocation says whether the role is only for named locations.
func (r Role) NeedsLocation() bool { return r == RolePicker }
