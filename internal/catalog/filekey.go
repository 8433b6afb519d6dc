package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// FileKey is what no two products of a file may have in common: what stands in a column, or which product of the shop
// they are about.
type FileKey struct {
	Column string // empty for the product of the shop
	Key    string
	Row    int // in which the product begins
}

// RepeatedKey is a key that a product of an earlier row has too.
type RepeatedKey struct {
	FileKey
	First int // that row
}

// Keys are the keys of the batch's products. One that is none, since it is too long or no text, has been refused already.
func (b ProductBatch) Keys() []FileKey {
	var keys []FileKey
	for _, p := range b.products {
		if isKey(p.handle) {
			keys = append(keys, FileKey{Column: colHandle, Key: p.handle, Row: p.row})
		}
		if isKey(p.external) {
			keys = append(keys, FileKey{Column: colExternalID, Key: p.external, Row: p.row})
		}
		if k, there := b.matched[p.row]; there {
			keys = append(keys, FileKey{Key: k.ID.String(), Row: p.row})
		}
	}
	return keys
}

func isKey(text string) bool {
	return text != "" && len(text) <= maxName*utf8.UTFMax && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// Refuse adds what is repeated to the problems of the batch.
func (b *ProductBatch) Refuse(repeated []RepeatedKey) {
	bad := &InvalidFile{}
	for _, r := range repeated {
		if r.Column == "" && slices.Contains(bad.rows, r.Row) {
			continue // that the product is the same has been said by its name
		}
		bad.add(Problem{Row: r.Row, Line: b.lineOf(r.Row), Column: cmp.Or(r.Column, colHandle), Message: r.sentence()})
	}
	b.add(bad)
}

// sentence says what is repeated.
func (r RepeatedKey) sentence() string {
	switch r.Column {
	case colHandle:
		return fmt.Sprintf("The product %q began in row %d. The rows of one product must stand together.", r.Key, r.First)
	case colExternalID:
		return fmt.Sprintf("Row %d has the external id %q too.", r.First, clip(r.Key))
	default:
		return fmt.Sprintf("Row %d is about the same product.", r.First)
	}
}

// lineOf is the line in which the product begins that begins in a row.
func (b *ProductBatch) lineOf(row int) int {
	for _, p := range b.products {
		if p.row == row {
			return p.line
		}
	}
	return 0
}
