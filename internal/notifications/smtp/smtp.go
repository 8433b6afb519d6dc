// Package smtp sends notifications through a mail server.
package smtp

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/wharfhq/wharf/internal/notifications"
)

// timeout bounds each of the two halves of a delivery: getting through to the server, and handing over the message.
// A nearer deadline of the caller's bounds them too.
const timeout = 10 * time.Second

// Sender gives messages to one mail server, one connection each.
type Sender struct {
	from    mail.Address
	host    string
	options []gomail.Option
}

// New reads where the mail server is from an address such as
//
//	smtp://user:password@mail.example.com:587
//	smtps://user:password@mail.example.com        (TLS from the first byte, port 465)
//	smtp://127.0.0.1:1025?tls=never               (a mail catcher on this machine)
//
// smtp:// changes to TLS and refuses a server that cannot, except on this machine; ?tls=always, when-offered or never
// says otherwise. A password never travels without TLS. ?helo= is the name by which we introduce ourselves, the
// machine's own when absent. from is the sender, such as "Harbor Goods <orders@example.com>".
func New(address, from string) (*Sender, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, errors.New("the mail server's address must look like smtp://user:password@mail.example.com:587 or smtps://…")
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender %q is no mail address such as \"My Shop <orders@example.com>\"", from)
	}
	options, err := clientOptions(u, sender.Address)
	if err != nil {
		return nil, err
	}
	if _, err := gomail.NewClient(u.Hostname(), options...); err != nil {
		return nil, fmt.Errorf("set up the mail client: %w", err)
	}
	return &Sender{from: *sender, host: u.Hostname(), options: options}, nil
}

func clientOptions(u *url.URL, from string) ([]gomail.Option, error) {
	helo := u.Query().Get("helo")
	if helo == "" {
		helo = ownName(from)
	}
	options := []gomail.Option{gomail.WithHELO(helo)}
	port, policy := 25, gomail.TLSMandatory
	if isLoopback(u.Hostname()) {
		policy = gomail.TLSOpportunistic
	}
	switch tls := u.Query().Get("tls"); tls {
	case "":
	case "always":
		policy = gomail.TLSMandatory
	case "when-offered":
		policy = gomail.TLSOpportunistic
	case "never":
		policy = gomail.NoTLS
	default:
		return nil, fmt.Errorf("tls=%s in the mail server's address is none of always, when-offered, never", tls)
	}
	if u.Scheme == "smtps" {
		port = 465
		options = append(options, gomail.WithSSL())
	} else {
		options = append(options, gomail.WithTLSPolicy(policy))
	}
	if text := u.Port(); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("port %s of the mail server: %w", text, err)
		}
		port = n
	}
	options = append(options, gomail.WithPort(port))
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return options, nil
}

// ownName is how we greet the server. Strict servers refuse a bare host name, so without a full one it is the
// domain from which we send.
func ownName(from string) string {
	if host, err := os.Hostname(); err == nil && strings.Contains(host, ".") {
		return host
	}
	return from[strings.LastIndexByte(from, '@')+1:]
}

func isLoopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// Send hands one message to the mail server.
func (s *Sender) Send(ctx context.Context, m notifications.Message) error {
	message, err := s.compose(m)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(s.host, append(slices.Clone(s.options), gomail.WithTimeout(patience(ctx)))...)
	if err != nil {
		return fmt.Errorf("set up the mail client: %w", err)
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	err = client.SendWithSMTPClient(connection, message)
	_ = client.CloseWithSMTPClient(connection)
	if message.IsDelivered() {
		return nil // what the server says after it has taken the message no longer matters
	}
	if refused(err) {
		return fmt.Errorf("%w: %w", notifications.ErrRefused, err)
	}
	if err != nil {
		return fmt.Errorf("hand over the message: %w", err)
	}
	return nil
}

// patience is how long the server may take for one half of the delivery.
func patience(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return timeout
	}
	return min(timeout, max(time.Until(deadline), time.Millisecond))
}

// compose builds the message. Addresses go through a parser and every header is encoded, so foreign text stays text.
func (s *Sender) compose(m notifications.Message) (*gomail.Msg, error) {
	to, err := mail.ParseAddress(m.To)
	if err != nil || to.Name != "" {
		return nil, fmt.Errorf("%w: the recipient is no mail address", notifications.ErrRefused)
	}
	message := gomail.NewMsg()
	message.FromMailAddress(&s.from)
	message.ToMailAddress(to)
	message.SetMessageIDWithValue(m.ID)
	message.SetDateWithValue(m.Date)
	message.Subject(m.Subject)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	message.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return message, nil
}

// refused says whether the server has said no to this recipient or this text for good. A no to us (greeting, login,
// sender) is the operator's to mend, so such a message waits.
func refused(err error) bool {
	var e *gomail.SendError
	if !errors.As(err, &e) || e.ErrorCode() < 500 || e.ErrorCode() > 599 {
		return false
	}
	return e.Reason == gomail.ErrSMTPRcptTo || e.Reason == gomail.ErrSMTPDataClose
}
