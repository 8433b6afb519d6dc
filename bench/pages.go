package main

import (
	"context"
	"encoding/json"
	"fmt"
)

const collectionQuery = `query ($handle: String!) {
  collection(handle: $handle) {
    id title
    products(first: 24, filters: [{ available: true }, { price: { min: 10, max: 80 } }]) {
      filters { id label type values { id label count input } }
      nodes {
        id handle title availableForSale
        priceRange { minVariantPrice { amount currencyCode } }
        featuredImage { url altText }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`

// collectionPage reads a collection with its facets, narrowed by two of them: all collections in turn.
func (b *bench) collectionPage(ctx context.Context, clients int, anew bool) (figures, error) {
	return b.pages(ctx, clients, anew, collectionQuery, collections, func(i int) (map[string]any, any, func() error) {
		var page struct {
			Collection struct {
				Products struct {
					Filters []struct {
						ID     string
						Values []struct{ Count int }
					}
					Nodes []struct{ ID string }
				}
			}
		}
		return map[string]any{"handle": fmt.Sprintf("shelf-%02d", i)}, &page, func() error {
			if p := page.Collection.Products; len(p.Nodes) != 24 || len(p.Filters) == 0 {
				return fmt.Errorf("a collection shows %d products and %d facets", len(p.Nodes), len(p.Filters))
			}
			return nil
		}
	})
}

const searchQuery = `query ($query: String!) {
  search(query: $query, first: 24, types: [PRODUCT], unavailableProducts: LAST) {
    totalCount
    productFilters { id label type values { id label count input } }
    nodes { __typename ... on Product { id handle title vendor priceRange { minVariantPrice { amount currencyCode } } } }
    pageInfo { hasNextPage endCursor }
  }
}`

// searchPage searches for two words: 100 pairs in turn.
func (b *bench) searchPage(ctx context.Context, clients int, anew bool) (figures, error) {
	return b.pages(ctx, clients, anew, searchQuery, 100, func(i int) (map[string]any, any, func() error) {
		var page struct {
			Search struct {
				TotalCount int
				Nodes      []struct{ ID string }
			}
		}
		words := materials[i%len(materials)] + " " + things[i%len(things)]
		return map[string]any{"query": words}, &page, func() error {
			if len(page.Search.Nodes) == 0 || page.Search.TotalCount < len(page.Search.Nodes) {
				return fmt.Errorf("%q finds %d of %d", words, len(page.Search.Nodes), page.Search.TotalCount)
			}
			return nil
		}
	})
}

const predictiveQuery = `query ($query: String!) {
  predictiveSearch(query: $query, limit: 6, limitScope: EACH, types: [PRODUCT, COLLECTION, QUERY]) {
    products { id handle title priceRange { minVariantPrice { amount currencyCode } } }
    collections { id handle title }
    queries { text styledText }
  }
}`

// predictive searches as somebody types: the beginnings of the things' names in turn.
func (b *bench) predictive(ctx context.Context, clients int, anew bool) (figures, error) {
	return b.pages(ctx, clients, anew, predictiveQuery, 3*len(things), func(i int) (map[string]any, any, func() error) {
		var page struct {
			PredictiveSearch struct{ Products []struct{ ID string } }
		}
		word := things[i/3][:2+i%3]
		return map[string]any{"query": word}, &page, func() error {
			if len(page.PredictiveSearch.Products) == 0 {
				return fmt.Errorf("%q finds nothing", word)
			}
			return nil
		}
	})
}

// pages asks a document with many variables in turn, each answer checked in full once.
func (b *bench) pages(ctx context.Context, clients int, anew bool, query string, n int, page func(i int) (variables map[string]any, into any, check func() error)) (figures, error) {
	var questions []question
	for i := range n {
		variables, into, check := page(i)
		q, err := b.question(ctx, query, variables, into)
		if err == nil {
			err = check()
		}
		if err != nil {
			return figures{}, err
		}
		questions = append(questions, q)
	}
	return b.readAll(ctx, clients, questions, anew)
}

const schemaQuery = `{
  query: __type(name: "Query") { fields { name args { name } } }
  collection: __type(name: "Collection") { fields { name args { name } } }
}`

// knows says whether the server's schema has all that the documents here need.
func (b *bench) knows(ctx context.Context) (bool, error) {
	type described struct {
		Fields []struct {
			Name string
			Args []struct{ Name string }
		}
	}
	var schema struct{ Query, Collection described }
	if err := b.client.ask(ctx, schemaQuery, nil, &schema); err != nil {
		return false, err
	}
	text, err := json.Marshal(schema)
	if err != nil {
		return false, err
	}
	missing := map[string]bool{"search": true, "predictiveSearch": true, "filters": true}
	for _, field := range schema.Query.Fields {
		delete(missing, field.Name)
	}
	for _, field := range schema.Collection.Fields {
		for _, argument := range field.Args {
			if field.Name == "products" {
				delete(missing, argument.Name)
			}
		}
	}
	return len(missing) == 0 && len(text) > 0, nil
}
