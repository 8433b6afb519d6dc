package inventory

import (
	"time"

	"github.com/wharfhq/wharf/internal/id"
)

// StockLevel is how much of a variant lies at one location.
type StockLevel struct {
	VariantID         id.ProductVariantID
	LocationID        id.LocationID
	OnHand            int // on the shelf, damaged units and safety stock included
	Reserved          int // promised to orders out of it
	Damaged           int // there, and not to be sold
	SafetyStock       int // there, and not offered
	Incoming          int // on its way there
	BackorderLimit    int // how far the location may promise beyond its shelf
	LowStockThreshold int // with so many left to promise, or fewer, it is low
	State             StockState
	Version           int // goes up with every change
	UpdatedAt         time.Time

	covered int // owed before the shelf was denied more, and covered by what came in since: it may owe so much again
}

// StockState says whether a shelf needs somebody's attention.
type StockState string

// The states of a shelf.
const (
	InStock  StockState = "IN"
	LowStock StockState = "LOW" // at the threshold or below
	NoStock  StockState = "OUT" // nothing is left to promise, backorders not counted
)

// Available is what may still be promised, backorders not counted.
func (l StockLevel) Available() int { return max(l.sellable()-l.Reserved, 0) }

// Promisable is what may still be promised, backorders included.
func (l StockLevel) Promisable() int { return max(l.sellable()+l.BackorderLimit-l.Reserved, 0) }

func (l StockLevel) sellable() int { return l.OnHand - l.Damaged - l.SafetyStock }

// Backorders says whether more may be promised than lies there, without a bound.
func (l StockLevel) Backorders() bool { return l.BackorderLimit >= unlimited }

// Available says what the shop can ship of a variant.
type Available struct {
	Tracked    bool
	Quantity   int // on the shelves of the locations that ship; 0 when not tracked
	Promisable int // with backorders; without meaning when not tracked
}

// ForSale says whether at least one unit can be ordered for shipping.
func (a Available) ForSale() bool { return !a.Tracked || a.Promisable > 0 }

// Covers says whether that many units can be ordered for shipping.
func (a Available) Covers(quantity int) bool { return !a.Tracked || a.Promisable >= quantity }

// StoreAvailability says whether a variant can be collected at a store.
type StoreAvailability struct {
	VariantID         id.ProductVariantID
	Location          Location
	Available         bool
	QuantityAvailable int
	PickUpTime        string
	Distance          *float64 // in kilometers, when it was asked from somewhere
}
