package privacy_test

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/customers"
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
