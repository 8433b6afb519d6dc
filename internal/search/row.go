package search

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
)

// row is a product as the listing has it. The names are those of the columns.
type row struct {
	ProductID     uuid.UUID  `json:"product_id"`
	Active        bool       `json:"active"`
	PublishedAt   *time.Time `json:"published_at"`
	Handle        string     `json:"handle"`
	Title         string     `json:"title"`
	Vendor        string     `json:"vendor"`
	ProductType   string     `json:"product_type"`
	Tags          string     `json:"tags"`
	TagKeys       []string   `json:"tag_keys"`
	VariantTitles string     `json:"variant_titles"`
	Body          string     `json:"body"`
	SKUs          []string   `json:"skus"`
	Barcodes      []string   `json:"barcodes"`
	Price         int64      `json:"price"` // the lowest
	PriceHigh     int64      `json:"price_high"`
	Available     bool       `json:"available"`
	AvailableLow  *int64     `json:"available_low"` // the lowest price of what can be bought
	AvailableHigh *int64     `json:"available_high"`
	Partly        bool       `json:"partly"` // some variants can be bought and others not
	UnitsSold     int64      `json:"units_sold"`
	CreatedAt     time.Time  `json:"created_at"`
	UpdatedAt     time.Time  `json:"updated_at"`
	FacetKeys     []string   `json:"facet_keys"`
	FacetLabels   []string   `json:"facet_labels"`
	VariantKeys   []string   `json:"variant_keys"` // of all variants, each once
	VariantLabels []string   `json:"variant_labels"`
	Words         string     `json:"words"`
	GiftCard      bool       `json:"gift_card,omitempty"`
	Digest        string     `json:"digest"`

	variants []variantRow
}

// variantRow is a variant as the listing has it.
type variantRow struct {
	ProductID   uuid.UUID `json:"product_id"`
	VariantID   uuid.UUID `json:"variant_id"`
	Price       int64     `json:"price"`
	Available   bool      `json:"available"`
	FacetKeys   []string  `json:"facet_keys"`
	FacetLabels []string  `json:"facet_labels"`
}

// The longest texts that are searched: a vector of words has a bound.
const (
	maxBody  = 50_000
	maxWords = 2_000
)

func rowOf(l *catalog.Listed, stock map[id.ProductVariantID]inventory.Available) (row, error) {
	p := l.Product
	r := row{
		ProductID: uuid.UUID(p.ID), Active: p.Status == catalog.Active, PublishedAt: p.PublishedOn, Handle: p.Handle, Title: p.Title,
		Vendor: p.Vendor, ProductType: p.ProductType, Tags: strings.Join(p.Tags, " "), TagKeys: lowered(p.Tags),
		Body: cut(p.Text, maxBody), SKUs: []string{}, Barcodes: []string{}, Price: l.Variants[0].Price.Minor,
		GiftCard: p.IsGiftCard, UnitsSold: p.UnitsSold, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
	own := facets{}
	own.add(groupVendor, p.Vendor)
	own.add(groupType, p.ProductType)
	for _, tag := range p.Tags {
		own.add(groupTag, tag)
	}
	of := make(map[id.ProductVariantID]*facets, len(l.Variants))
	var titles []string
	for _, v := range l.Variants {
		options := &facets{}
		if v.Title != catalog.DefaultTitle {
			titles = append(titles, v.Title)
			for _, o := range v.SelectedOptions() {
				options.addAs(optionGroup(o.Name), o.Value, o.Name+separator+o.Value)
			}
		}
		of[v.ID] = options
	}
	for _, m := range l.Metafields {
		for _, value := range values(m) {
			switch options := of[deref(m.Variant)]; {
			case m.Variant == nil:
				own.add(metafieldGroup(ownerProduct, m.Namespace, m.Key), value)
			case options != nil:
				options.add(metafieldGroup(ownerVariant, m.Namespace, m.Key), value)
			}
		}
	}
	has := facets{}
	soldOut := false
	for _, v := range l.Variants {
		available := stock[v.ID].ForSale()
		r.priced(v.Price.Minor, available)
		soldOut = soldOut || !available
		has.join(of[v.ID])
		if v.SKU != nil {
			r.SKUs = append(r.SKUs, strings.ToLower(*v.SKU))
		}
		if v.Barcode != nil {
			r.Barcodes = append(r.Barcodes, strings.ToLower(*v.Barcode))
		}
		r.variants = append(r.variants, variantRow{
			ProductID: uuid.UUID(p.ID), VariantID: uuid.UUID(v.ID), Price: v.Price.Minor, Available: available,
			FacetKeys: of[v.ID].sealed().keys, FacetLabels: of[v.ID].labels,
		})
	}
	r.Partly = r.Available && soldOut
	r.FacetKeys, r.FacetLabels = own.sealed().keys, own.labels
	r.VariantKeys, r.VariantLabels = has.sealed().keys, has.labels
	r.VariantTitles = cut(strings.Join(titles, " "), maxBody)
	r.Words = cut(strings.ToLower(strings.Join(slices.Concat([]string{p.Title, p.Vendor, p.ProductType}, p.Tags), " ")), maxWords)
	var err error
	if r.Digest, err = digest(r); err != nil {
		return r, fmt.Errorf("make the row of the product %s: %w", p.ID, err)
	}
	return r, nil
}

// priced notes what a variant costs, and whether it can be bought.
func (r *row) priced(price int64, available bool) {
	r.Price, r.PriceHigh = min(r.Price, price), max(r.PriceHigh, price)
	if !available {
		return
	}
	low, high := price, price
	if r.Available {
		low, high = min(low, *r.AvailableLow), max(high, *r.AvailableHigh)
	}
	r.Available, r.AvailableLow, r.AvailableHigh = true, &low, &high
}

// digest stands for all of a row, so that one that would stay as it is is not written.
func digest(r row) (string, error) {
	b, err := json.Marshal([]any{r, r.variants})
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

// values are what a metafield can be filtered by: itself, or each element of a list. What is long is no choice.
func values(m catalog.ListedMetafield) []string {
	all := []string{m.Value}
	if strings.HasPrefix(m.Type, "list.") {
		var elements []any
		if json.Unmarshal([]byte(m.Value), &elements) != nil {
			return nil
		}
		all = all[:0]
		for _, e := range elements {
			if text, ok := e.(string); ok {
				all = append(all, text)
			} else if b, err := json.Marshal(e); err == nil {
				all = append(all, string(b))
			}
		}
	}
	return slices.DeleteFunc(all, func(v string) bool { return len(v) > maxFacetValue })
}

func lowered(texts []string) []string {
	keys := make([]string, len(texts))
	for i, text := range texts {
		keys[i] = strings.ToLower(text)
	}
	return keys
}

// cut shortens a text to at most so many bytes, never within a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

func deref[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}
