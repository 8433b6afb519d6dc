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
	return c.change(ctx, cart, asked{"cartSelectedDeliveryOptionsUpdate", inputs}, func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
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
		handle := input.DeliveryOptionHandle
		if c.Groups[group].Option(handle) == nil {
			refused.add(c.Groups[group].notOffered(handle, at("deliveryOptionHandle")...))
			continue
		}
		if c.Groups[group].PickUp {
			chosen.PickUp = &handle
		} else {
			chosen.Option = &handle
		}
	}
	return chosen, refused
}

// notOffered refuses an option that a group does not have. One that a carrier may offer is not said to be none while the
// carriers can't be asked.
func (g CartDeliveryGroup) notOffered(handle string, path ...string) *fault.Fault {
	if g.Unasked && StoreOf(&handle) == nil {
		return refuse(Unavailable, "The carriers can't be asked now. Try again.", path...)
	}
	return refuse(NoSuchOption, "This delivery option is not offered for the group.", path...)
}

// unanswered warns of what a cart is shown without, because carriers or the tax provider do not answer.
func (c Cart) unanswered() []CartWarning {
	var warnings []CartWarning
	if slices.ContainsFunc(c.Groups, func(g CartDeliveryGroup) bool { return g.Unasked }) {
		warnings = append(warnings, CartWarning{
			Code: NoRates, Message: "The carriers can't be asked now. Their delivery options are missing.", Target: c.ID.String(),
		})
	}
	if c.untaxed {
		warnings = append(warnings, CartWarning{
			Code: NoTax, Message: "The tax can't be worked out now. The total is without it.", Target: c.ID.String(),
		})
	}
	return warnings
}
