package checkout_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/tax"
)

// promotion makes a tenth off everything, changed.
func (s *till) promotion(changes ...func(*promotions.PromotionSetInput)) promotions.Promotion {
	s.Helper()
	tenth := money.Decimal("10")
	in := promotions.PromotionSetInput{Title: "Ten off", Kind: promotions.KindPercentage, Percentage: &tenth}
	for _, change := range changes {
		change(&in)
	}
	made, err := s.Promotions.Set(s.Context(), access.SystemActor, "USD", in)
	if err != nil {
		s.Fatal(err)
	}
	return made
}

func codes(list ...string) func(*promotions.PromotionSetInput) {
	return func(in *promotions.PromotionSetInput) { in.Codes = list }
}

func limit(n int) func(*promotions.PromotionSetInput) {
	return func(in *promotions.PromotionSetInput) { in.UsageLimit = &n }
}

func free(in *promotions.PromotionSetInput) {
	in.Title, in.Kind, in.Percentage = "Free shipping", promotions.KindFreeShipping, nil
}

func withCodes(in checkout.OrderPlaceInput, list ...string) checkout.OrderPlaceInput {
	in.DiscountCodes = list
	return in
}

func (s *till) uses(p promotions.Promotion) int {
	s.Helper()
	return s.number(`select uses from promotion where id = $1`, p.ID)
}

func TestOrderIsReducedAndEachDiscountNamesItsPromotion(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp, chair := s.goods("Lamp", 3333, 9), s.goods("Chair", 1001, 9)
	spring := s.promotion(codes("spring"))
	shipping := s.promotion(free, codes("SHIP"))
	placed := s.place(withCodes(order("k", line(lamp, 1), line(chair, 1)), " Spring ", "ship"))
	o := placed.Order
	// 43.34 less 4.33, from the two lines 3.33 and 1.00; shipping of 5.00 or so for nothing; 7.25 % of what is left.
	if o.Lines[0].Discount != usd(333) || o.Lines[1].Discount != usd(100) || o.SubtotalPrice != usd(3901) || o.TotalShippingPrice != usd(0) {
		t.Errorf("off the lines %s and %s; subtotal %s, shipping %s", o.Lines[0].Discount, o.Lines[1].Discount, o.SubtotalPrice, o.TotalShippingPrice)
	}
	if o.TotalTax != usd(218+65) || o.TotalPrice != usd(3901+283) {
		t.Errorf("tax %s, total %s", o.TotalTax, o.TotalPrice)
	}
	allocated := o.Lines[0].DiscountAllocations()
	if len(allocated) != 1 || allocated[0].AllocatedAmount != usd(333) || allocated[0].DiscountApplication != (orders.DiscountCodeApplication{
		Code: "SPRING", Title: "Ten off", TargetType: orders.TargetLines, Amount: usd(333),
	}) {
		t.Errorf("allocated %+v", allocated)
	}
	if got := o.ShippingDiscountAllocations(); len(got) != 1 || got[0].AllocatedAmount.Minor <= 0 {
		t.Errorf("off the shipping %+v", got)
	}
	if s.uses(spring) != 1 || s.uses(shipping) != 1 {
		t.Errorf("%d and %d uses", s.uses(spring), s.uses(shipping))
	}
	s.sound()
	if _, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c", placed)); err != nil {
		t.Fatal(err)
	}
	if s.uses(spring) != 0 || s.uses(shipping) != 0 {
		t.Errorf("after the cancellation %d and %d uses", s.uses(spring), s.uses(shipping))
	}
	s.sound()
}

func TestAutomaticPromotionOfACollectionReducesItsGoods(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp, chair := s.goods("Lamp", 10000, 9), s.goods("Chair", 10000, 9)
	s.exec(`insert into collection (id, handle, title) values ('01890a5d-ac96-774b-bcce-b302099a8057', 'seats', 'Seats')`)
	s.exec(`insert into collection_product (collection_id, product_id, position)
select '01890a5d-ac96-774b-bcce-b302099a8057', product_id, 1 from product_variant where id = $1`, chair)
	made := s.promotion(func(in *promotions.PromotionSetInput) {
		in.CollectionIDs = []string{"gid://wharf/Collection/01890a5d-ac96-774b-bcce-b302099a8057"}
	})
	o := s.place(order("k", line(lamp, 1), line(chair, 2))).Order
	if o.Lines[0].Discount != usd(0) || o.Lines[1].Discount != usd(2000) || s.uses(made) != 1 {
		t.Errorf("off the lines %s and %s", o.Lines[0].Discount, o.Lines[1].Discount)
	}
	if got := o.Lines[1].DiscountAllocations(); len(got) != 1 || got[0].DiscountApplication != (orders.AutomaticDiscountApplication{
		Title: "Ten off", TargetType: orders.TargetLines, Amount: usd(2000),
	}) {
		t.Errorf("allocated %+v", got)
	}
	s.sound()
}

func TestCodesThatGiveNothingRefuseTheOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 10000, 9)
	s.promotion(codes("OVER"), func(in *promotions.PromotionSetInput) {
		in.StartsAt, in.EndsAt = ptr(time.Now().Add(-2*time.Hour)), ptr(time.Now().Add(-time.Hour))
	})
	s.promotion(codes("SOON"), func(in *promotions.PromotionSetInput) { in.StartsAt = ptr(time.Now().Add(time.Hour)) })
	s.promotion(codes("MANY"), func(in *promotions.PromotionSetInput) { in.MinimumQuantity = ptr(3) })
	s.promotion(codes("NONE"), limit(0))
	s.promotion(codes("LESS"))
	s.promotion(codes("MORE"), func(in *promotions.PromotionSetInput) { in.Percentage = ptr(money.Decimal("20")) })
	ended := s.promotion(codes("ENDED"))
	if _, err := s.Promotions.Delete(t.Context(), access.SystemActor, promotions.PromotionDeleteInput{ID: ended.ID.String()}); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{
		"OVER": "CODE_NOT_APPLICABLE", "SOON": "CODE_NOT_APPLICABLE", "MANY": "CODE_NOT_APPLICABLE", "NONE": "CODE_USED_UP",
		"ENDED": "CODE_NOT_APPLICABLE", "NOBODY": "CODE_NOT_APPLICABLE", "": "CODE_NOT_APPLICABLE", "A\x00": "CODE_NOT_APPLICABLE",
	} {
		_, err := s.Checkout.Place(t.Context(), access.Actor{}, withCodes(order("k", line(lamp, 1)), code))
		s.refused(err, want+" input.discountCodes.0")
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, withCodes(order("k", line(lamp, 1)), "LESS", "MORE"))
	s.refused(err, "CODE_NOT_APPLICABLE input.discountCodes.0")
	var many []string
	for i := range 26 {
		many = append(many, strconv.Itoa(i))
	}
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, withCodes(order("k", line(lamp, 1)), many...))
	s.refused(err, "INVALID input.discountCodes")
	s.nothingHappened()
}

func TestOneCustomerUsesACodeOnce(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 10000, 9)
	made := s.promotion(codes("ONCE"), func(in *promotions.PromotionSetInput) { in.UsageLimitPerCustomer = ptr(1) })
	ada := s.customer("ada@example.com")
	first, err := s.Checkout.Place(t.Context(), ada, withCodes(order("a", line(lamp, 1)), "ONCE"))
	if err != nil {
		t.Fatal(err)
	}
	again := withCodes(order("b", line(lamp, 1)), "ONCE")
	again.Buyer.Email = ptr("other@example.com")
	_, err = s.Checkout.Place(t.Context(), ada, again) // the account
	s.refused(err, "CODE_USED_UP input.discountCodes.0")
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, withCodes(order("c", line(lamp, 1)), "ONCE")) // the contact
	s.refused(err, "CODE_USED_UP input.discountCodes.0")
	grace := withCodes(order("d", line(lamp, 1)), "ONCE")
	grace.Buyer.Email = ptr("grace@example.com")
	s.place(grace)
	if _, err := s.Checkout.Cancel(t.Context(), ada, cancelOf("x", first)); err != nil {
		t.Fatal(err)
	}
	s.place(withCodes(order("e", line(lamp, 1)), "ONCE")) // it has come back
	if s.uses(made) != 2 {
		t.Errorf("%d uses", s.uses(made))
	}
	s.sound()
}

// At the same moment one buyer places many orders with a code that is for one.
func TestOneCustomerUsesACodeOnceAtTheSameTime(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 10000, 50)
	made := s.promotion(codes("ONCE"), func(in *promotions.PromotionSetInput) { in.UsageLimitPerCustomer = ptr(1) })
	placed := 0
	for _, a := range s.together(30, func(i int) checkout.OrderPlaceInput {
		return withCodes(order("k"+strconv.Itoa(i), line(lamp, 1)), "ONCE")
	}) {
		if a.err == nil {
			placed++
			continue
		}
		s.refused(a.err, "CODE_USED_UP input.discountCodes.0")
	}
	if placed != 1 || s.uses(made) != 1 || s.reserved(lamp) != 1 {
		t.Errorf("%d orders, %d uses, %d units", placed, s.uses(made), s.reserved(lamp))
	}
	s.sound()
}

func TestCartShowsWhatItsCodesGive(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	made := s.cart(line(s.goods("Lamp", 10000, 9), 1))
	spring := s.promotion(codes("SPRING"), limit(1))
	p, err := s.Carts.UpdateDiscountCodes(t.Context(), access.Actor{}, made.ID.String(), []string{"spring", "nobody", "SPRING", ""})
	if err != nil || len(p.UserErrors) > 0 {
		t.Fatal(p, err)
	}
	if got := p.Cart.DiscountCodes; len(got) != 2 || got[0] != (cart.CartDiscountCode{Code: "SPRING", Applicable: true}) || got[1] != (cart.CartDiscountCode{Code: "NOBODY"}) {
		t.Errorf("codes %+v", got)
	}
	if len(p.Warnings) != 1 || p.Warnings[0].Code != "DISCOUNT_NOT_FOUND" || p.Warnings[0].Target != made.ID.String() {
		t.Errorf("warnings %+v", p.Warnings)
	}
	c := p.Cart
	if c.Cost.SubtotalAmount != usd(9000) || c.AllLines[0].Cost.SubtotalAmount != usd(10000) || c.AllLines[0].Cost.TotalAmount != usd(9000) {
		t.Errorf("cost %+v, line %+v", c.Cost, c.AllLines[0].Cost)
	}
	if got := c.AllLines[0].DiscountAllocations; len(got) != 1 || got[0] != (cart.CartCodeDiscountAllocation{
		Code: "SPRING", Title: "Ten off", DiscountedAmount: usd(1000), TargetType: orders.TargetLines,
	}) {
		t.Errorf("allocations %+v", got)
	}
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, fromCart("k", made.ID))
	s.refused(err, "CODE_NOT_APPLICABLE input.cartId")
	if p, err = s.Carts.UpdateDiscountCodes(t.Context(), access.Actor{}, made.ID.String(), []string{"spring"}); err != nil || len(p.Warnings) > 0 {
		t.Fatal(p, err)
	}
	if o := s.place(fromCart("k", made.ID)).Order; o.SubtotalPrice != usd(9000) || s.uses(spring) != 1 {
		t.Errorf("subtotal %s, %d uses", o.SubtotalPrice, s.uses(spring))
	}
	other := s.cart(line(s.goods("Chair", 10000, 9), 1))
	if p, err = s.Carts.UpdateDiscountCodes(t.Context(), access.Actor{}, other.ID.String(), []string{"spring"}); err != nil || len(p.Warnings) != 1 || p.Warnings[0].Code != "DISCOUNT_USAGE_LIMIT_REACHED" {
		t.Errorf("used up: %+v, %v", p, err)
	}
	s.sound()
}

// TestACardNumberIsNoDiscountCode, unless the shop has made it one.
func TestACardNumberIsNoDiscountCode(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	made := s.cart(line(s.goods("Lamp", 10000, 9), 1))
	s.promotion(codes("4000056655665556"))
	p, err := s.Carts.UpdateDiscountCodes(t.Context(), access.Actor{}, made.ID.String(), []string{"4000056655665556", "nobody", "4242 4242 4242 4242"})
	if err != nil || len(p.UserErrors) != 1 || *p.UserErrors[0].Code != "PAYMENTS_CREDIT_CARD_NUMBER_INVALID" || strings.Join(p.UserErrors[0].Field, ".") != "discountCodes.2" {
		t.Errorf("a card's number: %+v, %v", p, err)
	}
	if now, err := s.Carts.Open(t.Context(), made.ID); err != nil || len(now.DiscountCodes) != 0 {
		t.Errorf("the cart has the codes %+v, %v", now.DiscountCodes, err)
	}
	p, err = s.Carts.Create(t.Context(), access.Actor{}, cart.CartInput{DiscountCodes: []string{"4242424242424242"}})
	if err != nil || len(p.UserErrors) != 1 || strings.Join(p.UserErrors[0].Field, ".") != "input.discountCodes.0" || p.Cart != nil {
		t.Errorf("a cart that begins with one: %+v, %v", p, err)
	}
	if p, err = s.Carts.UpdateDiscountCodes(t.Context(), access.Actor{}, made.ID.String(), []string{"4000056655665556"}); err != nil || len(p.UserErrors) != 0 || !p.Cart.DiscountCodes[0].Applicable {
		t.Errorf("a code of the shop's: %+v, %v", p, err)
	}
	// One that has ended gives nothing, and keeps no other code out; one that is the shop's no longer stays where it is.
	for _, sql := range []string{`update promotion set ends_at = starts_at + interval '1 microsecond'`, `update promotion set deleted_at = now()`} {
		if _, err := s.Pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		p, err = s.Carts.UpdateDiscountCodes(t.Context(), access.Actor{}, made.ID.String(), []string{"4000056655665556", "new"})
		if err != nil || len(p.UserErrors) != 0 || len(p.Cart.DiscountCodes) != 2 || p.Cart.DiscountCodes[0].Applicable {
			t.Errorf("after %s: %+v, %v", sql, p, err)
		}
	}
}

// A promotion that changes between looking and placing is worked out anew; the expected total holds the price.
func TestChangedPromotionIsWorkedOutAnew(t *testing.T) {
	t.Parallel()
	m := &meddler{}
	s := staffed(t, func(cfg *shop.Config) { m.Provider, cfg.Tax = tax.NewTable(cfg.Pool), m })
	made := s.promotion()
	lamp := s.goods("Lamp", 10000, 9)
	m.meddle = func() {
		_, err := s.Promotions.Set(t.Context(), access.SystemActor, "USD", promotions.PromotionSetInput{
			ID: ptr(made.ID.String()), Title: "Less", Kind: promotions.KindPercentage, Percentage: ptr(money.Decimal("5")),
		})
		if err != nil {
			t.Error(err)
		}
	}
	in := order("k", line(lamp, 1))
	in.ExpectedTotal = expect("96.53", "USD") // 90.00 and 7.25 % of it
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "TOTAL_CHANGED input.expectedTotal")
	in.ExpectedTotal = nil
	if o := s.place(in).Order; o.SubtotalPrice != usd(9500) || s.uses(made) != 1 {
		t.Errorf("subtotal %s, %d uses", o.SubtotalPrice, s.uses(made))
	}
	s.sound()
}

// The database refuses by itself what must never be, whoever writes.
func TestPromotionCountsHoldAgainstDirectSQL(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	made := s.promotion(codes("TWICE"), limit(2))
	s.place(withCodes(order("k", line(s.goods("Lamp", 10000, 9), 1)), "TWICE"))
	use := `insert into promotion_use (promotion_id, order_id, amount) select id, gen_random_uuid(), 1 from promotion`
	s.exec(use)
	for what, sql := range map[string]string{
		"a third use":         use,
		"a count set by hand": `update promotion set uses = 0`,
		"a use removed":       `delete from promotion_use`,
		"a use of another":    `update promotion_use set order_id = gen_random_uuid()`,
		"a smaller limit":     `update promotion set usage_limit = 1`,
	} {
		if _, err := s.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was possible", what)
		}
	}
	s.exec(`update promotion_use set returned_at = now() where amount = 1`)
	if _, err := s.Pool.Exec(t.Context(), `update promotion_use set returned_at = null`); err == nil {
		t.Error("a use was taken again")
	}
	if s.uses(made) != 1 {
		t.Errorf("%d uses", s.uses(made))
	}
	_, err := s.Promotions.Set(t.Context(), access.SystemActor, "USD", promotions.PromotionSetInput{
		ID: ptr(made.ID.String()), Title: "x", Kind: promotions.KindFreeShipping, UsageLimit: ptr(0),
	})
	s.refused(err, "USAGE_LIMIT_TOO_LOW input.usageLimit")
}
