//go:build !linux

package harness

import "syscall"

// attributes are the kernel's own: only Linux ends a child with its parent.
func attributes() *syscall.SysProcAttr { return nil }
