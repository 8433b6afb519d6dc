package cart

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// CartMetafield is what a storefront's own programs keep on a cart under a key.
type CartMetafield struct {
	Key   string `json:"key"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Metafield is the metafield of that key, if the cart has it.
func (c Cart) Metafield(key string) *CartMetafield {
	if i := metafieldAt(c.AllMetafields, key); i >= 0 {
		return &c.AllMetafields[i]
	}
	return nil
}

// Metafields are all metafields, by their keys.
func (c Cart) Metafields() []CartMetafield { return append([]CartMetafield{}, c.AllMetafields...) }

// CartMetafieldsSetInput is a metafield to be written on a cart.
type CartMetafieldsSetInput struct {
	Key     string
	OwnerID string // the cart's id, with its key
	Type    string
	Value   string
}

// CartMetafieldDeleteInput names a metafield to be taken off a cart.
type CartMetafieldDeleteInput struct {
	Key     string
	OwnerID string
}

// The bounds of metafields.
const (
	maxMetafields     = 100 // of one cart
	maxMetafieldsSet  = 25  // at once
	maxMetafieldKey   = 64
	maxMetafieldValue = 10_000
)

// The codes of what can be wrong with a metafield, by the names of the vocabulary.
const (
	metafieldOwner   = "INVALID_OWNER"
	metafieldBlank   = "BLANK"
	metafieldLong    = "TOO_LONG"
	metafieldShort   = "TOO_SHORT"
	metafieldType    = "INVALID_TYPE"
	metafieldValue   = "INVALID_VALUE"
	metafieldMany    = "LESS_THAN_OR_EQUAL_TO"
	metafieldMissing = "METAFIELD_DOES_NOT_EXIST"
)

// SetMetafields writes metafields on carts, all or none. One that a cart has under its key is written over. The key of a
// call is that of each of the carts.
func (c *Carts) SetMetafields(ctx context.Context, inputs []CartMetafieldsSetInput) ([]CartMetafield, error) {
	if len(inputs) > maxMetafieldsSet {
		return nil, wrongMetafield(metafieldMany, fmt.Sprintf("At most %d metafields are set at once.", maxMetafieldsSet), "metafields")
	}
	var refused refusals
	set := make([]CartMetafield, len(inputs))
	owners := make([]ID, len(inputs))
	for i, input := range inputs {
		at := func(field string) []string { return []string{"metafields", strconv.Itoa(i), field} }
		owner, ok := ParseID(input.OwnerID)
		if !ok {
			refused.add(noOwner(at("ownerId")...))
		}
		owners[i] = owner
		set[i] = CartMetafield{Key: input.Key, Type: input.Type, Value: input.Value}
		set[i].check(&refused, at)
	}
	if err := refused.err(); err != nil {
		return nil, err
	}
	return set, c.writeOn(ctx, owners, asked{"cartMetafieldsSet", inputs}, func(content *Content, i int) *fault.Fault {
		at := metafieldAt(content.AllMetafields, set[i].Key)
		switch {
		case at >= 0:
			content.AllMetafields[at] = set[i]
		case len(content.AllMetafields) == maxMetafields:
			return wrongMetafield(metafieldMany, fmt.Sprintf("A cart has at most %d metafields.", maxMetafields), "metafields", strconv.Itoa(i), "key")
		default:
			content.AllMetafields = append(content.AllMetafields, set[i])
			slices.SortFunc(content.AllMetafields, func(a, b CartMetafield) int { return cmp.Compare(a.Key, b.Key) })
		}
		return nil
	}, func(i int) *fault.Fault { return noOwner("metafields", strconv.Itoa(i), "ownerId") })
}

// DeleteMetafield takes a metafield off a cart.
func (c *Carts) DeleteMetafield(ctx context.Context, input CartMetafieldDeleteInput) error {
	owner, ok := ParseID(input.OwnerID)
	if !ok {
		return noOwner("input", "ownerId")
	}
	return c.writeOn(ctx, []ID{owner}, asked{"cartMetafieldDelete", input}, func(content *Content, _ int) *fault.Fault {
		at := metafieldAt(content.AllMetafields, input.Key)
		if at < 0 {
			return wrongMetafield(metafieldMissing, "The cart has no such metafield.", "input", "key")
		}
		content.AllMetafields = slices.Delete(slices.Clone(content.AllMetafields), at, at+1)
		return nil
	}, func(int) *fault.Fault { return noOwner("input", "ownerId") })
}

// writeOn changes carts in one transaction, the i-th owner by the i-th step. The keys are taken, and then the carts
// locked, in the order of their ids, so that two callers who write on the same can't deadlock.
func (c *Carts) writeOn(ctx context.Context, owners []ID, call asked, step func(content *Content, i int) *fault.Fault, missing func(i int) *fault.Fault) error {
	if err := c.terms.check(); err != nil {
		return err
	}
	return pg.InTx(ctx, c.pool, func(tx pgx.Tx) error {
		order := slices.Clone(owners)
		slices.SortFunc(order, func(a, b ID) int { return slices.Compare(a.UUID[:], b.UUID[:]) })
		order = slices.Compact(order)
		keys := map[ID]claimed{}
		for _, owner := range order {
			key, err := c.claim(ctx, tx, owner, call)
			if err != nil {
				return err
			}
			keys[owner] = key
		}
		opened, reused := map[ID]*Content{}, false
		for _, owner := range order {
			content, err := c.Lock(ctx, tx, owner)
			if err != nil && !fault.IsKind(err, fault.NotFound) {
				return err
			}
			if err == nil && content.Open() {
				content.AllMetafields = slices.Clone(content.AllMetafields)
				opened[owner], reused = &content, reused || keys[owner].reused
			}
		}
		var refused refusals
		for i, owner := range owners {
			content, ok := opened[owner]
			switch {
			case !ok:
				refused.add(missing(i))
			case keys[owner].repeated || keys[owner].reused:
			default:
				if f := step(content, i); f != nil {
					refused.add(f)
				}
			}
		}
		if err := refused.err(); err != nil {
			return err
		}
		if reused {
			return errReused
		}
		for _, owner := range order {
			if keys[owner].repeated {
				continue
			}
			if err := write(ctx, tx, opened[owner], opened[owner].AllLines); err != nil {
				return err
			}
			if err := c.end(ctx, tx, owner, call); err != nil {
				return err
			}
		}
		return nil
	})
}

// check refuses a metafield that could not be kept or is not what its type says.
func (m CartMetafield) check(refused *refusals, at func(string) []string) {
	switch n := utf8.RuneCountInString(m.Key); {
	case strings.TrimSpace(m.Key) == "":
		refused.add(wrongMetafield(metafieldBlank, "A metafield has a key.", at("key")...))
	case n < 2:
		refused.add(wrongMetafield(metafieldShort, "A key has at least 2 characters.", at("key")...))
	case n > maxMetafieldKey:
		refused.add(wrongMetafield(metafieldLong, fmt.Sprintf("A key has at most %d characters.", maxMetafieldKey), at("key")...))
	case !storable(m.Key):
		refused.add(wrongMetafield(metafieldValue, "The key holds characters that are no text.", at("key")...))
	}
	fits, known := metafieldTypes[m.Type]
	switch {
	case !known:
		refused.add(wrongMetafield(metafieldType, "There is no such type of metafield.", at("type")...))
	case m.Value == "":
		refused.add(wrongMetafield(metafieldBlank, "A metafield has a value.", at("value")...))
	case utf8.RuneCountInString(m.Value) > maxMetafieldValue:
		refused.add(wrongMetafield(metafieldLong, fmt.Sprintf("A value has at most %d characters.", maxMetafieldValue), at("value")...))
	case contact.HoldsCardNumber(m.Value):
		refused.add(wrongMetafield(metafieldValue, noCardNumber().Message, at("value")...))
	case !storable(m.Value) || !fits(m.Value):
		refused.add(wrongMetafield(metafieldValue, "The value is none of its type.", at("value")...))
	}
}

// metafieldTypes are the types that a cart's metafields have, and what fits each.
var metafieldTypes = map[string]func(string) bool{
	"single_line_text_field": func(v string) bool { return !strings.ContainsAny(v, "\r\n") },
	"multi_line_text_field":  func(string) bool { return true },
	"boolean":                func(v string) bool { return v == "true" || v == "false" },
	"number_integer":         func(v string) bool { _, err := strconv.ParseInt(v, 10, 64); return err == nil },
	"number_decimal":         isDecimal,
	"date":                   func(v string) bool { _, err := time.Parse(time.DateOnly, v); return err == nil },
	"date_time":              func(v string) bool { _, err := time.Parse(time.RFC3339, v); return err == nil },
	"json":                   func(v string) bool { return json.Valid([]byte(v)) },
	"url":                    catalog.IsAddress,
}

// isDecimal says whether a text is a plain number, with or without a fraction.
func isDecimal(v string) bool {
	digits := strings.TrimPrefix(v, "-")
	whole, fraction, pointed := strings.Cut(digits, ".")
	number := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return number(whole) && (!pointed || number(fraction))
}

func metafieldAt(all []CartMetafield, key string) int {
	return slices.IndexFunc(all, func(m CartMetafield) bool { return m.Key == key })
}

func wrongMetafield(code, message string, path ...string) *fault.Fault {
	return fault.New(fault.Invalid, code, message).At(path...)
}

func noOwner(path ...string) *fault.Fault {
	return wrongMetafield(metafieldOwner, "The specified cart does not exist.", path...)
}

// Refusals are the faults in an error that the caller can act on; false says that it is about something else.
func Refusals(err error) ([]*fault.Fault, bool) {
	list := []error{err}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		list = joined.Unwrap()
	}
	faults := make([]*fault.Fault, 0, len(list))
	for _, one := range list {
		f, ok := fault.As(one)
		if !ok || f.Kind != fault.Invalid {
			return nil, false
		}
		faults = append(faults, f)
	}
	return faults, true
}
