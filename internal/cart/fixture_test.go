package cart_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/internal/tax"
)

// counter is a shop that has goods and takes carts.
type counter struct {
	testing.TB
	pool      *pgxpool.Pool
	carts     *cart.Carts
	customers *customers.Customers
	settings  *settings.Settings
	warehouse id.LocationID
}

func open(t *testing.T) *counter {
	t.Helper()
	pool := pgtest.New(t)
	keys, err := access.LoadKeys(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	set := settings.New(pool, event.New(), clock.System)
	attempts := access.NewAttempts(pool, keys, true)
	cust := customers.New(pool, access.NewPasswords(access.HashCost{Memory: 64, Time: 1, Threads: 1}), attempts, keys, event.New())
	c := &counter{TB: t, pool: pool, customers: cust, settings: set, carts: cart.New(pool, keys, set, cust, promotions.New(pool, keys, attempts), tax.NewTable(pool))}
	c.warehouse = c.location(true, false)
	return c
}

func (c *counter) exec(sql string, args ...any) {
	c.Helper()
	if _, err := c.pool.Exec(c.Context(), sql, args...); err != nil {
		c.Fatal(err)
	}
}

func (c *counter) location(ships, pickup bool) id.LocationID {
	c.Helper()
	location := id.NewLocationID()
	c.exec(`
insert into location (id, kind, name, country_code, ships_online, pickup_enabled)
values ($1, 'STORE', 'Here', 'US', $2, $3)`, location, ships, pickup)
	return location
}

// variant puts something on sale that is not tracked.
func (c *counter) variant(title string, cents int64) id.ProductVariantID {
	c.Helper()
	product, variant := id.NewProductID(), id.NewProductVariantID()
	c.exec(`
insert into product (id, handle, title, published_at, currency, min_price, max_price, variants_count)
values ($1, $2, $3, now(), 'USD', $4, $4, 1)`, product, product.String(), title, cents)
	c.exec(`
insert into product_variant (id, product_id, position, title, option_values, price, currency)
values ($1, $2, 1, 'Default Title', '{Default Title}', $3, 'USD')`, variant, product, cents)
	return variant
}

// stocked puts something on sale of which there are so many in the warehouse.
func (c *counter) stocked(title string, cents int64, units int) id.ProductVariantID {
	c.Helper()
	variant := c.variant(title, cents)
	c.exec(`insert into stock_item (variant_id) values ($1)`, variant)
	c.stock(variant, c.warehouse, units)
	return variant
}

func (c *counter) stock(variant id.ProductVariantID, location id.LocationID, units int) {
	c.Helper()
	shoptest.Shelve(c, c.pool, `insert into stock_level (variant_id, location_id, on_hand) values ($1, $2, $3)`, variant, location, units)
}

// must takes a payload without errors out of a mutation.
func (c *counter) must(p *cart.Payload, err error) *cart.Payload {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
	for _, e := range p.UserErrors {
		c.Fatalf("%s at %v: %s", *e.Code, e.Field, e.Message)
	}
	return p
}

func (c *counter) create(lines ...cart.CartLineInput) cart.Cart {
	c.Helper()
	return *c.must(c.carts.Create(c.Context(), access.Actor{}, cart.CartInput{Lines: lines})).Cart
}

func line(variant id.ProductVariantID, quantity int) cart.CartLineInput {
	return cart.CartLineInput{MerchandiseID: variant.String(), Quantity: &quantity}
}

func ptr[T any](v T) *T { return &v }

// account makes a customer who is logged in, and gives their id and token.
func (c *counter) account(email string) (id.CustomerID, string) {
	c.Helper()
	made, err := c.customers.Create(c.Context(), access.Actor{}, customers.CreateInput{Email: email, Password: "a long password"})
	if err != nil {
		c.Fatal(err)
	}
	token, err := c.customers.SignIn(c.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: email, Password: "a long password"})
	if err != nil {
		c.Fatal(err)
	}
	return made.ID, token.AccessToken
}
