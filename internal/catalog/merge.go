package catalog

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/richtext"
)

// stored is a product with everything that belongs to it, as the shop has it.
type stored struct {
	Product
	options     []ProductOption
	variants    []storedVariant
	images      []ProductImage
	collections []string // handles
	external    *string  // somebody's own id of it
}

type storedVariant struct {
	ProductVariant
	removed bool
}

// merging lays a file's product over the shop's. It is pure: the same product and file give the same result, but for
// the ids of what is new.
type merging struct {
	has      func(column string) bool
	currency money.Currency
	now      time.Time
}

// merge gives the product as it is to be. old is the product as it is, or nil for a new one.
func (m merging) merge(old *stored, f fileProduct) stored {
	to := stored{}
	if old != nil {
		to = *old
	} else {
		to.Product = Product{
			ID: id.NewProductID(), Handle: f.handle, Tags: []string{}, Status: Active, PublishedOn: &m.now, CreatedAt: m.now,
		}
	}
	m.product(&to.Product, f)
	to.options = m.options(to.ID, to.options, f)
	to.images = m.images(to.ID, to.images, f)
	to.variants = m.variants(to, f)
	return to
}

func (m merging) product(p *Product, f fileProduct) {
	p.Handle, p.Title, p.Currency, p.OptionNames = f.handle, f.title, m.currency, f.options
	if m.has(colBody) {
		p.DescriptionHTML, p.Text = f.body, richtext.Plain(f.body)
	}
	if m.has(colVendor) {
		p.Vendor = f.vendor
	}
	if m.has(colType) {
		p.ProductType = f.kind
	}
	if m.has(colTags) {
		p.Tags = f.tags
	}
	if m.has(colStatus) {
		p.Status = f.status
	}
	if m.has(colGiftCard) {
		p.IsGiftCard = f.giftCard
	}
	if m.has(colSEOTitle) {
		p.SEOTitle = optional(f.seoTitle)
	}
	if m.has(colSEODescription) {
		p.SEODescription = optional(f.seoDescription)
	}
	p.PublishedOn = m.publication(p.PublishedOn, f)
}

// publication is when shoppers see the product. A date to come is kept whatever else the file says; one that is over
// counts for what the file says is published. So a file that was written before a product was published and is read
// after that keeps it back rather than publish what somebody may have meant to hide.
func (m merging) publication(was *time.Time, f fileProduct) *time.Time {
	at := f.publishedAt
	if at != nil && was != nil && at.Equal(*was) {
		at = was // the same moment, in the same clothes
	}
	switch {
	case at != nil && at.After(m.now):
		return at
	case m.has(colPublished) && !f.published:
		return nil
	case at != nil:
		return at
	case m.has(colPublished) && was == nil:
		return &m.now
	}
	return was
}

// options keeps the ids of options and values that stay.
func (m merging) options(product id.ProductID, old []ProductOption, f fileProduct) []ProductOption {
	options := make([]ProductOption, len(f.options))
	for i, name := range f.options {
		o := ProductOption{ID: id.NewProductOptionID(), ProductID: product, Position: i + 1, Name: name}
		var had []ProductOptionValue
		if at := slices.IndexFunc(old, func(o ProductOption) bool { return o.Name == name }); at >= 0 {
			o.ID, had = old[at].ID, old[at].OptionValues
		}
		for _, v := range f.variants {
			value := v.values[i]
			if slices.ContainsFunc(o.OptionValues, func(v ProductOptionValue) bool { return v.Name == value }) {
				continue
			}
			ov := ProductOptionValue{ID: id.NewProductOptionValueID()}
			if at := slices.IndexFunc(had, func(v ProductOptionValue) bool { return v.Name == value }); at >= 0 {
				ov.ID, ov.Look = had[at].ID, had[at].Look
			}
			ov.OptionID, ov.ProductID, ov.OptionName = o.ID, product, name
			ov.Position, ov.Name = len(o.OptionValues)+1, value
			o.OptionValues = append(o.OptionValues, ov)
		}
		options[i] = o
	}
	return options
}

// images takes the file's list where it has one; variants' images are added at its end.
func (m merging) images(product id.ProductID, old []ProductImage, f fileProduct) []ProductImage {
	find := func(list []ProductImage, address string) int {
		return slices.IndexFunc(list, func(i ProductImage) bool { return i.Address == address })
	}
	var images []ProductImage
	if !m.has(colImage) {
		images = slices.Clone(old)
	}
	for _, fi := range f.images {
		if find(images, fi.address) >= 0 {
			continue
		}
		fresh := id.NewProductImageID()
		i := ProductImage{Image: media.Image{ID: &fresh, Address: fi.address}, ProductID: product, CreatedAt: m.now}
		if at := find(old, fi.address); at >= 0 {
			i = old[at]
		}
		if m.has(colImageAlt) {
			i.AltText = optional(fi.alt)
		}
		i.Position = len(images) + 1
		images = append(images, i)
	}
	return images
}

// variants takes the file's variants in its order. Those that the file no longer has are kept, as removed.
func (m merging) variants(to stored, f fileProduct) []storedVariant {
	variants := make([]storedVariant, 0, len(f.variants))
	for i, fv := range f.variants {
		var v storedVariant
		if at := slices.IndexFunc(to.variants, func(v storedVariant) bool { return slices.Equal(v.OptionValues, fv.values) }); at >= 0 {
			v = to.variants[at]
		} else {
			v.ID, v.ProductID, v.OptionValues = id.NewProductVariantID(), to.ID, fv.values
			v.Taxable, v.RequiresShipping, v.WeightUnit, v.Quantities = true, true, Kilograms, anyQuantity
		}
		v.Position, v.removed = i+1, false
		m.variant(&v.ProductVariant, fv, to.images)
		variants = append(variants, v)
	}
	for _, v := range to.variants {
		if !slices.ContainsFunc(variants, func(kept storedVariant) bool { return kept.ID == v.ID }) {
			v.removed = true
			variants = append(variants, v)
		}
	}
	return variants
}

func (m merging) variant(v *ProductVariant, f fileVariant, images []ProductImage) {
	v.Title = strings.Join(f.values, " / ")
	v.Price = money.New(f.price, m.currency)
	if m.has(colCompareAt) {
		v.CompareAtPrice = nil
		if f.compareAt != nil {
			was := money.New(*f.compareAt, m.currency)
			v.CompareAtPrice = &was
		}
	}
	if m.has(colSKU) {
		v.SKU = optional(f.sku)
	}
	if m.has(colBarcode) {
		v.Barcode = optional(f.barcode)
	}
	if m.has(colTaxable) {
		v.Taxable = f.taxable
	}
	if m.has(colTaxCode) || m.has(colTaxClass) {
		v.TaxClass = f.taxClass
	}
	if m.has(colRequiresShipping) {
		v.RequiresShipping = f.ships
	}
	if m.has(colGrams) {
		v.WeightGrams = f.grams
	}
	if m.has(colWeightUnit) {
		v.WeightUnit = f.unit
	}
	if m.has(colVariantImage) {
		v.ImageID = nil
		if at := slices.IndexFunc(images, func(i ProductImage) bool { return i.Address == f.image }); at >= 0 {
			v.ImageID = images[at].ID
		}
	} else if v.ImageID != nil && !slices.ContainsFunc(images, func(i ProductImage) bool { return *i.ID == *v.ImageID }) {
		v.ImageID = nil
	}
}

// optional is a text that may be absent.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// differ says whether two things are not the same, all the way down.
func differ(a, b any) bool { return !reflect.DeepEqual(a, b) }
