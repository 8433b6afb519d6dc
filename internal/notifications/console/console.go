// Package console shows notifications instead of sending them, for a shop without a mail server.
package console

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/wharfhq/wharf/internal/notifications"
)

// Sender writes messages to a terminal, or to the log.
type Sender struct {
	log      *slog.Logger
	mu       sync.Mutex
	terminal io.Writer
}

// New makes a sender. A terminal shows each message as the shopper would read it; without one (nil) the log gets one
// line per message, without its text, since logs are kept and texts name people.
func New(log *slog.Logger, terminal io.Writer) *Sender { return &Sender{log: log, terminal: terminal} }

// Send shows the message.
func (s *Sender) Send(ctx context.Context, m notifications.Message) error {
	if s.terminal == nil {
		s.log.InfoContext(ctx, "e-mail not sent, as WHARF_SMTP_URL is not set",
			"kind", m.Kind, "order", m.Order, "to", m.To, "subject", m.Subject, "messageId", m.ID)
		return nil
	}
	var b strings.Builder
	rule := strings.Repeat("─", 72)
	fmt.Fprintf(&b, "┌%s\n│ E-mail to %s (shown here, as WHARF_SMTP_URL is not set)\n│ %s\n│\n", rule, clean(m.To), clean(m.Subject))
	for text := range strings.Lines(strings.TrimRight(m.Text, "\n")) {
		fmt.Fprintf(&b, "│ %s\n", clean(text))
	}
	fmt.Fprintf(&b, "└%s\n", rule)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := io.WriteString(s.terminal, b.String()); err != nil {
		return fmt.Errorf("show an e-mail on the terminal: %w", err)
	}
	return nil
}

// clean takes away what would steer the terminal.
func clean(s string) string {
	return strings.TrimRight(strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r <= 0x9f) {
			return -1
		}
		return r
	}, s), " ")
}
