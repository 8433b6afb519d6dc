package cart

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// CartDeliveryInput is where a cart may go.
type CartDeliveryInput struct {
	Addresses []CartSelectableAddressInput
}

// CartAddressInput is an address, or one of the customer's book: exactly one of the two.
type CartAddressInput struct {
	CopyFromCustomerAddressID *string
	DeliveryAddress           *CartDeliveryAddressInput
}

// CartSelectableAddressInput is an address to put into a cart.
type CartSelectableAddressInput struct {
	Address            CartAddressInput
	OneTimeUse         *bool
	Selected           *bool
	ValidationStrategy *DeliveryAddressValidationStrategy // nil looks at the country only
}

// CartSelectableAddressUpdateInput is a change of an address of a cart; what is nil stays.
type CartSelectableAddressUpdateInput struct {
	Address            *CartAddressInput
	ID                 string
	OneTimeUse         *bool
	Selected           *bool
	ValidationStrategy *DeliveryAddressValidationStrategy
}

// AddAddresses puts addresses into a cart. One that it has already is not put twice, with a warning.
func (c *Carts) AddAddresses(ctx context.Context, cart string, inputs []CartSelectableAddressInput) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartDeliveryAddressesAdd", inputs}, some(len(inputs), func(ctx context.Context, tx pgx.Tx, content *Content) ([]CartWarning, error) {
		return c.addAddresses(ctx, tx, content, inputs, nil, nil, "addresses")
	}))
}

// ReplaceAddresses puts addresses into a cart in place of those that it has. One that stays keeps its id.
func (c *Carts) ReplaceAddresses(ctx context.Context, cart string, inputs []CartSelectableAddressInput) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartDeliveryAddressesReplace", inputs}, func(ctx context.Context, tx pgx.Tx, content *Content) ([]CartWarning, error) {
		before := content.AllAddresses
		content.AllAddresses = nil
		return c.addAddresses(ctx, tx, content, inputs, before, nil, "addresses")
	})
}

// addAddresses puts addresses to those that a cart has. known are addresses whose ids are to be used again.
func (c *Carts) addAddresses(ctx context.Context, tx pgx.Tx, content *Content, inputs []CartSelectableAddressInput, known []CartSelectableAddress, refused refusals, path ...string) ([]CartWarning, error) {
	if len(content.AllAddresses)+len(inputs) > MaxAddresses {
		refused.add(refuse(TooManyAddresses, fmt.Sprintf("A cart has at most %d delivery addresses.", MaxAddresses), path...))
		return nil, refused.err()
	}
	var warnings []CartWarning
	addresses, selecting := slices.Clone(content.AllAddresses), 0
	for i, input := range inputs {
		at := func(fields ...string) []string { return append(append(slices.Clone(path), strconv.Itoa(i)), fields...) }
		wrong := len(refused)
		read, err := c.addressOf(ctx, tx, content, input.Address, input.ValidationStrategy, &refused, at("address")...)
		if err != nil {
			return nil, err
		}
		selected := input.Selected != nil && *input.Selected
		if selected {
			if selecting++; selecting > 1 {
				refused.add(onlyOne(at("selected")...))
			}
		}
		if len(refused) > wrong {
			continue
		}
		place := slices.IndexFunc(addresses, func(a CartSelectableAddress) bool { return sameAddress(a.DeliveryAddress, read) })
		if place >= 0 {
			warnings = append(warnings, CartWarning{
				Code: DuplicateAddress, Target: addresses[place].ID.String(), Message: "The cart has this delivery address already.",
			})
		} else {
			place = len(addresses)
			addresses = append(addresses, CartSelectableAddress{ID: id.NewCartSelectableAddressID(), DeliveryAddress: read})
			for _, k := range known {
				if sameAddress(k.DeliveryAddress, read) {
					addresses[place].ID = k.ID
				}
			}
			addresses[place].DeliveryAddress.ID = id.MailingAddressID(addresses[place].ID)
		}
		addresses[place].OneTimeUse = input.OneTimeUse != nil && *input.OneTimeUse
		if selected {
			selectOnly(addresses, place)
		}
	}
	content.AllAddresses = addresses
	return warnings, refused.err()
}

// UpdateAddresses changes addresses of a cart.
func (c *Carts) UpdateAddresses(ctx context.Context, cart string, inputs []CartSelectableAddressUpdateInput) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartDeliveryAddressesUpdate", inputs}, some(len(inputs), func(ctx context.Context, tx pgx.Tx, content *Content) ([]CartWarning, error) {
		if len(inputs) > MaxAddresses {
			return nil, refuse(TooManyAddresses, fmt.Sprintf("A cart has at most %d delivery addresses.", MaxAddresses), "addresses")
		}
		var (
			refused   refusals
			selecting int
		)
		addresses := slices.Clone(content.AllAddresses)
		for i, input := range inputs {
			at := func(fields ...string) []string { return append([]string{"addresses", strconv.Itoa(i)}, fields...) }
			place := indexOfAddress(addresses, input.ID)
			if place < 0 {
				refused.add(noSuchAddress(input.ID, at("id")...))
				continue
			}
			changed := &addresses[place]
			if input.Address != nil {
				read, err := c.addressOf(ctx, tx, content, *input.Address, input.ValidationStrategy, &refused, at("address")...)
				if err != nil {
					return nil, err
				}
				read.ID = changed.DeliveryAddress.ID
				changed.DeliveryAddress = read
			}
			if input.OneTimeUse != nil {
				changed.OneTimeUse = *input.OneTimeUse
			}
			switch {
			case input.Selected == nil:
			case *input.Selected:
				if selecting++; selecting > 1 {
					refused.add(onlyOne(at("selected")...))
				}
				selectOnly(addresses, place)
			default:
				changed.Selected = false
			}
		}
		content.AllAddresses = addresses
		return nil, refused.err()
	}))
}

// RemoveAddresses takes addresses out of a cart.
func (c *Carts) RemoveAddresses(ctx context.Context, cart string, ids []string) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartDeliveryAddressesRemove", ids}, some(len(ids), func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
		if len(ids) > MaxAddresses {
			return nil, refuse(TooManyAddresses, fmt.Sprintf("A cart has at most %d delivery addresses.", MaxAddresses), "addressIds")
		}
		var refused refusals
		gone := map[id.CartSelectableAddressID]bool{}
		for i, text := range ids {
			place := indexOfAddress(content.AllAddresses, text)
			if place < 0 {
				refused.add(noSuchAddress(text, "addressIds", strconv.Itoa(i)))
				continue
			}
			gone[content.AllAddresses[place].ID] = true
		}
		content.AllAddresses = slices.DeleteFunc(slices.Clone(content.AllAddresses), func(a CartSelectableAddress) bool { return gone[a.ID] })
		return nil, refused.err()
	}))
}

// addressOf reads the address that an input means: the one that is written there, or one of the customer's book.
func (c *Carts) addressOf(ctx context.Context, tx pgx.Tx, content *Content, in CartAddressInput, how *DeliveryAddressValidationStrategy, refused *refusals, path ...string) (address.MailingAddress, error) {
	strict := how != nil && *how == Strict
	switch {
	case (in.DeliveryAddress == nil) == (in.CopyFromCustomerAddressID == nil):
		refused.add(refuse(Invalid, "Give an address, or one of the customer's to copy.", path...))
		return address.MailingAddress{}, nil
	case in.DeliveryAddress != nil:
		return in.DeliveryAddress.check(strict, refused, append(slices.Clone(path), "deliveryAddress")...), nil
	}
	field := append(slices.Clone(path), "copyFromCustomerAddressId")
	customer := content.BuyerIdentity.CustomerID
	if customer == nil {
		refused.add(refuse(NoCustomer, "Only a customer who is logged in has addresses to copy.", field...))
		return address.MailingAddress{}, nil
	}
	var (
		copied address.MailingAddress
		found  bool
	)
	if named, wrong := id.ParseMailingAddressID(*in.CopyFromCustomerAddressID); wrong == nil {
		var err error
		if copied, found, err = customers.InBook(ctx, tx, *customer, named); err != nil {
			return address.MailingAddress{}, err
		}
	}
	if !found {
		refused.add(noSuchAddress(*in.CopyFromCustomerAddressID, field...))
	}
	return copied, nil
}

// selectOnly selects one of the addresses in place of any other.
func selectOnly(addresses []CartSelectableAddress, place int) {
	for i := range addresses {
		addresses[i].Selected = i == place
	}
}

func indexOfAddress(addresses []CartSelectableAddress, text string) int {
	named, err := id.ParseCartSelectableAddressID(text)
	if err != nil {
		return -1
	}
	return slices.IndexFunc(addresses, func(a CartSelectableAddress) bool { return a.ID == named })
}

func noSuchAddress(text string, path ...string) *fault.Fault {
	return refuse(NoSuchAddress, fmt.Sprintf("The delivery address with id %.100s does not exist.", text), path...)
}

func onlyOne(path ...string) *fault.Fault {
	return refuse(OneAddress, "Only one delivery address can be selected.", path...)
}
