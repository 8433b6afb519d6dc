package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/audit"
)

// Whoever names the id of something that isn't theirs gets the very answer of an id that never was: the same data,
// the same errors, nothing changed. The list of places where an id can be named is read from the schema, so a new
// field or input without a probe fails here.

// probe says how to name an id at one place.
type probe struct {
	document string   // with $id; $key is a fresh idempotency key, $token an order's token as argument, $cart the caller's own cart
	victims  []string // what is named there, none of it the intruders'
	owner    string   // who gets another answer for the first victim: shows that the probe can tell the difference
	open     string   // why there is nothing to find out, instead of all that
}

const orderFields = `order { id name version email totalPrice { amount } events(first: 5) { nodes { type } } payments { id } }`

// probes has an entry for each place of the schema where an id can be named: Type.field(path of the argument).
var probes = map[string]probe{
	"Query.node(id)":       {document: `query($id: ID!) { node(id: $id) { __typename id } }`, victims: nodeVictims, owner: "customer"},
	"Query.nodes(ids)":     {document: `query($id: ID!) { nodes(ids: [$id]) { __typename id } }`, victims: nodeVictims, owner: "customer"},
	"Query.product(id)":    {document: `query($id: ID!) { product(id: $id) { id title } }`, victims: []string{"draft product"}, owner: "catalog"},
	"Query.collection(id)": {document: `query($id: ID!) { collection(id: $id) { id title } }`, victims: []string{"draft collection"}, owner: "catalog"},
	"Query.productRecommendations(productId)": {
		document: `query($id: ID!) { productRecommendations(productId: $id) { id } }`, victims: []string{"draft product"}, owner: "catalog",
	},
	"Query.location(id)": {open: "stores are there for everybody to find"},
	"Query.cart(id)": {
		document: `query($id: ID!) { cart(id: $id) { id note cost { totalAmount { amount } } lines(first: 5) { nodes { id } } } }`,
		victims:  []string{"cart without its secret", "cart with a wrong secret"},
	},
	"Query.order(id)": {
		document: `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { id name version email } }`,
		victims:  []string{"order"}, owner: "customer",
	},
	"Subscription.orderEvents(orderId)": {
		document: `subscription($id: ID!, $token: String) { orderEvents(orderId: $id, accessToken: $token) { version type order { id email } } }`,
		victims:  []string{"order"}, owner: "customer",
	},

	"Query.customerDataRequest(id)": {
		document: `query($id: ID!) { customerDataRequest(id: $id) { kind status customerId } }`,
		victims:  []string{"data request"}, owner: "customer",
	},
	"Mutation.customerDataExport(input.customerId)": {
		document: `mutation($id: ID!) { customerDataExport(input: { customerId: $id }) { request { kind } userErrors { code field message } } }`,
		victims:  []string{"customer"}, owner: "customer",
	},
	"Mutation.customerErase(input.customerId)": {
		document: `mutation($id: ID!) { customerErase(input: { customerId: $id, password: "indifferent" }) { request { kind } userErrors { code field message } } }`,
		victims:  []string{"customer"}, owner: "customer",
	},
	"Mutation.customerReset(id)": {open: "only the token of a letter to the customer opens it; whose id it is not says nothing"},
	"Mutation.customerAddressUpdate(id)": {
		document: `mutation($id: ID!, $login: String!) { customerAddressUpdate(id: $id, customerAccessToken: $login, address: { company: "Eve" }) { customerAddress { id } customerUserErrors { code field message } } }`,
		victims:  []string{"book address"}, owner: "customer",
	},
	"Mutation.customerAddressDelete(id)": {
		document: `mutation($id: ID!, $login: String!) { customerAddressDelete(id: $id, customerAccessToken: $login) { deletedCustomerAddressId customerUserErrors { code field message } } }`,
		victims:  []string{"other book address"}, owner: "customer",
	},
	"Mutation.customerDefaultAddressUpdate(addressId)": {
		document: `mutation($id: ID!, $login: String!) { customerDefaultAddressUpdate(addressId: $id, customerAccessToken: $login) { customer { id } customerUserErrors { code field message } } }`,
		victims:  []string{"book address"}, owner: "customer",
	},

	"Mutation.cartCreate(input.lines.merchandiseId)": {
		document: `mutation($id: ID!) { cartCreate(input: { lines: [{ merchandiseId: $id, quantity: 1 }] }) { cart { totalQuantity } userErrors { code field message } warnings { code } } }`,
		victims:  []string{"draft variant"},
	},
	"Mutation.cartLinesAdd(lines.merchandiseId)": {
		document: `mutation($id: ID!, $cart: ID!) { cartLinesAdd(cartId: $cart, lines: [{ merchandiseId: $id, quantity: 1 }]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"draft variant"},
	},
	"Mutation.cartLinesUpdate(lines.merchandiseId)": {
		document: `mutation($id: ID!, $cart: ID!, $line: ID!) { cartLinesUpdate(cartId: $cart, lines: [{ id: $line, merchandiseId: $id }]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"draft variant"},
	},
	"Mutation.cartLinesAdd(cartId)":            cartProbe(`cartLinesAdd(cartId: $id, lines: [])`),
	"Mutation.cartLinesUpdate(cartId)":         cartProbe(`cartLinesUpdate(cartId: $id, lines: [])`),
	"Mutation.cartLinesRemove(cartId)":         cartProbe(`cartLinesRemove(cartId: $id, lineIds: [])`),
	"Mutation.cartNoteUpdate(cartId)":          cartProbe(`cartNoteUpdate(cartId: $id, note: "mine")`),
	"Mutation.cartAttributesUpdate(cartId)":    cartProbe(`cartAttributesUpdate(cartId: $id, attributes: [{ key: "a", value: "b" }])`),
	"Mutation.cartBuyerIdentityUpdate(cartId)": cartProbe(`cartBuyerIdentityUpdate(cartId: $id, buyerIdentity: { email: "eve@example.com" })`),
	"Mutation.cartLinesRemove(lineIds)": {
		document: `mutation($id: ID!, $cart: ID!) { cartLinesRemove(cartId: $cart, lineIds: [$id]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"cart line"},
	},
	"Mutation.cartLinesUpdate(lines.id)": {
		document: `mutation($id: ID!, $cart: ID!) { cartLinesUpdate(cartId: $cart, lines: [{ id: $id, quantity: 7 }]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"cart line"},
	},

	"Mutation.orderPlace(input.cartId)": {
		document: `mutation($id: ID!, $key: String!) { orderPlace(input: { idempotencyKey: $key, cartId: $id, payment: [{ provider: "test", token: "approve" }] }) { order { id } accessToken userErrors { code field message } } }`,
		victims:  []string{"cart without its secret", "cart with a wrong secret"},
	},
	"Mutation.orderPlace(input.lines.merchandiseId)": {
		document: `mutation($id: ID!, $key: String!) { orderPlace(input: { idempotencyKey: $key, lines: [{ merchandiseId: $id }], buyer: { email: "eve@example.com" }, delivery: { shipping: { address: { countryCode: US } } }, payment: [{ provider: "test", token: "approve" }] }) { order { id } accessToken userErrors { code field message } } }`,
		victims:  []string{"draft variant"},
	},
	"Mutation.orderPlace(input.delivery.pickup.locationId)": {open: "stores are there for everybody to find"},

	"Mutation.orderPlace(input.delivery.shipping.customerAddressId)": {
		document: `mutation($id: ID!, $key: String!, $cart: ID!) { orderPlace(input: { idempotencyKey: $key, cartId: $cart, buyer: { email: "eve@example.com" }, delivery: { shipping: { customerAddressId: $id } }, expectedTotal: { amount: "0.01", currencyCode: USD }, payment: [{ provider: "test", token: "approve" }] }) { order { name } userErrors { code field message } } }`,
		victims:  []string{"book address"}, owner: "customer",
	},

	"Mutation.orderCancel(input.orderId)":            orderProbe(`orderCancel(input: { idempotencyKey: $key, orderId: $id, accessToken: $token })`, "customer"),
	"Mutation.orderPaymentUpdate(input.orderId)":     orderProbe(`orderPaymentUpdate(input: { idempotencyKey: $key, orderId: $id, accessToken: $token, payment: [{ provider: "test", token: "approve" }] })`, "customer"),
	"Mutation.paymentFallbackConfirm(input.orderId)": orderProbe(`paymentFallbackConfirm(input: { idempotencyKey: $key, orderId: $id, accessToken: $token })`, "customer"),
	"Mutation.orderPlace(input.payment.storedMethodId)": {
		document: `mutation($id: ID!, $key: String!, $cart: ID!) { orderPlace(input: { idempotencyKey: $key, cartId: $cart, buyer: { email: "eve@example.com" }, delivery: { shipping: { address: { firstName: "Eve", lastName: "Lovelace", address1: "1 Main St", city: "Albany", province: "NY", zip: "12207", country: "US" } } }, payment: [{ provider: "test", storedMethodId: $id }] }) { order { name } userErrors { code field message } } }`,
		victims:  []string{"stored method"}, owner: "customer",
	},
	"Mutation.orderPaymentUpdate(input.payment.storedMethodId)": {
		document: `mutation($id: ID!, $order: ID!, $key: String!) { orderPaymentUpdate(input: { idempotencyKey: $key, orderId: $order, payment: [{ provider: "test", storedMethodId: $id }] }) { order { id } userErrors { code field message } } }`,
		victims:  []string{"stored method"},
	},
	"Mutation.storedPaymentMethodDelete(input.id)": {
		document: `mutation($id: ID!) { storedPaymentMethodDelete(input: { id: $id }) { deletedStoredPaymentMethodId userErrors { code field message } } }`,
		victims:  []string{"stored method"}, owner: "customer",
	},
	"Mutation.paymentChallengeComplete(input.orderId)": orderProbe(`paymentChallengeComplete(input: { idempotencyKey: $key, orderId: $id, accessToken: $token })`, "customer"),
	"Mutation.orderNoteAdd(input.orderId)":             orderProbe(`orderNoteAdd(input: { idempotencyKey: $key, orderId: $id, note: "seen" })`, "admin"),
	"Mutation.paymentCapture(input.orderId)":           orderProbe(`paymentCapture(input: { idempotencyKey: $key, orderId: $id })`, "admin"),
	"Mutation.paymentRefund(input.orderId)":            orderProbe(`paymentRefund(input: { idempotencyKey: $key, orderId: $id })`, "admin"),
	"Mutation.paymentMarkPaid(input.orderId)":          orderProbe(`paymentMarkPaid(input: { idempotencyKey: $key, orderId: $id })`, "admin"),
	"Mutation.orderPaymentRequest(input.orderId)":      orderProbe(`orderPaymentRequest(input: { idempotencyKey: $key, orderId: $id })`, "admin"),
	"Mutation.paymentVoid(input.orderId)":              orderProbe(`paymentVoid(input: { idempotencyKey: $key, orderId: $id })`, "admin"),
	"Mutation.paymentRefund(input.lines.lineItemId)": {
		document: `mutation($id: ID!, $order: ID!, $key: String!) { paymentRefund(input: { idempotencyKey: $key, orderId: $order, lines: [{ lineItemId: $id, quantity: 1 }] }) { order { id } userErrors { code field message } } }`,
		victims:  []string{"order line"},
	},

	"Query.inventoryLevels(variantIds)":     stockProbe(`query($id: ID!) { inventoryLevels(first: 5, variantIds: [$id]) { nodes { onHand variantId } } }`, "draft variant"),
	"Query.inventoryLevels(locationId)":     stockProbe(`query($id: ID!) { inventoryLevels(first: 5, locationId: $id) { nodes { onHand } } }`, "warehouse"),
	"Query.inventoryBackorders(variantId)":  stockProbe(`query($id: ID!) { inventoryBackorders(first: 5, variantId: $id) { nodes { orderId } } }`, "draft variant"),
	"Query.inventoryBackorders(locationId)": stockProbe(`query($id: ID!) { inventoryBackorders(first: 5, locationId: $id) { nodes { orderId } } }`, "warehouse"),
	"Query.inventoryItem(variantId)":        stockProbe(`query($id: ID!) { inventoryItem(variantId: $id) { version } }`, "draft variant"),
	"Query.inventoryMovements(variantId)":   stockProbe(`query($id: ID!) { inventoryMovements(first: 5, variantId: $id) { nodes { id } } }`, "draft variant"),
	"Query.inventoryMovements(locationId)":  stockProbe(`query($id: ID!) { inventoryMovements(first: 5, locationId: $id) { nodes { id } } }`, "warehouse"),
	"Query.inventoryTransfer(id)":           stockProbe(`query($id: ID!) { inventoryTransfer(id: $id) { id } }`, "transfer"),
	"Query.inventoryTransfers(locationId)":  stockProbe(`query($id: ID!) { inventoryTransfers(first: 5, locationId: $id) { nodes { id } } }`, "warehouse"),
	"Subscription.stockChanged(variantIds)": {document: `subscription($id: ID!) { stockChanged(variantIds: [$id]) { quantityAvailable } }`, victims: []string{"draft variant"}, owner: "catalog"},
	"Mutation.inventoryAdjust(input.changes.variantId)": stockProbe(`mutation($id: ID!, $key: String!, $warehouse: ID!) {
  inventoryAdjust(input: { idempotencyKey: $key, reason: COUNT, changes: [{ variantId: $id, locationId: $warehouse, delta: 1 }] }) { levels { onHand } userErrors { code field } } }`, "draft variant"),
	"Mutation.inventoryAdjust(input.changes.locationId)": stockProbe(`mutation($id: ID!, $key: String!, $draft: ID!) {
  inventoryAdjust(input: { idempotencyKey: $key, reason: COUNT, changes: [{ variantId: $draft, locationId: $id, delta: 1 }] }) { levels { onHand } userErrors { code field } } }`, "warehouse"),
	"Mutation.inventorySet(input.levels.variantId)": stockProbe(`mutation($id: ID!, $key: String!, $warehouse: ID!) {
  inventorySet(input: { idempotencyKey: $key, reason: COUNT, levels: [{ variantId: $id, locationId: $warehouse, lowStockThreshold: 1 }] }) { levels { onHand } userErrors { code field } } }`, "draft variant"),
	"Mutation.inventorySet(input.levels.locationId)": stockProbe(`mutation($id: ID!, $key: String!, $draft: ID!) {
  inventorySet(input: { idempotencyKey: $key, reason: COUNT, levels: [{ variantId: $draft, locationId: $id, lowStockThreshold: 1 }] }) { levels { onHand } userErrors { code field } } }`, "warehouse"),
	"Mutation.inventoryPolicySet(input.variantId)": stockProbe(`mutation($id: ID!, $key: String!) {
  inventoryPolicySet(input: { idempotencyKey: $key, variantId: $id, restockDays: 3 }) { item { version } userErrors { code field } } }`, "draft variant"),
	"Mutation.inventoryPolicySet(input.locationIds)": stockProbe(`mutation($id: ID!, $key: String!, $draft: ID!) {
  inventoryPolicySet(input: { idempotencyKey: $key, variantId: $draft, inventoryPolicy: DENY, locationIds: [$id] }) { item { version } userErrors { code field } } }`, "warehouse"),
	"Mutation.inventoryAllocationSet(input.locationPriorityIds)": stockProbe(`mutation($id: ID!) {
  inventoryAllocationSet(input: { locationPriorityIds: [$id] }) { allocation { strategy } userErrors { code field } } }`, "warehouse"),
	"Mutation.productBundleSet(input.variantId)": stockProbe(`mutation($id: ID!, $key: String!) {
  productBundleSet(input: { idempotencyKey: $key, variantId: $id, components: [] }) { bundle { version } userErrors { code field } } }`, "draft variant"),
	"Mutation.productBundleSet(input.components.variantId)": stockProbe(`mutation($id: ID!, $key: String!, $draft: ID!) {
  productBundleSet(input: { idempotencyKey: $key, variantId: $draft, components: [{ variantId: $id, quantity: 1 }] }) { bundle { version } userErrors { code field } } }`, "draft variant"),
	"Mutation.inventoryTransferCreate(input.originLocationId)": stockProbe(`mutation($id: ID!, $key: String!, $draft: ID!, $warehouse: ID!) {
  inventoryTransferCreate(input: { idempotencyKey: $key, originLocationId: $id, destinationLocationId: $warehouse, lines: [{ variantId: $draft, quantity: 1 }] }) { userErrors { code field } } }`, "warehouse"),
	"Mutation.inventoryTransferCreate(input.destinationLocationId)": stockProbe(`mutation($id: ID!, $key: String!, $draft: ID!) {
  inventoryTransferCreate(input: { idempotencyKey: $key, destinationLocationId: $id, lines: [{ variantId: $draft, quantity: 1 }] }) { userErrors { code field } } }`, "warehouse"),
	"Mutation.inventoryTransferCreate(input.lines.variantId)": stockProbe(`mutation($id: ID!, $key: String!, $warehouse: ID!) {
  inventoryTransferCreate(input: { idempotencyKey: $key, destinationLocationId: $warehouse, lines: [{ variantId: $id, quantity: 1 }] }) { userErrors { code field } } }`, "draft variant"),
	"Mutation.inventoryTransferReceive(input.transferId)": stockProbe(`mutation($id: ID!, $key: String!) {
  inventoryTransferReceive(input: { idempotencyKey: $key, transferId: $id, lines: [] }) { transfer { id } userErrors { code field } } }`, "transfer"),
	"Mutation.inventoryTransferReceive(input.lines.variantId)": {document: `mutation($id: ID!, $key: String!, $transfer: ID!) {
  inventoryTransferReceive(input: { idempotencyKey: $key, transferId: $transfer, lines: [{ variantId: $id, quantity: 0 }] }) { transfer { id } userErrors { code field } } }`, victims: []string{"draft variant"}},
	"Mutation.inventoryTransferCancel(input.transferId)": stockProbe(`mutation($id: ID!, $key: String!) {
  inventoryTransferCancel(input: { idempotencyKey: $key, transferId: $id }) { transfer { id } userErrors { code field } } }`, "transfer"),

	"Query.giftCard(id)": stockProbe(`query($id: ID!) { giftCard(id: $id) { id balance { amount } } }`, "gift card"),
	"Mutation.giftCardCreate(input.customerId)": stockProbe(`mutation($id: ID!, $key: String!) {
  giftCardCreate(input: { idempotencyKey: $key, initialValue: { amount: "1.00", currencyCode: USD }, customerId: $id }) { giftCard { customerId } userErrors { code field } } }`, "customer"),
	"Mutation.giftCardDisable(input.id)":                 stockProbe(`mutation($id: ID!) { giftCardDisable(input: { id: $id }) { giftCard { id } userErrors { code field } } }`, "gift card"),
	"Mutation.cartClone(cartId)":                         cartProbe(`cartClone(cartId: $id)`),
	"Mutation.cartDeliveryAddressesAdd(cartId)":          cartProbe(`cartDeliveryAddressesAdd(cartId: $id, addresses: [])`),
	"Mutation.cartDeliveryAddressesReplace(cartId)":      cartProbe(`cartDeliveryAddressesReplace(cartId: $id, addresses: [])`),
	"Mutation.cartDeliveryAddressesUpdate(cartId)":       cartProbe(`cartDeliveryAddressesUpdate(cartId: $id, addresses: [])`),
	"Mutation.cartDeliveryAddressesRemove(cartId)":       cartProbe(`cartDeliveryAddressesRemove(cartId: $id, addressIds: [])`),
	"Mutation.cartSelectedDeliveryOptionsUpdate(cartId)": cartProbe(`cartSelectedDeliveryOptionsUpdate(cartId: $id, selectedDeliveryOptions: [])`),
	"Mutation.cartMerge(input.from)":                     cartAndOwn(`cartMerge(input: { from: $id, into: $cart })`),
	"Mutation.cartMerge(input.into)":                     cartAndOwn(`cartMerge(input: { from: $cart, into: $id })`),
	"Mutation.cartMetafieldsSet(metafields.ownerId)": {
		document: `mutation($id: ID!) { cartMetafieldsSet(metafields: [{ key: "mine", ownerId: $id, type: "boolean", value: "true" }]) { metafields { key } userErrors { code field message elementIndex } } }`,
		victims:  []string{"cart without its secret", "cart with a wrong secret"},
	},
	"Mutation.cartMetafieldDelete(input.ownerId)": {
		document: `mutation($id: ID!) { cartMetafieldDelete(input: { key: "mine", ownerId: $id }) { deletedId userErrors { code field message } } }`,
		victims:  []string{"cart without its secret", "cart with a wrong secret"},
	},
	"Mutation.cartCreate(input.lines.parent.lineId)": {
		document: `mutation($id: ID!) { cartCreate(input: { lines: [{ merchandiseId: "x", parent: { lineId: $id } }] }) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"cart line"},
	},
	"Mutation.cartCreate(input.lines.parent.merchandiseId)": {
		document: `mutation($id: ID!) { cartCreate(input: { lines: [{ merchandiseId: "x", parent: { merchandiseId: $id } }] }) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"draft variant"},
	},
	"Mutation.cartLinesAdd(lines.parent.lineId)": {
		document: `mutation($id: ID!, $cart: ID!) { cartLinesAdd(cartId: $cart, lines: [{ merchandiseId: "x", parent: { lineId: $id } }]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"cart line"},
	},
	"Mutation.cartLinesAdd(lines.parent.merchandiseId)": {
		document: `mutation($id: ID!, $cart: ID!) { cartLinesAdd(cartId: $cart, lines: [{ merchandiseId: "x", parent: { merchandiseId: $id } }]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"draft variant"},
	},
	"Mutation.orderPlace(input.lines.parent.lineId)":        {open: "lines that belong to others are placed from a cart only: every id is refused unread"},
	"Mutation.orderPlace(input.lines.parent.merchandiseId)": {open: "lines that belong to others are placed from a cart only: every id is refused unread"},
	"Mutation.cartCreate(input.delivery.addresses.address.copyFromCustomerAddressId)": {
		document: `mutation($id: ID!) { cartCreate(input: { delivery: { addresses: [{ address: { copyFromCustomerAddressId: $id } }] } }) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"mailing address"},
	},
	"Mutation.cartDeliveryAddressesAdd(addresses.address.copyFromCustomerAddressId)":     copyProbe(`cartDeliveryAddressesAdd(cartId: $cart, addresses: [{ address: { copyFromCustomerAddressId: $id } }])`),
	"Mutation.cartDeliveryAddressesReplace(addresses.address.copyFromCustomerAddressId)": copyProbe(`cartDeliveryAddressesReplace(cartId: $cart, addresses: [{ address: { copyFromCustomerAddressId: $id } }])`),
	"Mutation.cartDeliveryAddressesUpdate(addresses.address.copyFromCustomerAddressId)":  copyProbe(`cartDeliveryAddressesUpdate(cartId: $cart, addresses: [{ id: "x", address: { copyFromCustomerAddressId: $id } }])`),
	"Mutation.cartDeliveryAddressesUpdate(addresses.id)": {
		document: `mutation($id: ID!, $cart: ID!) { cartDeliveryAddressesUpdate(cartId: $cart, addresses: [{ id: $id, selected: true }]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"cart address"},
	},
	"Mutation.cartDeliveryAddressesRemove(addressIds)": {
		document: `mutation($id: ID!, $cart: ID!) { cartDeliveryAddressesRemove(cartId: $cart, addressIds: [$id]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"cart address"},
	},
	"Mutation.cartSelectedDeliveryOptionsUpdate(selectedDeliveryOptions.deliveryGroupId)": {
		document: `mutation($id: ID!, $cart: ID!) { cartSelectedDeliveryOptionsUpdate(cartId: $cart, selectedDeliveryOptions: [{ deliveryGroupId: $id, deliveryOptionHandle: "express" }]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"cart delivery group"},
	},
	"Mutation.cartDiscountCodesUpdate(cartId)": cartProbe(`cartDiscountCodesUpdate(cartId: $id, discountCodes: [])`),
	"Mutation.cartGiftCardCodesAdd(cartId)":    cartProbe(`cartGiftCardCodesAdd(cartId: $id, giftCardCodes: [])`),
	"Mutation.cartGiftCardCodesUpdate(cartId)": cartProbe(`cartGiftCardCodesUpdate(cartId: $id, giftCardCodes: [])`),
	"Mutation.cartGiftCardCodesRemove(cartId)": cartProbe(`cartGiftCardCodesRemove(cartId: $id, appliedGiftCardIds: [])`),
	"Mutation.cartGiftCardCodesRemove(appliedGiftCardIds)": {
		document: `mutation($id: ID!, $cart: ID!) { cartGiftCardCodesRemove(cartId: $cart, appliedGiftCardIds: [$id]) { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"applied gift card"},
	},
	"Mutation.promotionSet(input.id)": stockProbe(`mutation($id: ID!) {
  promotionSet(input: { id: $id, title: "x", kind: FREE_SHIPPING, codes: ["X"] }) { promotion { id } userErrors { code field } } }`, "promotion"),
	"Mutation.promotionSet(input.productIds)":    {open: "a promotion may be for products that are yet to come; none is looked up"},
	"Mutation.promotionSet(input.collectionIds)": {open: "a promotion may be for collections that are yet to come; none is looked up"},
	"Mutation.promotionDelete(input.id)": stockProbe(`mutation($id: ID!) {
  promotionDelete(input: { id: $id }) { deletedPromotionId userErrors { code field } } }`, "ended promotion"),

	"Query.page(id)":                    {document: `query($id: ID!) { page(id: $id) { id title } }`, victims: []string{"draft page"}, owner: "catalog"},
	"Query.article(id)":                 {document: `query($id: ID!) { article(id: $id) { id title } }`, victims: []string{"draft article"}, owner: "catalog"},
	"Query.blog(id)":                    {open: "blogs are there for everybody to read"},
	"Mutation.pageSet(input.id)":        contentProbe(`mutation($id: ID!) { pageSet(input: { id: $id, title: "Mine" }) { page { title } userErrors { code field } } }`, "draft page"),
	"Mutation.pageDelete(input.id)":     contentProbe(`mutation($id: ID!) { pageDelete(input: { id: $id, expectedVersion: 99 }) { deletedPageId userErrors { code field } } }`, "draft page"),
	"Mutation.blogSet(input.id)":        contentProbe(`mutation($id: ID!) { blogSet(input: { id: $id, title: "Mine" }) { blog { title } userErrors { code field } } }`, "blog"),
	"Mutation.blogDelete(input.id)":     contentProbe(`mutation($id: ID!) { blogDelete(input: { id: $id }) { deletedBlogId userErrors { code field } } }`, "blog"),
	"Mutation.articleSet(input.id)":     contentProbe(`mutation($id: ID!) { articleSet(input: { id: $id, title: "Mine" }) { article { title } userErrors { code field } } }`, "draft article"),
	"Mutation.articleSet(input.blogId)": contentProbe(`mutation($id: ID!) { articleSet(input: { blogId: $id, handle: "mine", title: "Mine" }) { article { title } userErrors { code field } } }`, "blog"),
	"Mutation.articleDelete(input.id)":  contentProbe(`mutation($id: ID!) { articleDelete(input: { id: $id, expectedVersion: 99 }) { deletedArticleId userErrors { code field } } }`, "draft article"),
	"Mutation.menuSet(input.id)":        contentProbe(`mutation($id: ID!) { menuSet(input: { id: $id, title: "Mine" }) { menu { title } userErrors { code field } } }`, "menu"),
	"Mutation.menuDelete(input.id)":     contentProbe(`mutation($id: ID!) { menuDelete(input: { id: $id, expectedVersion: 99 }) { deletedMenuId userErrors { code field } } }`, "menu"),
	"Mutation.menuSet(input.items.id)": {
		document: `mutation($id: ID!) { menuSet(input: { handle: "other", title: "Other", items: [{ id: $id, title: "x", type: SEARCH }] }) { menu { id } userErrors { code field } } }`,
		victims:  []string{"menu item"},
	},
	"Mutation.menuSet(input.items.resourceId)": contentProbe(`mutation($id: ID!) { menuSet(input: { handle: "mine", title: "Mine", items: [{ title: "x", type: PAGE, resourceId: $id }] }) { menu { title } userErrors { code field } } }`, "draft page"),

	"Mutation.collectionSet(input.id)":                      contentProbe(`mutation($id: ID!) { collectionSet(input: { id: $id, title: "Mine" }) { collection { title } userErrors { code field } } }`, "draft collection"),
	"Mutation.collectionSet(input.productIds)":              contentProbe(`mutation($id: ID!) { collectionSet(input: { handle: "mine", title: "Mine", productIds: [$id] }) { collection { title } userErrors { code field } } }`, "draft product"),
	"Mutation.collectionDelete(input.id)":                   contentProbe(`mutation($id: ID!) { collectionDelete(input: { id: $id, expectedVersion: 99 }) { deletedCollectionId userErrors { code field } } }`, "draft collection"),
	"Mutation.collectionProductsAdd(input.collectionId)":    contentProbe(`mutation($id: ID!) { collectionProductsAdd(input: { collectionId: $id, productIds: [] }) { collection { title } userErrors { code field } } }`, "draft collection"),
	"Mutation.collectionProductsAdd(input.productIds)":      contentProbe(`mutation($id: ID!, $group: ID!) { collectionProductsAdd(input: { collectionId: $group, productIds: [$id] }) { collection { title } userErrors { code field } } }`, "draft product"),
	"Mutation.collectionProductsMove(input.collectionId)":   contentProbe(`mutation($id: ID!) { collectionProductsMove(input: { collectionId: $id, productIds: [] }) { collection { title } userErrors { code field } } }`, "draft collection"),
	"Mutation.collectionProductsMove(input.productIds)":     contentProbe(`mutation($id: ID!, $group: ID!) { collectionProductsMove(input: { collectionId: $group, productIds: [$id] }) { collection { title } userErrors { code field } } }`, "draft product"),
	"Mutation.collectionProductsRemove(input.collectionId)": contentProbe(`mutation($id: ID!) { collectionProductsRemove(input: { collectionId: $id, productIds: [] }) { collection { title } userErrors { code field } } }`, "draft collection"),
	"Mutation.collectionProductsRemove(input.productIds)":   contentProbe(`mutation($id: ID!, $group: ID!) { collectionProductsRemove(input: { collectionId: $group, productIds: [$id] }) { collection { title } userErrors { code field } } }`, "draft product"),
	"Mutation.productSet(input.id)":                         contentProbe(`mutation($id: ID!) { productSet(input: { id: $id, vendor: "Mine" }) { product { vendor } userErrors { code field } } }`, "draft product"),
	"Mutation.productSet(input.options.id)":                 contentProbe(`mutation($id: ID!) { productSet(input: { handle: "secret", options: [{ id: $id, name: "Size" }] }) { product { vendor } userErrors { code field } } }`, "draft option"),
	"Mutation.productSet(input.options.values.id)":          contentProbe(`mutation($id: ID!) { productSet(input: { handle: "secret", options: [{ name: "Size", values: [{ id: $id, name: "L" }] }] }) { product { vendor } userErrors { code field } } }`, "draft option value"),
	"Mutation.productSet(input.variants.id)":                contentProbe(`mutation($id: ID!) { productSet(input: { handle: "secret", variants: [{ id: $id, price: "10.00" }] }) { product { vendor } userErrors { code field } } }`, "draft variant"),
	"Mutation.productSet(input.complementaryProductIds)":    contentProbe(`mutation($id: ID!) { productSet(input: { handle: "secret", complementaryProductIds: [$id] }) { product { vendor } userErrors { code field } } }`, "draft product"),
	"Mutation.productDelete(input.id)":                      contentProbe(`mutation($id: ID!) { productDelete(input: { id: $id, expectedVersion: 99 }) { deletedProductId userErrors { code field } } }`, "draft product"),
	"Mutation.productPricesSet(input.prices.variantId)":     contentProbe(`mutation($id: ID!) { productPricesSet(input: { prices: [{ variantId: $id, price: "10.00" }] }) { variants { id } userErrors { code field } } }`, "draft variant"),
	"Mutation.metafieldsSet(input.metafields.ownerId)":      contentProbe(`mutation($id: ID!) { metafieldsSet(input: { metafields: [{ ownerId: $id, key: "color", type: "color", value: "#000000" }] }) { metafields { key } userErrors { code field } } }`, "draft product"),
	"Mutation.metafieldsDelete(input.metafields.ownerId)":   contentProbe(`mutation($id: ID!) { metafieldsDelete(input: { metafields: [{ ownerId: $id, key: "color" }] }) { position userErrors { code field } } }`, "draft product"),

	"Query.importJob(id)":                    contentProbe(`query($id: ID!) { importJob(id: $id) { state } }`, "import job"),
	"Query.exportJob(id)":                    contentProbe(`query($id: ID!) { exportJob(id: $id) { state } }`, "export job"),
	"Mutation.catalogImportCancel(input.id)": contentProbe(`mutation($id: ID!) { catalogImportCancel(input: { id: $id }) { importJob { state } userErrors { code field } } }`, "import job"),
	"Mutation.catalogExportCancel(input.id)": contentProbe(`mutation($id: ID!) { catalogExportCancel(input: { id: $id }) { exportJob { state } userErrors { code field } } }`, "export job"),

	"Mutation.apiKeyRevoke(input.id)": {
		document: `mutation($id: ID!) { apiKeyRevoke(input: { id: $id }) { apiKey { id } userErrors { code field message } } }`,
		victims:  []string{"key"}, owner: "admin",
	},
}

func cartProbe(call string) probe {
	return probe{
		document: `mutation($id: ID!) { ` + call + ` { cart { id note totalQuantity buyerIdentity { email } } userErrors { code field message } warnings { code } } }`,
		victims:  []string{"cart without its secret", "cart with a wrong secret"},
	}
}

// cartAndOwn names somebody else's cart beside the caller's own.
func cartAndOwn(call string) probe {
	p := cartProbe(call)
	p.document = strings.Replace(p.document, "mutation($id: ID!)", "mutation($id: ID!, $cart: ID!)", 1)
	return p
}

// copyProbe names an address of somebody else's book.
func copyProbe(call string) probe {
	return probe{
		document: `mutation($id: ID!, $cart: ID!) { ` + call + ` { cart { totalQuantity } userErrors { code field message } } }`,
		victims:  []string{"mailing address"},
	}
}

func orderProbe(call, owner string) probe {
	variables := `$id: ID!, $key: String!`
	if strings.Contains(call, "$token") {
		variables += `, $token: String`
	}
	return probe{
		document: `mutation(` + variables + `) { ` + call + ` { ` + orderFields + ` userErrors { code field message } } }`,
		victims:  []string{"order"}, owner: owner,
	}
}

// stockProbe is about the shop's stock, which is staff's business alone.
func stockProbe(document, victim string) probe {
	return probe{document: document, victims: []string{victim}, owner: "admin"}
}

// contentProbe is about what the shop says, which is written by the shop's people alone.
func contentProbe(document, victim string) probe {
	return probe{document: document, victims: []string{victim}, owner: "admin"}
}

// nodeVictims is one thing of each kind that has a global id; the first is the owner's.
var nodeVictims = []string{
	"order", "payment", "attempt", "customer", "key", "mailing address", "book address", "cart without its secret", "cart with a wrong secret",
	"gift card", "applied gift card", "promotion", "cart line", "bundle line", "draft product", "draft variant", "draft option", "draft option value", "draft collection",
	"draft page", "draft article", "draft image", "draft video", "draft external video", "draft model", "draft presentation",
	"draft metafield",
}

// publicKinds are the kinds with a global id of which there is nothing to hide.
var publicKinds = []string{"Blog", "Location", "Menu", "MenuItem", "Shop", "ShopPolicy"}

func TestMatrixHasAProbeForEveryID(t *testing.T) {
	t.Parallel()
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	places := placesOfIDs(schema)
	for _, place := range places {
		if _, ok := probes[place]; !ok {
			t.Errorf("%s takes an id: add a probe that names somebody else's there", place)
		}
	}
	for place := range probes {
		if !slices.Contains(places, place) {
			t.Errorf("%s is no place of the schema: take its probe out", place)
		}
	}
	for name, def := range schema.Types {
		if def.Kind != ast.Object || !slices.Contains(def.Interfaces, "Node") || slices.Contains(publicKinds, name) {
			continue
		}
		if !slices.ContainsFunc(nodeVictims, func(victim string) bool { return victimKinds[victim] == name }) {
			t.Errorf("%s has a global id: add one that is somebody else's to the victims of node", name)
		}
	}
}

// placesOfIDs lists where the schema takes an id, as Type.field(path).
func placesOfIDs(schema *ast.Schema) []string {
	var places []string
	var walk func(path string, of *ast.Type, above []string) bool
	walk = func(path string, of *ast.Type, above []string) bool {
		name := of.Name()
		if name == "ID" {
			places = append(places, path+")")
			return true
		}
		if def := schema.Types[name]; def.Kind == ast.InputObject && !slices.Contains(above, name) {
			for _, field := range def.Fields {
				walk(path+"."+field.Name, field.Type, append(above, name))
			}
		}
		return false
	}
	for _, def := range schema.Types {
		if def.Kind != ast.Object || def.BuiltIn {
			continue
		}
		for _, field := range def.Fields {
			for _, argument := range field.Arguments {
				walk(def.Name+"."+field.Name+"("+argument.Name, argument.Type, nil)
			}
		}
	}
	slices.Sort(places)
	return places
}

func TestForeignAndAbsentLookTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.fingerprint(t)
	for place, p := range probes {
		if p.open != "" {
			continue
		}
		for _, victim := range p.victims {
			for _, who := range w.intruders {
				foreign := w.probe(t, p, who, w.things[victim], w.otherCart)
				absent := w.probe(t, p, who, withFreshUUID(w.things[victim]), w.otherCart)
				if foreign != absent {
					t.Errorf("%s, as %s, with the id of the %s:\n\tforeign %s\n\tabsent  %s", place, who.name, victim, foreign, absent)
				}
			}
		}
	}
	if after := w.fingerprint(t); after != before {
		t.Fatalf("intruders changed something:\n\tbefore %s\n\tafter  %s", before, after)
	}
	for _, place := range slices.Sorted(maps.Keys(probes)) { // always in the same order, since these do change something
		p := probes[place]
		if p.owner == "" {
			continue
		}
		who := intruder{name: p.owner, bearer: w.tokens[p.owner]}
		own := w.probe(t, p, who, w.things[p.victims[0]], w.cart)
		absent := w.probe(t, p, who, withFreshUUID(w.things[p.victims[0]]), w.cart)
		if own == absent {
			t.Errorf("%s: the probe cannot tell: %s gets %s for what is theirs and for what is not there", place, p.owner, own)
		}
	}
}

// intruder is a caller to whom nothing of the victim belongs.
type intruder struct {
	name, bearer string
	argument     string // an order's token, given where a field takes one
}

// probe asks and gives the answer in a form in which two can be compared.
func (w *world) probe(t *testing.T, p probe, who intruder, id, cart string) string {
	t.Helper()
	variables := map[string]any{"id": id}
	for name, value := range map[string]any{
		"key": uuid.NewString(), "cart": cart, "line": w.otherLine, "order": w.things["order"], "token": nil, "warehouse": w.things["warehouse"],
		"draft": w.things["draft variant"], "transfer": w.things["transfer"], "group": w.things["draft collection"], "login": w.login(who),
	} {
		if strings.Contains(p.document, "$"+name) {
			variables[name] = value
		}
	}
	if who.argument != "" && strings.Contains(p.document, "$token") {
		variables["token"] = who.argument
	}
	body := w.send(t, who.bearer, p.document, variables)
	for _, one := range uuidsIn(id) {
		body = strings.ReplaceAll(body, one, "<id>")
	}
	return body
}

// login is the customer's token that a caller gives as an argument: the intruders' is that of another customer.
func (w *world) login(who intruder) string {
	if who.name == "customer" {
		return w.tokens["customer"]
	}
	return w.tokens["customer B"]
}

// send asks and gives data and errors alone: costs and the ids of log entries differ from one call to the next.
func (w *world) send(t *testing.T, bearer, document string, variables map[string]any) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	answers := &firstAnswer{ResponseRecorder: httptest.NewRecorder()}
	if strings.HasPrefix(document, "subscription") {
		r.Header.Set("Accept", "text/event-stream")
		answers.enough = cancel
	}
	w.server.ServeHTTP(answers, r)
	text := answers.first()
	var got struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Path       []any
			Extensions map[string]any
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%s\n\tanswered %q: %v", document, text, err)
	}
	for _, e := range got.Errors {
		if e.Extensions["code"] == "INTERNAL" {
			t.Errorf("%s\n\tas %.12s… failed: %s", document, bearer, text)
		}
		delete(e.Extensions, "id")
	}
	plain, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// firstAnswer records an answer, of a stream only its first.
type firstAnswer struct {
	*httptest.ResponseRecorder
	mu     sync.Mutex
	enough func()
}

func (f *firstAnswer) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.ResponseRecorder.Write(b)
	if f.enough != nil && strings.Contains(f.Body.String(), "data: {") && strings.HasSuffix(f.Body.String(), "\n\n") {
		f.enough()
	}
	return n, err
}

func (f *firstAnswer) first() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.enough == nil || !strings.Contains(f.Body.String(), "data: ") {
		return f.Body.String()
	}
	_, data, _ := strings.Cut(f.Body.String(), "data: ")
	data, _, _ = strings.Cut(data, "\n")
	return data
}

// uuidsIn gives the uuid of a global id.
func uuidsIn(id string) []string {
	path, _, _ := strings.Cut(id, "?")
	return []string{path[strings.LastIndex(path, "/")+1:]}
}

// withFreshUUID is an id of the same form that never was given to anything.
func withFreshUUID(id string) string {
	return strings.ReplaceAll(id, uuidsIn(id)[0], uuid.Must(uuid.NewV7()).String())
}

func TestScopesGuardEveryOperationThatNeedsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.happens(t, audit.ConsistencyRestored{Name: "S1"}) // so that those who follow are told something
	if _, err := w.Sequencer.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := w.fingerprint(t)
	for name, op := range scopedOperations(t) {
		area, _, _ := strings.Cut(string(op.scope), ":")
		var others access.Scopes
		for _, scope := range access.AllScopes() {
			if !strings.HasPrefix(string(scope), area+":") {
				others = append(others, scope)
			}
		}
		if strings.HasSuffix(string(op.scope), ":write") {
			others = append(others, access.Scope(area+":read"))
		}
		callers := map[string]string{"": "UNAUTHENTICATED", w.tokens["guest"]: "UNAUTHENTICATED", w.tokens["customer"]: "FORBIDDEN", w.partner(t, others): "FORBIDDEN"}
		for token, want := range callers {
			got := w.ask(t, token, op.document, map[string]any{})
			if got.codes() != want || strings.Contains(string(got.Data), "gid://") {
				t.Errorf("%s with %.12s…: %s %s, want %s and no data", name, token, got.codes(), got.Data, want)
			}
		}
	}
	if after := w.fingerprint(t); after != before {
		t.Fatalf("somebody without the scope changed something:\n\tbefore %s\n\tafter  %s", before, after)
	}
	for name, op := range scopedOperations(t) {
		token := w.partner(t, access.Scopes{op.scope, "orders:read"})
		if codes := w.ask(t, token, op.document, map[string]any{}).codes(); strings.Contains(codes, "FORBIDDEN") || strings.Contains(codes, "UNAUTHENTICATED") {
			t.Errorf("%s is refused to who holds %s: %s", name, op.scope, codes)
		}
	}
}

type scopedOperation struct {
	scope    access.Scope
	document string
}

// examples calls each operation that needs a scope.
var examples = map[string]string{
	"Query.orders":                      `{ orders(first: 5) { nodes { id } } }`,
	"Query.customers":                   `{ customers(first: 5) { nodes { id email } } }`,
	"Query.catalogListing":              `{ catalogListing { backlog position } }`,
	"Query.filterSettings":              `{ filterSettings { key } }`,
	"Query.searchSynonyms":              `{ searchSynonyms { words } }`,
	"Mutation.catalogListingRebuild":    `mutation { catalogListingRebuild { catalogListing { backlog } } }`,
	"Mutation.filterSettingsSet":        `mutation { filterSettingsSet(input: { metafields: [{ owner: PRODUCT, namespace: " ", key: "x" }] }) { userErrors { code } } }`,
	"Mutation.searchSynonymsSet":        `mutation { searchSynonymsSet(input: { groups: [{ words: ["x"] }] }) { userErrors { code } } }`,
	"Query.consistencyReport":           `{ consistencyReport { consistent checks { name state } } }`,
	"Query.apiKeys":                     `{ apiKeys(first: 5) { nodes { id } } }`,
	"Mutation.apiKeyCreate":             `mutation { apiKeyCreate(input: { name: "x", scopes: ["orders:read"] }) { key apiKey { prefix } userErrors { code } } }`,
	"Mutation.apiKeyRevoke":             `mutation { apiKeyRevoke(input: { id: "gid://wharf/ApiKey/01890a5d-ac96-774b-bcce-b302099a8057" }) { userErrors { code } } }`,
	"Query.operatorEvents":              `{ operatorEvents(first: 5, types: [STOCK_LOW]) { nodes { type message variantId } } }`,
	"Subscription.operatorEvents":       `subscription { operatorEvents(after: "") { cursor node { type message } } }`,
	"Query.paymentReconciliationBreaks": `{ paymentReconciliationBreaks(first: 5, state: OPEN) { nodes { id kind detail orderId } } }`,
	"Query.giftCard":                    `{ giftCard(id: "gid://wharf/GiftCard/01890a5d-ac96-774b-bcce-b302099a8057") { id } }`,
	"Query.giftCards":                   `{ giftCards(first: 5) { nodes { id movements(first: 5) { nodes { id amount { amount } } } } } }`,
	"Query.promotions":                  `{ promotions(first: 5) { nodes { id title codes } } }`,
	"Mutation.giftCardCreate":           `mutation { giftCardCreate(input: { idempotencyKey: "x", initialValue: { amount: "0.00", currencyCode: USD } }) { code giftCard { id } userErrors { code } } }`,
	"Mutation.giftCardDisable":          `mutation { giftCardDisable(input: { id: "gid://wharf/GiftCard/01890a5d-ac96-774b-bcce-b302099a8057" }) { giftCard { id } userErrors { code } } }`,
	"Mutation.promotionSet":             `mutation { promotionSet(input: { title: "", kind: FREE_SHIPPING }) { promotion { id } userErrors { code } } }`,
	"Mutation.promotionDelete":          `mutation { promotionDelete(input: { id: "gid://wharf/Promotion/01890a5d-ac96-774b-bcce-b302099a8057" }) { deletedPromotionId userErrors { code } } }`,
	"Query.inventoryLevels":             `{ inventoryLevels(first: 5) { nodes { onHand location { name } variant { title } } } }`,
	"Query.inventoryMovements":          `{ inventoryMovements(first: 5) { nodes { id onHandDelta location { name } } } }`,
	"Query.inventoryTransfer":           `{ inventoryTransfer(id: "gid://wharf/InventoryTransfer/01890a5d-ac96-774b-bcce-b302099a8057") { id } }`,
	"Query.inventoryTransfers":          `{ inventoryTransfers(first: 5) { nodes { id lines { remaining } destination { name } } } }`,
	"Mutation.inventoryAdjust":          `mutation { inventoryAdjust(input: { idempotencyKey: "x", reason: COUNT, changes: [] }) { levels { onHand } userErrors { code } } }`,
	"Mutation.inventorySet":             `mutation { inventorySet(input: { idempotencyKey: "x", reason: COUNT, levels: [] }) { levels { onHand } userErrors { code } } }`,
	"Query.inventoryAllocation":         `{ inventoryAllocation { strategy locationPriority { name } } }`,
	"Query.inventoryBackorders":         `{ inventoryBackorders(first: 5) { nodes { orderId waiting location { name } } } }`,
	"Query.inventoryItem":               `{ inventoryItem(variantId: "gid://wharf/ProductVariant/01890a5d-ac96-774b-bcce-b302099a8057") { version components { quantity } } }`,
	"Mutation.inventoryAllocationSet":   `mutation { inventoryAllocationSet(input: {}) { allocation { strategy } userErrors { code } } }`,
	"Mutation.inventoryPolicySet":       `mutation { inventoryPolicySet(input: { idempotencyKey: "x", variantId: "x" }) { item { version } userErrors { code } } }`,
	"Mutation.productBundleSet":         `mutation { productBundleSet(input: { idempotencyKey: "x", variantId: "x", components: [] }) { bundle { version } userErrors { code } } }`,
	"Mutation.inventoryTransferCreate":  `mutation { inventoryTransferCreate(input: { idempotencyKey: "x", destinationLocationId: "x", lines: [] }) { transfer { id } userErrors { code } } }`,
	"Mutation.inventoryTransferReceive": `mutation { inventoryTransferReceive(input: { idempotencyKey: "x", transferId: "x" }) { transfer { id } userErrors { code } } }`,
	"Mutation.inventoryTransferCancel":  `mutation { inventoryTransferCancel(input: { idempotencyKey: "x", transferId: "x" }) { transfer { id } userErrors { code } } }`,
	"Mutation.productSet":               `mutation { productSet(input: { handle: "x", title: " " }) { product { id } userErrors { code } } }`,
	"Mutation.productDelete":            `mutation { productDelete(input: { id: "gid://wharf/Product/01890a5d-ac96-774b-bcce-b302099a8057" }) { deletedProductId userErrors { code } } }`,
	"Mutation.productPricesSet":         `mutation { productPricesSet(input: { prices: [] }) { variants { id } userErrors { code } } }`,
	"Mutation.metafieldsSet":            `mutation { metafieldsSet(input: { metafields: [] }) { metafields { id } userErrors { code } } }`,
	"Mutation.metafieldsDelete":         `mutation { metafieldsDelete(input: { metafields: [] }) { deletedMetafieldIds userErrors { code } } }`,
	"Mutation.pageSet":                  `mutation { pageSet(input: { handle: "x", title: " " }) { page { id } userErrors { code } } }`,
	"Mutation.pageDelete":               `mutation { pageDelete(input: { id: "gid://wharf/Page/01890a5d-ac96-774b-bcce-b302099a8057" }) { deletedPageId userErrors { code } } }`,
	"Mutation.blogSet":                  `mutation { blogSet(input: { handle: "x", title: " " }) { blog { id } userErrors { code } } }`,
	"Mutation.blogDelete":               `mutation { blogDelete(input: { id: "gid://wharf/Blog/01890a5d-ac96-774b-bcce-b302099a8057" }) { deletedBlogId userErrors { code } } }`,
	"Mutation.articleSet":               `mutation { articleSet(input: { handle: "x", title: " " }) { article { id } userErrors { code } } }`,
	"Mutation.articleDelete":            `mutation { articleDelete(input: { id: "gid://wharf/Article/01890a5d-ac96-774b-bcce-b302099a8057" }) { deletedArticleId userErrors { code } } }`,
	"Mutation.menuSet":                  `mutation { menuSet(input: { handle: "x", title: " " }) { menu { id } userErrors { code } } }`,
	"Mutation.menuDelete":               `mutation { menuDelete(input: { id: "gid://wharf/Menu/01890a5d-ac96-774b-bcce-b302099a8057" }) { deletedMenuId userErrors { code } } }`,
	"Mutation.policySet":                `mutation { policySet(input: { type: REFUND_POLICY, title: " ", body: "x" }) { policy { title } userErrors { code } } }`,
	"Mutation.shopUpdate":               `mutation { shopUpdate(input: { name: " " }) { shop { name } userErrors { code } } }`,
	"Query.exportJob":                   `{ exportJob(id: "gid://wharf/ExportJob/01890a5d-ac96-774b-bcce-b302099a8057") { state url } }`,
	"Query.exportJobs":                  `{ exportJobs(first: 5) { nodes { id state url } } }`,
	"Query.importJob":                   `{ importJob(id: "gid://wharf/ImportJob/01890a5d-ac96-774b-bcce-b302099a8057") { state problems { message } } }`,
	"Query.importJobs":                  `{ importJobs(first: 5) { nodes { id state uploadUrl } } }`,
	"Mutation.catalogExport":            `mutation { catalogExport(input: { externalId: " " }) { exportJob { id } userErrors { code } } }`,
	"Mutation.catalogExportCancel":      `mutation { catalogExportCancel(input: { id: "gid://wharf/ExportJob/01890a5d-ac96-774b-bcce-b302099a8057" }) { exportJob { id } userErrors { code } } }`,
	"Mutation.catalogImport":            `mutation { catalogImport(input: { kind: PRODUCTS, externalId: " " }) { importJob { id } userErrors { code } } }`,
	"Mutation.catalogImportCancel":      `mutation { catalogImportCancel(input: { id: "gid://wharf/ImportJob/01890a5d-ac96-774b-bcce-b302099a8057" }) { importJob { id } userErrors { code } } }`,
	"Mutation.collectionSet":            `mutation { collectionSet(input: { handle: "x", title: " " }) { collection { id } userErrors { code } } }`,
	"Mutation.collectionDelete":         `mutation { collectionDelete(input: { id: "gid://wharf/Collection/01890a5d-ac96-774b-bcce-b302099a8057" }) { deletedCollectionId userErrors { code } } }`,
	"Mutation.collectionProductsAdd":    `mutation { collectionProductsAdd(input: { collectionId: "x", productIds: [] }) { collection { id } userErrors { code } } }`,
	"Mutation.collectionProductsMove":   `mutation { collectionProductsMove(input: { collectionId: "x", productIds: [] }) { collection { id } userErrors { code } } }`,
	"Mutation.collectionProductsRemove": `mutation { collectionProductsRemove(input: { collectionId: "x", productIds: [] }) { collection { id } userErrors { code } } }`,
	"Mutation.orderNoteAdd":             `mutation { orderNoteAdd(input: { idempotencyKey: "x", orderId: "gid://wharf/Order/01890a5d-ac96-774b-bcce-b302099a8057", note: "x" }) { order { id } userErrors { code } } }`,
	"Mutation.paymentMarkPaid":          `mutation { paymentMarkPaid(input: { idempotencyKey: "x", orderId: "gid://wharf/Order/01890a5d-ac96-774b-bcce-b302099a8057" }) { order { id } userErrors { code } } }`,
	"Mutation.orderPaymentRequest":      `mutation { orderPaymentRequest(input: { idempotencyKey: "x", orderId: "gid://wharf/Order/01890a5d-ac96-774b-bcce-b302099a8057" }) { order { id } userErrors { code } } }`,
	"Mutation.paymentVoid":              `mutation { paymentVoid(input: { idempotencyKey: "x", orderId: "gid://wharf/Order/01890a5d-ac96-774b-bcce-b302099a8057" }) { order { id } userErrors { code } } }`,
	"Mutation.paymentRefund":            `mutation { paymentRefund(input: { idempotencyKey: "x", orderId: "gid://wharf/Order/01890a5d-ac96-774b-bcce-b302099a8057" }) { order { id } userErrors { code } } }`,
	"Mutation.paymentCapture":           `mutation { paymentCapture(input: { idempotencyKey: "x", orderId: "gid://wharf/Order/01890a5d-ac96-774b-bcce-b302099a8057" }) { order { id } userErrors { code } } }`,
}

// scopedOperations are those of the schema that need a scope, each with its example.
func scopedOperations(t *testing.T) map[string]scopedOperation {
	t.Helper()
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	operations := map[string]scopedOperation{}
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, field := range root.Fields {
			needs := field.Directives.ForName("needs")
			if needs == nil {
				continue
			}
			name := root.Name + "." + field.Name
			document, ok := examples[name]
			if !ok {
				t.Errorf("%s needs a scope: add an example that calls it", name)
				continue
			}
			operations[name] = scopedOperation{scope: access.Scope(needs.Arguments.ForName("scope").Value.Raw), document: document}
		}
	}
	if len(operations) != len(examples) {
		t.Errorf("%d examples for %d operations that need a scope", len(examples), len(operations))
	}
	return operations
}

// roads lists every field that leads from one thing to something private, and who decides there whether the caller
// may see it. Payloads, connections, edges and streams hand on what the operation itself found.
var roads = map[string]string{
	"CartBuyerIdentity.customer":        "customers.Visible decides anew: to hold a cart is not to be its buyer",
	"CartDeliveryGroup.deliveryAddress": "whoever has the cart has its addresses",
	"Cart.appliedGiftCards":             "whoever has the cart has its gift cards",
	"Customer.defaultAddress":           "for whom the account was shown to: its customer, or who holds customers:read",
	"Customer.orders":                   "for whom the account was shown to: its customer, or who holds orders:read",
	"Order.events":                      "the order's reader has been found to be allowed",
	"Order.payments":                    "the order's reader has been found to be allowed",
	"Order.shippingAddress":             "the order's reader has been found to be allowed",
	"GiftCard.movements":                "the card's reader has been found to be allowed",
	"OrderEvent.order":                  "the order's reader has been found to be allowed",
	"Payment.attempts":                  "the order's reader has been found to be allowed",
}

func TestEveryRoadToSomethingPrivateIsKnown(t *testing.T) {
	t.Parallel()
	private := []string{"ApiKey", "AppliedGiftCard", "GiftCard", "GiftCardMovementConnection", "Promotion", "Cart", "Customer", "MailingAddress", "Order", "OrderEvent", "OrderEventConnection", "OrderConnection", "Payment", "PaymentAttempt"}
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	found := map[string]bool{}
	for name, def := range schema.Types {
		root := def == schema.Query || def == schema.Mutation || def == schema.Subscription
		handsOn := strings.HasSuffix(name, "Payload") || strings.HasSuffix(name, "Connection") || strings.HasSuffix(name, "Edge")
		if def.Kind != ast.Object || def.BuiltIn || root || handsOn {
			continue
		}
		for _, field := range def.Fields {
			if !slices.Contains(private, field.Type.Name()) {
				continue
			}
			road := name + "." + field.Name
			found[road] = true
			if _, known := roads[road]; !known {
				t.Errorf("%s leads to a %s: decide who may go there, test it, and add the road", road, field.Type.Name())
			}
		}
	}
	for road := range roads {
		if !found[road] {
			t.Errorf("%s is no field of the schema: take the road out", road)
		}
	}
}
