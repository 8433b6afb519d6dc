package harness

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// ripe is how old an order is before the staff look at it: most are paid by then.
const ripe = 800 * time.Millisecond

// staff take, give back and release the money of orders, one after the other. What is answered with a clear no has had
// no effect; what was promised happens once, however often its key is sent.
func (c *Crowd) staff(random *rand.Rand) {
	for t := range c.desk {
		time.Sleep(time.Until(t.placed.Add(ripe)))
		var err error
		switch random.IntN(9) {
		case 7, 8: // this one is left for later
		case 6: // somebody has counted a shelf
			err = c.count(random)
		case 0:
			err = c.money(t, &t.Voids, "paymentVoid", "PaymentVoidInput", 1, random, nil)
		case 1: // in parts
			err = c.money(t, &t.Captures, "paymentCapture", "PaymentCaptureInput", 1, random, cents(100))
			if err == nil {
				err = c.money(t, &t.Captures, "paymentCapture", "PaymentCaptureInput", 2, random, nil)
			}
		case 2: // taken, and given back in parts
			err = c.money(t, &t.Captures, "paymentCapture", "PaymentCaptureInput", 1, random, nil)
			for part := 1; part <= 2 && err == nil; part++ {
				time.Sleep(300 * time.Millisecond)
				err = c.money(t, &t.Refunds, "paymentRefund", "PaymentRefundInput", part, random, cents(50*part))
			}
		case 3: // taken, and given back at once
			err = c.money(t, &t.Captures, "paymentCapture", "PaymentCaptureInput", 1, random, nil)
			if err == nil {
				time.Sleep(300 * time.Millisecond)
				err = c.money(t, &t.Refunds, "paymentRefund", "PaymentRefundInput", 1, random, nil)
			}
		default:
			err = c.money(t, &t.Captures, "paymentCapture", "PaymentCaptureInput", 1, random, nil)
		}
		if err != nil {
			c.fail(err)
			return
		}
	}
}

func cents(n int) map[string]any {
	return map[string]any{"amount": fmt.Sprintf("%d.%02d", n/100, n%100), "currencyCode": "USD"}
}

// money asks for one movement until the answer is there, and sometimes once more under the same key.
func (c *Crowd) money(t *Tale, promised *int, mutation, inputType string, part int, random *rand.Rand, amount map[string]any) error {
	input := map[string]any{"idempotencyKey": fmt.Sprintf("%s-%d-%s", mutation, part, t.Key), "orderId": t.ID}
	if amount != nil {
		input["amount"] = amount
	}
	turn := random.IntN(8)
	a, err := c.insist(mutation, c.shop.Template.Staff, inputType, turn, input)
	if err != nil {
		return fmt.Errorf("%s of %s: %w", mutation, t.Key, err)
	}
	if a.Order == nil {
		return nil
	}
	*promised++
	if random.IntN(3) > 0 {
		return nil
	}
	again, err := c.insist(mutation, c.shop.Template.Staff, inputType, turn+1, input)
	if err != nil {
		return fmt.Errorf("%s of %s once more: %w", mutation, t.Key, err)
	}
	if again.Order == nil || again.Order.ID != a.Order.ID {
		return fmt.Errorf("%s of %s was promised first and refused with %v under the same key", mutation, t.Key, again.UserErrors)
	}
	return nil
}

// count puts one unit more on a shelf, once, however often its key is sent.
func (c *Crowd) count(random *rand.Rand) error {
	counted := c.counted.Add(1)
	key := fmt.Sprintf("%scount-%d", c.wishes.Prefix, counted)
	deadline := time.Now().Add(c.wishes.Patience)
	for try := 0; ; try++ {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err := c.shop.Adjust(ctx, c.server(random.IntN(8)+try), key, c.shop.Variants[0], c.shop.Stores[0], 1)
		cancel()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}
