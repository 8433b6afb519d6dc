package graph

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// searchStats is under which name an operation has its warnings, and under which its answer's extensions do.
const searchStats = "search"

// maxWarnings is how many lists of one answer are warned about; a small document must not buy a large answer.
const maxWarnings = 25

// maxUnread is how many fields of one list are named; more are no slips of a hand.
const maxUnread = 10

// searchWarnings gathers what was left out of the searches of one operation. Storefronts of the vocabulary send fields
// that only another channel has, and rely on being answered without them; who has misspelled one finds it here.
type searchWarnings struct {
	mu   sync.Mutex
	list []searchWarning
}

type searchWarning struct {
	Path     ast.Path      `json:"path"`
	Query    string        `json:"query"`
	Warnings []unreadField `json:"warnings"`
}

type unreadField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Code    string `json:"code"`
}

// warnUnread says in the answer's extensions which conditions of a list's search were left out.
func warnUnread(ctx context.Context, query *string, fields searchsyntax.Fields) {
	if query == nil || !graphql.HasOperationContext(ctx) {
		return
	}
	warnings, ok := graphql.GetOperationContext(ctx).Stats.GetExtension(searchStats).(*searchWarnings)
	parsed, err := searchsyntax.Parse(*query, fields)
	if !ok || err != nil || len(parsed.Unread) == 0 {
		return // what can't be read is refused where the list is
	}
	warning := searchWarning{Path: graphql.GetPath(ctx), Query: *query}
	named := map[string]bool{}
	for _, unread := range parsed.Unread {
		if named[unread.Field] || len(named) == maxUnread {
			continue
		}
		named[unread.Field] = true
		warning.Warnings = append(warning.Warnings, unreadField{
			Field: unread.Field, Code: "invalid_field",
			Message: "This list can't be searched by that field. The condition was left out.",
		})
	}
	warnings.mu.Lock()
	defer warnings.mu.Unlock()
	if len(warnings.list) < maxWarnings {
		warnings.list = append(warnings.list, warning)
	}
}

// written is what stands in the answer; nothing where all was understood.
func (w *searchWarnings) written() json.RawMessage {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.list) == 0 {
		return nil
	}
	text, err := json.Marshal(w.list)
	if err != nil {
		return nil // paths and texts always can be
	}
	return text
}
