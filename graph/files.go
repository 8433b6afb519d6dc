package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/id"
)

type (
	importJobResolver struct{ *Resolver }
	exportJobResolver struct{ *Resolver }
)

// ImportJob answers the fields of ImportJob that are not simply there.
func (r *Resolver) ImportJob() ImportJobResolver { return importJobResolver{r} }

// ExportJob answers the fields of ExportJob that are not simply there.
func (r *Resolver) ExportJob() ExportJobResolver { return exportJobResolver{r} }

// fileLoaders are the "by many keys" questions about files.
type fileLoaders struct {
	importKeys together[id.ImportJobID]
	problems   *loader[id.ImportJobID, []files.Problem]
}

// shownProblems is how many problems of an import a query shows.
const shownProblems = 100

func newFileLoaders(f *files.Files) *fileLoaders {
	l := &fileLoaders{}
	l.problems = newLoader(&l.importKeys, func(ctx context.Context, ids []id.ImportJobID) (map[id.ImportJobID][]files.Problem, error) {
		return f.ProblemsByImport(ctx, ids, shownProblems)
	})
	return l
}

func (r queryResolver) ImportJob(ctx context.Context, text string) (*files.ImportJob, error) {
	name, err := id.ParseImportJobID(text)
	if err != nil {
		return nil, err
	}
	return absent(r.shop.Files.Import(ctx, name))
}

func (r queryResolver) ExportJob(ctx context.Context, text string) (*files.ExportJob, error) {
	name, err := id.ParseExportJobID(text)
	if err != nil {
		return nil, err
	}
	return absent(r.shop.Files.Export(ctx, name))
}

func (r queryResolver) ImportJobs(ctx context.Context, after, before *string, first, last *int, reverse *bool) (*files.ImportJobConnection, error) {
	list, err := r.shop.Files.Imports(ctx, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	keys := make([]id.ImportJobID, len(list.Nodes))
	for i, job := range list.Nodes {
		keys[i] = job.ID
	}
	r.load(ctx).importKeys.expect(keys)
	return &list, nil
}

func (r queryResolver) ExportJobs(ctx context.Context, after, before *string, first, last *int, reverse *bool) (*files.ExportJobConnection, error) {
	list, err := r.shop.Files.Exports(ctx, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	return &list, nil
}

func (r importJobResolver) Failure(_ context.Context, job *files.ImportJob) (*files.Failure, error) {
	return job.ErrorCode, nil
}

func (r importJobResolver) IgnoredColumns(_ context.Context, job *files.ImportJob) ([]string, error) {
	return job.Ignored, nil
}

func (r importJobResolver) Problems(ctx context.Context, job *files.ImportJob, first *int) ([]files.Problem, error) {
	problems, _, err := r.load(ctx).problems.load(ctx, job.ID)
	if err != nil {
		return nil, err
	}
	if first != nil {
		problems = problems[:min(max(*first, 0), len(problems))]
	}
	if problems == nil {
		problems = []files.Problem{}
	}
	return problems, nil
}

func (r importJobResolver) ProblemsURL(ctx context.Context, job *files.ImportJob) (*string, error) {
	if job.ProblemsCount == 0 {
		return nil, nil
	}
	link := originOf(ctx) + r.shop.Files.Link(r.shop.Clock.Now(), job.ID, files.ProblemsFile)
	return &link, nil
}

func (r importJobResolver) UploadURL(ctx context.Context, job *files.ImportJob) (*string, error) {
	if job.State != files.AwaitingFile {
		return nil, nil
	}
	link := originOf(ctx) + files.UploadPath(job.ID)
	return &link, nil
}

func (r exportJobResolver) Failure(_ context.Context, job *files.ExportJob) (*files.Failure, error) {
	return job.ErrorCode, nil
}

func (r exportJobResolver) URL(ctx context.Context, job *files.ExportJob) (*string, error) {
	if !job.CanBeFetched(access.From(ctx)) {
		return nil, nil
	}
	link := originOf(ctx) + r.shop.Files.Link(r.shop.Clock.Now(), job.ID, files.ExportedFile)
	return &link, nil
}

// fileUserError writes a refusal in the words of the files' API. A code that it does not list is INVALID.
func fileUserError(f *fault.Fault) FileUserError {
	e := FileUserError{Code: FileErrorCode(f.Code), Field: f.Field, Message: f.Message}
	if !e.Code.IsValid() {
		e.Code = FileErrorCodeInvalid
	}
	return e
}

// filed divides what a write gave back: the job as it is now, or what was wrong with the input.
func filed[T any](job T, err error) (*T, []FileUserError, error) {
	refused, err := userErrors(err, fileUserError)
	if err != nil || len(refused) > 0 {
		return nil, refused, err
	}
	return &job, refused, nil
}

func importPayload(job files.ImportJob, err error) (*CatalogImportPayload, error) {
	now, refused, err := filed(job, err)
	if err != nil {
		return nil, err
	}
	return &CatalogImportPayload{ImportJob: now, UserErrors: refused}, nil
}

func exportPayload(job files.ExportJob, err error) (*CatalogExportPayload, error) {
	now, refused, err := filed(job, err)
	if err != nil {
		return nil, err
	}
	return &CatalogExportPayload{ExportJob: now, UserErrors: refused}, nil
}

func (r mutationResolver) CatalogImport(ctx context.Context, input files.CatalogImportInput) (*CatalogImportPayload, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	return importPayload(r.shop.Files.StartImport(ctx, access.From(ctx), shop.Currency, input))
}

func (r mutationResolver) CatalogExport(ctx context.Context, input files.CatalogExportInput) (*CatalogExportPayload, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	return exportPayload(r.shop.Files.StartExport(ctx, access.From(ctx), shop.Currency, input))
}

func (r mutationResolver) CatalogImportCancel(ctx context.Context, input CatalogImportCancelInput) (*CatalogImportPayload, error) {
	name, err := id.ParseImportJobID(input.ID)
	if err != nil {
		return importPayload(files.ImportJob{}, files.ErrAbsent.At("input", "id"))
	}
	return importPayload(r.shop.Files.CancelImport(ctx, name))
}

func (r mutationResolver) CatalogExportCancel(ctx context.Context, input CatalogExportCancelInput) (*CatalogExportPayload, error) {
	name, err := id.ParseExportJobID(input.ID)
	if err != nil {
		return exportPayload(files.ExportJob{}, files.ErrAbsent.At("input", "id"))
	}
	return exportPayload(r.shop.Files.CancelExport(ctx, name))
}
