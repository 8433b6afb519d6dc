package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/payment"
)

// WorkOnFile goes on with a file for a turn of some seconds, and comes back until the file is done: it is one job however
// large the file is, and no job is long. A process that ends lets the turn end; one that dies leaves the job to the others.
type WorkOnFile struct {
	JobID uuid.UUID `json:"job_id"`
}

// Kind is the job's stored name; it never changes.
func (WorkOnFile) Kind() string { return "work_on_file" }

// InsertOpts lets one job about a file wait or run at a time. The domain counts tries without progress and gives the file
// up before this many have failed.
func (WorkOnFile) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueFiles, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: alive}}
}

// FetchFile brings the file of an import from its address.
type FetchFile struct {
	JobID uuid.UUID `json:"job_id"`
}

// Kind is the job's stored name; it never changes.
func (FetchFile) Kind() string { return "fetch_file" }

// InsertOpts lets one job about a file wait or run at a time. The domain counts the tries.
func (FetchFile) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueFiles, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: alive}}
}

// ResumeFiles makes jobs for files that nobody works on, though they are not done: their job was deleted or given up, or
// they came in through a release that worked on files in another way.
type ResumeFiles struct{}

// Kind is the job's stored name; it never changes.
func (ResumeFiles) Kind() string { return "resume_files" }

// InsertOpts puts the job into its queue.
func (ResumeFiles) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

// PurgeFiles forgets files that were fetched or worked on long ago.
type PurgeFiles struct{}

// Kind is the job's stored name; it never changes.
func (PurgeFiles) Kind() string { return "purge_files" }

// InsertOpts puts the job into its queue.
func (PurgeFiles) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

const (
	// purgeFilesBatch is how many files one statement forgets; each may be hundreds of pieces.
	purgeFilesBatch = 20
	// resumeFilesBatch is how many files one look resumes.
	resumeFilesBatch = 500
	// fetchFileWithin leaves a file time to be written down after its last byte.
	fetchFileWithin = files.FetchWithin + jobTimeout
	// fileElsewhere is the pause while another worker has a file, or had it when it died. River comes back by itself after
	// a pause that is so short; a longer one waits for its leader.
	fileElsewhere = 2 * time.Second
)

func (j *Jobs) addFileWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, a WorkOnFile, _ *rivertype.JobRow, _ payment.Done) error {
		left, err := j.shop.Files.Work(ctx, a.JobID)
		switch {
		case err != nil:
			return err
		case left == files.Some:
			j.waker.mark(queueFiles)
			return &payment.Later{}
		case left == files.Elsewhere:
			return &payment.Later{In: fileElsewhere}
		default:
			return nil
		}
	})
	workWithin(workers, fetchFileWithin, func(ctx context.Context, a FetchFile, _ *rivertype.JobRow, _ payment.Done) error {
		return j.shop.Files.FetchSource(ctx, a.JobID)
	})
	work(workers, func(ctx context.Context, _ ResumeFiles, _ *rivertype.JobRow, _ payment.Done) error {
		tasks, err := j.shop.Files.Waiting(ctx, resumeFilesBatch)
		if err != nil {
			return err
		}
		for _, task := range tasks {
			if _, err := j.client.Insert(ctx, fileJob(task), nil); err != nil {
				return fmt.Errorf("resume the work on a file: %w", err)
			}
		}
		return nil
	})
	work(workers, func(ctx context.Context, _ PurgeFiles, _ *rivertype.JobRow, _ payment.Done) error {
		for {
			n, err := j.shop.Files.Purge(ctx, purgeFilesBatch)
			if err != nil || n < purgeFilesBatch {
				return err
			}
		}
	})
}

// fileJob is the job that does what is to be done about a file.
func fileJob(task files.Task) river.JobArgs {
	if task.Fetch {
		return FetchFile{JobID: task.Job}
	}
	return WorkOnFile{JobID: task.Job}
}

// fileAccepted inserts the job that works on a file, in the transaction that takes the file in.
func (j *Jobs) fileAccepted(ctx context.Context, tx pgx.Tx, task files.Task) error {
	return j.insert(ctx, tx, []river.JobArgs{fileJob(task)})
}
