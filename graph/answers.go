package graph

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/answers"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
	"github.com/wharfhq/wharf/internal/shop"
)

// answering keeps whole answers to queries that have the same answer for everybody: what @cached says may be kept,
// asked by somebody who sees what all see. Such an answer is made for a caller of no name, out of one snapshot, so that
// there is nothing private in it and nothing half changed. See docs/decisions/0009-answers.md.
type answering struct {
	shop    *shop.Shop
	cache   *answers.Cache[keptAnswer]
	table   cachedTable
	limiter *Limiter
	known   persistedQueries
	waiting publications
}

// keptAnswer is an answer, with what a request that gets it is charged and logged as. Errors go to those who waited for it and
// are never kept.
type keptAnswer struct {
	data      json.RawMessage
	tag       string // of the data, for ETag
	operation string
	cost      int             // declared
	actual    int             // 0 where it failed
	search    json.RawMessage // what was left out of its searches
	errors    gqlerror.List
}

// makersOf is how many answers are made at once: each holds a connection, and half of the pool is for everything else.
func makersOf(s *shop.Shop) int { return max(1, int(s.Pool.Config().MaxConns)/2) }

func newAnswering(s *shop.Shop, server *Server, schema *ast.Schema) *answering {
	return &answering{
		shop: s, table: newCachedTable(schema), limiter: server.limiter, known: server.persisted,
		cache: answers.New[keptAnswer](answers.Config{
			Positions: server.options.Positions, Bytes: server.options.AnswerBytes,
			Makers: makersOf(s), Within: server.options.OperationTimeout,
		}),
	}
}

// seesWhatAllSee says whether a caller reads the shop as anybody does: without a token, or with the key of a storefront,
// which opens nothing of the catalog's back side.
func seesWhatAllSee(actor access.Actor) bool {
	return actor.Kind == access.Anonymous || actor.Kind == access.Partner && !catalog.SeesAll(actor)
}

// keyOf names the question of a caller: all that the answer depends on, except the shop. That is the document, which
// operation of it, its variables, and the address under which the caller reached the shop, which stands in those of its
// images. For whom the document is meant, @inContext, stands in document and variables.
func keyOf(ctx context.Context, params *graphql.RawParams) (answers.Key, bool) {
	variables, err := json.Marshal(params.Variables) // sorted by name
	if err != nil || params.Query == "" {
		return answers.Key{}, false
	}
	hash := sha256.New()
	for _, part := range []string{params.Query, params.OperationName, string(variables), originOf(ctx)} {
		_ = binary.Write(hash, binary.LittleEndian, uint64(len(part)))
		hash.Write([]byte(part))
	}
	return answers.Key(hash.Sum(nil)), true
}

// name names the question of a caller; false where its answer is not one that everybody gets. A question that came as the
// hash of its document is spelled out on the way.
func (a *answering) name(ctx context.Context, params *graphql.RawParams) (answers.Key, bool) {
	if a == nil || !seesWhatAllSee(access.From(ctx)) || a.known.MutateOperationParameters(ctx, params) != nil {
		return answers.Key{}, false
	}
	return keyOf(ctx, params)
}

// find gives a kept answer and charges the caller for it. What is not found, or not allowed, goes the way of all
// operations.
func (a *answering) find(ctx context.Context, key answers.Key) (keptAnswer, Cost, bool) {
	answer, ok := a.cache.Find(key)
	if !ok {
		return keptAnswer{}, Cost{}, false
	}
	actor := access.From(ctx)
	cost, refused := a.limiter.Take(actor, answer.cost)
	if refused != nil {
		return answer, cost, false
	}
	return answer, a.limiter.Settle(actor, cost, answer.actual), true
}

// takes says whether the answer to an operation may be kept, and by which rule.
func (a *answering) takes(op *graphql.OperationContext) (answers.Rule, bool) {
	return a.table.ruleOf(op)
}

// answer makes the answer to an operation, or waits for the one that is being made.
func (a *answering) answer(ctx context.Context, key answers.Key, op *graphql.OperationContext, rule answers.Rule, exec graphql.GraphExecutor) (keptAnswer, error) {
	return a.cache.Make(ctx, key, func(ctx context.Context) (made answers.Made[keptAnswer], err error) {
		if _, err := a.shop.Settings.Load(ctx); err != nil { // that there are some
			return made, err
		}
		began := time.Now()
		err = pg.InSnapshot(access.With(ctx, access.Actor{}), a.shop.Pool, func(ctx context.Context, moment *pg.Snapshot) error {
			at, err := position.Current(ctx, moment)
			if err != nil {
				return err
			}
			ends, err := a.waiting.next(ctx, moment, at, rule, began)
			if err != nil {
				return err
			}
			responses, ctx := exec.DispatchOperation(readingFrom(ctx, sourceAt(moment, a.shop.Settings)), op)
			response := responses(ctx)
			if response == nil { // the time ran out before the first field
				return context.DeadlineExceeded
			}
			made = answers.Made[keptAnswer]{Answer: keptOf(op, response), At: at, Rule: rule, Ends: ends}
			if len(response.Errors) == 0 {
				made.Bytes = len(response.Data) + len(made.Answer.search)
			}
			return nil
		})
		return made, err
	})
}

func keptOf(op *graphql.OperationContext, response *graphql.Response) keptAnswer {
	cost, _ := op.Stats.GetExtension(costStats).(Cost)
	actual, _ := op.Stats.GetExtension(actualStats).(int)
	search, _ := response.Extensions[searchStats].(json.RawMessage)
	sum := sha256.Sum256(response.Data)
	return keptAnswer{
		data: response.Data, tag: base64.RawURLEncoding.EncodeToString(sum[:18]),
		operation: op.Operation.Name, cost: cost.Requested, actual: actual, search: search, errors: response.Errors,
	}
}
