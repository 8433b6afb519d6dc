// Package fulfillment gets the goods to the buyer: what delivery costs, and which store hands an order over.
//
// Rates come from a RateProvider; the default, flatrate, reads them from the shop's own table. Which store serves a
// pick-up is decided by pure functions over what inventory says; taking the stock there is inventory's work, and the
// order's story is kept by orders.
package fulfillment
