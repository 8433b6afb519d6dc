package promotions_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/shoptest"
)

var clerk = access.Actor{Kind: access.Staff, ID: id.New(), Scopes: access.Scopes{"payments:write"}}

func ptr[T any](v T) *T { return &v }

func issue(key, amount string) promotions.GiftCardCreateInput {
	return promotions.GiftCardCreateInput{IdempotencyKey: key, InitialValue: money.MoneyInput{Amount: money.Decimal(amount), CurrencyCode: "USD"}}
}

func TestACardIsIssuedOncePerKey(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	in := issue("k", "50.00")
	in.Note = ptr("for Ada")
	answers := make([]promotions.Issued, 10)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			var err error
			if answers[i], err = s.Promotions.Issue(t.Context(), clerk, "USD", in); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	first := answers[0]
	for _, a := range answers {
		if a.Code != first.Code || a.Card.ID != first.Card.ID {
			t.Errorf("the same key gave %s and %s", a.Card.ID, first.Card.ID)
		}
	}
	card := first.Card
	if card.Balance != money.New(5000, "USD") || card.InitialValue != card.Balance || *card.Note != "for Ada" || !card.Enabled() || card.CreatedBy != clerk.By() {
		t.Errorf("card %+v", card)
	}
	if len(first.Code) != 19 || !strings.HasSuffix(first.Code, card.LastCharacters) {
		t.Errorf("code %s ends in %s", first.Code, card.LastCharacters)
	}
	var kept string
	if err := s.Pool.QueryRow(t.Context(), `select (select json_agg(c)::text from giftcard c) || (select json_agg(k)::text from idempotency_key k)`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept, first.Code) || strings.Contains(kept, strings.ReplaceAll(first.Code, "-", "")) {
		t.Error("the code is kept")
	}
	in.InitialValue.Amount = "60.00"
	if _, err := s.Promotions.Issue(t.Context(), clerk, "USD", in); code(err) != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("another amount under the key: %v", err)
	}
}

func TestAGivenCodeIsOneCards(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	in := issue("a", "5.00")
	in.Code = ptr("happy-birthday 24")
	made, err := s.Promotions.Issue(t.Context(), clerk, "USD", in)
	if err != nil || made.Code != "HAPPYBIRTHDAY24" || made.Card.LastCharacters != "AY24" {
		t.Fatalf("%+v, %v", made, err)
	}
	in.IdempotencyKey, in.Code = "b", ptr("HAPPY BIRTHDAY-24")
	if _, err := s.Promotions.Issue(t.Context(), clerk, "USD", in); code(err) != "CODE_TAKEN" {
		t.Errorf("the same code again: %v", err)
	}
	found, wrong, err := s.Promotions.Usable(t.Context(), access.Actor{}, "USD", []string{"Happy-Birthday-24", "happybirthday25"})
	if err != nil || len(found) != 1 || found[0].ID != made.Card.ID || len(wrong) != 1 || wrong[0] != 1 {
		t.Errorf("found %+v, wrong %v, %v", found, wrong, err)
	}
}

func TestWhatIsNotIssued(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	for what, c := range map[string]struct {
		change func(*promotions.GiftCardCreateInput)
		want   string
	}{
		"no key":                  {func(in *promotions.GiftCardCreateInput) { in.IdempotencyKey = "" }, "INVALID"},
		"nothing":                 {func(in *promotions.GiftCardCreateInput) { in.InitialValue.Amount = "0.00" }, "AMOUNT_OUT_OF_RANGE"},
		"less than nothing":       {func(in *promotions.GiftCardCreateInput) { in.InitialValue.Amount = "-5.00" }, "AMOUNT_OUT_OF_RANGE"},
		"too much":                {func(in *promotions.GiftCardCreateInput) { in.InitialValue.Amount = "10000000000000.01" }, "AMOUNT_OUT_OF_RANGE"},
		"half a cent":             {func(in *promotions.GiftCardCreateInput) { in.InitialValue.Amount = "5.005" }, "INVALID"},
		"another currency":        {func(in *promotions.GiftCardCreateInput) { in.InitialValue.CurrencyCode = "EUR" }, "INVALID"},
		"a short code":            {func(in *promotions.GiftCardCreateInput) { in.Code = ptr("ABC-1234") }, "INVALID"},
		"a long code":             {func(in *promotions.GiftCardCreateInput) { in.Code = ptr(strings.Repeat("A", 65)) }, "INVALID"},
		"a code with a smiley":    {func(in *promotions.GiftCardCreateInput) { in.Code = ptr("ABCDEFGH☺") }, "INVALID"},
		"a long note":             {func(in *promotions.GiftCardCreateInput) { in.Note = ptr(strings.Repeat("é", 5001)) }, "TOO_LONG"},
		"a note with a NUL":       {func(in *promotions.GiftCardCreateInput) { in.Note = ptr("a\x00b") }, "TOO_LONG"},
		"for a time that is over": {func(in *promotions.GiftCardCreateInput) { in.ExpiresAt = ptr(time.Now().Add(-time.Minute)) }, "INVALID"},
		"for nobody":              {func(in *promotions.GiftCardCreateInput) { in.CustomerID = ptr("Ada") }, "CUSTOMER_NOT_FOUND"},
		"for an absent one":       {func(in *promotions.GiftCardCreateInput) { in.CustomerID = ptr(id.NewCustomerID().String()) }, "CUSTOMER_NOT_FOUND"},
	} {
		in := issue("k", "5.00")
		c.change(&in)
		if _, err := s.Promotions.Issue(t.Context(), clerk, "USD", in); code(err) != c.want {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
	bound := clerk
	bound.Bound = true
	if _, err := s.Promotions.Issue(t.Context(), bound, "USD", issue("k", "5.00")); !fault.IsKind(err, fault.Forbidden) {
		t.Errorf("who is bound to a location: %v", err)
	}
	list, err := s.Promotions.GiftCards(t.Context(), clerk, nil, pg.Page{First: ptr(5)})
	if err != nil || len(list.Nodes) != 0 {
		t.Errorf("%d cards are there, %v", len(list.Nodes), err)
	}
}

// TestAllThatIsWrongWithACardIsToldAtOnce, and a card that has ended since is the key's all the same.
func TestAllThatIsWrongWithACardIsToldAtOnce(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	in := issue("", "5.005")
	in.Code, in.CustomerID, in.Note, in.ExpiresAt = ptr("short"), ptr("Ada"), ptr("a\x00b"), ptr(time.Now().Add(-time.Minute))
	_, err := s.Promotions.Issue(t.Context(), clerk, "USD", in)
	joined, _ := err.(interface{ Unwrap() []error })
	if joined == nil {
		t.Fatalf("refused with %v", err)
	}
	var got []string
	for _, one := range joined.Unwrap() {
		if f, ok := fault.As(one); ok {
			got = append(got, f.Code+" "+strings.Join(f.Field, "."))
		}
	}
	want := "INVALID input.idempotencyKey; INVALID input.initialValue.amount; INVALID input.code; CUSTOMER_NOT_FOUND input.customerId; TOO_LONG input.note; INVALID input.expiresAt"
	if text := strings.Join(got, "; "); text != want {
		t.Errorf("refused for %s, want %s", text, want)
	}

	in = issue("soon", "5.00")
	in.ExpiresAt = ptr(time.Now().Add(time.Hour))
	soon, err := s.Promotions.Issue(t.Context(), clerk, "USD", in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pool.Exec(t.Context(), `update giftcard set expires_at = now()`); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Promotions.Issue(t.Context(), clerk, "USD", in); err != nil || again.Card.ID != soon.Card.ID || again.Card.Enabled() {
		t.Errorf("under its key again: %+v, %v", again, err)
	}
}

func TestWhoSeesGiftCards(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	var made []promotions.Issued
	for _, key := range []string{"a", "b", "c"} {
		m, err := s.Promotions.Issue(t.Context(), clerk, "USD", issue(key, "5.00"))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, m)
	}
	list, err := s.Promotions.GiftCards(t.Context(), clerk, nil, pg.Page{Last: ptr(2)})
	if err != nil || len(list.Nodes) != 2 || list.Nodes[1].ID != made[2].Card.ID || !list.PageInfo.HasPreviousPage {
		t.Errorf("the last two: %+v, %v", list, err)
	}
	list, err = s.Promotions.GiftCards(t.Context(), clerk, &made[1].Code, pg.Page{First: ptr(5)})
	if err != nil || len(list.Nodes) != 1 || list.Nodes[0].ID != made[1].Card.ID {
		t.Errorf("by the end of a code: %+v, %v", list, err)
	}
	bound := clerk
	bound.Bound = true
	for _, actor := range []access.Actor{{}, bound, {Kind: access.Customer, ID: id.New()}, {Kind: access.Staff, Scopes: access.Scopes{"orders:write"}}} {
		if _, err := s.Promotions.GiftCard(t.Context(), actor, made[0].Card.ID); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("%s sees a card: %v", actor.Kind, err)
		}
		if list, err := s.Promotions.GiftCards(t.Context(), actor, nil, pg.Page{First: ptr(5)}); err != nil || len(list.Nodes) != 0 {
			t.Errorf("%s sees %d cards, %v", actor.Kind, len(list.Nodes), err)
		}
	}
}

func TestADisabledCardPaysNoMore(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	made, err := s.Promotions.Issue(t.Context(), clerk, "USD", issue("k", "5.00"))
	if err != nil {
		t.Fatal(err)
	}
	var at time.Time
	for i := range 2 {
		card, err := s.Promotions.Disable(t.Context(), clerk, promotions.GiftCardDisableInput{ID: made.Card.ID.String()})
		if err != nil || card.Enabled() || card.Balance.Minor != 500 || i == 1 && !card.DisabledAt.Equal(at) {
			t.Fatalf("disabled: %+v, %v", card, err)
		}
		at = *card.DisabledAt
	}
	for _, text := range []string{"", "card", id.NewGiftCardID().String(), "gid://wharf/Order/" + uuid.NewString()} {
		if _, err := s.Promotions.Disable(t.Context(), clerk, promotions.GiftCardDisableInput{ID: text}); code(err) != "GIFT_CARD_NOT_FOUND" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func code(err error) string {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}
