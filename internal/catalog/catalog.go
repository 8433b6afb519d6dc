// Package catalog holds what the shop sells: products, their variants, options and images, and the collections they
// are grouped in.
//
// It promises that what a shopper reads is what the last committed write left: lists, price ranges and search read
// the product's own row, which is written together with its variants, and nothing is cached between requests. What is
// not published is absent for shoppers. Stock is inventory's; who may see what is decided here, by the caller's
// scopes.
package catalog

import (
	"github.com/wharfhq/wharf/internal/access"
)

// SeesAll says whether the caller also sees products and collections that are not published: whoever may read the
// catalog's back side.
func SeesAll(actor access.Actor) bool { return actor.Can("catalog:read") }
