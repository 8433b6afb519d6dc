package catalog

import (
	"fmt"
	"strings"
)

// Tally counts what became of things that were imported.
type Tally struct {
	Created, Updated, Unchanged, Removed int
}

func (t *Tally) add(o Tally) {
	t.Created += o.Created
	t.Updated += o.Updated
	t.Unchanged += o.Unchanged
	t.Removed += o.Removed
}

func (t Tally) changed() bool { return t.Created+t.Updated+t.Removed > 0 }

// String is the count as a phrase, such as "3 created, 17 unchanged".
func (t Tally) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{t.Created, "created"}, {t.Updated, "updated"}, {t.Removed, "removed"}, {t.Unchanged, "unchanged"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// ImportSummary says what an import of products did.
type ImportSummary struct {
	Products    Tally
	Variants    Tally
	Images      Tally
	Collections int      // collections that were made
	Stock       int      // stock figures that were applied
	Ignored     []string // columns of the file that mean nothing to the catalog
}

// Changed says whether anything in the shop is different now.
func (s ImportSummary) Changed() bool {
	return s.Products.changed() || s.Variants.changed() || s.Images.changed() || s.Collections > 0 || s.Stock > 0
}

// String is the summary as lines for people.
func (s ImportSummary) String() string {
	lines := []string{
		"products: " + s.Products.String(),
		"variants: " + s.Variants.String(),
		"images: " + s.Images.String(),
		fmt.Sprintf("stock figures applied: %d", s.Stock),
	}
	if s.Collections > 0 {
		lines = append(lines, fmt.Sprintf("collections created: %d", s.Collections))
	}
	if len(s.Ignored) > 0 {
		lines = append(lines, "columns ignored: "+strings.Join(s.Ignored, ", "))
	}
	if !s.Changed() {
		lines = append(lines, "nothing changed")
	}
	return strings.Join(lines, "\n")
}
