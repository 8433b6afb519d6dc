package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"riverqueue.com/riverui"
)

// Console is the queue's own console under a path. It asks nobody who they are: whoever mounts it must.
func (j *Jobs) Console(ctx context.Context, path string, log *slog.Logger) (http.Handler, error) {
	handler, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(j.client, nil), Logger: log, Prefix: path, JobListHideArgsByDefault: true,
	})
	if err != nil {
		return nil, fmt.Errorf("set the job console up: %w", err)
	}
	if err := handler.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the job console: %w", err)
	}
	return handler, nil
}
