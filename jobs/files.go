package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// workOnFilesEvery is how often it is looked whether a file waits.
const workOnFilesEvery = time.Second

// workOnFiles works on the files that wait, one at a time in each process. A file takes minutes where a job of the queue
// takes seconds, so it has a lease of its own that is renewed with each batch: what a crash leaves behind is taken up by
// another process within a minute, at the batch that was not done.
func (j *Jobs) workOnFiles(ctx context.Context) {
	ticker := time.NewTicker(min(j.config.Sweep, workOnFilesEvery))
	defer ticker.Stop()
	for {
		for worked := true; worked && ctx.Err() == nil; {
			var err error
			if worked, err = j.shop.Files.Work(ctx); err != nil && ctx.Err() == nil {
				j.shop.Logger.WarnContext(ctx, "working on a file failed", "error", err)
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// PurgeFiles forgets files that were fetched or worked on long ago.
type PurgeFiles struct{}

// Kind is the job's stored name; it never changes.
func (PurgeFiles) Kind() string { return "purge_files" }

// InsertOpts puts the job into its queue.
func (PurgeFiles) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

// purgeFilesBatch is how many files one statement forgets; each may be hundreds of pieces.
const purgeFilesBatch = 20
