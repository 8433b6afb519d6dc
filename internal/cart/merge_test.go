package cart_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

func (c *counter) merge(from, into cart.Cart) *cart.Payload {
	c.Helper()
	return c.must(c.carts.Merge(c.Context(), cart.CartMergeInput{From: from.ID.String(), Into: into.ID.String()}))
}

func (c *counter) closed(name cart.ID) {
	c.Helper()
	if _, err := c.carts.Open(c.Context(), name); !fault.IsKind(err, fault.NotFound) {
		c.Errorf("the cart is still open: %v", err)
	}
}

func TestMergeAddsUp(t *testing.T) {
	t.Parallel()
	c := open(t)
	tv, warranty, scarce, last := c.variant("TV", 100), c.variant("Warranty", 10), c.stocked("Scarce", 5, 4), c.stocked("Last", 5, 1)
	red := line(tv, 1)
	red.Attributes = []attribute.AttributeInput{{Key: "color", Value: "red"}}
	guest := *c.must(c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{
		Lines: []cart.CartLineInput{line(tv, 2), of(line(warranty, 2), tv), red, line(scarce, 3), line(last, 1)},
		Note:  ptr("guest's"), Attributes: []attribute.AttributeInput{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}},
		DiscountCodes: []string{"ONE", "TWO"}, Delivery: &cart.CartDeliveryInput{Addresses: []cart.CartSelectableAddressInput{selectable(berlin("A"), true)}},
		BuyerIdentity: &cart.CartBuyerIdentityInput{Email: ptr("guest@example.com"), Phone: ptr("+14155550123")},
	})).Cart
	own := *c.must(c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{
		Lines: []cart.CartLineInput{line(tv, 1), of(line(warranty, 1), tv), line(scarce, 2)}, DiscountCodes: []string{"TWO"},
		Attributes:    []attribute.AttributeInput{{Key: "b", Value: "mine"}},
		BuyerIdentity: &cart.CartBuyerIdentityInput{Email: ptr("ada@example.com")},
	})).Cart
	p := c.merge(guest, own)
	c.is(*p.Cart, "TV ×3", "Scarce ×4", "Warranty ×3 of TV", "TV ×1", "Last ×1")
	if got := warnings(p); !slices.Contains(got, "MERCHANDISE_NOT_ENOUGH_STOCK "+p.Cart.AllLines[1].ID.String()) {
		t.Errorf("warned of %v", got)
	}
	m := p.Cart
	if *m.Note != "guest's" || *m.BuyerIdentity.Email != "ada@example.com" || *m.BuyerIdentity.Phone != "+14155550123" ||
		*m.Attribute("a").Value != "1" || *m.Attribute("b").Value != "mine" || !slices.Equal(m.DiscountCodeTexts, []string{"TWO", "ONE"}) || !slices.Equal(streets(*m), []string{"A*"}) {
		t.Errorf("merged %+v", m)
	}
	c.closed(guest.ID)
	var left string
	if err := c.pool.QueryRow(t.Context(), `select cart::text from cart where id = $1`, guest.ID.UUID).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(left, "guest@") || strings.Contains(left, "Berlin") {
		t.Errorf("a closed cart still knows %s", left)
	}
	again := c.merge(guest, own)
	if again.Cart.Version != m.Version || len(again.Cart.AllLines) != 5 {
		t.Errorf("merged again: version %d, %v", again.Cart.Version, nested(*again.Cart))
	}
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	a, b, gone := c.create(line(lamp, 1)), c.create(line(lamp, 1)), c.create(line(lamp, 1))
	c.merge(gone, b)
	refused := func(from, into, want string) {
		t.Helper()
		p, err := c.carts.Merge(t.Context(), cart.CartMergeInput{From: from, Into: into})
		c.refused(p, err, want)
	}
	bare, _, _ := strings.Cut(b.ID.String(), "?")
	refused(a.ID.String(), a.ID.String(), "INVALID input.from")
	refused(bare+"?key=x", a.ID.String(), "INVALID input.from")
	refused(a.ID.String(), bare+"?key=x", "INVALID input.into")
	refused("x", a.ID.String(), "INVALID input.from")
	refused(gone.ID.String(), a.ID.String(), "INVALID input.from")
	refused(a.ID.String(), gone.ID.String(), "INVALID input.into")
	c.holds(a.ID, "Lamp ×1")
	c.holds(b.ID, "Lamp ×2")
}

func TestMergeOfTooManyLinesChangesNothing(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 1)
	full := func(mark string) cart.Cart {
		made := c.create()
		for half := range 2 {
			lines := make([]cart.CartLineInput, 150)
			for i := range lines {
				lines[i] = line(lamp, 1)
				lines[i].Attributes = []attribute.AttributeInput{{Key: mark, Value: string(rune('a'+half)) + string(rune(0x4e00+i))}}
			}
			c.must(c.carts.AddLines(t.Context(), made.ID.String(), lines))
		}
		return made
	}
	a, b := full("a"), full("b")
	p, err := c.carts.Merge(t.Context(), cart.CartMergeInput{From: a.ID.String(), Into: b.ID.String()})
	c.refused(p, err, "CART_TOO_LARGE input.from")
	for _, name := range []cart.ID{a.ID, b.ID} {
		if found, err := c.carts.Open(t.Context(), name); err != nil || len(found.AllLines) != 300 {
			t.Errorf("%d lines, %v; want 300", len(found.AllLines), err)
		}
	}
}

// What does not fit into one cart keeps nobody out: the log-in goes through, and the other cart stays as it is.
func TestGuestLogsInWhateverDoesNotFit(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, yacht := c.variant("Lamp", 1), c.variant("Yacht", 6_000_000_00)
	// About 600 KiB of text.
	wordy := func(mark string) []cart.CartLineInput {
		lines := make([]cart.CartLineInput, 150)
		for i := range lines {
			lines[i] = line(lamp, 1)
			lines[i].Attributes = []attribute.AttributeInput{{Key: mark, Value: strings.Repeat("x", 3990) + strconv.Itoa(i)}}
		}
		return lines
	}
	many := func(mark string) []cart.CartLineInput {
		lines := make([]cart.CartLineInput, 250)
		for i := range lines {
			lines[i] = line(lamp, 1)
			lines[i].Attributes = []attribute.AttributeInput{{Key: mark, Value: strconv.Itoa(i)}}
		}
		return lines
	}
	costly := func(mark string) []cart.CartLineInput {
		lines := []cart.CartLineInput{line(yacht, 900_000)}
		lines[0].Attributes = []attribute.AttributeInput{{Key: mark, Value: "x"}}
		return lines
	}
	for name, full := range map[string]struct {
		of   func(mark string) []cart.CartLineInput
		more int // lines of each cart beside those
	}{
		"attributes": {wordy, 0},
		"lines":      {many, 1},
		"amount":     {costly, 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, token := c.account(name + "@example.com")
			filled := func(mark string) cart.Cart {
				made := c.create(full.of(mark)...)
				for i := range full.more {
					more := line(lamp, 1)
					more.Attributes = []attribute.AttributeInput{{Key: mark, Value: "more " + strconv.Itoa(i)}}
					made = *c.must(c.carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{more})).Cart
				}
				return made
			}
			logIn := func(to cart.Cart) cart.Cart {
				t.Helper()
				return *c.must(c.carts.UpdateBuyerIdentity(t.Context(), to.ID.String(), cart.CartBuyerIdentityInput{CustomerAccessToken: &token})).Cart
			}
			mine, guest := logIn(filled("a")), filled("b")
			p, err := c.carts.Merge(t.Context(), cart.CartMergeInput{From: guest.ID.String(), Into: mine.ID.String()})
			if err != nil || len(p.UserErrors) != 1 || *p.UserErrors[0].Code != cart.TooLarge {
				t.Fatalf("merged by hand: %+v, %v", p, err)
			}
			in := logIn(guest)
			if in.BuyerIdentity.CustomerID == nil || in.Version != guest.Version+1 {
				t.Errorf("the guest's cart is %v's, at version %d after %d", in.BuyerIdentity.CustomerID, in.Version, guest.Version)
			}
			for _, one := range []cart.Cart{mine, in} {
				now, err := c.carts.Open(t.Context(), one.ID)
				if err != nil || now.Version != one.Version || !slices.EqualFunc(now.AllLines, one.AllLines, func(a, b cart.CartLine) bool { return a.ID == b.ID && a.Quantity == b.Quantity }) {
					t.Errorf("a cart of %d lines at version %d has %d at %d, %v", len(one.AllLines), one.Version, len(now.AllLines), now.Version, err)
				}
			}
		})
	}
}

// Merges that run side by side, and against each other, put each line into exactly one cart.
func TestMergeAtTheSameTime(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 1)
	for range 4 {
		a, b := c.create(line(lamp, 1)), c.create(line(lamp, 10))
		var group sync.WaitGroup
		start := make(chan struct{})
		for i := range 8 {
			from, into := a.ID.String(), b.ID.String()
			if i%2 == 1 {
				from, into = into, from
			}
			group.Go(func() {
				<-start
				if _, err := c.carts.Merge(t.Context(), cart.CartMergeInput{From: from, Into: into}); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		group.Wait()
		units := 0
		for _, name := range []cart.ID{a.ID, b.ID} {
			if found, err := c.carts.Open(t.Context(), name); err == nil {
				units += found.TotalQuantity()
			}
		}
		if units != 11 {
			t.Errorf("%d units are in open carts, want 11", units)
		}
	}
}

func TestGuestWhoLogsInFindsTheirCart(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, chair := c.variant("Lamp", 100), c.variant("Chair", 200)
	_, token := c.account("ada@example.com")
	_, other := c.account("eve@example.com")
	logIn := func(to cart.Cart, token string) *cart.Payload {
		t.Helper()
		return c.must(c.carts.UpdateBuyerIdentity(t.Context(), to.ID.String(), cart.CartBuyerIdentityInput{CustomerAccessToken: &token}))
	}
	laptop := c.create(line(lamp, 1))
	logIn(laptop, token)
	phone := c.create(line(lamp, 2), line(chair, 1))
	stranger := c.create(line(chair, 5))
	p := logIn(phone, token)
	c.is(*p.Cart, "Lamp ×3", "Chair ×1")
	c.closed(laptop.ID)
	again := logIn(phone, token)
	c.is(*again.Cart, "Lamp ×3", "Chair ×1")
	c.is(*logIn(stranger, other).Cart, "Chair ×5")

	// Many guests' carts at once, all the same customer's: nothing is lost, nothing doubled.
	var group sync.WaitGroup
	carts := []cart.Cart{phone}
	for range 6 {
		carts = append(carts, c.create(line(lamp, 1)))
	}
	for _, one := range carts[1:] {
		group.Go(func() { logIn(one, token) })
	}
	group.Wait()
	lamps := 0
	for _, one := range carts {
		if found, err := c.carts.Open(t.Context(), one.ID); err == nil {
			for _, l := range found.AllLines {
				if l.VariantID == lamp {
					lamps += l.Quantity
				}
			}
		}
	}
	if lamps != 3+6 {
		t.Errorf("%d lamps are in open carts, want 9", lamps)
	}
	var none *id.CustomerID
	if stranger.BuyerIdentity.CustomerID != none {
		t.Error("a guest's cart has a customer")
	}
}

func TestCloneKeepsTheGoodsAndForgetsTheShopper(t *testing.T) {
	t.Parallel()
	c := open(t)
	tv, warranty := c.variant("TV", 100), c.variant("Warranty", 10)
	_, token := c.account("ada@example.com")
	made := *c.must(c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{
		Lines: []cart.CartLineInput{line(tv, 2), of(line(warranty, 2), tv)}, Note: ptr("ring twice"), DiscountCodes: []string{"ONE"},
		Attributes:    []attribute.AttributeInput{{Key: "a", Value: "1"}},
		BuyerIdentity: &cart.CartBuyerIdentityInput{Email: ptr("ada@example.com"), CountryCode: country("DE"), CustomerAccessToken: &token},
		Delivery:      &cart.CartDeliveryInput{Addresses: []cart.CartSelectableAddressInput{selectable(berlin("A"), true)}},
	})).Cart
	if _, err := c.carts.SetMetafields(t.Context(), []cart.CartMetafieldsSetInput{{Key: "k1", OwnerID: made.ID.String(), Type: "boolean", Value: "true"}}); err != nil {
		t.Fatal(err)
	}
	clone := *c.must(c.carts.Clone(t.Context(), made.ID.String())).Cart
	c.is(clone, "TV ×2", "Warranty ×2 of TV")
	b := clone.BuyerIdentity
	if clone.ID == made.ID || b.Email != nil || b.CustomerID != nil || *b.CountryCode != "DE" || clone.Note != nil || len(clone.AllAddresses) != 0 ||
		clone.Metafield("k1") == nil || len(clone.AllMetafields) != 1 || *clone.Attribute("a").Value != "1" || !slices.Equal(clone.DiscountCodeTexts, []string{"ONE"}) || clone.AllLines[0].ID == made.AllLines[0].ID {
		t.Errorf("the clone is %+v", clone)
	}
	c.must(c.carts.RemoveLines(t.Context(), clone.ID.String(), []string{clone.AllLines[0].ID.String()}))
	c.holds(made.ID, "TV ×2", "Warranty ×2")
	bare, _, _ := strings.Cut(made.ID.String(), "?")
	p, err := c.carts.Clone(t.Context(), bare)
	c.refused(p, err, "INVALID cartId")
}

func TestMergeStaysBelowTheBoundOfALine(t *testing.T) {
	t.Parallel()
	c := open(t)
	nails := c.variant("Nails", 1)
	c.exec(`update product_variant set quantity_minimum = 7, quantity_increment = 7 where id = $1`, nails)
	p := c.merge(c.create(line(nails, 999_999)), c.create(line(nails, 7)))
	c.is(*p.Cart, "Nails ×999999")
}

func TestLoggingInTakesNoContactFromElsewhere(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	_, token := c.account("ada@example.com") // which somebody else has registered
	c.must(c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{
		Lines:         []cart.CartLineInput{line(lamp, 1)},
		BuyerIdentity: &cart.CartBuyerIdentityInput{CustomerAccessToken: &token, Email: ptr("eve@example.com"), Phone: ptr("+14155550123")},
	}))
	guest := c.create(line(lamp, 2))
	p := c.must(c.carts.UpdateBuyerIdentity(t.Context(), guest.ID.String(), cart.CartBuyerIdentityInput{CustomerAccessToken: &token}))
	c.is(*p.Cart, "Lamp ×3")
	if buyer := p.Cart.BuyerIdentity; buyer.Email != nil || buyer.Phone != nil {
		t.Errorf("the buyer is reached at %+v", buyer)
	}
}
