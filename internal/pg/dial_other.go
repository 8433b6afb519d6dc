//go:build !linux

package pg

import "syscall"

// Only Linux bounds unanswered data by a socket option; elsewhere keep-alive
// and the caller's context are the bound.
func boundUnanswered(string, string, syscall.RawConn) error { return nil }
