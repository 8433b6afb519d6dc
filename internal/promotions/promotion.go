package promotions

import (
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// PromotionKind is what a promotion does.
type PromotionKind string

// The kinds of promotion.
const (
	KindPercentage   PromotionKind = "PERCENTAGE"    // a part of what its goods cost
	KindFixedAmount  PromotionKind = "FIXED_AMOUNT"  // an amount off its goods together
	KindFreeShipping PromotionKind = "FREE_SHIPPING" // the shipping
	KindBuyXGetY     PromotionKind = "BUY_X_GET_Y"   // the cheapest of so many of its goods for less
)

// Promotion is a discount as data: what it does, for which goods, under which conditions, and how often. One with codes
// is for whoever names one of them, one without is for every order that fits.
type Promotion struct {
	ID                    id.PromotionID
	Version               int
	ExternalID            *string
	Title                 string
	Kind                  PromotionKind
	Amount                *money.Money
	BuyQuantity           *int
	GetQuantity           *int
	Codes                 []string // in capitals
	Combines              bool     // with other discounts on goods
	ProductIDs            []id.ProductID
	CollectionIDs         []id.CollectionID
	MinimumSubtotal       *money.Money // of its goods, before discounts
	MinimumQuantity       *int         // of its goods
	StartsAt              time.Time
	EndsAt                *time.Time
	UsageLimit            *int // orders in all
	UsageLimitPerCustomer *int // orders of one customer
	Uses                  int
	CreatedAt             time.Time
	UpdatedAt             time.Time

	currency  money.Currency
	rate      *int // in hundredths of a percent
	automatic bool
	running   bool // today, by the database's time
	ended     bool // by the same time
}

// IsNode marks a Promotion as a Node of the API.
func (Promotion) IsNode() {}

// Percentage is what is taken off, of BUY_X_GET_Y off each unit that is got.
func (p Promotion) Percentage() *money.Decimal {
	if p.rate == nil {
		return nil
	}
	text := money.New(int64(*p.rate), "USD").Amount()
	return &text
}

// Automatic says whether no code is needed.
func (p Promotion) Automatic() bool { return p.automatic }

// usedUp says whether no order can have it any more.
func (p Promotion) usedUp() bool { return p.UsageLimit != nil && p.Uses >= *p.UsageLimit }

// PromotionConnection is one page of promotions.
type PromotionConnection = pg.Connection[Promotion]

// PromotionEdge is one promotion of a page.
type PromotionEdge = pg.Edge[Promotion]

// CodeOf is a discount code as it is kept: in capitals, with nothing around it.
func CodeOf(text string) string { return strings.ToUpper(strings.TrimSpace(text)) }
