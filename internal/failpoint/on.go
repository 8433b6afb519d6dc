//go:build failpoint

package failpoint

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Enabled says whether this build can be told to die.
const Enabled = true

var (
	chosen Name
	left   atomic.Int64
)

// The environment is read once: a misspelt point must stop the run at its start, not pass it as green.
func init() {
	text := os.Getenv("WHARF_FAILPOINT")
	if text == "" {
		return
	}
	name, count, counted := strings.Cut(text, ":")
	n := 1
	if counted {
		var err error
		if n, err = strconv.Atoi(count); err != nil || n < 1 {
			panic(fmt.Sprintf("WHARF_FAILPOINT=%s: the count after the colon is a number from 1", text))
		}
	}
	if !slices.Contains(Names, Name(name)) {
		panic(fmt.Sprintf("WHARF_FAILPOINT=%s: no such point; there are %v", text, Names))
	}
	chosen = Name(name)
	left.Store(int64(n))
}

// Hit passes the point, and kills the process when it is the chosen one and its count is reached.
func Hit(name Name) {
	if name != chosen || left.Add(-1) != 0 {
		return
	}
	fmt.Fprintf(os.Stderr, "failpoint %s: killing process %d\n", name, os.Getpid())
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way; nothing after the point may run
}
