package simulator

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// Call is one call of a shop, as far as misbehaving depends on it.
type Call struct {
	Face      Face
	Operation string // authorize, capture, refund, void, lookup, list, forget, or the protocol's own word
	Charge    string // the key of the charge, where it is known
	Token     string // with authorize
}

// Reply is an answer before it is sent.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Show is how a charge looks in an answer. A face words no charge that has not been through it.
type Show func(Charge) Charge

// Serve answers a call whose body was read: act books and words the answer, unless a fault prevents it, and another may spoil it after.
func (w *World) Serve(rw http.ResponseWriter, r *http.Request, call Call, act func(Show) Reply) {
	w.ears.hear(call)
	struck := w.Modes.strike(callFaults, call.Face.Name(), call.Operation, call.Charge)
	if fault := tokens[call.Token].fault; fault != "" && call.Operation == "authorize" {
		if _, err := w.Books.Charge(call.Charge); err != nil { // not before the charge is in the books
			struck[fault] = Rule{Fault: fault, Millis: int(w.options.Slow.Milliseconds())}
		}
	}
	if !w.begin(rw, r, call, struck) {
		return
	}
	reply := act(func(c Charge) Charge { return c.quoted(struck) })
	w.send(rw, reply, struck)
}

// begin plays the faults that come before anything is booked, and says whether the call goes on.
func (w *World) begin(rw http.ResponseWriter, r *http.Request, call Call, struck map[Fault]Rule) bool {
	has := func(f Fault) bool { _, ok := struck[f]; return ok }
	if has(Slow) {
		// A slow provider works on although its caller has gone.
		if !sleep(w.ending, struck[Slow].wait()) {
			return false
		}
	}
	switch {
	case has(Down):
		hangUp(rw)
	case has(Hang):
		select {
		case <-r.Context().Done():
		case <-w.ending.Done():
		}
		hangUp(rw)
	case has(Broken):
		write(rw, call.Face.Refusal(http.StatusInternalServerError, "Something went wrong on our side."))
	case has(Throttled):
		reply := call.Face.Refusal(http.StatusTooManyRequests, "Too many requests.")
		reply.Header = maps.Clone(reply.Header)
		if reply.Header == nil {
			reply.Header = http.Header{}
		}
		reply.Header.Set("Retry-After", "1")
		write(rw, reply)
	case has(Moved):
		write(rw, Reply{Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {"http://169.254.169.254/latest/meta-data/"}}})
	default:
		return true
	}
	return false
}

// send plays the faults that come after everything is booked.
func (w *World) send(rw http.ResponseWriter, reply Reply, struck map[Fault]Rule) {
	has := func(f Fault) bool { _, ok := struck[f]; return ok }
	switch {
	case has(Dropped):
		hangUp(rw)
	case has(Cut):
		rw.Header().Set("Content-Length", strconv.Itoa(len(reply.Body)+1))
		reply.Body = reply.Body[:len(reply.Body)/2]
		write(rw, reply)
		if err := http.NewResponseController(rw).Flush(); err != nil {
			w.options.Log.Debug("half an answer was not sent", "error", err)
		}
		hangUp(rw)
	case has(Malformed):
		reply.Body = []byte(`{"id": "ch_1", "amount": `)
		write(rw, reply)
	case has(Oversized):
		write(rw, Reply{Status: reply.Status, Header: reply.Header, Body: []byte(`{"id": "`)})
		for filler := []byte(strings.Repeat("x", 64<<10)); ; {
			if _, err := rw.Write(filler); err != nil || w.ending.Err() != nil {
				return
			}
		}
	default:
		write(rw, reply)
	}
}

func write(rw http.ResponseWriter, reply Reply) {
	maps.Copy(rw.Header(), reply.Header)
	rw.WriteHeader(reply.Status)
	_, _ = rw.Write(reply.Body) // whoever does not listen any more asks again
}

// hangUp closes the connection as it is.
func hangUp(rw http.ResponseWriter) {
	connection, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = connection.Close()
}

// quoted is the charge as a lying answer names it.
func (c Charge) quoted(struck map[Fault]Rule) Charge {
	if _, ok := struck[AnswerSize]; ok && c.Authorized > 0 {
		c.Authorized++
		c.Asked.Amount.Minor++
	}
	if _, ok := struck[AnswerCoin]; ok {
		c.Currency = otherCurrency(c.Currency)
		c.Asked.Amount.CurrencyCode = c.Currency
	}
	if _, ok := struck[AnswerRef]; ok {
		c.Asked.Reference = name("order_", c.Asked.Reference)
	}
	return c
}
