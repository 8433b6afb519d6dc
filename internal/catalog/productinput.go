package catalog

import (
	"time"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/richtext"
)

// ProductSetInput makes a product or changes the one that is named. What is nil stays as it is, and a list that is
// given takes the place of the one that was.
type ProductSetInput struct {
	ID                      *string
	ExternalID              *string
	Handle                  *string
	Title                   *string
	DescriptionHTML         *string
	Vendor                  *string
	ProductType             *string
	Tags                    []string
	Status                  *ProductStatus
	Published               *bool
	PublishedAt             *time.Time
	IsGiftCard              *bool
	SEO                     *richtext.SEOInput
	Options                 []ProductOptionSetInput
	Variants                []ProductVariantSetInput
	Media                   []ProductMediaInput
	Metafields              []MetafieldInput
	ComplementaryProductIDs []string
	ExpectedVersion         *int
}

// ProductOptionSetInput is what the variants differ in. With an id it may be given another name.
type ProductOptionSetInput struct {
	ID     *string
	Name   string
	Values []ProductOptionValueSetInput
}

// ProductOptionValueSetInput is a value of an option. With an id it may be given another name.
type ProductOptionValueSetInput struct {
	ID     *string
	Name   string
	Swatch *ProductOptionValueSwatchInput
}

// ProductOptionValueSwatchInput is how a value looks.
type ProductOptionValueSwatchInput struct {
	Color        *string
	ImageURL     *string
	ImageAltText *string
}

// ProductVariantSetInput is a variant, named by its id, else by its SKU, else by its options.
type ProductVariantSetInput struct {
	ID                   *string
	SKU                  *string
	SelectedOptions      []SelectedOptionInput
	Price                *money.Decimal
	CompareAtPrice       *money.Decimal
	Barcode              *string
	Taxable              *bool
	TaxClass             *string
	RequiresShipping     *bool
	Weight               *float64
	WeightUnit           *WeightUnit
	ImageURL             *string
	QuantityRule         *QuantityRuleInput
	UnitPriceMeasurement *UnitPriceMeasurementInput
	Metafields           []MetafieldInput
}

// QuantityRuleInput bounds how many may be bought at once.
type QuantityRuleInput struct {
	Minimum   *int
	Maximum   *int
	Increment *int
}

// UnitPriceMeasurementInput is how much of something is sold, and how much of it a price by measure is for.
type UnitPriceMeasurementInput struct {
	QuantityValue  float64
	QuantityUnit   UnitPriceMeasurementMeasuredUnit
	ReferenceValue int
	ReferenceUnit  UnitPriceMeasurementMeasuredUnit
}

// ProductMediaInput is something that a product is shown with: exactly one kind.
type ProductMediaInput struct {
	Alt           *string
	Image         *ProductImageInput
	Video         *ProductVideoInput
	ExternalVideo *ProductExternalVideoInput
	Model3d       *ProductModel3dInput
	PreviewImage  *ProductImageInput
}

// ProductImageInput is a picture.
type ProductImageInput struct {
	URL    string
	Width  *int
	Height *int
}

// ProductExternalVideoInput is a video that another site shows.
type ProductExternalVideoInput struct{ URL string }

// ProductVideoInput is a video with its files.
type ProductVideoInput struct{ Sources []ProductVideoSourceInput }

// ProductVideoSourceInput is one file of a video.
type ProductVideoSourceInput struct {
	URL      string
	MimeType string
	Width    int
	Height   int
}

// ProductModel3dInput is a model in three dimensions.
type ProductModel3dInput struct{ Sources []ProductModel3dSourceInput }

// ProductModel3dSourceInput is one file of a model.
type ProductModel3dSourceInput struct {
	URL      string
	MimeType string
	Filesize int
}

// ProductDeleteInput says which product goes.
type ProductDeleteInput struct {
	ID              string
	ExpectedVersion *int
}
