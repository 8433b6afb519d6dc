package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/fault"
)

// How much text of documents is remembered. A parsed document takes some twenty times the memory of its text.
const (
	maxCachedDocuments = 2_000
	maxCachedText      = 4 << 20
	maxPersistedText   = 8 << 20
)

// textCache is an LRU that is bounded by the bytes of the texts it was given, not only by their number: documents
// come from strangers and may be large.
type textCache[T any] struct {
	mu     sync.Mutex
	lru    *simplelru.LRU[string, cached[T]]
	budget int
	held   int
}

type cached[T any] struct {
	value T
	bytes int
}

func newTextCache[T any](budget int) *textCache[T] {
	c := &textCache[T]{budget: budget}
	lru, err := simplelru.NewLRU(maxCachedDocuments, func(_ string, out cached[T]) { c.held -= out.bytes })
	if err != nil {
		panic(err) // the size is a constant above zero
	}
	c.lru = lru
	return c
}

// Get gives what was kept under a key.
func (c *textCache[T]) Get(_ context.Context, key string) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.lru.Get(key)
	return kept.value, ok
}

// Add keeps a value under its text.
func (c *textCache[T]) Add(_ context.Context, key string, value T) { c.keep(key, value, len(key)) }

func (c *textCache[T]) keep(key string, value T, bytes int) {
	if bytes > c.budget/16 {
		return // one document must not push out the rest
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.Remove(key)
	c.lru.Add(key, cached[T]{value, bytes})
	for c.held += bytes; c.held > c.budget; {
		c.lru.RemoveOldest()
	}
}

// persistedQueries let a client send the hash of a document instead of the document, once the document is known.
type persistedQueries struct{ known *textCache[string] }

// ExtensionName names the extension in gqlgen.
func (persistedQueries) ExtensionName() string { return "PersistedQueries" }

// Validate is content with every schema.
func (persistedQueries) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters finds the document of a hash, or checks that the hash is the document's.
func (p persistedQueries) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	given, ok := params.Extensions["persistedQuery"]
	if !ok || given == nil {
		return nil
	}
	fields, _ := given.(map[string]any)
	version, _ := integer(fields["version"])
	hash, _ := fields["sha256Hash"].(string)
	if version != 1 || len(hash) != 2*sha256.Size {
		return refuse(fault.Invalid, nil, "A persisted query has version 1 and the SHA-256 of its document in hexadecimal digits.")
	}
	if params.Query == "" {
		if params.Query, ok = p.known.Get(ctx, hash); !ok {
			return &gqlerror.Error{ // the text that clients look for
				Message:    "PersistedQueryNotFound",
				Extensions: map[string]any{"code": codePersistedQueryNotFound},
			}
		}
		return nil
	}
	if sum := sha256.Sum256([]byte(params.Query)); hex.EncodeToString(sum[:]) != hash { // no secret: both are the caller's
		return refuse(fault.Invalid, nil, "The hash is not that of the document.")
	}
	return nil
}

// MutateOperationContext keeps a document that came with its hash, now that it is known to be valid: what
// is not would push out what is.
func (p persistedQueries) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	given, _ := op.Extensions["persistedQuery"].(map[string]any)
	hash, _ := given["sha256Hash"].(string)
	if hash == "" {
		return nil
	}
	if _, known := p.known.Get(ctx, hash); !known {
		p.known.keep(hash, op.RawQuery, len(op.RawQuery))
	}
	return nil
}
