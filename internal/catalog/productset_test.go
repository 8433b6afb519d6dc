package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/richtext"
)

func ptr[T any](v T) *T { return &v }

// chair is a product with all that can be said of one.
func chair() catalog.ProductSetInput {
	return catalog.ProductSetInput{
		Handle: ptr("chair"), Title: ptr("Chair"), Vendor: ptr("Acme"), ProductType: ptr("Seat"), Tags: []string{"oak", "Garden", "OAK"},
		DescriptionHTML: ptr(`<p onclick="x()">Sit &amp; <b>rest</b></p><script>alert(1)</script>`),
		SEO:             &richtext.SEOInput{Title: ptr("A chair")},
		Options: []catalog.ProductOptionSetInput{
			{Name: "Color", Values: []catalog.ProductOptionValueSetInput{
				{Name: "Red", Swatch: &catalog.ProductOptionValueSwatchInput{Color: ptr("#ff0000")}},
				{Name: "أزرق 🟦", Swatch: &catalog.ProductOptionValueSwatchInput{ImageURL: ptr("/images/blue.svg"), ImageAltText: ptr("Blue")}},
				{Name: "Green"},
			}},
			{Name: "Size"},
		},
		Variants: []catalog.ProductVariantSetInput{
			{SKU: ptr("R-S"), Price: ptr(money.Decimal("10.00")), CompareAtPrice: ptr(money.Decimal("12.00")), SelectedOptions: selected("Color", "Red", "Size", "S"), ImageURL: ptr("/images/red.svg")},
			{SKU: ptr("R-L"), Price: ptr(money.Decimal("20.00")), SelectedOptions: selected("Size", "L", "Color", "Red"), QuantityRule: &catalog.QuantityRuleInput{Minimum: ptr(2), Increment: ptr(2), Maximum: ptr(10)}},
			{SKU: ptr("B-S"), Price: ptr(money.Decimal("15.50")), SelectedOptions: selected("Color", "أزرق 🟦", "Size", "S"), Weight: ptr(1.5), WeightUnit: ptr(catalog.Pounds), UnitPriceMeasurement: &catalog.UnitPriceMeasurementInput{QuantityValue: 75, QuantityUnit: "CL", ReferenceValue: 1, ReferenceUnit: "L"}},
		},
		Media: []catalog.ProductMediaInput{
			{Image: &catalog.ProductImageInput{URL: "https://img.example/chair.png", Width: ptr(800), Height: ptr(600)}, Alt: ptr("A chair")},
			{ExternalVideo: &catalog.ProductExternalVideoInput{URL: "https://youtu.be/dQw4w9WgXcQ"}},
			{Image: &catalog.ProductImageInput{URL: "/images/back.svg"}},
			{Model3d: &catalog.ProductModel3dInput{Sources: []catalog.ProductModel3dSourceInput{{URL: "/models/chair.glb", MimeType: "model/gltf-binary", Filesize: 1024}}}, Alt: ptr("Turn me")},
		},
		Metafields: []catalog.MetafieldInput{{Key: "material", Type: ptr("single_line_text_field"), Value: "Oak"}},
	}
}

func selected(pairs ...string) []catalog.SelectedOptionInput {
	var options []catalog.SelectedOptionInput
	for i := 0; i < len(pairs); i += 2 {
		options = append(options, catalog.SelectedOptionInput{Name: pairs[i], Value: pairs[i+1]})
	}
	return options
}

func set(t *testing.T, pool *pgxpool.Pool, in catalog.ProductSetInput) catalog.ProductWritten {
	t.Helper()
	done, err := catalog.SetProduct(t.Context(), pool, catalog.Bundles{}, access.SystemActor, "USD", in)
	if err != nil {
		t.Fatalf("set a product: %v", err)
	}
	return done
}

// refusals are the codes and paths of what was refused.
func refusals(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, one := range joined.Unwrap() {
			all = append(all, refusals(one)...)
		}
		return all
	}
	var f *fault.Fault
	if errors.As(err, &f) {
		return []string{f.Code + " " + strings.TrimPrefix(strings.Join(f.Field, "."), "input.")}
	}
	return []string{err.Error()}
}

func versionOf(t *testing.T, pool *pgxpool.Pool, product id.ProductID) int {
	t.Helper()
	versions, err := catalog.Versions(t.Context(), pool, []id.ProductID{product})
	if err != nil {
		t.Fatal(err)
	}
	return versions[product]
}

func TestSetProductWritesEverythingAtOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	done := set(t, pool, chair())
	p, variants := product(t, pool, "chair")
	if p.Title != "Chair" || p.DescriptionHTML != "<p>Sit &amp; <b>rest</b></p>" || p.Text != "Sit & rest" || p.Vendor != "Acme" ||
		!slices.Equal(p.Tags, []string{"Garden", "oak"}) || *p.SEOTitle != "A chair" || p.MinPrice != 1000 || p.MaxPrice != 2000 ||
		*p.MinCompareAt != 1200 || p.VariantCount != 3 || !slices.Equal(p.OptionNames, []string{"Color", "Size"}) {
		t.Errorf("the product: %+v", p)
	}
	if len(variants) != 3 || variants[1].Title != "Red / L" || variants[2].Title != "أزرق 🟦 / S" ||
		variants[1].QuantityRule().Increment != 2 || *variants[1].QuantityRule().Maximum != 10 ||
		variants[0].QuantityRule() != (catalog.QuantityRule{Minimum: 1, Increment: 1}) {
		t.Fatalf("the variants: %+v", variants)
	}
	if unit := variants[2].UnitPrice(); unit == nil || unit.String() != "20.67 USD" || variants[0].UnitPrice() != nil {
		t.Errorf("15.50 for 75 CL are %v per liter", unit)
	}
	if *variants[2].Weight() != 1.4999996 && (*variants[2].Weight() < 1.4999 || *variants[2].Weight() > 1.5001) {
		t.Errorf("1.5 pounds are %v", *variants[2].Weight())
	}
	options, err := catalog.OptionsByProduct(t.Context(), pool, []id.ProductID{p.ID})
	if err != nil {
		t.Fatal(err)
	}
	colors := options[p.ID][0]
	if got := colors.Values(); !slices.Equal(got, []string{"Red", "أزرق 🟦", "Green"}) {
		t.Errorf("the colors: %q", got)
	}
	if red := colors.OptionValues[0].Swatch(); *red.Color != "#FF0000" || red.Image() != nil {
		t.Errorf("red looks like %+v", red)
	}
	if blue := colors.OptionValues[1].Swatch(); blue.Color != nil || blue.Image().Picture().Address != "/images/blue.svg" || colors.OptionValues[2].Swatch() != nil {
		t.Errorf("blue looks like %+v", blue)
	}
	if got := catalog.EncodeVariants(options[p.ID], variants); got != "v1_0:0-1,1:0," {
		t.Errorf("the encoding: %q", got)
	}
	if got := kinds(t, pool, p.ID); got != "IMAGE https://img.example/chair.png, EXTERNAL_VIDEO, IMAGE /images/back.svg, MODEL_3D, IMAGE /images/red.svg" {
		t.Errorf("the media: %s", got)
	}
	if images, err := catalog.ImagesByProduct(t.Context(), pool, []id.ProductID{p.ID}); err != nil || *images[p.ID][2].ID != *variants[0].ImageID {
		t.Errorf("the red one's image is %v, %v", variants[0].ImageID, err)
	}
	if done.Product.ID != p.ID || done.Position < 1 || versionOf(t, pool, p.ID) != 1 {
		t.Errorf("written: %+v, version %d", done, versionOf(t, pool, p.ID))
	}

	t.Run("the same again changes nothing", func(t *testing.T) {
		again := set(t, pool, chair())
		if !again.Product.UpdatedAt.Equal(done.Product.UpdatedAt) || again.Position != done.Position || versionOf(t, pool, p.ID) != 1 {
			t.Errorf("a repeated write: %+v after %+v", again, done)
		}
	})
	t.Run("another one makes room", func(t *testing.T) {
		in := chair()
		in.Variants = in.Variants[1:]
		in.Variants[0].Price = ptr(money.Decimal("21"))
		in.Media = in.Media[2:]
		less := set(t, pool, in)
		_, now := product(t, pool, "chair")
		if len(now) != 2 || now[0].ID != variants[1].ID || now[0].Price.Minor != 2100 || less.Position != done.Position+1 || versionOf(t, pool, p.ID) != 2 {
			t.Errorf("after a removal: %+v, %+v", less, now)
		}
		kept, err := catalog.VariantsByID(t.Context(), pool, []id.ProductVariantID{variants[0].ID})
		if err != nil || kept[variants[0].ID].Offered || len(kept) != 1 {
			t.Errorf("the removed variant: %+v, %v", kept, err)
		}
		if got := kinds(t, pool, p.ID); got != "IMAGE /images/back.svg, MODEL_3D" {
			t.Errorf("the media: %s", got)
		}
		set(t, pool, chair())
		if _, back := product(t, pool, "chair"); len(back) != 3 || back[0].ID != variants[0].ID {
			t.Errorf("a variant that came back: %+v", back)
		}
	})
}

// kinds writes a product's gallery, images with their addresses.
func kinds(t *testing.T, pool *pgxpool.Pool, product id.ProductID) string {
	t.Helper()
	images, err := catalog.ImagesByProduct(t.Context(), pool, []id.ProductID{product})
	if err != nil {
		t.Fatal(err)
	}
	others, err := catalog.MediaByProduct(t.Context(), pool, []id.ProductID{product})
	if err != nil {
		t.Fatal(err)
	}
	all, err := catalog.Gallery(images[product], others[product])
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range all {
		kind := string(m.(interface{ MediaContentType() media.MediaContentType }).MediaContentType())
		if m.Picture() != nil {
			kind += " " + m.Picture().Address
		}
		list = append(list, kind)
	}
	return strings.Join(list, ", ")
}

func TestSetProductFindsWhatIsMeant(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	first := set(t, pool, chair())
	_, variants := product(t, pool, "chair")
	options, err := catalog.OptionsByProduct(t.Context(), pool, []id.ProductID{first.Product.ID})
	if err != nil {
		t.Fatal(err)
	}
	color := options[first.Product.ID][0]
	t.Run("an option and a value get other names, the options another order", func(t *testing.T) {
		in := catalog.ProductSetInput{ID: ptr(first.Product.ID.String()), Options: []catalog.ProductOptionSetInput{
			{Name: "Size"},
			{ID: ptr(color.ID.String()), Name: "Paint", Values: []catalog.ProductOptionValueSetInput{
				{ID: ptr(color.OptionValues[1].ID.String()), Name: "Blue"}, {Name: "Red"},
			}},
		}}
		set(t, pool, in)
		p, now := product(t, pool, "chair")
		if !slices.Equal(p.OptionNames, []string{"Size", "Paint"}) || now[0].ID != variants[0].ID || now[0].Title != "S / Red" || now[2].Title != "S / Blue" {
			t.Errorf("renamed: %+v %+v", p, now)
		}
		after, err := catalog.OptionsByProduct(t.Context(), pool, []id.ProductID{p.ID})
		if err != nil || after[p.ID][1].ID != color.ID || after[p.ID][1].OptionValues[0].ID != color.OptionValues[1].ID || *after[p.ID][1].OptionValues[1].Swatch().Color != "#FF0000" {
			t.Errorf("the options: %+v, %v", after[p.ID], err)
		}
	})
	t.Run("variants change places", func(t *testing.T) {
		set(t, pool, catalog.ProductSetInput{ID: ptr(first.Product.ID.String()), Variants: []catalog.ProductVariantSetInput{
			{ID: ptr(variants[1].ID.String()), SelectedOptions: selected("Size", "S", "Paint", "Red")},
			{SKU: ptr("R-S"), SelectedOptions: selected("Size", "L", "Paint", "Red")},
			{SelectedOptions: selected("Size", "S", "Paint", "Blue"), Price: ptr(money.Decimal("16"))},
		}})
		_, now := product(t, pool, "chair")
		if len(now) != 3 || now[0].ID != variants[1].ID || now[0].Title != "S / Red" || now[0].Price.Minor != 2000 ||
			now[1].ID != variants[0].ID || now[1].Title != "L / Red" || now[2].ID != variants[2].ID || now[2].Price.Minor != 1600 {
			t.Errorf("changed places: %+v", now)
		}
	})
	t.Run("an external id is each partner's own", func(t *testing.T) {
		ada, bob := access.Actor{Kind: access.Partner, ID: [16]byte{1}}, access.Actor{Kind: access.Partner, ID: [16]byte{2}}
		in := func(title string) catalog.ProductSetInput {
			return catalog.ProductSetInput{ExternalID: ptr("42"), Title: &title, Variants: []catalog.ProductVariantSetInput{{Price: ptr(money.Decimal("1"))}}}
		}
		one, err := catalog.SetProduct(t.Context(), pool, catalog.Bundles{}, ada, "USD", in("Stool One"))
		if err != nil || one.Product.Handle != "stool-one" {
			t.Fatal(one, err)
		}
		two, err := catalog.SetProduct(t.Context(), pool, catalog.Bundles{}, bob, "USD", in("Stool Two"))
		if err != nil || two.Product.ID == one.Product.ID {
			t.Fatal(two, err)
		}
		again, err := catalog.SetProduct(t.Context(), pool, catalog.Bundles{}, ada, "USD", in("Stool"))
		if err != nil || again.Product.ID != one.Product.ID || again.Product.Handle != "stool-one" || again.Product.Title != "Stool" {
			t.Fatal(again, err)
		}
	})
	t.Run("a time to come publishes by itself", func(t *testing.T) {
		at := time.Now().Add(400 * time.Millisecond)
		set(t, pool, catalog.ProductSetInput{Handle: ptr("chair"), PublishedAt: &at})
		if _, err := catalog.ProductByHandle(t.Context(), pool, shopper, "chair"); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("before its time: %v", err)
		}
		for {
			if _, err := catalog.ProductByHandle(t.Context(), pool, shopper, "chair"); err == nil {
				break
			}
			if time.Since(at) > 20*time.Second {
				t.Fatal("it never came")
			}
		}
	})
}

func TestABadProductIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	first := set(t, pool, chair())
	price := ptr(money.Decimal("1"))
	one := func(v catalog.ProductVariantSetInput) []catalog.ProductVariantSetInput {
		return []catalog.ProductVariantSetInput{v}
	}
	for name, test := range map[string]struct {
		in   catalog.ProductSetInput
		want string
	}{
		"no name":               {catalog.ProductSetInput{Title: ptr("x")}, "BLANK handle"},
		"nothing but a name":    {catalog.ProductSetInput{Handle: ptr("new")}, "BLANK title; BLANK variants"},
		"an unknown id":         {catalog.ProductSetInput{ID: ptr(id.NewProductID().String())}, "NOT_FOUND id"},
		"another kind's id":     {catalog.ProductSetInput{ID: ptr(id.NewCollectionID().String())}, "NOT_FOUND id"},
		"no id":                 {catalog.ProductSetInput{ID: ptr("42")}, "NOT_FOUND id"},
		"a handle with a slash": {catalog.ProductSetInput{Handle: ptr("a/b")}, "INVALID handle; BLANK title; BLANK variants"},
		"everything at once": {catalog.ProductSetInput{
			Handle: ptr("a/b"), Title: ptr(" "), Options: []catalog.ProductOptionSetInput{{Name: "Size"}, {Name: "SIZE"}},
			Media:    []catalog.ProductMediaInput{{Image: &catalog.ProductImageInput{URL: "javascript:alert(1)"}}},
			Variants: []catalog.ProductVariantSetInput{{Price: ptr(money.Decimal("-1"))}, {Price: price}, {Price: ptr(money.Decimal("x")), Weight: ptr(-1.0)}},
		}, "INVALID handle; BLANK title; INVALID media.0.image.url; DUPLICATE options.1.name; BLANK variants.0.selectedOptions; INVALID variants.0.price; BLANK variants.1.selectedOptions; " +
			"BLANK variants.2.selectedOptions; INVALID variants.2.price; INVALID variants.2.weight"},
		"options and variants": {catalog.ProductSetInput{
			Handle: ptr("new"), Title: ptr("x"), Options: []catalog.ProductOptionSetInput{
				{Name: "Color", Values: []catalog.ProductOptionValueSetInput{{Name: "Red"}, {Name: "Red"}, {Name: ""}}}, {Name: ""}, {ID: ptr("x"), Name: "Size"},
			},
			Variants: []catalog.ProductVariantSetInput{
				{SelectedOptions: selected("Color", "Blue", "Size", "L"), Metafields: []catalog.MetafieldInput{{Key: "care", Value: "x"}}},
				{Price: price, SelectedOptions: selected("Color", "Red", "Wood", "Oak")},
				{Price: price, SelectedOptions: selected("Color", "Blue", "Size", "L")},
			},
		}, "DUPLICATE options.0.values.1.name; BLANK options.0.values.2.name; BLANK options.1.name; NOT_FOUND options.2.id; " +
			"BLANK variants.0.price; INVALID variants.0.selectedOptions; INVALID variants.1.selectedOptions.1.name; " +
			"INVALID variants.2.selectedOptions; BLANK variants.0.metafields.0.type"},
		"four options and variants": {catalog.ProductSetInput{
			Handle: ptr("new"), Title: ptr("x"), Options: make([]catalog.ProductOptionSetInput, 4),
			Variants: []catalog.ProductVariantSetInput{
				{SelectedOptions: selected("A", ""), Metafields: []catalog.MetafieldInput{{Key: "care", Value: "x"}}}, {ID: ptr("x"), Price: ptr(money.Decimal("x"))},
			},
		}, "TOO_MANY options; BLANK variants.0.price; BLANK variants.0.selectedOptions.0.value; NOT_FOUND variants.1.id; INVALID variants.1.price; BLANK variants.0.metafields.0.type"},
		"more implied options than there are": {catalog.ProductSetInput{
			Handle: ptr("new"), Title: ptr("x"), Variants: []catalog.ProductVariantSetInput{{SelectedOptions: selected("A", "a", "B", "b", "C", "c", "D", "d")}, {Price: price}},
		}, "TOO_MANY variants; BLANK variants.0.price"},
		"a title of emoji":            {catalog.ProductSetInput{ExternalID: ptr("e"), Title: ptr("🪑"), Variants: one(catalog.ProductVariantSetInput{Price: price})}, "BLANK handle"},
		"a long title":                {catalog.ProductSetInput{Handle: ptr("chair"), Title: ptr(strings.Repeat("ש", 256))}, "TOO_LONG title"},
		"an empty title":              {catalog.ProductSetInput{Handle: ptr("chair"), Title: ptr(" ")}, "BLANK title"},
		"another's handle":            {catalog.ProductSetInput{ExternalID: ptr("e"), Handle: ptr("chair"), Title: ptr("x"), Variants: one(catalog.ProductVariantSetInput{Price: price})}, "TAKEN handle"},
		"an old version":              {catalog.ProductSetInput{Handle: ptr("chair"), ExpectedVersion: ptr(7)}, "VERSION_CONFLICT expectedVersion"},
		"no variants":                 {catalog.ProductSetInput{Handle: ptr("chair"), Variants: []catalog.ProductVariantSetInput{}}, "BLANK variants"},
		"no price":                    {catalog.ProductSetInput{Handle: ptr("new"), Title: ptr("x"), Variants: one(catalog.ProductVariantSetInput{})}, "BLANK variants.0.price"},
		"a negative price":            {catalog.ProductSetInput{Handle: ptr("new"), Title: ptr("x"), Variants: one(catalog.ProductVariantSetInput{Price: ptr(money.Decimal("-1"))})}, "INVALID variants.0.price"},
		"a huge price":                {catalog.ProductSetInput{Handle: ptr("new"), Title: ptr("x"), Variants: one(catalog.ProductVariantSetInput{Price: ptr(money.Decimal("99999999999999999999"))})}, "INVALID variants.0.price"},
		"a large price":               {catalog.ProductSetInput{Handle: ptr("new"), Title: ptr("x"), Variants: one(catalog.ProductVariantSetInput{Price: ptr(money.Decimal("1000000000000.01"))})}, "INVALID variants.0.price"},
		"a third decimal":             {catalog.ProductSetInput{Handle: ptr("new"), Title: ptr("x"), Variants: one(catalog.ProductVariantSetInput{Price: ptr(money.Decimal("1.005"))})}, "INVALID variants.0.price"},
		"options that clash":          {catalog.ProductSetInput{Handle: ptr("chair"), Options: []catalog.ProductOptionSetInput{{Name: "Size"}, {Name: "SIZE"}}}, "DUPLICATE options.1.name"},
		"four options":                {catalog.ProductSetInput{Handle: ptr("chair"), Options: make([]catalog.ProductOptionSetInput, 4)}, "TOO_MANY options"},
		"a value twice":               {catalog.ProductSetInput{Handle: ptr("chair"), Options: []catalog.ProductOptionSetInput{{Name: "Size", Values: []catalog.ProductOptionValueSetInput{{Name: "S"}, {Name: "S"}}}}}, "DUPLICATE options.0.values.1.name"},
		"a value of a variant":        {catalog.ProductSetInput{Handle: ptr("chair"), Options: []catalog.ProductOptionSetInput{{Name: "Color"}, {Name: "Size", Values: []catalog.ProductOptionValueSetInput{{Name: "S"}}}}}, "INVALID options"},
		"a new option":                {catalog.ProductSetInput{Handle: ptr("chair"), Options: []catalog.ProductOptionSetInput{{Name: "Color"}, {Name: "Size"}, {Name: "Wood"}}}, "INVALID options"},
		"a foreign option's id":       {catalog.ProductSetInput{Handle: ptr("chair"), Options: []catalog.ProductOptionSetInput{{ID: ptr(id.NewProductOptionID().String()), Name: "Color"}}}, "NOT_FOUND options.0.id"},
		"an unknown option":           {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{Price: price, SelectedOptions: selected("Wood", "Oak", "Color", "Red")})}, "INVALID variants.0.selectedOptions.0.name"},
		"an option twice":             {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{Price: price, SelectedOptions: selected("Color", "Red", "Color", "Green")})}, "DUPLICATE variants.0.selectedOptions.1.name"},
		"an option too few":           {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{Price: price, SelectedOptions: selected("Color", "Red")})}, "BLANK variants.0.selectedOptions"},
		"no selected options":         {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{Price: price})}, "BLANK variants.0.selectedOptions"},
		"a price and options":         {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{Price: ptr(money.Decimal("x")), SelectedOptions: []catalog.SelectedOptionInput{}, Weight: ptr(-1.0)})}, "BLANK variants.0.selectedOptions; INVALID variants.0.price; INVALID variants.0.weight"},
		"neither":                     {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{SKU: ptr("new")})}, "BLANK variants.0.price; BLANK variants.0.selectedOptions"},
		"a variant twice":             {catalog.ProductSetInput{Handle: ptr("chair"), Variants: []catalog.ProductVariantSetInput{{SKU: ptr("R-S")}, {SKU: ptr("R-S")}}}, "DUPLICATE variants.1.sku"},
		"a combination twice":         {catalog.ProductSetInput{Handle: ptr("chair"), Variants: []catalog.ProductVariantSetInput{{SKU: ptr("new"), Price: price, SelectedOptions: selected("Color", "Green", "Size", "L")}, {SKU: ptr("newer"), Price: price, SelectedOptions: selected("Color", "Green", "Size", "L")}}}, "DUPLICATE variants.1.selectedOptions"},
		"a foreign variant":           {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{ID: ptr(id.NewProductVariantID().String())})}, "NOT_FOUND variants.0.id"},
		"a rule without numbers":      {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{SKU: ptr("R-S"), QuantityRule: &catalog.QuantityRuleInput{Minimum: ptr(3), Increment: ptr(2)}})}, "INVALID variants.0.quantityRule.minimum"},
		"a rule upside down":          {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{SKU: ptr("R-S"), QuantityRule: &catalog.QuantityRuleInput{Minimum: ptr(4), Maximum: ptr(2)}})}, "INVALID variants.0.quantityRule.maximum"},
		"no increment":                {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{SKU: ptr("R-S"), QuantityRule: &catalog.QuantityRuleInput{Increment: ptr(0)}})}, "INVALID variants.0.quantityRule.increment"},
		"nothing of a rule":           {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{SKU: ptr("R-S"), QuantityRule: &catalog.QuantityRuleInput{Minimum: ptr(-1), Maximum: ptr(-2), Increment: ptr(0)}})}, "INVALID variants.0.quantityRule.increment; INVALID variants.0.quantityRule.minimum; INVALID variants.0.quantityRule.maximum"},
		"nothing of a measure":        {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{SKU: ptr("R-S"), UnitPriceMeasurement: &catalog.UnitPriceMeasurementInput{QuantityValue: -1, QuantityUnit: "L", ReferenceValue: 0, ReferenceUnit: "KG"}})}, "INVALID variants.0.unitPriceMeasurement.quantityValue; INVALID variants.0.unitPriceMeasurement.referenceValue; INVALID variants.0.unitPriceMeasurement.referenceUnit"},
		"liters of a weight":          {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{SKU: ptr("R-S"), UnitPriceMeasurement: &catalog.UnitPriceMeasurementInput{QuantityValue: 1, QuantityUnit: "L", ReferenceValue: 1, ReferenceUnit: "KG"}})}, "INVALID variants.0.unitPriceMeasurement.referenceUnit"},
		"a negative weight":           {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{SKU: ptr("R-S"), Weight: ptr(-1.0)})}, "INVALID variants.0.weight"},
		"a script as an image":        {catalog.ProductSetInput{Handle: ptr("chair"), Media: []catalog.ProductMediaInput{{Image: &catalog.ProductImageInput{URL: "javascript:alert(1)"}}}}, "INVALID media.0.image.url"},
		"a video from elsewhere":      {catalog.ProductSetInput{Handle: ptr("chair"), Media: []catalog.ProductMediaInput{{ExternalVideo: &catalog.ProductExternalVideoInput{URL: "https://evil.example/watch?v=dQw4w9WgXcQ"}}}}, "INVALID media.0.externalVideo.url"},
		"a model of no format":        {catalog.ProductSetInput{Handle: ptr("chair"), Media: []catalog.ProductMediaInput{{Model3d: &catalog.ProductModel3dInput{Sources: []catalog.ProductModel3dSourceInput{{URL: "/x.exe", MimeType: "application/x-msdownload", Filesize: 1}}}}}}, "INVALID media.0.model3d.sources.0.mimeType"},
		"two kinds of media":          {catalog.ProductSetInput{Handle: ptr("chair"), Media: []catalog.ProductMediaInput{{}}}, "INVALID media.0"},
		"an image twice":              {catalog.ProductSetInput{Handle: ptr("chair"), Media: []catalog.ProductMediaInput{{Image: &catalog.ProductImageInput{URL: "/a.svg"}}, {Image: &catalog.ProductImageInput{URL: "/a.svg"}}}}, "DUPLICATE media.1"},
		"a color that is none":        {catalog.ProductSetInput{Handle: ptr("chair"), Options: []catalog.ProductOptionSetInput{{Name: "Color", Values: []catalog.ProductOptionValueSetInput{{Name: "Red", Swatch: &catalog.ProductOptionValueSwatchInput{Color: ptr("red")}}}}, {Name: "Size"}}}, "INVALID options.0.values.0.swatch.color"},
		"a metafield of no type":      {catalog.ProductSetInput{Handle: ptr("chair"), Metafields: []catalog.MetafieldInput{{Key: "care", Value: "x"}}}, "BLANK metafields.0.type"},
		"a wrong metafield":           {catalog.ProductSetInput{Handle: ptr("chair"), Variants: one(catalog.ProductVariantSetInput{SKU: ptr("R-S"), Metafields: []catalog.MetafieldInput{{Key: "age", Type: ptr("number_integer"), Value: "old"}}})}, "INVALID_VALUE variants.0.metafields.0.value"},
		"itself as a complement":      {catalog.ProductSetInput{Handle: ptr("chair"), ComplementaryProductIDs: []string{first.Product.ID.String(), id.NewProductID().String()}}, "INVALID complementaryProductIds.0; NOT_FOUND complementaryProductIds.1"},
		"a tag that is two":           {catalog.ProductSetInput{Handle: ptr("chair"), Tags: []string{"red, blue"}}, "INVALID tags.0"},
		"a date of what is kept back": {catalog.ProductSetInput{Handle: ptr("chair"), Published: ptr(false), PublishedAt: ptr(time.Now())}, "INVALID publishedAt"},
		"many at once":                {catalog.ProductSetInput{Handle: ptr("chair"), Title: ptr(""), Tags: []string{"a", ""}, Variants: one(catalog.ProductVariantSetInput{SKU: ptr("R-S"), Price: ptr(money.Decimal("x"))})}, "BLANK title; BLANK tags.1; INVALID variants.0.price"},
	} {
		_, err := catalog.SetProduct(t.Context(), pool, catalog.Bundles{}, access.SystemActor, "USD", test.in)
		if err == nil {
			t.Errorf("%s was taken", name)
			continue
		}
		if got := strings.Join(refusals(err), "; "); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	if again := set(t, pool, chair()); again.Position != first.Position || versionOf(t, pool, first.Product.ID) != 1 {
		t.Error("what was refused has changed something")
	}
}

// TestAProductTellsAboutFiftyFaults, wherever they are, and how many more there are.
func TestAProductTellsAboutFiftyFaults(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	in := catalog.ProductSetInput{
		Handle: ptr("lamp"), Title: ptr("x"), Tags: slices.Repeat([]string{""}, 30),
		Options: []catalog.ProductOptionSetInput{{Name: "Size", Values: make([]catalog.ProductOptionValueSetInput, 60)}},
	}
	for range 60 {
		in.Variants = append(in.Variants, catalog.ProductVariantSetInput{Price: ptr(money.Decimal("x")), SelectedOptions: selected("Size", "S")})
	}
	_, err := catalog.SetProduct(t.Context(), pool, catalog.Bundles{}, access.SystemActor, "USD", in)
	got := refusals(err)
	if len(got) != 51 || got[0] != "BLANK tags.0" || got[30] != "BLANK options.0.values.0.name" || got[50] != "INVALID input" || !strings.HasSuffix(err.Error(), "There are 278 more errors.") {
		t.Errorf("%d are told: %v", len(got), got)
	}
	in = catalog.ProductSetInput{Handle: ptr("lamp"), Title: ptr("x"), Tags: slices.Repeat([]string{""}, 50)}
	if _, err = catalog.SetProduct(t.Context(), pool, catalog.Bundles{}, access.SystemActor, "USD", in); !strings.HasSuffix(err.Error(), "There is one more error.") {
		t.Errorf("one above the bound: %v", err)
	}
}

func TestSetProductTakesFiveHundredVariants(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	in := catalog.ProductSetInput{Handle: ptr("wide"), Title: ptr("Wide")}
	for i := range 500 {
		in.Variants = append(in.Variants, catalog.ProductVariantSetInput{
			SKU: ptr(fmt.Sprintf("W-%d", i)), Price: ptr(money.Decimal("1.00")),
			SelectedOptions: selected("A", strconv.Itoa(i/50), "B", strconv.Itoa(i/5%10), "C", strconv.Itoa(i%5)),
		})
	}
	set(t, pool, in)
	p, variants := product(t, pool, "wide")
	if len(variants) != 500 || variants[499].Title != "9 / 9 / 4" || p.VariantCount != 500 {
		t.Fatalf("%d variants, the last %+v", len(variants), variants[len(variants)-1])
	}
	in.Variants = make([]catalog.ProductVariantSetInput, 2001)
	if _, err := catalog.SetProduct(t.Context(), pool, catalog.Bundles{}, access.SystemActor, "USD", in); strings.Join(refusals(err), "") != "TOO_MANY variants" {
		t.Errorf("2,001 variants: %v", err)
	}
}

func TestProductsSetAtTheSameTimeAreOne(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	var all sync.WaitGroup
	results := make([]catalog.ProductWritten, 8)
	errs := make([]error, len(results))
	for i := range results {
		all.Go(func() {
			in := chair()
			in.Title = ptr(fmt.Sprint("Chair ", i))
			results[i], errs[i] = catalog.SetProduct(context.WithoutCancel(t.Context()), pool, catalog.Bundles{}, access.SystemActor, "USD", in)
		})
	}
	all.Wait()
	seen := map[int64]bool{}
	for i, done := range results {
		if errs[i] != nil || done.Product.ID != results[0].Product.ID || seen[done.Position] {
			t.Errorf("%d: %+v, %v", i, done, errs[i])
		}
		seen[done.Position] = true
	}
	if _, variants := product(t, pool, "chair"); len(variants) != 3 || versionOf(t, pool, results[0].Product.ID) != len(results) {
		t.Errorf("%d variants at version %d", len(variants), versionOf(t, pool, results[0].Product.ID))
	}
}

func TestDeletedProductsAreGoneWithAllThatIsTheirs(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	done := set(t, pool, chair())
	in := catalog.ProductDeleteInput{ID: done.Product.ID.String(), ExpectedVersion: ptr(5)}
	if _, _, err := catalog.DeleteProduct(t.Context(), pool, catalog.Bundles{}, in); strings.Join(refusals(err), "") != "VERSION_CONFLICT expectedVersion" {
		t.Errorf("an old version: %v", err)
	}
	in.ExpectedVersion = ptr(1)
	gone, at, err := catalog.DeleteProduct(t.Context(), pool, catalog.Bundles{}, in)
	if err != nil || gone != done.Product.ID || at != done.Position+1 {
		t.Fatal(gone, at, err)
	}
	in.ExpectedVersion = nil
	if _, _, err := catalog.DeleteProduct(t.Context(), pool, catalog.Bundles{}, in); strings.Join(refusals(err), "") != "NOT_FOUND id" {
		t.Errorf("again: %v", err)
	}
	var left int
	if err := pool.QueryRow(t.Context(), `select (select count(*) from product_variant) + (select count(*) from product_media)
+ (select count(*) from product_image) + (select count(*) from product_option_value) + (select count(*) from metafield)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows are left, %v", left, err)
	}
}
