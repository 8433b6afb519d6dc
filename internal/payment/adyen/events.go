package adyen

// The events that tell of a charge, by Adyen's names.
const (
	eventAuthorised     = "AUTHORISATION"
	eventOfferClosed    = "OFFER_CLOSED" // the shopper did not finish
	eventCapture        = "CAPTURE"
	eventCaptureFailed  = "CAPTURE_FAILED" // after it had been agreed to
	eventCancelled      = "CANCELLATION"
	eventRevoked        = "TECHNICAL_CANCEL" // a cancellation by our own reference
	eventExpired        = "EXPIRE"
	eventRefund         = "REFUND"
	eventRefundFailed   = "REFUND_FAILED" // after it had been agreed to
	eventRefundReversed = "REFUNDED_REVERSED"
	eventCancelOrRefund = "CANCEL_OR_REFUND"

	eventChargebackAhead    = "NOTIFICATION_OF_CHARGEBACK"
	eventChargeback         = "CHARGEBACK"
	eventChargebackReversed = "CHARGEBACK_REVERSED"
	eventChargebackAgain    = "SECOND_CHARGEBACK"
	eventDisputeLost        = "PREARBITRATION_LOST"
	eventDisputeWon         = "PREARBITRATION_WON"
)

// event is what a kind of notification means.
type event struct {
	told bool // whether it tells of a charge; others are acknowledged, and that is all
	// Of items under one reference the newest counts, and of those of the same moment the one that stands later in the
	// course of things.
	rank  int
	taken int  // whether the money is with the shopper's bank afterwards (1), or not any more (-1); 0 says nothing of it
	final bool // whether it stays there
}

var events = map[string]event{
	eventAuthorised:     {told: true},
	eventOfferClosed:    {told: true},
	eventCapture:        {told: true, rank: 1, taken: -1},
	eventCaptureFailed:  {told: true, rank: 2, taken: 1},
	eventCancelled:      {told: true},
	eventRevoked:        {told: true},
	eventExpired:        {told: true},
	eventRefund:         {told: true},
	eventRefundFailed:   {told: true},
	eventRefundReversed: {told: true},
	eventCancelOrRefund: {told: true},

	eventChargebackAhead:    {told: true, rank: 1, taken: 1},
	eventChargeback:         {told: true, rank: 2, taken: 1},
	eventChargebackReversed: {told: true, rank: 3, taken: -1},
	eventChargebackAgain:    {told: true, rank: 4, taken: 1, final: true},
	eventDisputeLost:        {told: true, rank: 5, taken: 1, final: true},
	eventDisputeWon:         {told: true, rank: 6, taken: -1},
}
