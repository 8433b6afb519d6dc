package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// authorization and change are what a shop asks for.
type (
	authorization struct {
		Key        string `json:"key"`
		Reference  string `json:"reference"`
		Token      string `json:"token"`
		Amount     int64  `json:"amount"`
		Currency   string `json:"currency"`
		Challenged bool   `json:"challenged,omitempty"`
		Customer   string `json:"customer,omitempty"`
		Save       bool   `json:"save,omitempty"`
		OffSession bool   `json:"offSession,omitempty"`
	}
	change struct {
		Key      string `json:"key"`
		Charge   string `json:"charge"`
		Amount   int64  `json:"amount"`
		Currency string `json:"currency"`
	}
)

// charge is what the books say of one key. The amounts are totals, in minor units.
type charge struct {
	Key          string    `json:"key"`
	ID           string    `json:"id"`
	State        string    `json:"state"`
	Reference    string    `json:"reference,omitempty"`
	Reason       string    `json:"reason,omitempty"`
	ChallengeURL string    `json:"challengeUrl,omitempty"`
	Currency     string    `json:"currency"`
	Authorized   int64     `json:"authorized"`
	Captured     int64     `json:"captured"`
	Refunded     int64     `json:"refunded"`
	Voided       int64     `json:"voided"`
	ChangedAt    time.Time `json:"changedAt"`
	Saved        *method   `json:"saved,omitempty"`

	Asked  int64 `json:"-"`
	number int   // of the line that has changed it last
}

type method struct {
	Method string `json:"method"`
	Label  string `json:"label"`

	customer, token string
	forgotten       bool
}

// line is one line of the file: everything that ever changed a charge, in order. The charges are what comes of reading
// them from the top, so that a restart knows all that was ever answered.
type line struct {
	At            time.Time      `json:"at"`
	Operation     string         `json:"operation"`
	Authorization *authorization `json:"authorization,omitempty"`
	Change        *change        `json:"change,omitempty"`
	Key           string         `json:"key,omitempty"`    // of a charge that is settled, or of a method that is forgotten
	Reason        string         `json:"reason,omitempty"` // why it was refused
}

// books is what the provider knows. One lock is enough: a call is decided, written and known before the next.
type books struct {
	mu      sync.Mutex
	file    *os.File
	failed  error // why it cannot be written any more: what the disk holds is known again after a restart
	lines   int
	charges map[string]*charge
	heard   map[string]line // by the key of the operation
	methods map[string]*method
}

var errKeyReused = errors.New("the key was used for something else")

func openBooks(path string) (*books, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	b := &books{file: file, charges: map[string]*charge{}, heard: map[string]line{}, methods: map[string]*method{}}
	var end int64
	for in := bufio.NewReader(file); ; {
		text, err := in.ReadBytes('\n')
		if err != nil { // the end, or a line that was torn by a crash: nobody was answered
			break
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("%s is damaged at byte %d: %w", path, end, err)
		}
		b.know(l)
		end += int64(len(text))
	}
	if err := file.Truncate(end); err != nil {
		return nil, err
	}
	_, err = file.Seek(end, io.SeekStart)
	return b, err
}

// write puts a line on disk, and only then lets it count.
func (b *books) write(l line) error {
	if b.failed != nil {
		return b.failed
	}
	l.At = time.Now().UTC()
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if _, err = b.file.Write(append(text, '\n')); err == nil {
		err = b.file.Sync()
	}
	if err != nil {
		b.failed = fmt.Errorf("the books cannot be written: %w", err)
		return b.failed
	}
	b.know(l)
	return nil
}

// know draws the conclusions of a line.
func (b *books) know(l line) {
	b.lines++
	key := l.Key
	switch l.Operation {
	case "authorize":
		key = l.Authorization.Key
		b.heard[key] = l
	case "capture", "refund", "void":
		key = l.Change.Charge
		b.heard[l.Change.Key] = l
	case "forget":
		b.methods[l.Key].forgotten = true
		return
	}
	c := b.charges[key]
	if c == nil {
		c = &charge{Key: key, ID: "example_" + strconv.Itoa(b.lines)}
		b.charges[key] = c
	}
	if l.Reason != "" && l.Operation != "authorize" {
		return // refused: nothing has moved
	}
	c.ChangedAt, c.number = l.At, b.lines
	switch l.Operation {
	case "authorize":
		b.decide(c, *l.Authorization, l.Reason)
	case "settle":
		c.State, c.Reason, c.Authorized = "authorized", "", c.Asked
	case "capture":
		c.Captured += l.Change.Amount
	case "refund":
		c.Refunded += l.Change.Amount
	case "void":
		rest := c.Authorized - c.Captured - c.Voided
		c.Voided += rest
		if c.State != "declined" && (rest > 0 || c.Captured == 0) {
			c.State, c.Reason, c.Currency = "closed", "The payment was withdrawn.", l.Change.Currency
		}
	}
}

// decide begins a charge.
func (b *books) decide(c *charge, a authorization, reason string) {
	c.Reference, c.Currency, c.Asked, c.Reason = a.Reference, a.Currency, a.Amount, reason
	switch token := b.token(a); {
	case reason != "" && token == "challenge" && !a.OffSession:
		c.State = "challenge"
	case reason != "":
		c.State = "declined"
	case token == "pending":
		c.State = "pending"
	default:
		c.State, c.Authorized = "authorized", a.Amount
	}
	if a.Save && a.Customer != "" && c.State == "authorized" {
		m := &method{Method: "pm_" + a.Key, Label: "Card ending in 4242", customer: a.Customer, token: a.Token}
		b.methods[m.Method], c.Saved = m, m
	}
}

// token is what a saved method of the customer stands for, or the token itself.
func (b *books) token(a authorization) string {
	if m := b.methods[a.Token]; m != nil && m.customer == a.Customer && !m.forgotten {
		return m.token
	}
	return a.Token
}

// reason is why an authorization does not end well at once, or nothing.
func (b *books) reason(a authorization) string {
	switch token := b.token(a); {
	case a.Amount <= 0:
		return "There is nothing to pay."
	case token == "approve" || token == "pending":
		return ""
	case token == "challenge" && !a.OffSession:
		return "Please confirm the payment with your bank."
	case token == "challenge":
		return "Your bank wants you to confirm the payment yourself."
	case token == "decline":
		return "Your bank has declined the payment."
	}
	return "We do not know this payment method."
}

// authorize decides about a key once. Asked again it tells how the charge stands; news is false then.
func (b *books) authorize(a authorization) (c *charge, news bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.heard[a.Key]; ok {
		first := l.Authorization
		if first == nil || first.Amount != a.Amount || first.Currency != a.Currency || first.Reference != a.Reference || first.Token != a.Token {
			return nil, false, errKeyReused
		}
		return b.copy(a.Key), false, nil
	}
	if b.charges[a.Key] != nil { // it was closed before it was heard of
		return b.copy(a.Key), false, nil
	}
	err = b.write(line{Operation: "authorize", Authorization: &a, Reason: b.reason(a)})
	return b.copy(a.Key), true, err
}

// change captures, refunds or voids once under each key, and says why not if it is refused. That is final too.
func (b *books) change(operation string, c change) (*charge, string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.heard[c.Key]; ok {
		same := l.Operation == operation && l.Change.Charge == c.Charge &&
			(operation == "void" || (l.Change.Amount == c.Amount && l.Change.Currency == c.Currency))
		if !same {
			return nil, "", errKeyReused
		}
		return b.copy(c.Charge), l.Reason, nil
	}
	now := b.charges[c.Charge]
	if now == nil && operation != "void" {
		return nil, "There is no such charge.", nil
	}
	reason := ""
	if operation != "void" {
		available := now.Captured - now.Refunded
		if operation == "capture" {
			available = now.Authorized - now.Captured - now.Voided
		}
		if c.Amount <= 0 || c.Amount > available || c.Currency != now.Currency {
			reason = "The amount is not available on this charge."
		}
	}
	err := b.write(line{Operation: operation, Change: &c, Reason: reason})
	return b.copy(c.Charge), reason, err
}

// settle lets a charge that is not decided end well, and gives it, or nil when there was nothing to decide.
func (b *books) settle(key string) (*charge, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.charges[key]
	if c == nil || (c.State != "pending" && c.State != "challenge") {
		return nil, nil //nolint:nilnil // nothing to decide is no error
	}
	if err := b.write(line{Operation: "settle", Key: key}); err != nil {
		return nil, err
	}
	return b.copy(key), nil
}

// forget makes a saved method useless. One that is not known is forgotten already.
func (b *books) forget(ref string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m := b.methods[ref]; m == nil || m.forgotten {
		return nil
	}
	return b.write(line{Operation: "forget", Key: ref})
}

// charge gives a charge, or nil.
func (b *books) charge(key string) *charge {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.copy(key)
}

func (b *books) copy(key string) *charge {
	c := b.charges[key]
	if c == nil {
		return nil
	}
	copied := *c
	return &copied
}

// pending lists the charges that are not decided.
func (b *books) pending() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var keys []string
	for key, c := range b.charges {
		if c.State == "pending" {
			keys = append(keys, key)
		}
	}
	return keys
}

const booksPage = 100

// changed lists what has changed since then, oldest change first; a page is named by the last line before it.
func (b *books) changed(since time.Time, page string) (list []charge, next string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	after, _ := strconv.Atoi(page) // no page is the first
	list = []charge{}
	for _, c := range b.charges {
		if c.number > after && !c.ChangedAt.Before(since) {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(x, y charge) int { return x.number - y.number })
	if len(list) > booksPage {
		list = list[:booksPage]
		next = strconv.Itoa(list[booksPage-1].number)
	}
	return list, next
}
