package catalog

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/money"
)

// The bounds of what is said of variants.
const (
	maxPrice    = 1_000_000_000_000_00 // minor units: what a hundred thousand of them cost is still a number
	maxPieces   = 1_000_000            // of a quantity rule
	maxMeasured = 1_000_000_000
)

// terms lays at what terms a variant is sold.
func (l *laying) terms(to *whole, v *ProductVariant, given ProductVariantSetInput, i int) {
	at := func(field ...string) []string { return append([]string{"variants", number(i)}, field...) }
	if given.Price != nil {
		v.Price = money.New(l.price(*given.Price, at("price")), l.currency)
	}
	if given.CompareAtPrice != nil {
		v.CompareAtPrice = nil
		if minor := l.price(*given.CompareAtPrice, at("compareAtPrice")); minor > 0 {
			was := money.New(minor, l.currency)
			v.CompareAtPrice = &was
		}
	}
	l.words(given.SKU, &v.SKU, at("sku")...)
	l.words(given.Barcode, &v.Barcode, at("barcode")...)
	if given.Taxable != nil {
		v.Taxable = *given.Taxable
	}
	if given.TaxClass != nil {
		l.line(given.TaxClass, &v.TaxClass, at("taxClass")...)
		v.TaxClass = strings.ToLower(v.TaxClass)
	}
	if given.RequiresShipping != nil {
		v.RequiresShipping = *given.RequiresShipping
	}
	if given.WeightUnit != nil {
		v.WeightUnit = *given.WeightUnit
	}
	if given.Weight != nil {
		grams := math.Round(*given.Weight*gramsPer[v.WeightUnit]*1000) / 1000
		if !(grams >= 0 && grams <= maxGrams) {
			l.refuse("INVALID", "A weight lies between nothing and a hundred tons.", at("weight")...)
		}
		v.WeightGrams = grams
	}
	l.rule(given.QuantityRule, &v.Quantities, at("quantityRule"))
	l.unit(given.UnitPriceMeasurement, &v.UnitPriceMeasurement, at("unitPriceMeasurement"))
	l.picture(to, v, given.ImageURL, at("imageUrl"))
}

// price reads a price in the shop's currency.
func (l *laying) price(text money.Decimal, path []string) int64 {
	minor, sentence := priceOf(text, l.currency)
	if sentence != "" {
		l.refuse("INVALID", sentence, path...)
	}
	return minor
}

// priceOf reads a price, or says in a sentence why it is none.
func priceOf(text money.Decimal, currency money.Currency) (minor int64, sentence string) {
	price, err := money.Parse(string(text), currency)
	switch {
	case err != nil:
		return 0, fmt.Sprintf("%q is no price in %s. Write it like %s.", clip(string(text)), currency, money.New(1250, currency).Amount())
	case price.Minor < 0:
		return 0, "A price can't be negative."
	case price.Minor > maxPrice:
		return 0, fmt.Sprintf("A price is at most %s.", money.New(maxPrice, currency).Amount())
	default:
		return price.Minor, ""
	}
}

// rule lays how many may be bought at once: all steps from the smallest to the largest number must be multiples of the
// increment, or no number would ever do.
func (l *laying) rule(given *QuantityRuleInput, to *QuantityRule, path []string) {
	if given == nil {
		return
	}
	rule := QuantityRule{Minimum: 1, Increment: 1, Maximum: given.Maximum}
	if given.Minimum != nil {
		rule.Minimum = *given.Minimum
	}
	if given.Increment != nil {
		rule.Increment = *given.Increment
	}
	fine := true
	refuse := func(field, sentence string) {
		fine = false
		l.refuse("INVALID", sentence, append(slices.Clone(path), field)...)
	}
	steps, least := rule.Increment >= 1 && rule.Increment <= maxPieces, rule.Minimum >= 1 && rule.Minimum <= maxPieces
	if !steps {
		refuse("increment", fmt.Sprintf("An increment lies between 1 and %d.", maxPieces))
	}
	switch {
	case !least:
		refuse("minimum", fmt.Sprintf("A minimum lies between 1 and %d.", maxPieces))
	case steps && rule.Minimum%rule.Increment != 0:
		refuse("minimum", "The minimum is no multiple of the increment.")
	}
	switch most := rule.Maximum; {
	case most == nil:
	case *most < 1 || *most > maxPieces || least && *most < rule.Minimum:
		refuse("maximum", fmt.Sprintf("A maximum lies between the minimum and %d.", maxPieces))
	case steps && *most%rule.Increment != 0:
		refuse("maximum", "The maximum is no multiple of the increment.")
	}
	if fine {
		*to = rule
	}
}

// unit lays how much of something a variant is.
func (l *laying) unit(given *UnitPriceMeasurementInput, to **UnitPriceMeasurement, path []string) {
	if given == nil {
		return
	}
	if given.QuantityValue == 0 {
		*to = nil
		return
	}
	fine := true
	refuse := func(field, sentence string) {
		fine = false
		l.refuse("INVALID", sentence, append(slices.Clone(path), field)...)
	}
	_, decimals, _ := strings.Cut(strconv.FormatFloat(given.QuantityValue, 'f', -1, 64), ".")
	if !(given.QuantityValue > 0 && given.QuantityValue <= maxMeasured) || len(decimals) > 4 {
		refuse("quantityValue", "A quantity lies between 0 and a thousand million, with at most four decimals.")
	}
	if given.ReferenceValue < 1 || given.ReferenceValue > maxPieces {
		refuse("referenceValue", fmt.Sprintf("A reference lies between 1 and %d.", maxPieces))
	}
	if measures[given.QuantityUnit].of != measures[given.ReferenceUnit].of {
		refuse("referenceUnit", fmt.Sprintf("%s and %s don't measure the same.", given.QuantityUnit, given.ReferenceUnit))
	}
	if fine {
		unit := UnitPriceMeasurement(*given)
		*to = &unit
	}
}

// picture lays a variant's own image, which joins the product's where it is not among them. One that the product no
// longer has is the variant's no more.
func (l *laying) picture(to *whole, v *ProductVariant, address *string, path []string) {
	has := func(fits func(ProductImage) bool) int { return slices.IndexFunc(to.images, fits) }
	switch {
	case address == nil && v.ImageID != nil:
		if has(func(i ProductImage) bool { return *i.ID == *v.ImageID }) < 0 {
			v.ImageID = nil
		}
	case address == nil:
	case *address == "":
		v.ImageID = nil
	default:
		l.p.Address(*address, path...)
		at := has(func(i ProductImage) bool { return i.Address == *address })
		if at < 0 && len(to.images) >= maxImages {
			l.refuse("TOO_MANY", fmt.Sprintf("A product has at most %d images.", maxImages), path...)
			return
		}
		if at < 0 {
			at = len(to.images)
			to.images = append(slices.Clone(to.images), l.imageAt(to.Product.ID, *address, at+1))
		}
		v.ImageID = to.images[at].ID
	}
}

// imageAt is the image of an address at a place: the one that the product had there, or a new one.
func (l *laying) imageAt(product id.ProductID, address string, position int) ProductImage {
	fresh := id.NewProductImageID()
	image := ProductImage{Image: media.Image{ID: &fresh, Address: address}, ProductID: product, CreatedAt: l.now}
	if at := slices.IndexFunc(l.was.images, func(i ProductImage) bool { return i.Address == address }); at >= 0 {
		image = l.was.images[at]
	}
	image.Position = position
	return image
}
