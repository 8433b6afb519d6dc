package privacy

import (
	"time"

	"github.com/wharfhq/wharf/internal/id"
)

// CustomerDataRequest is a request to export or erase what the shop knows of a customer. It names nobody: the
// customer's id means nothing once the account is gone.
type CustomerDataRequest struct {
	ID          id.CustomerDataRequestID
	CustomerID  id.CustomerID
	Kind        CustomerDataRequestKind
	Status      CustomerDataRequestStatus
	Reason      *string // why it waits
	Document    any     // of an export that is done, as it is stored
	By          string  // who asked, as events have it
	CreatedAt   time.Time
	CompletedAt *time.Time
}

// CustomerDataRequestKind is what is asked for. It is stored, so it never changes.
type CustomerDataRequestKind string

// The kinds of requests.
const (
	Export CustomerDataRequestKind = "EXPORT"
	Erase  CustomerDataRequestKind = "ERASE"
)

// CustomerDataRequestStatus is where a request stands. It is stored, so it never changes.
type CustomerDataRequestStatus string

// The statuses of requests.
const (
	Running CustomerDataRequestStatus = "RUNNING"
	Waiting CustomerDataRequestStatus = "WAITING"
	Done    CustomerDataRequestStatus = "DONE"
)

// CustomerDataExportInput says whose data is exported.
type CustomerDataExportInput struct {
	CustomerAccessToken *string
	CustomerID          *string
}

// CustomerEraseInput says whose data is erased.
type CustomerEraseInput struct {
	CustomerAccessToken *string
	CustomerID          *string
	Password            *string // of the customer who asks
}
