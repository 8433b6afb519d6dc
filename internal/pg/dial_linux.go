package pg

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Keep-alive probes are not sent while data waits for its acknowledgement, so
// a query in flight to a vanished server needs a bound of its own.
const unansweredMilliseconds = 10_000

func boundUnanswered(network, _ string, conn syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var failed error
	if err := conn.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, unansweredMilliseconds)
	}); err != nil {
		return err
	}
	return failed
}
