package catalog

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// The columns of a Shopify product export that the catalog reads, and four of our own at the end.
const (
	colHandle           = "Handle"
	colTitle            = "Title"
	colBody             = "Body (HTML)"
	colVendor           = "Vendor"
	colType             = "Type"
	colTags             = "Tags"
	colPublished        = "Published"
	colStatus           = "Status"
	colGiftCard         = "Gift Card"
	colSEOTitle         = "SEO Title"
	colSEODescription   = "SEO Description"
	colSKU              = "Variant SKU"
	colGrams            = "Variant Grams"
	colWeightUnit       = "Variant Weight Unit"
	colQuantity         = "Variant Inventory Qty"
	colPolicy           = "Variant Inventory Policy"
	colPrice            = "Variant Price"
	colCompareAt        = "Variant Compare At Price"
	colRequiresShipping = "Variant Requires Shipping"
	colTaxable          = "Variant Taxable"
	colBarcode          = "Variant Barcode"
	colVariantImage     = "Variant Image"
	colTaxCode          = "Variant Tax Code"
	colImage            = "Image Src"
	colImagePosition    = "Image Position"
	colImageAlt         = "Image Alt Text"
	colCollection       = "Collection"
	colTaxClass         = "Tax Class"
	colExternalID       = "External ID"
	colPublishedAt      = "Published At"
)

var (
	colOptionName  = []string{"Option1 Name", "Option2 Name", "Option3 Name"}
	colOptionValue = []string{"Option1 Value", "Option2 Value", "Option3 Value"}
	colFourth      = []string{"Option4 Name", "Option4 Value"}
)

var knownColumns = slices.Concat([]string{
	colHandle, colTitle, colBody, colVendor, colType, colTags, colPublished, colStatus, colGiftCard, colSEOTitle,
	colSEODescription, colSKU, colGrams, colWeightUnit, colQuantity, colPolicy, colPrice, colCompareAt,
	colRequiresShipping, colTaxable, colBarcode, colVariantImage, colTaxCode, colImage, colImagePosition, colImageAlt,
	colCollection, colTaxClass, colExternalID, colPublishedAt,
}, colOptionName, colOptionValue, colFourth)

// maxRecord bounds one row, so that a quote that is never closed does not swallow memory.
const maxRecord = 8 << 20

// maxRows bounds a file. What is kept of each row of it until the end, so that nothing comes twice, is bounded with it.
const maxRows = 1_000_000

var errRecordTooLong = errors.New("a row is longer than 8 MB: is a quotation mark never closed?")

// sheet reads a CSV file row by row and knows where it stands.
type sheet struct {
	csv     *csv.Reader
	limit   *limitedReader
	at      map[string]int // a known column's place
	width   int
	ignored []string // the columns that mean nothing to the catalog
	row     int
	record  []string
	bad     *InvalidFile
	torn    bool // what follows can't be read

	base  int64 // where in the file the CSV reader began
	start int64 // where in the file this row begins
	lines int   // lines of the file before the CSV reader began
}

// openSheet reads the header. Problems with it are in bad; the sheet is usable when there are none.
func openSheet(file io.Reader, bad *InvalidFile) (*sheet, error) {
	s := &sheet{at: map[string]int{}, bad: bad, limit: &limitedReader{r: file, left: maxRecord}}
	buffered := bufio.NewReaderSize(s.limit, 64<<10)
	var err error
	if s.base, err = skipByteOrderMark(buffered); err != nil {
		return nil, err
	}
	s.csv = csv.NewReader(buffered)
	s.csv.FieldsPerRecord = -1
	ok, err := s.next()
	if err != nil {
		return nil, err
	}
	if !ok {
		if len(bad.Problems) == 0 {
			bad.add(Problem{Message: "The file is empty."})
		}
		return s, nil
	}
	s.header()
	return s, nil
}

// goOn lets the sheet, whose header is read, go on at a row further down.
func (s *sheet) goOn(file io.ReadSeeker, at FilePlace) error {
	if _, err := file.Seek(at.Offset, io.SeekStart); err != nil {
		return fmt.Errorf("go on in the file: %w", err)
	}
	s.limit.r, s.base, s.row = file, at.Offset, at.Row
	s.csv = csv.NewReader(bufio.NewReaderSize(s.limit, 64<<10))
	s.csv.FieldsPerRecord = -1
	return nil
}

// signatures are how files begin that are no text of a spreadsheet.
var signatures = map[string]string{
	"\xff\xfe": "The file is UTF-16. Save it as CSV in UTF-8.", "\xfe\xff": "The file is UTF-16. Save it as CSV in UTF-8.",
	"PK\x03\x04": "The file is a ZIP archive or a workbook. Unpack it, or save it as CSV.",
	"\x1f\x8b":   "The file is compressed. Unpack it first.", "%PDF": "The file is a PDF. Save it as CSV.",
}

// Text is a file without the mark of its encoding. One that is no text of a spreadsheet is *InvalidFile.
func Text(file io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(file, 64<<10)
	_, err := skipByteOrderMark(buffered)
	return buffered, err
}

// skipByteOrderMark says how many bytes stand before the text.
func skipByteOrderMark(r *bufio.Reader) (int64, error) {
	head, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	for signature, message := range signatures {
		if strings.HasPrefix(string(head), signature) {
			return 0, &InvalidFile{Problems: []Problem{{Message: message}}}
		}
	}
	if !strings.HasPrefix(string(head), "\xef\xbb\xbf") {
		return 0, nil
	}
	n, err := r.Discard(3)
	return int64(n), err
}

// maxColumns bounds a header.
const maxColumns = 500

func (s *sheet) header() {
	if s.width = len(s.record); s.width > maxColumns {
		s.problem("", fmt.Sprintf("The file has %d columns; at most %d are read.", s.width, maxColumns))
		return
	}
	for i, name := range s.record {
		name = strings.TrimSpace(name)
		known := slices.IndexFunc(knownColumns, func(k string) bool { return strings.EqualFold(k, name) })
		switch {
		case known < 0 && name != "" && !slices.Contains(s.ignored, name):
			s.ignored = append(s.ignored, name)
		case known < 0:
		default:
			if _, twice := s.at[knownColumns[known]]; twice {
				s.problem(knownColumns[known], "The column is there twice.")
				continue
			}
			s.at[knownColumns[known]] = i
		}
	}
	for _, required := range []string{colHandle, colTitle, colPrice} {
		if s.has(required) {
			continue
		}
		hint := ""
		if len(s.record) == 1 && strings.ContainsAny(s.record[0], ";\t") {
			hint = " The columns must be separated by commas."
		}
		s.problem(required, "The column is missing."+hint)
	}
}

// next goes to the next row that is not empty; false at the end, or at a row that can't be read as CSV.
func (s *sheet) next() (bool, error) {
	for {
		s.limit.left, s.start = maxRecord, s.base+s.csv.InputOffset()
		record, err := s.csv.Read()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case errors.As(err, &syntax):
			s.torn = true
			s.bad.add(Problem{Row: s.row + 1, Line: s.lines + syntax.Line, Message: fmt.Sprintf("This is no CSV, at character %d of the line: %v.", syntax.Column, syntax.Err)})
			return false, nil
		case errors.Is(err, errRecordTooLong):
			s.torn = true
			s.bad.add(Problem{Row: s.row + 1, Message: "A row is longer than 8 MB. Is a quotation mark never closed?"})
			return false, nil
		case err != nil:
			return false, fmt.Errorf("read the file: %w", err)
		case s.row == maxRows:
			s.torn = true
			s.bad.add(Problem{Row: s.row + 1, Message: fmt.Sprintf("The file has more than %d rows. Make several of it.", maxRows)})
			return false, nil
		}
		s.row++
		s.record = record
		if slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" }) {
			return true, nil
		}
	}
}

func (s *sheet) has(column string) bool {
	_, ok := s.at[column]
	return ok
}

// cell is a column's text in this row, without space around it and without what guards it from being read as a formula;
// empty where the file has no such column.
func (s *sheet) cell(column string) string {
	i, ok := s.at[column]
	if !ok || i >= len(s.record) {
		return ""
	}
	return Unguarded(strings.TrimSpace(s.record[i]))
}

// problem records what is wrong with a column of this row.
func (s *sheet) problem(column, message string) {
	line := 0
	if i, ok := s.at[column]; ok && i < len(s.record) {
		line = s.line(i)
	} else if len(s.record) > 0 {
		line = s.line(0)
	}
	s.bad.add(Problem{Row: s.row, Line: line, Column: column, Message: message})
}

// line is where a field of this row stands, as an editor counts.
func (s *sheet) line(field int) int {
	line, _ := s.csv.FieldPos(field)
	return s.lines + line
}

// wellFormed checks what must hold for every row: its width, and that its text is text.
func (s *sheet) wellFormed() bool {
	if len(s.record) != s.width {
		s.problem("", fmt.Sprintf("The row has %d fields, the header %d.", len(s.record), s.width))
		return false
	}
	ok := true
	for _, column := range knownColumns {
		text := s.cell(column)
		switch {
		case !utf8.ValidString(text):
			s.problem(column, "This is no UTF-8. Save the file as CSV in UTF-8.")
			ok = false
		case strings.ContainsRune(text, 0):
			s.problem(column, "The text holds a zero character.")
			ok = false
		}
	}
	return ok
}

// limitedReader stops a row that has no end.
type limitedReader struct {
	r    io.Reader
	left int
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errRecordTooLong
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}
