package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Asking is a way to pay in which the shopper is asked before the second method is used, and agrees.
var Asking = []string{"decline", asking + "approve"}

// asking stands before the token of a method that the shopper wants to be asked about.
const asking = "ask:"

// agreesWithin is how long a shopper looks whether they are asked.
const agreesWithin = 5 * time.Second

// returnsAfter is how long a member stays away between two orders.
const returnsAfter = time.Second

// agree waits until the shopper of an order is asked about the next method, and says yes. One who is asked too late, or not
// at all, has an order that ends by itself.
func (c *Crowd) agree(ctx context.Context, t *Tale, turn int) error {
	const query = `query ($id: ID!, $token: String) { order(id: $id, accessToken: $token) { status paymentFallback { rank } } }`
	for began := time.Now(); ctx.Err() == nil && time.Since(began) < agreesWithin; pause(ctx, 50*time.Millisecond) {
		var answer struct {
			Order *struct {
				Status          string
				PaymentFallback *struct{ Rank int }
			}
		}
		err := c.server(turn).Ask(ctx, "", query, map[string]any{"id": t.ID, "token": t.Token}, &answer)
		if err != nil || answer.Order == nil || answer.Order.Status == "PENDING_PAYMENT" {
			turn++
			continue
		}
		if answer.Order.PaymentFallback == nil {
			return nil
		}
		input := map[string]any{"idempotencyKey": "agree-" + t.Key, "orderId": t.ID, "accessToken": t.Token}
		if _, err := c.insist("paymentFallbackConfirm", "", "PaymentFallbackConfirmInput", turn, input); err != nil {
			return fmt.Errorf("agree to the next method of %s: %w", t.Key, err)
		}
		return nil
	}
	return nil
}

// membership is a shopper with an account, who lets the provider keep a method with each order, and takes it away again. It
// lasts until they leave.
func (c *Crowd) membership(ctx context.Context, who int) {
	login, err := c.signUp(ctx, who)
	for n := 0; err == nil && ctx.Err() == nil; n++ {
		if err = c.orderAndKeep(login, who, n); err == nil {
			err = c.takeAway(ctx, login, who+n)
		}
		pause(ctx, returnsAfter)
	}
	if err != nil && ctx.Err() == nil {
		c.fail(err)
	}
}

// signUp registers an account, or finds it registered by a try whose answer was lost, and signs in.
func (c *Crowd) signUp(ctx context.Context, who int) (login string, err error) {
	const query = `mutation ($email: String!, $password: String!) {
  customerCreate(input: { email: $email, password: $password }) { customerUserErrors { code } }
  customerAccessTokenCreate(input: { email: $email, password: $password }) { customerAccessToken { accessToken } }
}`
	account := map[string]any{"email": fmt.Sprintf("%smember%d@example.com", c.wishes.Prefix, who), "password": "difference engine"}
	var answer struct {
		CustomerAccessTokenCreate struct {
			CustomerAccessToken *struct{ AccessToken string }
		}
	}
	err = c.untilAnswered(ctx, who, func(p *Process) error { return p.Ask(ctx, "", query, account, &answer) })
	switch signedIn := answer.CustomerAccessTokenCreate.CustomerAccessToken; {
	case err != nil:
		return "", fmt.Errorf("sign up member %d: %w", who, err)
	case signedIn == nil:
		return "", fmt.Errorf("member %d can't sign in", who)
	default:
		return signedIn.AccessToken, nil
	}
}

// untilAnswered asks one process after the other until there is an answer that does not ask to come again.
func (c *Crowd) untilAnswered(ctx context.Context, turn int, ask func(*Process) error) error {
	deadline := time.Now().Add(c.wishes.Patience)
	for ; ; turn++ {
		err := ask(c.server(turn))
		var refused *Refused
		if err == nil || errors.As(err, &refused) && !Busy(err) && refused.Code != "INTERNAL" || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
		pause(ctx, 100*time.Millisecond)
	}
}

func (c *Crowd) orderAndKeep(login string, who, n int) error {
	t := &Tale{Key: fmt.Sprintf("%smember-%d-order-%d", c.wishes.Prefix, who, n)}
	input := Wish(t.Key, "test", []string{"approve"}, c.shop.Variants[n%len(c.shop.Variants)])
	input["payment"].([]map[string]any)[0]["save"] = true
	a, err := c.insist("orderPlace", login, "OrderPlaceInput", who+n, input)
	switch {
	case err != nil:
		return fmt.Errorf("place %s: %w", t.Key, err)
	case a.Order == nil:
		return fmt.Errorf("order %s was refused: %v", t.Key, a.UserErrors)
	}
	t.ID, t.Token, t.placed = a.Order.ID, a.AccessToken, time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tales = append(c.tales, t)
	return nil
}

// takeAway waits until a method is kept for the member and deletes it. That it is not there any more, where the answer to a
// try was lost, is the same as that it was deleted.
func (c *Crowd) takeAway(ctx context.Context, login string, turn int) error {
	const query = `query ($login: String!) { customer(customerAccessToken: $login) { storedPaymentMethods(first: 10) { nodes { id } } } }`
	const mutation = `mutation ($id: ID!) {
  storedPaymentMethodDelete(input: { id: $id }) { deletedStoredPaymentMethodId userErrors { code } }
}`
	for began := time.Now(); time.Since(began) < agreesWithin && ctx.Err() == nil; pause(ctx, 50*time.Millisecond) {
		var has struct {
			Customer *struct {
				StoredPaymentMethods struct{ Nodes []struct{ ID string } }
			}
		}
		err := c.untilAnswered(ctx, turn, func(p *Process) error { return p.Ask(ctx, "", query, map[string]any{"login": login}, &has) })
		if err == nil && has.Customer == nil {
			err = errors.New("they are not signed in any more")
		}
		if err != nil {
			return fmt.Errorf("read what is kept for a member: %w", err)
		}
		for _, method := range has.Customer.StoredPaymentMethods.Nodes {
			var answer struct {
				StoredPaymentMethodDelete struct {
					DeletedStoredPaymentMethodID *string
					UserErrors                   []UserError
				}
			}
			err := c.untilAnswered(context.WithoutCancel(ctx), turn, func(p *Process) error {
				return p.Ask(context.WithoutCancel(ctx), login, mutation, map[string]any{"id": method.ID}, &answer)
			})
			deleted := answer.StoredPaymentMethodDelete
			gone := slices.ContainsFunc(deleted.UserErrors, func(e UserError) bool { return e.Code == "NOT_FOUND" })
			if err == nil && deleted.DeletedStoredPaymentMethodID == nil && !gone {
				err = fmt.Errorf("it was refused: %v", deleted.UserErrors)
			}
			if err != nil {
				return fmt.Errorf("delete %s: %w", method.ID, err)
			}
			c.mu.Lock()
			c.deleted = append(c.deleted, uuidOf(method.ID))
			c.mu.Unlock()
		}
		if len(has.Customer.StoredPaymentMethods.Nodes) > 0 {
			return nil
		}
	}
	return nil
}
