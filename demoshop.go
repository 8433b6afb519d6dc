package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/demo"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/settings"
)

// openDemo brings the demo's catalog, stores and stock into an empty shop. The shop gets the demo's name last: a shop
// of that name is whole, and is left as it is.
func openDemo(ctx context.Context, term *terminal, p *process) error {
	shop, err := p.shop.Settings.Load(ctx)
	if err != nil {
		return err
	}
	if shop.Name == demo.ShopName {
		return nil
	}
	if p.db.server == nil {
		if err := refuseForeignShop(ctx, p); err != nil {
			return err
		}
	}
	step, finish := term.progress("products")
	products, err := importProducts(ctx, p.db, demo.Products(), shop.Currency, step)
	finish()
	if err != nil {
		return fmt.Errorf("load the demo's products: %w", err)
	}
	stores, err := inventory.ImportLocations(ctx, p.db.pool, demo.Stores(), nil)
	if err != nil {
		return fmt.Errorf("load the demo's stores: %w", err)
	}
	figures, err := inventory.ImportStock(ctx, p.db.pool, demo.Stock())
	if err != nil {
		return fmt.Errorf("load the demo's stock: %w", err)
	}
	if err := writeDemo(ctx, p.shop); err != nil {
		return fmt.Errorf("write the demo's pages: %w", err)
	}
	_, err = p.shop.Settings.Change(ctx, access.SystemActor, func(s *settings.Shop) {
		about := "Coffee, knitwear and rope from a small harbor town."
		s.Name, s.Description = demo.ShopName, &about
	})
	if err != nil {
		return fmt.Errorf("name the demo shop: %w", err)
	}
	term.say("%s", term.faint(fmt.Sprintf("Loaded %s, %s, %s and %s.", counted(products.Products.Created, "product"),
		counted(products.Variants.Created, "variant"), counted(stores.Created, "store"), counted(figures, "stock figure"))))
	return nil
}

// refuseForeignShop keeps the demo out of somebody's real shop.
func refuseForeignShop(ctx context.Context, p *process) error {
	products, err := catalog.ProductsAfter(ctx, p.db.pool, nil, 1)
	if err != nil {
		return fmt.Errorf("look for products: %w", err)
	}
	if len(products) > 0 {
		return errors.New("the database that DATABASE_URL names holds another shop, which the demo would mix with its own: unset DATABASE_URL, or give an empty database")
	}
	return nil
}

// demoEmail is the demo's administrator.
const demoEmail = "harbormaster@fennwick.example"

// demoStaff signs the demo's administrator in, and makes them at the first start. Nobody knows their password.
func demoStaff(ctx context.Context, people *partners.Partners) (token, email string, err error) {
	member, err := people.CreateStaff(ctx, access.SystemActor, partners.StaffInput{
		Email: demoEmail, Name: "Demo administrator", Password: rand.Text(), Role: partners.RoleAdmin,
	})
	if taken(err) {
		member, err = people.StaffByEmail(ctx, demoEmail)
	}
	if err != nil {
		return "", "", err
	}
	given, err := people.IssueStaffToken(ctx, member.ID)
	return given.AccessToken, member.Email, err
}
