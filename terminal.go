package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/wharfhq/wharf/internal/fault"
)

// terminal is where a command reads and writes. Colors and progress bars appear only where a person looks.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	color    bool // the output is a terminal and nobody asked for plain text
	watched  bool // the error output is a terminal
	typed    bool // the input is a terminal
}

func newTerminal(in io.Reader, out, err io.Writer) terminal {
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return terminal{in: in, out: out, err: err, color: isTerminal(out) && !plain, watched: isTerminal(err), typed: isTerminal(in)}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

func (t terminal) paint(code, text string) string {
	if !t.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (t terminal) bold(text string) string  { return t.paint("1", text) }
func (t terminal) faint(text string) string { return t.paint("2", text) }
func (t terminal) green(text string) string { return t.paint("32", text) }
func (t terminal) red(text string) string   { return t.paint("31", text) }
func (t terminal) cyan(text string) string  { return t.paint("36", text) }

func (t terminal) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

// problem says what went wrong, with all of it when several things did.
func (t terminal) problem(err error) {
	for i, line := range strings.Split(strings.TrimRight(message(err), "\n"), "\n") {
		if i == 0 {
			fmt.Fprintln(t.err, "wharf:", line)
		} else {
			fmt.Fprintln(t.err, "  "+line)
		}
	}
}

// message is an error for people. Faults that were collected are a line each.
func message(err error) string {
	if many, ok := err.(interface{ Unwrap() []error }); ok { // only errors.Join itself is taken apart
		var lines []string
		for _, one := range many.Unwrap() {
			lines = append(lines, message(one))
		}
		return strings.Join(lines, "\n")
	}
	var f *fault.Fault
	if errors.As(err, &f) && f.Cause == nil {
		return f.Message
	}
	return err.Error()
}

// progress shows how far an import is, where a person looks; elsewhere it does nothing.
func (t terminal) progress(what string) (step func(done, total int), finish func()) {
	if !t.watched {
		return nil, func() {}
	}
	var bar *progressbar.ProgressBar
	step = func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(t.err), progressbar.OptionSetDescription(what),
				progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(50*time.Millisecond),
				progressbar.OptionClearOnFinish())
		}
		_ = bar.Set(done)
	}
	return step, func() {
		if bar != nil {
			_ = bar.Finish()
		}
	}
}

// confirm asks a person; where nobody can be asked it refuses.
func (t terminal) confirm(question string) (bool, error) {
	if !t.typed {
		return false, exitError{exitMisuse, errors.New("nobody can be asked here: add --yes")}
	}
	fmt.Fprintf(t.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(t.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}

// password reads a password that is not shown; where nobody types it is the first line of the input.
func (t terminal) password(prompt string) (string, error) {
	if f, ok := t.in.(*os.File); ok && t.typed {
		fmt.Fprint(t.err, prompt)
		text, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(t.err)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return string(text), nil
	}
	line, err := bufio.NewReader(t.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// digits writes a number with its thousands apart.
func digits(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
