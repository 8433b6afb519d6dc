package catalog

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gosimple/slug"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/richtext"
)

// fileProduct is a product as a file has it. What the file has no column for is empty here and left as it is in the
// shop.
type fileProduct struct {
	row, line                int
	handle, external, title  string
	body, vendor, kind       string
	tags                     []string
	status                   ProductStatus
	published, giftCard      bool
	publishedAt              *time.Time
	seoTitle, seoDescription string
	collections              []string
	options                  []string
	variants                 []fileVariant
	images                   []fileImage
}

type fileVariant struct {
	values         []string
	sku, barcode   string
	price          int64
	compareAt      *int64
	taxable, ships bool
	taxClass       string
	grams          float64
	unit           WeightUnit
	image          string
	quantity       *int
	backorder      bool
}

type fileImage struct {
	address, alt string
	position     int
}

// The bounds of what a file may hold.
const (
	maxName     = 255
	maxBody     = 512 << 10
	maxTags     = 250
	maxVariants = 2000
	maxImages   = 250
	maxQuantity = 1_000_000_000
	maxGrams    = 100_000_000
)

// productReader puts the rows of a sheet together to products: rows of one product stand together and share the
// handle; the first has the product's own fields, each further one a variant, an image, or both.
type productReader struct {
	*sheet
	currency money.Currency
	ahead    bool            // the sheet stands on the first row of the next product
	seen     map[FileKey]int // the row in which each key was first
}

func newProductReader(s *sheet, currency money.Currency) (*productReader, error) {
	r := &productReader{sheet: s, currency: currency, seen: map[FileKey]int{}}
	var err error
	r.ahead, err = s.next()
	return r, err
}

// read gives the next product; false at the end. A product with problems is given too: they are in the sheet's list.
func (r *productReader) read() (fileProduct, bool, error) {
	if !r.ahead {
		return fileProduct{}, false, nil
	}
	p := fileProduct{row: r.row, line: r.line(0), handle: r.handle()}
	for first := true; r.ahead && (first || r.handle() == p.handle); first = false {
		if r.wellFormed() {
			if first {
				r.product(&p)
			} else {
				r.sameProduct(&p)
			}
			r.variant(&p, first)
			r.image(&p)
		}
		var err error
		if r.ahead, err = r.next(); err != nil {
			return p, false, err
		}
	}
	r.finish(&p)
	return p, true, nil
}

func (r *productReader) handle() string { return strings.ToLower(r.cell(colHandle)) }

// product reads the fields of the product itself.
func (r *productReader) product(p *fileProduct) {
	switch {
	case p.handle == "":
		r.problem(colHandle, "The handle is missing.")
	case r.repeated(colHandle, p.handle):
	case strings.ContainsFunc(p.handle, notInHandle):
		r.problem(colHandle, fmt.Sprintf("The handle %q may hold letters, digits, dashes, dots and underscores only.", p.handle))
	}
	r.bounded(colHandle, maxName)
	if p.external = r.bounded(colExternalID, maxName); p.external != "" {
		r.repeated(colExternalID, p.external)
	}
	p.title = r.bounded(colTitle, maxName)
	if r.cell(colTitle) == "" {
		r.problem(colTitle, "The title is missing.")
	}
	p.body, p.vendor, p.kind = richtext.Sanitize(r.bounded(colBody, maxBody)), r.bounded(colVendor, maxName), r.bounded(colType, maxName)
	p.tags = r.list(colTags, ",")
	if len(p.tags) > maxTags {
		r.problem(colTags, fmt.Sprintf("A product has at most %d tags.", maxTags))
	}
	p.published, p.giftCard = r.truth(colPublished, true), r.truth(colGiftCard, false)
	p.publishedAt = r.moment(colPublishedAt)
	p.seoTitle, p.seoDescription = r.bounded(colSEOTitle, maxName), r.bounded(colSEODescription, 4*maxName)
	p.collections = r.list(colCollection, ";")
	for _, name := range p.collections {
		if slug.Make(name) == "" {
			r.problem(colCollection, fmt.Sprintf("The collection %q needs a letter or a digit in its name.", clip(name)))
		}
	}
	p.status = Active
	if text := r.cell(colStatus); text != "" {
		p.status = ProductStatus(strings.ToUpper(text))
		if !slices.Contains([]ProductStatus{Active, Draft, Archived}, p.status) {
			r.problem(colStatus, fmt.Sprintf("%q is no status. Give active, draft or archived.", text))
		}
	}
	for i, column := range colOptionName {
		name := r.bounded(column, maxName)
		switch {
		case name == "":
		case i > len(p.options):
			r.problem(column, "The option before this one has no name.")
		case slices.Contains(p.options, name):
			r.problem(column, fmt.Sprintf("The product has the option %q twice.", name))
		default:
			p.options = append(p.options, name)
		}
	}
}

// repeated refuses a key that an earlier product has.
func (r *productReader) repeated(column, key string) bool {
	k := FileKey{Column: column, Key: key}
	before, twice := r.seen[k]
	if twice {
		r.problem(column, RepeatedKey{FileKey: k, First: before}.sentence())
	} else {
		r.seen[k] = r.row
	}
	return twice
}

// sameProduct refuses a further row that says another title, or another time of publication.
func (r *productReader) sameProduct(p *fileProduct) {
	if title := r.cell(colTitle); title != "" && title != p.title {
		r.problem(colTitle, fmt.Sprintf("Row %d gives this product the title %q.", p.row, p.title))
	}
	if at := r.moment(colPublishedAt); at != nil && (p.publishedAt == nil || !at.Equal(*p.publishedAt)) {
		r.problem(colPublishedAt, fmt.Sprintf("When a product is published stands in its first row, which is row %d.", p.row))
	}
}

// variant reads the row's variant, if it has one.
func (r *productReader) variant(p *fileProduct, first bool) {
	values := make([]string, 0, len(colOptionValue))
	for i, column := range colOptionValue {
		if value := r.bounded(column, maxName); value != "" {
			if i > len(values) {
				r.problem(column, "The option before this one has no value.")
				return
			}
			values = append(values, value)
		}
	}
	if !first && len(values) == 0 && r.cell(colPrice) == "" && r.cell(colSKU) == "" {
		return
	}
	for _, column := range colFourth {
		if r.cell(column) != "" {
			r.problem(column, "A product has at most three options.")
		}
	}
	if len(values) == 0 && (len(p.options) == 0 || slices.Equal(p.options, []string{defaultOption})) {
		values = []string{DefaultTitle}
	}
	if len(p.options) == 0 && slices.Equal(values, []string{DefaultTitle}) {
		p.options = []string{defaultOption}
	}
	if want := len(p.options); len(values) != want {
		if len(values) > want {
			r.problem(colOptionName[len(p.options)], fmt.Sprintf("The option with the value %q has no name.", values[len(p.options)]))
		} else {
			r.problem(colOptionValue[len(values)], fmt.Sprintf("The variant has no value for the option %q.", p.options[len(values)]))
		}
		return
	}
	if len(p.variants) == maxVariants {
		r.problem(colHandle, fmt.Sprintf("A product has at most %d variants.", maxVariants))
		return
	}
	if slices.ContainsFunc(p.variants, func(v fileVariant) bool { return slices.Equal(v.values, values) }) {
		r.problem(r.optionColumn(), fmt.Sprintf("The product has the variant %q twice.", strings.Join(values, " / ")))
		return
	}
	v := fileVariant{
		values: values, sku: r.bounded(colSKU, maxName), barcode: strings.TrimPrefix(r.bounded(colBarcode, maxName), "'"),
		taxable: r.truth(colTaxable, true), ships: r.truth(colRequiresShipping, true),
		taxClass: strings.ToLower(r.bounded(colTaxCode, maxName)), image: r.address(colVariantImage),
		quantity: r.quantity(), grams: r.grams(), unit: r.unit(), backorder: r.backorder(),
	}
	if class := r.bounded(colTaxClass, maxName); class != "" {
		v.taxClass = strings.ToLower(class)
	}
	if price := r.amount(colPrice); price != nil {
		v.price = *price
	} else if r.cell(colPrice) == "" {
		r.problem(colPrice, "The price is missing.")
	}
	if v.compareAt = r.amount(colCompareAt); v.compareAt != nil && *v.compareAt == 0 {
		v.compareAt = nil
	}
	p.variants = append(p.variants, v)
}

// optionColumn is where a person looks for what makes a variant.
func (r *productReader) optionColumn() string {
	if r.has(colOptionValue[0]) {
		return colOptionValue[0]
	}
	return colHandle
}

// image reads the row's image, if it has one. An image that comes twice keeps its first place.
func (r *productReader) image(p *fileProduct) {
	address := r.address(colImage)
	if address == "" {
		return
	}
	i := fileImage{address: address, alt: r.bounded(colImageAlt, 2*maxName), position: math.MaxInt32}
	if text := r.cell(colImagePosition); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100_000 {
			r.problem(colImagePosition, fmt.Sprintf("%q is no position. Positions are whole numbers from 1.", clip(text)))
		}
		i.position = n
	}
	if slices.ContainsFunc(p.images, func(o fileImage) bool { return o.address == address }) {
		return
	}
	if len(p.images) == maxImages {
		r.problem(colImage, fmt.Sprintf("A product has at most %d images.", maxImages))
		return
	}
	p.images = append(p.images, i)
}

// finish puts the images in order, those of variants at the end, and names the option of a product without options.
func (r *productReader) finish(p *fileProduct) {
	slices.SortStableFunc(p.images, func(a, b fileImage) int { return a.position - b.position })
	for _, v := range p.variants {
		if v.image != "" && !slices.ContainsFunc(p.images, func(i fileImage) bool { return i.address == v.image }) {
			p.images = append(p.images, fileImage{address: v.image})
		}
	}
	if len(p.options) == 0 {
		p.options = []string{defaultOption}
	}
}

func notInHandle(c rune) bool {
	return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.Is(unicode.Mn, c) && c != '-' && c != '_' && c != '.'
}
