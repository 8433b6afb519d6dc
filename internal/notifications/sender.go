package notifications

import (
	"context"
	"errors"
	"time"
)

// Message is one e-mail, ready to be sent.
type Message struct {
	ID      string    // the Message-ID without its angle brackets; the same at every try
	Kind    Kind      // what it tells the shopper
	Order   string    // the order's name, such as #1001
	To      string    // the recipient's address
	Subject string    // one line
	Text    string    // for a reader without HTML
	HTML    string    // the same, laid out
	Date    time.Time // when the event happened: a repeated message is the same message
}

// Sender gives messages to a mail server. Implementations are safe for concurrent use, keep to the context's
// deadline, and take a message's text as foreign: no field of it may start a header of its own.
//
// nil means that the server has taken the message. ErrRefused means that it never will, and the message is parked.
// Any other error means that it may be tried again.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrRefused says that a mail server will never take a message, for instance since the mailbox does not exist.
var ErrRefused = errors.New("the mail server refuses the message for good")
