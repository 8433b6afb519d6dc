package privacy_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/privacy"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// takeOver lets Ada choose a new password by a letter, for the first time.
func (o office) takeOver() customers.AccessToken {
	o.Helper()
	var letter id.CustomerLetterID
	o.Customers.Connect(func(_ context.Context, _ pgx.Tx, key id.CustomerLetterID) error {
		letter = key
		return nil
	})
	o.must(o.Customers.Recover(o.Context(), access.Actor{}, "ada@example.com"))
	sent, _, err := o.Customers.Letter(o.Context(), letter)
	o.must(err)
	_, token, err := o.Customers.Reset(o.Context(), access.Actor{}, o.ada, customers.ResetInput{Password: "analytical", ResetToken: sent.Token})
	o.must(err)
	return token
}

// What every other domain keeps of whoever made the account goes with the account's own, and what they have asked for.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Confirmed)
	_, err := o.Privacy.AskExport(t.Context(), access.Actor{}, privacy.CustomerDataExportInput{CustomerAccessToken: &o.login})
	o.must(err)
	erase, err := o.Privacy.AskErase(t.Context(), access.Actor{}, privacy.CustomerEraseInput{CustomerAccessToken: &o.login, Password: ptr("difference")})
	o.must(err)
	byStaff, err := o.Privacy.AskExport(t.Context(), clerk, privacy.CustomerDataExportInput{CustomerID: ptr(o.ada.String())})
	o.must(err)
	o.must(o.Privacy.Export(t.Context(), byStaff.ID))
	byStaff, err = o.Privacy.AskExport(t.Context(), clerk, privacy.CustomerDataExportInput{CustomerID: ptr(o.ada.String())})
	o.must(err)

	token := o.takeOver()
	if left := o.read(byStaff); left.Status != privacy.Running {
		t.Errorf("what the staff have asked for is %+v", left)
	}
	for from, want := range map[string]int{
		"customer": 1, "customer_address": 0, "customer_access_token": 1, "customer_letter": 0, "cart": 0, "cart_line": 0,
		"payment_stored_method where deleted_at is null": 0,
		"customer_data_request":                          1,
		"event where kind = 'payment.method_deleted'":    1,
	} {
		if n := o.count(from); n != want {
			t.Errorf("%s: %d, want %d", from, n, want)
		}
	}
	o.must(o.Privacy.Erase(t.Context(), erase.ID))
	if _, err := o.Customers.Authenticate(t.Context(), token.AccessToken); err != nil {
		t.Errorf("what the stranger has asked for erased the owner: %v", err)
	}
	hers, err := o.Orders.Order(t.Context(), o.Pool, o.order.ID)
	o.must(err)
	if hers.CustomerID == nil || *hers.CustomerID != o.ada || hers.Erased {
		t.Errorf("the order under her own address is %+v", hers)
	}
	o.wantClean()
}

// A stranger who puts carts into the account while the owner takes it over leaves none there.
func TestNoCartSlipsIntoAnAccountThatIsTakenOver(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	guest := func() string {
		made, err := o.Carts.Create(t.Context(), access.Actor{}, cart.CartInput{Note: ptr("the stranger's")})
		o.must(err)
		return made.Cart.ID.String()
	}
	one, two := guest(), guest()
	start := make(chan struct{})
	var all sync.WaitGroup
	for _, do := range []func() error{
		func() error {
			_, err := o.Carts.UpdateBuyerIdentity(context.Background(), one, cart.CartBuyerIdentityInput{CustomerAccessToken: &o.login})
			return err
		},
		func() error {
			_, err := o.Carts.Create(context.Background(), access.Actor{}, cart.CartInput{BuyerIdentity: &cart.CartBuyerIdentityInput{CustomerAccessToken: &o.login}})
			return err
		},
		func() error {
			_, err := o.Carts.Merge(context.Background(), cart.CartMergeInput{From: one, Into: two})
			return err
		},
	} {
		all.Go(func() {
			<-start
			for range 20 {
				if err := do(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	close(start)
	o.takeOver()
	all.Wait()
	if n := o.count("cart where customer_id is not null"); n != 0 {
		t.Errorf("%d carts of the stranger are in the owner's account", n)
	}
}

// stranger is who has made Ada's account and is signed in to it.
func (o office) stranger() access.Actor {
	o.Helper()
	actor, err := o.Customers.Authenticate(o.Context(), o.login)
	o.must(err)
	return actor
}

// placeAs orders one thing under the stranger's own e-mail address.
func (o office) placeAs(actor access.Actor, key string, variant id.ProductVariantID) (checkout.Placement, error) {
	in := shoptest.Wish(variant, 1, "approve")
	in.IdempotencyKey, in.Buyer.Email = key, ptr("thief@example.com")
	return o.Checkout.Place(o.Context(), actor, in)
}

// The owner comes in while an order of the stranger's is being committed: it waits, and finds that its login has ended.
func TestOrderIsNotPlacedIntoAnAccountThatIsTakenOver(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	lamp, stranger := o.Goods(t, "lamp", "100.00", 5), o.stranger()
	placed := make(chan error, 1)
	o.Customers.OnTakeOver(func(ctx context.Context, tx pgx.Tx, customer customers.Customer) error {
		if err := o.Privacy.ForgetMaker(ctx, tx, customer); err != nil {
			return err
		}
		go func() {
			_, err := o.placeAs(stranger, "k", lamp)
			placed <- err
		}()
		o.blocked(placed)
		return nil
	})
	o.takeOver()
	if err := <-placed; !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("the stranger is answered with %v", err)
	}
	if n := o.count("orders"); n != 1 {
		t.Errorf("there are %d orders, want the one of before", n)
	}
	o.wantClean()
}

// However close they are, an order of the stranger's is either placed before the owner comes in, and taken out of the
// account by that, or not at all.
func TestNoOrderSlipsIntoAnAccountThatIsTakenOver(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	lamp, stranger := o.Goods(t, "lamp", "100.00", 1000), o.stranger()
	start := make(chan struct{})
	var all sync.WaitGroup
	for side := range 3 {
		all.Go(func() {
			<-start
			for n := range 25 { // what leaves the account at once is bounded, too
				if _, err := o.placeAs(stranger, fmt.Sprint(side, "-", n), lamp); err != nil {
					if !fault.IsKind(err, fault.Unauthenticated) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	close(start)
	o.takeOver()
	all.Wait()
	if n := o.count("orders where customer_id is not null and email = 'thief@example.com'"); n != 0 {
		t.Errorf("%d orders of the stranger are in the owner's account", n)
	}
	o.wantClean()
}
