// Package operations says what runs in the background, in the words of the API. It knows no queue: the jobs implement
// it and main hands them in, so that whoever shows a background step need not know how steps are run.
package operations

import (
	"context"
	"time"

	"github.com/wharfhq/wharf/internal/id"
)

// OrderProcessState is where a background step stands.
type OrderProcessState string

// The states of a step.
const (
	Running  OrderProcessState = "RUNNING"  // it runs now
	Waiting  OrderProcessState = "WAITING"  // it waits for its turn
	Retrying OrderProcessState = "RETRYING" // it failed and is tried again
	Blocked  OrderProcessState = "BLOCKED"  // it waits for the shopper or a third party
)

// OrderProcessStep is one thing that is still being done for an order.
type OrderProcessStep struct {
	Name      string // such as authorize_payment
	State     OrderProcessState
	Attempt   int        // the how-manieth try it is
	NextTryAt *time.Time // nil while it runs
	Reason    *string    // why it is not done yet, safe to show
}

// Operations tells what runs in the background.
type Operations interface {
	// Process lists the steps that run for an order. Who may see the order is decided before.
	Process(ctx context.Context, order id.OrderID) ([]OrderProcessStep, error)
}

// None answers for a process that has no jobs.
type None struct{}

// Process lists nothing.
func (None) Process(context.Context, id.OrderID) ([]OrderProcessStep, error) {
	return []OrderProcessStep{}, nil
}
