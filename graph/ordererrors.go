package graph

import (
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

// orderAnswer divides what a change of one order gave back: the order, or what was wrong with the request.
func orderAnswer(o orders.Order, err error) (*orders.Order, []OrderUserError, error) {
	refused, err := userErrors(err, orderUserError)
	if err != nil || len(refused) > 0 {
		return nil, refused, err
	}
	return &o, refused, nil
}

// orderUserError writes a refusal in the words of the orders' API. A code that it does not list is INVALID.
func orderUserError(f *fault.Fault) OrderUserError {
	e := OrderUserError{Code: OrderErrorCode(f.Code), Field: f.Field, Message: f.Message}
	switch {
	case f.Code == "ORDER_STATE":
		e.Code = OrderErrorCodeNotAllowed
	case !e.Code.IsValid():
		e.Code = OrderErrorCodeInvalid
	}
	if n, ok := f.Data["quantityAvailable"].(int); ok {
		e.QuantityAvailable = &n
	}
	if m, ok := f.Data["currentPrice"].(money.Money); ok {
		e.CurrentPrice = &m
	}
	if m, ok := f.Data["amountAvailable"].(money.Money); ok {
		e.AmountAvailable = &m
	}
	if v, ok := f.Data["currentVersion"].(int); ok {
		e.CurrentVersion = &v
	}
	if line, ok := f.Data["lineId"].(string); ok {
		e.LineID = &line
	}
	return e
}
