package main

import (
	"testing"

	"github.com/wharfhq/wharf/internal/notifications"
)

// Without a mail server nobody else could follow the link of a letter about an account.
func TestTheDemoShowsLettersAboutAccountsWhole(t *testing.T) {
	t.Parallel()
	letter := notifications.Message{To: "ada@example.com", Subject: "Choose a new password", Text: "Hello Ada,\n\x1b[2Jhttp://127.0.0.1/account/reset/1/t\n"}
	if got, want := shownLetter(letter), "  ✉  to ada@example.com: Choose a new password\n     │ Hello Ada,\n     │ [2Jhttp://127.0.0.1/account/reset/1/t"; got != want {
		t.Errorf("shown as\n%s\nwant\n%s", got, want)
	}
	letter.Order = "#1001"
	if got, want := shownLetter(letter), "  ✉  to ada@example.com: Choose a new password"; got != want {
		t.Errorf("a letter about an order is shown as\n%s", got)
	}
}
