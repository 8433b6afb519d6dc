package simulator

import (
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/wharfhq/wharf/internal/money"
)

// control answers whoever runs the test. It listens to anybody: a simulator stands on the loopback only.
//
//	GET, PUT  /control/rules                   how the world misbehaves: a list of Rule
//	GET       /control/faults                  how often each fault has struck
//	GET       /control/charges?after=0         the books: charges in the order of their last change, at most 1000
//	GET       /control/charges/{key}           one charge
//	POST      /control/charges/{key}/{what}    settle, fail, expire, dispute, capture, refund, void; ?amount= in minor units
//	GET, PUT  /control/callbacks               what was sent; {"face": "remote", "url": "http://…"} says where to
//	GET, POST /challenge/{key}                 the shopper's page; ?decision=confirm or refuse
func (w *World) control() {
	w.mux.HandleFunc("GET /control/rules", func(rw http.ResponseWriter, _ *http.Request) { show(rw, w.Modes.Rules()) })
	w.mux.HandleFunc("PUT /control/rules", func(rw http.ResponseWriter, r *http.Request) {
		var rules []Rule
		if !read(rw, r, &rules) {
			return
		}
		if err := w.Modes.Set(rules...); err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		show(rw, w.Modes.Rules())
	})
	w.mux.HandleFunc("GET /control/faults", func(rw http.ResponseWriter, _ *http.Request) { show(rw, w.Modes.Hits()) })
	w.mux.HandleFunc("GET /control/callbacks", func(rw http.ResponseWriter, _ *http.Request) { show(rw, w.Callbacks.Sent()) })
	w.mux.HandleFunc("PUT /control/callbacks", func(rw http.ResponseWriter, r *http.Request) {
		var to struct{ Face, URL string }
		if !read(rw, r, &to) {
			return
		}
		if w.faces[to.Face] == nil {
			http.Error(rw, "There is no face of this name.", http.StatusBadRequest)
			return
		}
		w.Callbacks.Send(to.Face, to.URL)
		show(rw, w.Callbacks.Sent())
	})
	w.mux.HandleFunc("GET /control/charges", w.dump)
	w.mux.HandleFunc("GET /control/charges/{key}", func(rw http.ResponseWriter, r *http.Request) {
		c, err := w.Books.Charge(r.PathValue("key"))
		answer(rw, c, err)
	})
	w.mux.HandleFunc("POST /control/charges/{key}/{what}", w.befall)
	w.mux.HandleFunc("GET /challenge/{key}", w.challengePage)
	w.mux.HandleFunc("POST /challenge/{key}", w.challengeDone)
}

func (w *World) dump(rw http.ResponseWriter, r *http.Request) {
	after, err := strconv.ParseInt(r.FormValue("after"), 10, 64)
	if err != nil && r.FormValue("after") != "" {
		http.Error(rw, "after is the change of the last charge of the page before.", http.StatusBadRequest)
		return
	}
	charges, err := w.Books.Changed(time.Time{}, after, 1000)
	answer(rw, charges, err)
}

// befall does to a charge what somebody other than the shop would do: a bank, time, or a person at the provider's
// dashboard.
func (w *World) befall(rw http.ResponseWriter, r *http.Request) {
	key := r.PathValue("key")
	amount, err := strconv.ParseInt(r.FormValue("amount"), 10, 64)
	if err != nil && r.FormValue("amount") != "" {
		http.Error(rw, "amount is in minor units.", http.StatusBadRequest)
		return
	}
	now, err := w.Books.Charge(key)
	if err != nil {
		answer(rw, now, err)
		return
	}
	change := Change{Key: name("dash_", key+strconv.FormatInt(now.Change, 10)), Charge: key, Amount: money.New(amount, now.Currency)}
	var done Answer
	switch r.PathValue("what") {
	case "settle":
		done, err = w.Settle(key)
	case "fail":
		done, err = w.Fail(key)
	case "expire":
		done, err = w.Expire(key)
	case "dispute":
		done, err = w.Dispute(key, amount)
	case "capture":
		done, err = w.Capture(change)
	case "refund":
		done, err = w.Refund(change)
	case "void":
		done, err = w.Void(change)
	default:
		http.NotFound(rw, r)
		return
	}
	answer(rw, done, err)
}

var challengePage = template.Must(template.New("challenge").Parse(`<!doctype html>
<html lang="en"><title>Confirm your payment</title>
<h1>Confirm your payment</h1>
<p>{{.Amount}} for order {{.Reference}}: {{.State}}</p>
{{if .Open}}<form method="post"><button name="decision" value="confirm">Confirm</button> <button name="decision" value="refuse">Refuse</button></form>{{end}}
</html>
`))

func (w *World) challengePage(rw http.ResponseWriter, r *http.Request) {
	c, err := w.Books.Charge(r.PathValue("key"))
	if err != nil {
		http.NotFound(rw, r)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = challengePage.Execute(rw, map[string]any{
		"Amount": string(c.Asked.Amount.Amount()) + " " + string(c.Currency), "Reference": c.Asked.Reference, "State": c.State, "Open": c.State == Challenged,
	})
}

func (w *World) challengeDone(rw http.ResponseWriter, r *http.Request) {
	end := w.Settle
	if r.FormValue("decision") == "refuse" {
		end = w.Fail
	}
	c, err := w.Books.Charge(r.PathValue("key"))
	if err == nil && c.State == Challenged {
		_, err = end(c.Key())
	}
	if err != nil {
		answer(rw, nil, err)
		return
	}
	http.Redirect(rw, r, r.URL.Path, http.StatusSeeOther)
}

func read(rw http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(rw, r.Body, 1<<20)).Decode(into); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func show(rw http.ResponseWriter, v any) {
	rw.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(rw).Encode(v)
}

func answer(rw http.ResponseWriter, v any, err error) {
	switch {
	case errors.Is(err, ErrUnknownCharge):
		http.Error(rw, "There is no such charge.", http.StatusNotFound)
	case err != nil:
		http.Error(rw, err.Error(), http.StatusInternalServerError)
	default:
		show(rw, v)
	}
}
