package graph

import (
	"net/http"
	"net/netip"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
)

// Where the servers of storefronts written for Shopify send their key, and the address of the shopper whom they serve. On a
// socket connection_init may name the address, too.
const (
	privateHeader = "Shopify-Storefront-Private-Token"
	buyerHeader   = "Shopify-Storefront-Buyer-IP"
)

// actsForShoppers is the scope of keys that are believed when they say where a shopper is.
const actsForShoppers access.Scope = "storefront:write"

var errBuyer = fault.New(fault.Invalid, "BAD_USER_INPUT",
	"Shopify-Storefront-Buyer-IP must be one IP address, such as 203.0.113.7: that of the shopper.")

// buyer is the address of the shopper for whom a server calls: without it all of a storefront's shoppers would share
// what one address may try. From a key that is not trusted to act for shoppers, and from anybody without one, the header
// means nothing: else whoever guesses passwords would be somebody else each time. A key that is trusted must say it well,
// or nobody would notice that its shoppers share one address.
func buyer(r *http.Request, key access.Actor) (address netip.Addr, said bool, err error) {
	values := r.Header.Values(buyerHeader)
	if key.Kind != access.Partner || !key.Can(actsForShoppers) || len(values) == 0 || len(values) == 1 && values[0] == "" {
		return netip.Addr{}, false, nil
	}
	address, err = netip.ParseAddr(values[0])
	if len(values) > 1 || err != nil || address.Zone() != "" || address.IsUnspecified() || address.IsMulticast() {
		return netip.Addr{}, false, errBuyer
	}
	return address.Unmap(), true, nil
}
