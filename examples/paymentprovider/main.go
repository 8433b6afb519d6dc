// Command paymentprovider is a payment provider that speaks Wharf's open protocol (docs/payment-protocol.md), in the
// standard library alone, to be read and to be copied. It moves no money: the payment tokens approve, decline, challenge
// and pending say what a bank would.
//
//	export WHARF_PAYMENT_REMOTE_SECRET=whsec_$(openssl rand -base64 32)
//	go run ./examples/paymentprovider -callbacks http://127.0.0.1:8080/callbacks/payments/example
//	WHARF_PAYMENT_REMOTE_NAME=example WHARF_PAYMENT_REMOTE_URL=http://127.0.0.1:8090/ wharf serve
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8090", "where to answer")
	ledger := flag.String("ledger", "payments.jsonl", "the file of the books")
	callbacks := flag.String("callbacks", "", "where the shop takes notifications; without it, none are sent")
	flag.Parse()
	secrets, err := parseSecrets(os.Getenv("WHARF_PAYMENT_REMOTE_SECRET"))
	if err != nil {
		log.Fatal("WHARF_PAYMENT_REMOTE_SECRET: ", err)
	}
	books, err := openBooks(*ledger)
	if err != nil {
		log.Fatal(err)
	}
	s := newServer(books, secrets, "http://"+*addr, *callbacks, 5*time.Second)
	log.Printf("answering at http://%s/, the books are in %s", *addr, *ledger)
	server := &http.Server{Addr: *addr, Handler: s.handler(), ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// server answers a shop's calls.
type server struct {
	books   *books
	secrets [][]byte
	url     string        // under which shoppers reach it
	settle  time.Duration // how long a pending charge stays undecided
	teller  *teller
}

func newServer(b *books, secrets [][]byte, url, callbacks string, settle time.Duration) *server {
	s := &server{books: b, secrets: secrets, url: url, settle: settle, teller: &teller{url: callbacks, secrets: secrets}}
	for _, key := range b.pending() { // that were undecided when it ended
		s.settleLater(key)
	}
	return s
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", s.call)
	mux.HandleFunc("GET /challenge/{key}", s.challenge)
	mux.HandleFunc("POST /challenge/{key}", s.confirm)
	return mux
}

// call is one call of the protocol, as far as this provider cares.
type call struct {
	Version       int            `json:"version"`
	Operation     string         `json:"operation"`
	Live          bool           `json:"live"`
	Authorization *authorization `json:"authorization,omitempty"`
	Change        *change        `json:"change,omitempty"`
	Charge        string         `json:"charge,omitempty"`
	Since         time.Time      `json:"since,omitzero"`
	Page          string         `json:"page,omitempty"`
	Method        string         `json:"method,omitempty"`
}

func (s *server) call(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil || !verify(r.Header, body, time.Now(), s.secrets) {
		http.Error(w, "The signature is wrong.", http.StatusUnauthorized)
		return
	}
	var c call
	if err := json.Unmarshal(body, &c); err != nil || c.Version != 1 {
		http.Error(w, "This is no call of version 1.", http.StatusBadRequest)
		return
	}
	if c.Live {
		http.Error(w, "This example moves no money, so no live shop may use it.", http.StatusForbidden)
		return
	}
	answer, err := s.do(c)
	switch {
	case errors.Is(err, errKeyReused):
		http.Error(w, err.Error(), http.StatusConflict)
	case errors.Is(err, errNoSuchCall):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case err != nil: // nothing is answered that is not in the books
		log.Print(err)
		http.Error(w, "Please ask again.", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			log.Print(err) // the shop asks again
		}
	}
}

var errNoSuchCall = errors.New("no such operation")

// do gives the answer to a call.
func (s *server) do(c call) (map[string]any, error) {
	switch {
	case c.Operation == "lookup":
		return map[string]any{"charge": s.shown(s.books.charge(c.Charge))}, nil
	case c.Operation == "charges":
		charges, next := s.books.changed(c.Since, c.Page)
		for i := range charges {
			charges[i] = *s.shown(&charges[i])
		}
		return map[string]any{"charges": charges, "next": next}, nil
	case c.Operation == "forget":
		return map[string]any{"forgotten": true}, s.books.forget(c.Method)
	case c.Operation == "authorize" && c.Authorization != nil:
		charge, news, err := s.books.authorize(*c.Authorization)
		if err != nil {
			return nil, err
		}
		if news && charge.State == "pending" {
			s.settleLater(charge.Key)
		}
		return map[string]any{"charge": s.shown(charge)}, nil
	case c.Change != nil && (c.Operation == "capture" || c.Operation == "refund" || c.Operation == "void"):
		charge, reason, err := s.books.change(c.Operation, *c.Change)
		if err != nil {
			return nil, err
		}
		answer := map[string]any{"charge": s.shown(charge)}
		if reason != "" {
			answer["refused"] = map[string]string{"reason": reason}
		}
		return answer, nil
	}
	return nil, errNoSuchCall
}

// shown adds to a charge what only the server knows.
func (s *server) shown(c *charge) *charge {
	if c != nil && c.State == "challenge" {
		c.ChallengeURL = s.url + "/challenge/" + c.Key
	}
	return c
}

// settleLater decides about a pending charge after a while, and tells the shop.
func (s *server) settleLater(key string) {
	time.AfterFunc(s.settle, func() { s.decide(key) })
}

// decide lets a pending or challenged charge end well, and tells the shop. It says whether there was anything to decide.
func (s *server) decide(key string) bool {
	c, err := s.books.settle(key)
	if err != nil {
		log.Print(err)
	}
	if c == nil {
		return false
	}
	go s.teller.tell(fmt.Sprintf("%s-%d", key, c.number), key)
	return true
}

var page = template.Must(template.New("").Parse(`<!doctype html><title>Confirm your payment</title>
{{if eq .State "challenge"}}<form method="post"><button>Pay {{.Asked}} {{.Currency}} (minor units)</button></form>{{else}}<p>This payment is {{.State}}.</p>{{end}}
`))

func (s *server) challenge(w http.ResponseWriter, r *http.Request) {
	c := s.books.charge(r.PathValue("key"))
	if c == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Execute(w, c); err != nil {
		log.Print(err)
	}
}

func (s *server) confirm(w http.ResponseWriter, r *http.Request) {
	s.decide(r.PathValue("key"))
	http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/"), http.StatusSeeOther)
}
