package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/demo"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/shop"
)

// demoContent is what the demo shop says.
type demoContent struct {
	Pages    []content.PageSetInput
	Blogs    []content.BlogSetInput
	Articles []content.ArticleSetInput
	Policies []content.PolicySetInput
	Menus    []demoMenu
	Brand    settings.BrandInput
	Products []catalog.ProductSetInput // what the file of products has no columns for

	Complements map[string][]string // what goes well with a product, both by their handles
}

type demoMenu struct {
	Handle, Title string
	Items         []demoMenuItem
}

type demoMenuItem struct {
	Title string
	Type  content.MenuItemType
	Named string // what it leads to
	Items []demoMenuItem
}

// writeDemo writes the demo's pages, blog, policies, menus and brand, and the swatches and measures of its products. All of it is named by handles, so a start that
// was cut short is simply done again.
func writeDemo(ctx context.Context, s *shop.Shop) error {
	var all demoContent
	if err := json.NewDecoder(demo.Content()).Decode(&all); err != nil {
		return err
	}
	shop, err := s.Settings.Load(ctx)
	if err != nil {
		return err
	}
	for _, in := range all.Products {
		if _, err := catalog.SetProduct(ctx, s.Pool, catalog.Bundles{}, access.SystemActor, shop.Currency, in); err != nil {
			return fmt.Errorf("complete the product %q: %w", *in.Handle, err)
		}
	}
	if err := writeComplements(ctx, s, shop.Currency, all.Complements); err != nil {
		return err
	}
	ids := map[string]string{}
	for _, in := range all.Pages {
		page, err := s.Content.SetPage(ctx, access.SystemActor, in)
		if err != nil {
			return err
		}
		ids["PAGE "+page.Handle] = page.ID.String()
	}
	for _, in := range all.Blogs {
		blog, err := s.Content.SetBlog(ctx, access.SystemActor, in)
		if err != nil {
			return err
		}
		ids["BLOG "+blog.Handle] = blog.ID.String()
	}
	for _, in := range all.Articles {
		if _, err := s.Content.SetArticle(ctx, access.SystemActor, in); err != nil {
			return err
		}
	}
	for _, in := range all.Policies {
		policy, err := s.Content.SetPolicy(ctx, in)
		if err != nil {
			return err
		}
		ids["SHOP_POLICY "+policy.Handle()] = policy.ID.String()
	}
	most := pg.MaxPage
	collections, err := catalog.Collections(ctx, s.Pool, access.SystemActor, "", catalog.CollectionsByIDs, pg.Page{First: &most})
	if err != nil {
		return err
	}
	for _, collection := range collections.Nodes {
		ids["COLLECTION "+collection.Title] = collection.ID.String()
	}
	for _, menu := range all.Menus {
		items, err := demoItems(menu.Items, ids)
		if err != nil {
			return err
		}
		in := content.MenuSetInput{Handle: &menu.Handle, Title: &menu.Title, Items: items}
		if _, err := s.Content.SetMenu(ctx, access.SystemActor, in); err != nil {
			return err
		}
	}
	_, err = s.Settings.Update(ctx, access.SystemActor, settings.ShopUpdateInput{Brand: &all.Brand})
	return err
}

// writeComplements says what goes well with which product.
func writeComplements(ctx context.Context, s *shop.Shop, currency money.Currency, complements map[string][]string) error {
	for handle, others := range complements {
		in := catalog.ProductSetInput{Handle: &handle}
		for _, other := range others {
			p, err := catalog.ProductByHandle(ctx, s.Pool, access.SystemActor, other)
			if err != nil {
				return fmt.Errorf("find what goes with %q: %q: %w", handle, other, err)
			}
			in.ComplementaryProductIDs = append(in.ComplementaryProductIDs, p.ID.String())
		}
		if _, err := catalog.SetProduct(ctx, s.Pool, catalog.Bundles{}, access.SystemActor, currency, in); err != nil {
			return fmt.Errorf("say what goes with %q: %w", handle, err)
		}
	}
	return nil
}

// demoItems puts the ids of what a menu leads to in the place of the names.
func demoItems(items []demoMenuItem, ids map[string]string) ([]content.MenuItemInput, error) {
	out := make([]content.MenuItemInput, len(items))
	for i, item := range items {
		below, err := demoItems(item.Items, ids)
		if err != nil {
			return nil, err
		}
		out[i] = content.MenuItemInput{Title: item.Title, Type: item.Type, Items: below}
		if item.Named == "" {
			continue
		}
		leads, ok := ids[string(item.Type)+" "+item.Named]
		if !ok {
			return nil, fmt.Errorf("the menu leads to the %s %q, which the demo doesn't have", item.Type, item.Named)
		}
		out[i].ResourceID = &leads
	}
	return out, nil
}
