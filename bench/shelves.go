package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// What is sold: enough of everything that no run can sell it out.
const (
	products = 500
	variants = 3 // of each product
	pieces   = 1_000_000
)

// catalogFile is the generated catalog in the format of a Shopify product export.
func catalogFile() []byte {
	var file bytes.Buffer
	file.WriteString("Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty\n")
	for i := range products {
		for v, size := range [variants]string{"Small", "Medium", "Large"} {
			fmt.Fprintf(&file, "thing-%03d,", i)
			if v == 0 {
				fmt.Fprintf(&file, "Thing %03d,<p>Thing %03d is made to last and comes in three sizes.</p>,Maker %02d,Kind %02d,\"tag-%d, all\",Size", i, i, i%40, i%25, i%10)
			} else {
				file.WriteString(",,,,,")
			}
			fmt.Fprintf(&file, ",%s,THING-%03d-%c,%d.%02d,%d\n", size, i, size[0], 5+i%90+3*v, i%100, pieces)
		}
	}
	return file.Bytes()
}

const shelvesQuery = `query ($after: String) {
  products(first: 50, after: $after) {
    nodes { handle variants(first: 3) { nodes { id } } }
    pageInfo { hasNextPage endCursor }
  }
}`

// shelves are the ids of the variants that the shop sells, product after product.
func shelves(ctx context.Context, c *client) ([]string, error) {
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
	if len(ids) != products*variants {
		return nil, errors.New("the catalog is not what was imported")
	}
	return ids, nil
}
