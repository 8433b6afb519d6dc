package embedded

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
)

// output passes the server's messages to the log and keeps the last ones, which
// explain a failed start.
type output struct {
	log   *slog.Logger
	ready atomic.Bool

	mu   sync.Mutex
	part []byte
	last []string
}

const keptLines = 8

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.part = append(o.part, text...)
	for {
		end := bytes.IndexByte(o.part, '\n')
		if end < 0 {
			return len(text), nil
		}
		o.line(strings.TrimSpace(string(o.part[:end])))
		o.part = o.part[end+1:]
	}
}

func (o *output) line(line string) {
	if line == "" {
		return
	}
	o.last = append(o.last, line)
	if len(o.last) > keptLines {
		o.last = o.last[1:]
	}
	level := slog.LevelDebug
	switch {
	case strings.HasPrefix(line, "PANIC"):
		level = slog.LevelError
	case o.ready.Load() && (strings.HasPrefix(line, "FATAL") || strings.HasPrefix(line, "WARNING")):
		level = slog.LevelWarn
	}
	o.log.Log(context.Background(), level, "postgres: "+line)
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.last, "; ")
}
