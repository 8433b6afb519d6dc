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
	end    = die
)

// ways are what may happen at the point, by their word.
var ways = map[string]func(Name){"kill": die, "panic": fall, "hang": hang}

// The environment is read once: a misspelt point must stop the run at its start, not pass it as green.
func init() {
	text := os.Getenv("WHARF_FAILPOINT")
	if text == "" {
		return
	}
	parts := strings.Split(text, ":")
	name, n := parts[0], 1
	if len(parts) > 1 {
		var err error
		if n, err = strconv.Atoi(parts[1]); err != nil || n < 1 {
			panic(fmt.Sprintf("WHARF_FAILPOINT=%s: the count after the colon is a number from 1", text))
		}
	}
	if len(parts) > 2 {
		if end = ways[parts[2]]; end == nil || len(parts) > 3 {
			panic(fmt.Sprintf("WHARF_FAILPOINT=%s: after the count comes kill, panic or hang", text))
		}
	}
	if !slices.Contains(Names, Name(name)) {
		panic(fmt.Sprintf("WHARF_FAILPOINT=%s: no such point; there are %v", text, Names))
	}
	chosen = Name(name)
	left.Store(int64(n))
}

// Hit passes the point, and kills the process, or does what else it was told, when it is the chosen one and its count
// is reached.
func Hit(name Name) {
	if name == chosen && left.Add(-1) == 0 {
		end(name)
	}
}

func die(name Name) {
	fmt.Fprintf(os.Stderr, "failpoint %s: killing process %d\n", name, os.Getpid())
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way; nothing after the point may run
}

func fall(name Name) { panic("failpoint " + string(name)) }

// hang never goes on, whatever its context says.
func hang(name Name) {
	fmt.Fprintf(os.Stderr, "failpoint %s: hanging\n", name)
	select {}
}
