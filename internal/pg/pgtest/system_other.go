//go:build !linux

package pgtest

import (
	"context"
	"os"
	"syscall"

	"github.com/wharfhq/wharf/internal/pg/embedded"
)

const (
	shared = 1
	alone  = 2
)

func flock(context.Context, string, int) (*os.File, error) { return nil, embedded.ErrUnsupported }
func tryFlock(string, int) (*os.File, error)               { return nil, embedded.ErrUnsupported }
func ownSession() *syscall.SysProcAttr                     { return nil }
func hasEnded(int) bool                                    { return true }
func mustBeOurs(string) error                              { return embedded.ErrUnsupported }
