package notifications

// Kind says what a notification tells the shopper. It is stored, so it never changes.
type Kind string

// The notifications of an order.
const (
	OrderReceived  Kind = "order_received"  // the order is placed, payment follows
	PaymentProblem Kind = "payment_problem" // no payment method worked; the shopper must act before a deadline
	OrderConfirmed Kind = "order_confirmed" // payment is settled, the order will be made ready
	OrderCancelled Kind = "order_cancelled" // somebody canceled the order
	OrderExpired   Kind = "order_expired"   // the deadline for payment passed
)

// The letters to a customer.
const (
	PasswordReset     Kind = "password_reset"     // it lets the customer choose a new password
	EmailVerification Kind = "email_verification" // it lets the customer show that the e-mail address is theirs
)

// Kinds are all notifications of orders.
func Kinds() []Kind {
	return []Kind{OrderReceived, PaymentProblem, OrderConfirmed, OrderCancelled, OrderExpired}
}

// For gives the notification that follows a kind of event; false when nothing is told.
func For(eventKind string) (Kind, bool) {
	switch eventKind {
	case "order.placed":
		return OrderReceived, true
	case "payment.action_required":
		return PaymentProblem, true
	case "order.confirmed":
		return OrderConfirmed, true
	case "order.cancelled":
		return OrderCancelled, true
	case "order.expired":
		return OrderExpired, true
	}
	return "", false
}
