package cart

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// AddLines adds lines. A line with the same variant and attributes grows. Of what is scarce, as much is added as can
// be had, with a warning. To add, change or remove no line changes nothing.
func (c *Carts) AddLines(ctx context.Context, cart string, lines []CartLineInput) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartLinesAdd", lines}, some(len(lines), func(ctx context.Context, tx pgx.Tx, content *Content) ([]CartWarning, error) {
		var refused refusals
		warnings, err := add(ctx, tx, content, lines, &refused, "lines")
		if err != nil {
			return nil, err
		}
		return warnings, refused.err()
	}))
}

// UpdateLines changes lines: quantity, attributes or variant. Quantity 0 removes a line; a line that becomes like
// another joins it. What belongs to a line goes with it, and grows and shrinks with it.
func (c *Carts) UpdateLines(ctx context.Context, cart string, lines []CartLineUpdateInput) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartLinesUpdate", lines}, some(len(lines), func(ctx context.Context, tx pgx.Tx, content *Content) ([]CartWarning, error) {
		var refused refusals
		warnings, err := update(ctx, tx, content, lines, &refused)
		if err != nil {
			return nil, err
		}
		return warnings, refused.err()
	}))
}

// RemoveLines removes lines, with those that belong to them.
func (c *Carts) RemoveLines(ctx context.Context, cart string, ids []string) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartLinesRemove", ids}, some(len(ids), func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
		var refused refusals
		if len(ids) > maxInputLines {
			return nil, tooManyLines("lineIds")
		}
		gone := make(map[id.CartLineID]bool, len(ids))
		for i, text := range ids {
			line, err := id.ParseCartLineID(text)
			if err != nil || indexOf(content.AllLines, line) < 0 {
				refused.add(noSuchLine(text, "lineIds", strconv.Itoa(i)))
				continue
			}
			gone[line] = true
		}
		content.AllLines = without(content.AllLines, gone)
		return nil, refused.err()
	}))
}

func add(ctx context.Context, tx pgx.Tx, content *Content, inputs []CartLineInput, refused *refusals, path ...string) ([]CartWarning, error) {
	if len(inputs) > maxInputLines {
		refused.add(tooManyLines(path...))
		return nil, nil
	}
	wanted := make([]id.ProductVariantID, 0, len(inputs))
	for _, input := range inputs {
		if variant, err := id.ParseProductVariantID(input.MerchandiseID); err == nil {
			wanted = append(wanted, variant)
		}
	}
	known, err := goodsOf(ctx, tx, content.AllLines, wanted)
	if err != nil {
		return nil, err
	}
	lines, warnings := known.add(known.sold(content.AllLines), inputs, refused, path...)
	content.AllLines = lines
	return warnings, nil
}

func update(ctx context.Context, tx pgx.Tx, content *Content, inputs []CartLineUpdateInput, refused *refusals) ([]CartWarning, error) {
	if len(inputs) > maxInputLines {
		refused.add(tooManyLines("lines"))
		return nil, nil
	}
	var wanted []id.ProductVariantID
	for _, input := range inputs {
		if input.MerchandiseID == nil {
			continue
		}
		if variant, err := id.ParseProductVariantID(*input.MerchandiseID); err == nil {
			wanted = append(wanted, variant)
		}
	}
	known, err := goodsOf(ctx, tx, content.AllLines, wanted)
	if err != nil {
		return nil, err
	}
	lines, warnings := known.update(known.sold(content.AllLines), inputs, refused)
	content.AllLines = lines
	return warnings, nil
}

func noSuchLine(text string, path ...string) *fault.Fault {
	return refuse(InvalidLine, fmt.Sprintf("The cart line with id %.100s does not exist.", text), path...)
}

func tooManyLines(path ...string) *fault.Fault {
	return refuse(Invalid, fmt.Sprintf("At most %d lines can be given at once.", maxInputLines), path...)
}
