package cart

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// CartSelectedDeliveryOptionInput chooses one of the options of a delivery group.
type CartSelectedDeliveryOptionInput struct {
	DeliveryGroupID      string
	DeliveryOptionHandle string
}

// SelectOptions chooses ways of delivery. What there is to choose from is asked before any lock is taken, since
// carriers may be asked; a choice that is no longer offered is not delivered by, and placing the cart refuses it.
func (c *Carts) SelectOptions(ctx context.Context, cart string, inputs []CartSelectedDeliveryOptionInput) (*Payload, error) {
	name, ok := ParseID(cart)
	if !ok {
		return payload(Cart{}, nil, absent)
	}
	opened, err := c.Open(ctx, name)
	if err != nil {
		return payload(Cart{}, nil, err)
	}
	if opened.Groups == nil && c.Deliveries != nil {
		if opened.Groups, err = c.Deliveries(ctx, opened); err != nil {
			return nil, err
		}
	}
	chosen, refused := opened.choose(inputs)
	return c.change(ctx, cart, func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
		if err := refused.err(); err != nil {
			return nil, err
		}
		if chosen.Option != nil {
			content.Chosen.Option = chosen.Option
		}
		if chosen.PickUp != nil {
			content.Chosen.PickUp = chosen.PickUp
		}
		return nil, nil
	})
}

// choose reads what is chosen of the groups of a cart; of one group that is named twice the last counts.
func (c Cart) choose(inputs []CartSelectedDeliveryOptionInput) (chosen Chosen, refused refusals) {
	if len(inputs) > maxInputLines {
		refused.add(tooManyLines("selectedDeliveryOptions"))
		return chosen, refused
	}
	for i, input := range inputs {
		at := func(field string) []string { return []string{"selectedDeliveryOptions", strconv.Itoa(i), field} }
		named, err := id.ParseCartDeliveryGroupID(input.DeliveryGroupID)
		group := slices.IndexFunc(c.Groups, func(g CartDeliveryGroup) bool { return g.ID == named })
		if err != nil || group < 0 {
			refused.add(refuse(NoSuchGroup, fmt.Sprintf("The delivery group with id %.100s does not exist.", input.DeliveryGroupID), at("deliveryGroupId")...))
			continue
		}
		if c.Groups[group].Option(input.DeliveryOptionHandle) == nil {
			refused.add(noSuchOption(at("deliveryOptionHandle")...))
			continue
		}
		handle := input.DeliveryOptionHandle
		if c.Groups[group].PickUp {
			chosen.PickUp = &handle
		} else {
			chosen.Option = &handle
		}
	}
	return chosen, refused
}

func noSuchOption(path ...string) *fault.Fault {
	return refuse(NoSuchOption, "This delivery option is not offered for the group.", path...)
}
