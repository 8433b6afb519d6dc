package catalog

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// FileKey is what no two products of a file may have in common.
type FileKey struct {
	Column string
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
		bad.add(Problem{Row: r.Row, Line: b.lineOf(r.Row), Column: r.Column, Message: repeatedProduct(r.Key, r.First)})
	}
	b.add(bad)
}

func repeatedProduct(handle string, before int) string {
	return fmt.Sprintf("The product %q began in row %d. The rows of one product must stand together.", handle, before)
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
