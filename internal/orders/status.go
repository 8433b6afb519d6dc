package orders

// OrderStatus is how far an order has come, over all.
type OrderStatus string

// The statuses. Completed, cancelled and expired are final.
const (
	StatusPendingPayment OrderStatus = "PENDING_PAYMENT"
	StatusActionRequired OrderStatus = "ACTION_REQUIRED"
	StatusConfirmed      OrderStatus = "CONFIRMED"
	StatusInFulfillment  OrderStatus = "IN_FULFILLMENT"
	StatusReadyForPickup OrderStatus = "READY_FOR_PICKUP"
	StatusCompleted      OrderStatus = "COMPLETED"
	StatusCancelled      OrderStatus = "CANCELLED"
	StatusExpired        OrderStatus = "EXPIRED"
)

// OrderFinancialStatus is how far the money has come.
type OrderFinancialStatus string

// The financial statuses.
const (
	FinancialPending           OrderFinancialStatus = "PENDING"
	FinancialAuthorized        OrderFinancialStatus = "AUTHORIZED"
	FinancialPartiallyPaid     OrderFinancialStatus = "PARTIALLY_PAID"
	FinancialPaid              OrderFinancialStatus = "PAID"
	FinancialPartiallyRefunded OrderFinancialStatus = "PARTIALLY_REFUNDED"
	FinancialRefunded          OrderFinancialStatus = "REFUNDED"
	FinancialVoided            OrderFinancialStatus = "VOIDED"
)

// OrderFulfillmentStatus is how far the goods have come.
type OrderFulfillmentStatus string

// The fulfillment statuses.
const (
	FulfillmentUnfulfilled        OrderFulfillmentStatus = "UNFULFILLED"
	FulfillmentOnHold             OrderFulfillmentStatus = "ON_HOLD"
	FulfillmentScheduled          OrderFulfillmentStatus = "SCHEDULED"
	FulfillmentOpen               OrderFulfillmentStatus = "OPEN"
	FulfillmentPending            OrderFulfillmentStatus = "PENDING_FULFILLMENT"
	FulfillmentInProgress         OrderFulfillmentStatus = "IN_PROGRESS"
	FulfillmentPartiallyFulfilled OrderFulfillmentStatus = "PARTIALLY_FULFILLED"
	FulfillmentFulfilled          OrderFulfillmentStatus = "FULFILLED"
	FulfillmentRestocked          OrderFulfillmentStatus = "RESTOCKED"
)

// OrderReturnStatus is how far a return has come.
type OrderReturnStatus string

// The return statuses.
const (
	ReturnNone       OrderReturnStatus = "NONE"
	ReturnRequested  OrderReturnStatus = "REQUESTED"
	ReturnInProgress OrderReturnStatus = "IN_PROGRESS"
	ReturnReturned   OrderReturnStatus = "RETURNED"
)

// OrderCancelReason is why an order was cancelled.
type OrderCancelReason string

// The reasons for a cancellation.
const (
	CancelCustomer  OrderCancelReason = "CUSTOMER"
	CancelDeclined  OrderCancelReason = "DECLINED"
	CancelFraud     OrderCancelReason = "FRAUD"
	CancelInventory OrderCancelReason = "INVENTORY"
	CancelStaff     OrderCancelReason = "STAFF"
	CancelOther     OrderCancelReason = "OTHER"
)

// DeliveryMethodType is how goods get to a shopper.
type DeliveryMethodType string

// The delivery methods of the vocabulary.
const (
	DeliveryShipping    DeliveryMethodType = "SHIPPING"
	DeliveryPickUp      DeliveryMethodType = "PICK_UP"
	DeliveryPickupPoint DeliveryMethodType = "PICKUP_POINT"
	DeliveryLocal       DeliveryMethodType = "LOCAL"
	DeliveryRetail      DeliveryMethodType = "RETAIL"
	DeliveryNone        DeliveryMethodType = "NONE"
)
