package promotions_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/shoptest"
)

func tenth(change ...func(*promotions.PromotionSetInput)) promotions.PromotionSetInput {
	in := promotions.PromotionSetInput{Title: "Ten off", Kind: promotions.KindPercentage, Percentage: ptr(money.Decimal("10"))}
	for _, c := range change {
		c(&in)
	}
	return in
}

func amount(text, currency string) *money.MoneyInput {
	return &money.MoneyInput{Amount: money.Decimal(text), CurrencyCode: money.Currency(currency)}
}

func TestAPromotionIsMadeReplacedAndEnded(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	partner := access.Actor{Kind: access.Partner, ID: id.New(), Scopes: access.Scopes{"catalog:write"}}
	in := tenth(func(in *promotions.PromotionSetInput) {
		in.ExternalID, in.Codes = ptr("spring"), []string{" spring ", "SPRING", "Frühling"}
		in.MinimumSubtotal, in.UsageLimit = amount("20.00", "USD"), ptr(100)
	})
	first, err := s.Promotions.Set(t.Context(), partner, "USD", in)
	if err != nil {
		t.Fatal(err)
	}
	if *first.Percentage() != "10.00" || first.Version != 1 || first.Automatic() || strings.Join(first.Codes, " ") != "FRÜHLING SPRING" || first.MinimumSubtotal.Minor != 2000 {
		t.Errorf("made %+v", first)
	}
	again, err := s.Promotions.Set(t.Context(), partner, "USD", in)
	if err != nil || again.Version != 1 || !again.UpdatedAt.Equal(first.UpdatedAt) || strings.Join(again.Codes, " ") != "FRÜHLING SPRING" {
		t.Errorf("the same again left %+v, %v", again, err)
	}
	in.Title, in.Codes, in.ExpectedVersion = "Spring", nil, ptr(1)
	second, err := s.Promotions.Set(t.Context(), partner, "USD", in)
	if err != nil || second.ID != first.ID || second.Version != 2 || !second.Automatic() || !second.StartsAt.Equal(first.StartsAt) || second.Title != "Spring" {
		t.Errorf("replaced %+v, %v", second, err)
	}
	if _, err = s.Promotions.Set(t.Context(), partner, "USD", in); code(err) != "VERSION_CONFLICT" {
		t.Errorf("seen at version 1: %v", err)
	}
	in.ExpectedVersion = nil
	other, err := s.Promotions.Set(t.Context(), access.Actor{Kind: access.Partner, ID: id.New()}, "USD", in)
	if err != nil || other.ID == first.ID {
		t.Errorf("another partner's own id: %v, %v", other.ID, err)
	}
	list, err := s.Promotions.List(t.Context(), pg.Page{First: ptr(1)})
	if err != nil || len(list.Nodes) != 1 || list.Nodes[0].ID != first.ID || !list.PageInfo.HasNextPage {
		t.Errorf("listed %+v, %v", list, err)
	}
	for i, want := range []string{"", "PROMOTION_NOT_FOUND"} {
		if _, err := s.Promotions.Delete(t.Context(), partner, promotions.PromotionDeleteInput{ID: first.ID.String()}); code(err) != want {
			t.Errorf("ended for the %d. time: %v", i+1, err)
		}
	}
	if _, err := s.Promotions.Set(t.Context(), partner, "USD", tenth(func(in *promotions.PromotionSetInput) { in.ID = ptr(first.ID.String()) })); code(err) != "PROMOTION_NOT_FOUND" {
		t.Errorf("one that has ended is replaced: %v", err)
	}
}

func TestACodeIsOnePromotions(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	var made sync.Map
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			in := tenth(func(in *promotions.PromotionSetInput) { in.Codes = []string{"ONE", strconv.Itoa(i)} })
			_, err := s.Promotions.Set(t.Context(), clerk, "USD", in)
			made.Store(i, code(err))
		})
	}
	group.Wait()
	count := map[string]int{}
	made.Range(func(_, code any) bool { count[code.(string)]++; return true })
	if count[""] != 1 || count["CODE_TAKEN"] != 9 {
		t.Errorf("answers %v", count)
	}
	list, err := s.Promotions.List(t.Context(), pg.Page{First: ptr(20)})
	if err != nil || len(list.Nodes) != 1 || len(list.Nodes[0].Codes) != 2 {
		t.Errorf("there are %d, %v", len(list.Nodes), err)
	}
}

// TestAPromotionOfManyFaults is told fifty of them, and how many more there are.
func TestAPromotionOfManyFaults(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	_, err := s.Promotions.Set(t.Context(), clerk, "USD", tenth(func(in *promotions.PromotionSetInput) { in.Codes = make([]string, 60) }))
	told, joined := err.(interface{ Unwrap() []error })
	if !joined || len(told.Unwrap()) != 51 || !strings.HasSuffix(err.Error(), "There are 10 more errors.") {
		t.Errorf("of 60 faults are told: %v", err)
	}
}

func TestWhatIsNoPromotion(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	decimal := func(text string) func(*promotions.PromotionSetInput) {
		return func(in *promotions.PromotionSetInput) { in.Percentage = ptr(money.Decimal(text)) }
	}
	for what, c := range map[string]struct {
		change func(*promotions.PromotionSetInput)
		field  string
	}{
		"no title":          {func(in *promotions.PromotionSetInput) { in.Title = "  " }, "title"},
		"a long title":      {func(in *promotions.PromotionSetInput) { in.Title = strings.Repeat("é", 256) }, "title"},
		"nothing off":       {decimal("0"), "percentage"},
		"more than all off": {decimal("100.01"), "percentage"},
		"too fine":          {decimal("3.333"), "percentage"},
		"no percentage":     {func(in *promotions.PromotionSetInput) { in.Percentage = nil }, "percentage"},
		"an amount as well": {func(in *promotions.PromotionSetInput) { in.Amount = amount("1.00", "USD") }, "amount"},
		"no amount":         {func(in *promotions.PromotionSetInput) { in.Kind, in.Percentage = promotions.KindFixedAmount, nil }, "amount"},
		"buy nothing": {func(in *promotions.PromotionSetInput) {
			in.Kind, in.BuyQuantity, in.GetQuantity = promotions.KindBuyXGetY, ptr(0), ptr(1)
		}, "buyQuantity"},
		"get without number":   {func(in *promotions.PromotionSetInput) { in.Kind, in.BuyQuantity = promotions.KindBuyXGetY, ptr(1) }, "getQuantity"},
		"an empty code":        {func(in *promotions.PromotionSetInput) { in.Codes = []string{" "} }, "codes.0"},
		"a long code":          {func(in *promotions.PromotionSetInput) { in.Codes = []string{"A", strings.Repeat("A", 65)} }, "codes.1"},
		"a code with a NUL":    {func(in *promotions.PromotionSetInput) { in.Codes = []string{"A\x00"} }, "codes.0"},
		"many codes":           {func(in *promotions.PromotionSetInput) { in.Codes = make([]string, 251) }, "codes"},
		"no product":           {func(in *promotions.PromotionSetInput) { in.ProductIDs = []string{"Lamp"} }, "productIds.0"},
		"no collection":        {func(in *promotions.PromotionSetInput) { in.CollectionIDs = []string{"Lamps"} }, "collectionIds.0"},
		"foreign money":        {func(in *promotions.PromotionSetInput) { in.MinimumSubtotal = amount("1.00", "EUR") }, "minimumSubtotal.currencyCode"},
		"half a cent":          {func(in *promotions.PromotionSetInput) { in.MinimumSubtotal = amount("1.005", "USD") }, "minimumSubtotal.amount"},
		"a minimum of nothing": {func(in *promotions.PromotionSetInput) { in.MinimumQuantity = ptr(0) }, "minimumQuantity"},
		"uses below nothing":   {func(in *promotions.PromotionSetInput) { in.UsageLimit = ptr(-1) }, "usageLimit"},
		"never for anybody":    {func(in *promotions.PromotionSetInput) { in.UsageLimitPerCustomer = ptr(0) }, "usageLimitPerCustomer"},
		"no external id":       {func(in *promotions.PromotionSetInput) { in.ExternalID = ptr("") }, "externalId"},
		"over before it begins": {func(in *promotions.PromotionSetInput) {
			in.StartsAt, in.EndsAt = ptr(time.Now()), ptr(time.Now().Add(-time.Hour))
		}, "endsAt"},
		"over already": {func(in *promotions.PromotionSetInput) { in.EndsAt = ptr(time.Now().Add(-time.Hour)) }, "endsAt"},
	} {
		_, err := s.Promotions.Set(t.Context(), clerk, "USD", tenth(c.change))
		f, ok := fault.As(err)
		if joined, many := err.(interface{ Unwrap() []error }); many {
			f, ok = fault.As(joined.Unwrap()[0])
		}
		if !ok || f.Code != "INVALID" || strings.Join(f.Field, ".") != "input."+c.field {
			t.Errorf("%s: %v", what, err)
		}
	}
	bound := clerk
	bound.Bound = true
	if _, err := s.Promotions.Set(t.Context(), bound, "USD", tenth()); !fault.IsKind(err, fault.Forbidden) {
		t.Errorf("who is bound to a location: %v", err)
	}
	list, err := s.Promotions.List(t.Context(), pg.Page{First: ptr(5)})
	if err != nil || len(list.Nodes) != 0 {
		t.Errorf("%d are there, %v", len(list.Nodes), err)
	}
}
