package console_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/notifications"
	"github.com/wharfhq/wharf/internal/notifications/console"
)

var message = notifications.Message{
	ID: "order-1.1@shop.example", Kind: notifications.OrderReceived, Order: "#1001", To: "ada@example.com",
	Subject: "We have your order #1001", Text: "Hello Ada,\n\x1b[2Jthank you.\n",
}

func TestTerminalShowsTheText(t *testing.T) {
	t.Parallel()
	var terminal bytes.Buffer
	if err := console.New(slog.New(slog.DiscardHandler), &terminal).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ada@example.com", "We have your order #1001", "│ Hello Ada,\n│ [2Jthank you.\n"} {
		if !strings.Contains(terminal.String(), want) {
			t.Errorf("no %q in\n%s", want, terminal.String())
		}
	}
}

func TestLogNamesTheMessageAndNotItsText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := console.New(slog.New(slog.NewTextHandler(&out, nil)), nil).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	line := out.String()
	if !strings.Contains(line, "messageId=order-1.1@shop.example") || strings.Contains(line, "Hello Ada") || strings.Count(line, "\n") != 1 {
		t.Errorf("the log says %s", line)
	}
}
