package simulator

// A face does what a shop asks for through these, so that the shop is told of it.

// Authorize decides about a charge.
func (w *World) Authorize(a Authorization) (Answer, error) {
	answer, err := w.told(w.Books.Authorize(a))
	if err == nil && !answer.Again {
		w.settleLater(answer.Charge)
	}
	return answer, err
}

// Capture takes what is reserved. The bank of a shopper who pays with the token dispute takes it back.
func (w *World) Capture(c Change) (Answer, error) {
	book := w.Books.Capture
	if now, err := w.Books.Charge(c.Charge); err == nil {
		if _, part := w.Modes.strike([]Fault{Part}, now.Asked.Face, "capture", c.Charge)[Part]; part {
			book = w.Books.CaptureHalf
		}
	}
	answer, err := w.told(book(c))
	if err == nil && !answer.Again && answer.Refusal == nil && answer.Charge.Asked.Method == "dispute" {
		_, err = w.Dispute(c.Charge, 0)
	}
	return answer, err
}

// Refund gives back what was taken.
func (w *World) Refund(c Change) (Answer, error) { return w.told(w.Books.Refund(c)) }

// Void releases what is left, and closes the key for good.
func (w *World) Void(c Change) (Answer, error) { return w.told(w.Books.Void(c)) }

// settleLater settles a pending charge by itself.
func (w *World) settleLater(c Charge) {
	if c.State != Pending || w.options.Settle == 0 {
		return
	}
	w.all.Go(func() {
		if !sleep(w.ending, w.options.Settle) {
			return
		}
		if _, err := w.Settle(c.Key()); err != nil {
			w.options.Log.Error("a charge could not be settled", "charge", c.Key(), "error", err)
		}
	})
}

// The following befalls a charge without the shop having asked for it.

// Settle ends a pending charge or a challenge well.
func (w *World) Settle(key string) (Answer, error) { return w.told(w.Books.Settle(key)) }

// Fail ends a pending charge or a challenge badly.
func (w *World) Fail(key string) (Answer, error) { return w.told(w.Books.Fail(key)) }

// Expire releases what is reserved, as a provider does by itself after a while.
func (w *World) Expire(key string) (Answer, error) { return w.told(w.Books.Expire(key)) }

// Dispute lets the shopper's bank take back so much of what was taken; 0 is all.
func (w *World) Dispute(key string, amount int64) (Answer, error) {
	return w.told(w.Books.Dispute(key, amount))
}
