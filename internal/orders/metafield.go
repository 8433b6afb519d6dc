package orders

import "slices"

// OrderMetafield is what a storefront's own programs have kept on the cart under a key, as it was when the order was
// placed. It may be about people, so it goes when they are forgotten.
type OrderMetafield struct {
	Key   string `json:"key"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Metafield is the metafield of that key, if the order has it.
func (o Order) Metafield(key string) *OrderMetafield {
	i := slices.IndexFunc(o.Metafields, func(m OrderMetafield) bool { return m.Key == key })
	if i < 0 {
		return nil
	}
	return &o.Metafields[i]
}
