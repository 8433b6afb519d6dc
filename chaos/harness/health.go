package harness

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Health is what a process has said of itself over a while.
type Health struct{ Asked, NotReady, NotAlive int }

// Watch asks a process for its health until the function that it gives is called.
func (s *Shop) Watch(ctx context.Context, p *Process) func() Health {
	ctx, cancel := context.WithCancel(ctx)
	var h Health
	var group sync.WaitGroup
	group.Go(func() {
		for ctx.Err() == nil {
			h.Asked++
			if p.Status(ctx, "/readyz") != http.StatusOK && ctx.Err() == nil {
				h.NotReady++
			}
			if p.Status(ctx, "/livez") != http.StatusOK && ctx.Err() == nil {
				h.NotAlive++
			}
			pause(ctx, 10*time.Millisecond)
		}
	})
	return func() Health {
		cancel()
		group.Wait()
		return h
	}
}

// Metric reads one figure of a process; -1 when there is none.
func (p *Process) Metric(ctx context.Context, name string) float64 {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Addr+"/metrics", nil)
	if err != nil {
		return -1
	}
	response, err := client.Do(request)
	if err != nil {
		return -1
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(response.Body)
	value := -1.0
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			if v, err := strconv.ParseFloat(text, 64); err == nil {
				value = v
			}
		}
	}
	return value
}

// Goroutines is the least number of goroutines that a process has within a few seconds, with no connection of ours
// left open.
func (s *Shop) Goroutines(ctx context.Context, p *Process) int {
	least := -1
	for range 20 {
		client.CloseIdleConnections()
		quick.CloseIdleConnections()
		if n := int(p.Metric(ctx, "go_goroutines")); n > 0 && (least < 0 || n < least) {
			least = n
		}
		pause(ctx, 100*time.Millisecond)
	}
	return least
}
