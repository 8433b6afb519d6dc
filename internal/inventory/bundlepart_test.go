package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
)

// product makes a product with a variant of each size, known as "handle size" from then on.
func (s *stockroom) product(handle string, sizes ...string) catalog.Product {
	s.Helper()
	done, err := s.setProduct(handle, sizes...)
	if err != nil {
		s.Fatal(err)
	}
	by, err := catalog.VariantsByProduct(s.Context(), s.pool, []id.ProductID{done.Product.ID})
	if err != nil {
		s.Fatal(err)
	}
	for _, v := range by[done.Product.ID] {
		s.variants[handle+" "+v.OptionValues[0]] = v.ID
	}
	return done.Product
}

func (s *stockroom) setProduct(handle string, sizes ...string) (catalog.ProductWritten, error) {
	price := money.Decimal("5.00")
	in := catalog.ProductSetInput{Handle: &handle, Title: &handle, Options: []catalog.ProductOptionSetInput{{Name: "Size"}}}
	for _, size := range sizes {
		in.Variants = append(in.Variants, catalog.ProductVariantSetInput{
			Price: &price, SelectedOptions: []catalog.SelectedOptionInput{{Name: "Size", Value: size}},
		})
	}
	return catalog.SetProduct(context.WithoutCancel(s.Context()), s.pool, inventory.Bundles, access.SystemActor, "USD", in)
}

func (s *stockroom) deleteProduct(p catalog.Product) error {
	_, _, err := catalog.DeleteProduct(context.WithoutCancel(s.Context()), s.pool, inventory.Bundles, catalog.ProductDeleteInput{ID: p.ID.String()})
	return err
}

// counted puts units of variants on a shelf.
func (s *stockroom) counted(variants ...string) {
	s.Helper()
	for _, variant := range variants {
		if _, err := s.adjust("count "+variant, s.change(variant+"@W", inventory.QuantityOnHand, 4)); err != nil {
			s.Fatal(err)
		}
	}
}

// assembled makes a bundle of one unit of each part.
func (s *stockroom) assembled(key, bundle string, parts ...string) error {
	in := inventory.ProductBundleSetInput{IdempotencyKey: key, VariantID: s.variants[bundle].String()}
	for _, part := range parts {
		in.Components = append(in.Components, inventory.ProductBundleComponentInput{VariantID: s.variants[part].String(), Quantity: 1})
	}
	_, err := s.SetBundle(context.WithoutCancel(s.Context()), s.boss, in)
	return err
}

func refusal(err error) string {
	f, ok := fault.As(err)
	if !ok {
		return fmt.Sprint(err)
	}
	return f.Code + " " + strings.Join(f.Field, ".") + ": " + f.Message
}

func TestWhatABundleIsMadeOfStays(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "")
	cup, set := s.product("cup", "S", "L"), s.product("set", "One", "Two")
	s.counted("cup S", "cup L", "set One")
	if err := s.assembled("a", "card", "cup L", "set One"); err != nil {
		t.Fatal(err)
	}
	if err := s.assembled("b", "set Two", "set One"); err != nil {
		t.Fatal(err)
	}
	if got, want := refusal(s.deleteProduct(cup)), `PART_OF_BUNDLE input.id: The product is part of the bundle "Gift card". Take it out of the bundle first.`; got != want {
		t.Errorf("deleting a part: %s", got)
	}
	_, err := s.setProduct("cup", "S")
	if got, want := refusal(err), `PART_OF_BUNDLE input.variants: The variant "L" is part of the bundle "Gift card". Take it out of the bundle first.`; got != want {
		t.Errorf("removing a part: %s", got)
	}
	var refused *catalog.InvalidFile
	_, err = catalog.Import(context.WithoutCancel(t.Context()), s.pool, strings.NewReader("Handle,Title,Option1 Name,Option1 Value,Variant Price\ncup,Cup,Size,S,5.00\n"),
		catalog.ImportOptions{Currency: "USD", Bundles: inventory.Bundles})
	if !errors.As(err, &refused) || len(refused.Problems) != 1 || !strings.Contains(refused.Problems[0].Message, `variant "L", which is part of the bundle "Gift card"`) {
		t.Errorf("importing a product without its part: %v", err)
	}
	if by, err := catalog.VariantsByProduct(t.Context(), s.pool, []id.ProductID{cup.ID}); err != nil || len(by[cup.ID]) != 2 {
		t.Errorf("the cup has %d variants, %v", len(by[cup.ID]), err)
	}
	if _, err := s.setProduct("cup", "L"); err != nil {
		t.Errorf("removing what is part of nothing: %v", err)
	}
	if got := refusal(s.assembled("c", "card", "cup S")); !strings.HasPrefix(got, "VARIANT_NOT_FOUND input.components.0.variantId") {
		t.Errorf("a bundle of what was removed: %s", got)
	}
	if _, err := s.setProduct("set", "Two"); !strings.HasPrefix(refusal(err), `PART_OF_BUNDLE input.variants: The variant "One" is part of the bundle "`) {
		t.Errorf("removing the part of a bundle that stays in the product: %v", err)
	}
	if err := s.assembled("d", "card"); err != nil {
		t.Fatal(err)
	}
	for _, p := range []catalog.Product{cup, set} { // one is part of nothing, the other takes its bundle with it
		if err := s.deleteProduct(p); err != nil {
			t.Errorf("deleting %s: %v", p.Handle, err)
		}
	}
	if got := refusal(s.assembled("e", "card", "cup L")); !strings.HasPrefix(got, "VARIANT_NOT_FOUND input.components.0.variantId") {
		t.Errorf("a bundle of what was deleted: %s", got)
	}
}

func TestOfABundleAndTheEndOfItsPartOneWins(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "")
	for round := range 8 {
		cup, box := fmt.Sprint("cup", round), fmt.Sprint("box", round)
		made := s.product(cup, "S", "L")
		s.product(box, "One")
		s.counted(cup + " L")
		var bundled, gone error
		var both sync.WaitGroup
		both.Go(func() { bundled = s.assembled(cup, box+" One", cup+" L") })
		both.Go(func() {
			if round%2 == 0 {
				gone = s.deleteProduct(made)
			} else {
				_, gone = s.setProduct(cup, "S")
			}
		})
		both.Wait()
		switch {
		case bundled == nil && strings.HasPrefix(refusal(gone), "PART_OF_BUNDLE"):
		case gone == nil && strings.HasPrefix(refusal(bundled), "VARIANT_NOT_FOUND"):
		default:
			t.Fatalf("round %d: the bundle: %v; the end of its part: %v", round, bundled, gone)
		}
	}
}

func TestABundleDoesNotComeBackWithoutItsParts(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "")
	cup, tea := s.product("cup", "S", "L"), s.product("tea", "Green")
	kit := s.product("set", "One", "Two")
	s.counted("cup S", "cup L", "tea Green")
	if err := s.assembled("a", "set One", "cup L", "tea Green"); err != nil {
		t.Fatal(err)
	}
	must := func(doing string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", doing, err)
		}
	}
	set := func(handle string, sizes ...string) error {
		_, err := s.setProduct(handle, sizes...)
		return err
	}
	must("the bundle goes", set("set", "Two"))
	must("it comes back with all its parts", set("set", "Two", "One"))
	must("it goes again", set("set", "Two"))
	must("a part goes", set("cup", "S"))
	const lacks = `The variant "One" is a bundle with a part that is gone: "cup - L". Say first what the bundle is made of.`
	if got := refusal(set("set", "Two", "One")); got != "PART_GONE input.variants.1: "+lacks {
		t.Errorf("without a part: %s", got)
	}
	const file = "Handle,Title,Option1 Name,Option1 Value,Variant Price\nset,Set,Size,One,5.00\nset,,,Two,5.00\n"
	_, err := catalog.Import(context.WithoutCancel(t.Context()), s.pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD", Bundles: inventory.Bundles})
	if bad, invalid := catalog.IsInvalidFile(err); !invalid || len(bad.Problems) != 1 || bad.Problems[0].Row != 2 || bad.Problems[0].Message != lacks {
		t.Errorf("from a file: %v", err)
	}
	if by, err := catalog.VariantsByProduct(t.Context(), s.pool, []id.ProductID{kit.ID}); err != nil || len(by[kit.ID]) != 1 {
		t.Errorf("it is back all the same: %v, %v", by, err)
	}
	must("the part comes back", set("cup", "S", "L"))
	must("the bundle does", set("set", "Two", "One"))
	must("the bundle goes", set("set", "Two"))
	must("a part is deleted for good", s.deleteProduct(tea))
	gone := s.variants["tea Green"].String()
	if got := refusal(set("set", "One", "Two")); got != `PART_GONE input.variants.0: The variant "One" is a bundle with a part that is gone: "`+gone+`". Say first what the bundle is made of.` {
		t.Errorf("without a part that was deleted: %s", got)
	}
	must("it is made of something else", s.assembled("b", "set One", "cup L"))
	must("and comes back", set("set", "One", "Two"))
	if got := refusal(s.deleteProduct(cup)); !strings.HasPrefix(got, "PART_OF_BUNDLE") {
		t.Errorf("its part is kept again: %s", got)
	}
}

func TestABundleAndItsPartComeBackTogether(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "")
	s.product("set", "Whole", "Part", "Other")
	s.counted("set Part")
	if err := s.assembled("a", "set Whole", "set Part"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sizes []string
		want  string
	}{
		{[]string{"Other"}, ""},
		{[]string{"Other", "Whole"}, "PART_GONE input.variants.1"},
		{[]string{"Other", "Whole", "Part"}, ""},
		{[]string{"Other", "Part"}, ""},
		{[]string{"Other", "Whole"}, "PART_GONE input.variants.1"}, // one comes while the other goes
	} {
		_, err := s.setProduct("set", c.sizes...)
		if c.want == "" && err != nil || c.want != "" && !strings.HasPrefix(refusal(err), c.want) {
			t.Fatalf("%v: %v", c.sizes, err)
		}
	}
}

func TestOfABundleThatComesBackAndTheEndOfItsPartOneWins(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "")
	for round := range 8 {
		cup, box := fmt.Sprint("cup", round), fmt.Sprint("box", round)
		made := s.product(cup, "S", "L")
		s.product(box, "One", "Two")
		s.counted(cup + " L")
		if err := s.assembled(cup, box+" One", cup+" L"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.setProduct(box, "Two"); err != nil {
			t.Fatal(err)
		}
		var back, gone error
		var both sync.WaitGroup
		both.Go(func() { _, back = s.setProduct(box, "One", "Two") })
		both.Go(func() {
			if round%2 == 0 {
				gone = s.deleteProduct(made)
			} else {
				_, gone = s.setProduct(cup, "S")
			}
		})
		both.Wait()
		switch {
		case back == nil && strings.HasPrefix(refusal(gone), "PART_OF_BUNDLE"):
		case gone == nil && strings.HasPrefix(refusal(back), "PART_GONE"):
		default:
			t.Fatalf("round %d: the bundle: %v; the end of its part: %v", round, back, gone)
		}
	}
}
