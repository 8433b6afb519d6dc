package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
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
	if p.ID == "" || p.Title == "" || len(p.Variants.Nodes) < variantsOf(0) {
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
func (b *bench) productByHandle(ctx context.Context, clients int, anew bool) (figures, error) {
	var questions []question
	for i := range 100 {
		handle := handleOf(i * b.stock.products / 100)
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
	return b.readAll(ctx, clients, questions, anew)
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
func (b *bench) productList(ctx context.Context, clients int, anew bool) (figures, error) {
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
	return b.readAll(ctx, clients, questions, anew)
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

// reading asks for pages, from memory or anew.
type reading func(ctx context.Context, clients int, anew bool) (figures, error)

// kept asks the same questions again and again, as the visitors of a shop do: most are answered from memory.
func kept(read reading) func(context.Context, int) (figures, error) {
	return func(ctx context.Context, clients int) (figures, error) { return read(ctx, clients, false) }
}

// anew asks each question as if nobody ever had.
func anew(read reading) func(context.Context, int) (figures, error) {
	return func(ctx context.Context, clients int) (figures, error) { return read(ctx, clients, true) }
}

func (b *bench) readAll(ctx context.Context, clients int, questions []question, anew bool) (figures, error) {
	b.reads.serve(questions)
	ask := b.inTurn(clients, questions, func(int) string { return b.client.url })
	if anew {
		ask = b.inTurnAnew(clients, questions)
	}
	return b.load(ctx, clients, ask)
}

// inTurnAnew names a variable that no document knows, which makes every question another one with the same answer.
func (b *bench) inTurnAnew(clients int, questions []question) act {
	var asked atomic.Int64
	return b.inTurnWith(clients, questions, func(int) string { return b.client.url }, func(body []byte) []byte {
		head := bytes.TrimSuffix(body, []byte("}}"))
		return append(strconv.AppendInt(append(bytes.Clone(head), `,"anew":`...), asked.Add(1), 10), "}}"...)
	})
}

// inTurn asks one question after the other; each client begins elsewhere in the row.
func (b *bench) inTurn(clients int, questions []question, url func(i int) string) act {
	return b.inTurnWith(clients, questions, url, func(body []byte) []byte { return body })
}

func (b *bench) inTurnWith(clients int, questions []question, url func(i int) string, written func(body []byte) []byte) act {
	next := make([]int, clients)
	for who := range next {
		next[who] = who * len(questions) / clients
	}
	return func(ctx context.Context, who int) error {
		i := next[who] % len(questions)
		next[who]++
		answer, err := b.client.send(ctx, url(i), written(questions[i].body))
		if err == nil && !bytes.Equal(answer, questions[i].answer) {
			return errOtherBytes
		}
		return err
	}
}
