package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// question is a request that is always answered with the same bytes while nothing is sold.
type question struct{ body, answer []byte }

var errOtherBytes = errors.New("the answer is not the one that was checked")

const productQuery = `query ($handle: String!) {
  product(handle: $handle) {
    id handle title descriptionHtml vendor productType tags
    options { name optionValues { name } }
    priceRange { minVariantPrice { amount currencyCode } maxVariantPrice { amount currencyCode } }
    variants(first: 10) {
      nodes { id title sku availableForSale quantityAvailable price { amount currencyCode } selectedOptions { name value } }
    }
  }
}`

type shownProduct struct {
	ID, Handle, Title string
	Variants          struct {
		Nodes []struct {
			ID               string
			AvailableForSale bool
			Price            struct{ Amount, CurrencyCode string }
		}
	}
}

func (p shownProduct) check() error {
	if p.ID == "" || p.Title == "" || len(p.Variants.Nodes) != variants {
		return fmt.Errorf("product %q is not complete", p.Handle)
	}
	for _, v := range p.Variants.Nodes {
		if !v.AvailableForSale || v.Price.Amount == "" || v.Price.CurrencyCode != "USD" {
			return fmt.Errorf("variant %s is not for sale", v.ID)
		}
	}
	return nil
}

// productByHandle reads a product's page: 100 products in turn.
func (b *bench) productByHandle(ctx context.Context, clients int) (figures, error) {
	var questions []question
	for i := range 100 {
		handle := fmt.Sprintf("thing-%03d", i*products/100)
		var shown struct{ Product shownProduct }
		q, err := b.question(ctx, productQuery, map[string]any{"handle": handle}, &shown)
		if err == nil {
			err = shown.Product.check()
		}
		if err != nil {
			return figures{}, err
		}
		questions = append(questions, q)
	}
	return b.readAll(ctx, clients, questions)
}

const listQuery = `query ($after: String) {
  products(first: 24, after: $after) {
    nodes {
      id handle title
      priceRange { minVariantPrice { amount currencyCode } }
      variants(first: 10) { nodes { id title sku availableForSale price { amount currencyCode } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`

// productList reads the catalog's pages of 24 products with their variants and prices: 20 pages in turn.
func (b *bench) productList(ctx context.Context, clients int) (figures, error) {
	var questions []question
	var after *string
	for range 20 {
		var page struct {
			Products struct {
				Nodes    []shownProduct
				PageInfo struct{ EndCursor *string }
			}
		}
		q, err := b.question(ctx, listQuery, map[string]any{"after": after}, &page)
		if err != nil {
			return figures{}, err
		}
		if len(page.Products.Nodes) != 24 {
			return figures{}, fmt.Errorf("a page has %d products", len(page.Products.Nodes))
		}
		for _, p := range page.Products.Nodes {
			if err := p.check(); err != nil {
				return figures{}, err
			}
		}
		questions = append(questions, q)
		after = page.Products.PageInfo.EndCursor
	}
	return b.readAll(ctx, clients, questions)
}

// question asks once and keeps the answer, so that each later one is checked byte for byte.
func (b *bench) question(ctx context.Context, query string, variables, data any) (question, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return question{}, err
	}
	answer, err := b.client.send(ctx, b.client.url, body)
	if err != nil {
		return question{}, err
	}
	return question{body, answer}, read(answer, data)
}

func (b *bench) readAll(ctx context.Context, clients int, questions []question) (figures, error) {
	b.reads.serve(questions)
	return b.load(ctx, clients, b.inTurn(clients, questions, func(int) string { return b.client.url }))
}

// inTurn asks one question after the other; each client begins elsewhere in the row.
func (b *bench) inTurn(clients int, questions []question, url func(i int) string) act {
	next := make([]int, clients)
	for who := range next {
		next[who] = who * len(questions) / clients
	}
	return func(ctx context.Context, who int) error {
		i := next[who] % len(questions)
		next[who]++
		answer, err := b.client.send(ctx, url(i), questions[i].body)
		if err == nil && !bytes.Equal(answer, questions[i].answer) {
			return errOtherBytes
		}
		return err
	}
}
