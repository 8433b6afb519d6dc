package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// pieces is enough of everything that no run can sell it out.
const pieces = 1_000_000

// collections is how many the products stand in, each in one.
const collections = 25

// stock is a generated catalog of so many products: every time the same, with five variants for two products.
type stock struct{ products int }

func (s stock) variants() int { return s.products/2*5 + s.products%2*2 }

// variantsOf is how many variants a product has: two and three in turn.
func variantsOf(product int) int { return 2 + product%2 }

func handleOf(product int) string { return fmt.Sprintf("thing-%06d", product) }

// materials and things name products, so that searches have words to find.
var (
	materials = []string{"Oak", "Linen", "Copper", "Wool", "Marble", "Cotton", "Brass", "Bamboo", "Leather", "Glass", "Granite"}
	things    = []string{"lamp", "chair", "kettle", "blanket", "table", "basket", "mirror", "shelf", "bowl", "cushion", "clock", "vase", "tray"}
)

// titleOf gives a name that a thousandth of the products share a part of, and a number of its own.
func titleOf(product int) string {
	return fmt.Sprintf("%s %s %06d", materials[product%len(materials)], things[product/len(materials)%len(things)], product)
}

// file is the catalog in the format of a Shopify product export.
func (s stock) file() []byte {
	var file bytes.Buffer
	file.WriteString("Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Collection\n")
	for i := range s.products {
		for v, size := range []string{"Small", "Medium", "Large"}[:variantsOf(i)] {
			file.WriteString(handleOf(i) + ",")
			if v == 0 {
				fmt.Fprintf(&file, "%s,<p>The %s is made to last.</p>,Maker %02d,Kind %02d,\"tag-%d, all\",Size", titleOf(i), titleOf(i), i%40, i%31, i%10)
			} else {
				file.WriteString(",,,,,")
			}
			shelf := ""
			if v == 0 {
				shelf = fmt.Sprintf("Shelf %02d", i%collections)
			}
			fmt.Fprintf(&file, ",%s,THING-%06d-%c,%d.%02d,%d,%s\n", size, i, size[0], 5+i%90+3*v, i%100, pieces, shelf)
		}
	}
	return file.Bytes()
}

const shelvesQuery = `query ($after: String) {
  products(first: 250, after: $after) {
    nodes { handle variants(first: 3) { nodes { id } } }
    pageInfo { hasNextPage endCursor }
  }
}`

// ids are those of the variants that the shop sells, product after product.
func (s stock) ids(ctx context.Context, c *client) ([]string, error) {
	var ids []string
	var after *string
	for {
		var page struct {
			Products struct {
				Nodes []struct {
					Variants struct{ Nodes []struct{ ID string } }
				}
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
			}
		}
		if err := c.ask(ctx, shelvesQuery, map[string]any{"after": after}, &page); err != nil {
			return nil, fmt.Errorf("read the catalog: %w", err)
		}
		for _, p := range page.Products.Nodes {
			for _, v := range p.Variants.Nodes {
				ids = append(ids, v.ID)
			}
		}
		if !page.Products.PageInfo.HasNextPage {
			break
		}
		after = page.Products.PageInfo.EndCursor
	}
	if len(ids) != s.variants() {
		return nil, errors.New("the catalog is not what was imported")
	}
	return ids, nil
}
