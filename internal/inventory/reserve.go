package inventory

import (
	"fmt"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/id"
)

// Method says how the buyer gets what is reserved.
type Method string

// The methods of delivery.
const (
	Shipping Method = "SHIPPING"
	Pickup   Method = "PICKUP"
)

// Demand is one line's wish for units of a variant. With a location the units are collected there; without one they
// are shipped, and inventory chooses among the locations that ship.
type Demand struct {
	VariantID  id.ProductVariantID
	LocationID *id.LocationID
	Quantity   int
}

// Reservation is what one order asks to have reserved for it.
type Reservation struct {
	OrderID   id.OrderID
	Lines     []Demand
	ExpiresAt *time.Time // when an unpaid order lets go; nil for an order that needs no payment
}

// Shortage is one variant of which there is not enough where it is wanted.
type Shortage struct {
	VariantID  id.ProductVariantID
	LocationID *id.LocationID // the store, for a pick-up
	Wanted     int
	Available  int
	Lines      []int // the lines that asked for it, counted from 0
}

// OutOfStock says that an order can't be served. Nothing was reserved for it.
type OutOfStock struct {
	Shortages []Shortage
}

// Error names what is missing.
func (e *OutOfStock) Error() string {
	parts := make([]string, len(e.Shortages))
	for i, s := range e.Shortages {
		parts[i] = fmt.Sprintf("%s: wanted %d, available %d", s.VariantID, s.Wanted, s.Available)
	}
	return "out of stock: " + strings.Join(parts, "; ")
}
