package graph

import (
	"github.com/wharfhq/wharf/internal/fault"
)

// userErrors divides what a domain gave back: refusals that the person at the screen can act on stand in the
// payload, as the domain's own user errors; everything else fails the operation. Several refusals joined into one
// error give one user error each.
//
//	payload, err := r.shop.Checkout.Place(ctx, input)
//	refused, err := userErrors(err, orderUserError)
//
// The list is never nil, since payloads promise a list.
func userErrors[E any](err error, as func(*fault.Fault) E) ([]E, error) {
	refused := []E{}
	if err == nil {
		return refused, nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			more, err := userErrors(one, as)
			if err != nil {
				return nil, err
			}
			refused = append(refused, more...)
		}
		return refused, nil
	}
	f, ok := visible(err)
	if !ok || !actionable(f.Kind) {
		return nil, err
	}
	return append(refused, as(f)), nil
}

// actionable tells the business's refusals from those of the system, which are the same for every operation.
func actionable(kind fault.Kind) bool {
	switch kind {
	case fault.Invalid, fault.Conflict, fault.NotFound:
		return true
	default:
		return false
	}
}
