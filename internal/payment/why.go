package payment

import "errors"

// Why a step does not get on. The errors are for the log and the operators; the sentences are shown with the step, so a
// shopper may read them.
var (
	errGone     = errors.New("it is not configured any more")
	errMisfit   = errors.New("the charge has another amount, currency or order than was asked for")
	errNotShown = errors.New("its books do not show that yet")
)

// misfit is an answer that does not fit what was asked for, with what it says.
type misfit struct{ told string }

func (m *misfit) Error() string { return errMisfit.Error() }
func (m *misfit) Unwrap() error { return errMisfit }

var (
	reasonGone     = "The shop is not connected to this payment provider at the moment."
	reasonMisfit   = "The answer of the payment provider does not fit what it was asked for; we are checking."
	reasonNotShown = "The payment provider has agreed to this, and is still working on it."
	reasonChecking = "The payment provider has not answered yet; we are checking."
	reasonPending  = "The payment provider decides later, and tells us then."
	reasonConfirm  = "The payment provider waits for you to confirm the payment."
	reasonAlone    = "The payment provider does not answer at the moment, so it is left alone for a while."
	reasonRenewal  = "The reservation of the payment is renewed then, before it ends."
	reasonInTurn   = "What was asked for before it is done first."
	reasonCrowded  = "Many payments wait for this payment provider at the moment."
)

// reasonBehind is what the shopper reads about a method that others are tried before, since its provider is left alone.
const reasonBehind = "This payment provider does not answer at the moment, so your next payment method is tried first."

// why says in words why a call has come to nothing and is made again: the provider's own, if it has any.
func why(err error) *string {
	switch reason := Reason(err); {
	case reason != "":
		return &reason
	case errors.Is(err, errGone):
		return &reasonGone
	case errors.Is(err, errMisfit):
		return &reasonMisfit
	case errors.Is(err, errNotShown):
		return &reasonNotShown
	}
	return &reasonChecking
}

// busy says why a provider is not asked at this moment: it does not answer, or it has too much to do.
func (p *Payments) busy(provider string) *string {
	if p.answers(provider) {
		return &reasonCrowded
	}
	return &reasonAlone
}

// waits says that a step was put off for its provider's sake, which is no reason any more once it is taken.
func waits(reason *string) bool {
	return reason != nil && (*reason == reasonAlone || *reason == reasonCrowded)
}
