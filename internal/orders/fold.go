package orders

import (
	"fmt"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
)

// fold gives the order after the events, which follow on it. Without a key the personal data stays null.
func fold(o Order, k key, events []event.Event) (Order, error) {
	for _, e := range events {
		if e.Version != o.Version+1 {
			return Order{}, fmt.Errorf("version %d follows on %d", e.Version, o.Version)
		}
		data, err := decodeWith(k, e)
		if err != nil {
			return Order{}, err
		}
		o = Apply(o, e, data)
	}
	return o, nil
}

// decodeWith reads an event's data and opens what is personal, if there still is a key.
func decodeWith(k key, e event.Event) (event.Data, error) {
	data, err := decode(e)
	if err != nil {
		return nil, err
	}
	if keeps, ok := data.(keeper); ok && k != nil {
		return keeps.open(k, id.OrderID(e.Stream))
	}
	return data, nil
}
