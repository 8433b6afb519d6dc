package partners

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// APIKey is a partner's key, without its secret.
type APIKey struct {
	ID         id.ApiKeyID
	PartnerID  id.PartnerID
	Name       string
	Prefix     string // its visible beginning
	Scopes     access.Scopes
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	RevokedAt  *time.Time
	LastUsedAt *time.Time
	Uses       int64
}

// IsNode marks an APIKey as a Node of the API.
func (APIKey) IsNode() {}

// APIKeyConnection is a page of keys.
type APIKeyConnection = pg.Connection[APIKey]

// APIKeyEdge is one key of a page.
type APIKeyEdge = pg.Edge[APIKey]

// KeyCreateInput says what a new key may do.
type KeyCreateInput struct {
	Name      string
	Scopes    []string
	ExpiresAt *time.Time
}

// KeyRevokeInput says which key to end.
type KeyRevokeInput struct {
	ID id.ApiKeyID
}

const addPartnerSQL = `
insert into partner (id, name)
values ($1, $2)`

const addKeySQL = `
insert into api_key (id, partner_id, name, prefix, key_hash, scopes, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
returning id, partner_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at, uses`

// CreateKey makes a key and gives its whole text, wharf_<environment>_<prefix>_<secret>, this once. A partner's key
// makes keys of the same partner; one made by staff or on the command line is of a partner of its own. Nobody gives
// a scope that they lack.
func (p *Partners) CreateKey(ctx context.Context, actor access.Actor, input KeyCreateInput) (APIKey, string, error) {
	scopes, err := p.checkKey(actor, &input)
	if err != nil {
		return APIKey{}, "", err
	}
	prefix := "wharf_" + p.Environment + "_" + access.NewShortCode(12)
	text, hash := access.NewToken(prefix + "_")
	var key APIKey
	err = pg.InTx(ctx, p.DB, func(tx pgx.Tx) error {
		partner := id.PartnerID(actor.ID)
		if actor.Kind != access.Partner {
			partner = id.NewPartnerID()
			if _, err := tx.Exec(ctx, addPartnerSQL, partner, input.Name); err != nil {
				return fmt.Errorf("add a partner: %w", err)
			}
		}
		key, err = scanKey(tx.QueryRow(ctx, addKeySQL, id.NewApiKeyID(), partner, input.Name, prefix, hash,
			scopes.Strings(), input.ExpiresAt))
		if err != nil {
			return fmt.Errorf("add an API key: %w", err)
		}
		_, err = p.Log.Append(ctx, tx, key.ID, 0, actor.By(), "apiKeyCreate",
			KeyCreated{Partner: partner, Name: key.Name, Prefix: prefix, Scopes: scopes, ExpiresAt: key.ExpiresAt})
		return err
	})
	if err != nil {
		return APIKey{}, "", err
	}
	return key, text, nil
}

func (p *Partners) checkKey(actor access.Actor, input *KeyCreateInput) (access.Scopes, error) {
	var wrong []error
	refuse := func(field, code, message string) {
		wrong = append(wrong, fault.New(fault.Invalid, code, message).At("input", field))
	}
	input.Name = strings.TrimSpace(input.Name)
	if n := utf8.RuneCountInString(input.Name); n < 1 || n > 100 {
		refuse("name", "INVALID", "A key's name has 1 to 100 characters.")
	}
	scopes, err := access.ParseScopes(input.Scopes)
	switch {
	case err != nil:
		refuse("scopes", "INVALID", err.Error())
	case len(scopes) == 0:
		refuse("scopes", "INVALID", "A key has at least one scope.")
	}
	for _, scope := range scopes {
		if !actor.Can(scope) {
			refuse("scopes", "SCOPE_NOT_HELD", "You cannot give "+string(scope)+", which you do not have.")
		}
	}
	if input.ExpiresAt != nil && !input.ExpiresAt.After(p.Clock.Now()) {
		refuse("expiresAt", "INVALID", "A key ends in the future.")
	}
	return scopes, errors.Join(wrong...)
}

const keysByIDSQL = `
select id, partner_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at, uses
from api_key
where id = any($1) and ($2::uuid is null or partner_id = $2)`

const lockKeySQL = `
select id, partner_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at, uses
from api_key
where id = $1 and ($2::uuid is null or partner_id = $2)
for update`

// Visible is the key as the actor may see it. Nil means that there is none or that it is not theirs to see.
func (p *Partners) Visible(ctx context.Context, actor access.Actor, key id.ApiKeyID) (*APIKey, error) {
	visible, err := p.VisibleByID(ctx, actor, []id.ApiKeyID{key})
	if found, ok := visible[key]; ok {
		return &found, err
	}
	return nil, err
}

// VisibleByID gives those of the keys that the actor may see: staff with keys:read see all, a partner sees its own.
func (p *Partners) VisibleByID(ctx context.Context, actor access.Actor, ids []id.ApiKeyID) (map[id.ApiKeyID]APIKey, error) {
	if !actor.Can("keys:read") {
		return nil, nil
	}
	rows, err := p.DB.Query(ctx, keysByIDSQL, ids, ownOnly(actor))
	if err != nil {
		return nil, fmt.Errorf("read API keys: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (APIKey, error) { return scanKey(row) })
	if err != nil {
		return nil, fmt.Errorf("read API keys: %w", err)
	}
	visible := make(map[id.ApiKeyID]APIKey, len(list))
	for _, key := range list {
		visible[key.ID] = key
	}
	return visible, nil
}

// ownOnly is the partner whose keys alone the actor may touch, or nil for all.
func ownOnly(actor access.Actor) *id.PartnerID {
	if actor.Kind != access.Partner {
		return nil
	}
	own := id.PartnerID(actor.ID)
	return &own
}

const keysSQL = `
select id, partner_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at, uses
from api_key
where ($1::uuid is null or partner_id = $1) and ($2::uuid is null or id > $2)
order by id
limit $3`

const keysDescendingSQL = `
select id, partner_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at, uses
from api_key
where ($1::uuid is null or partner_id = $1) and ($2::uuid is null or id < $2)
order by id desc
limit $3`

// Keys lists the keys that the actor may see, oldest first.
func (p *Partners) Keys(ctx context.Context, actor access.Actor, page pg.Page) (pg.Connection[APIKey], error) {
	window, err := page.Window(1)
	if err != nil || !actor.Can("keys:read") {
		return pg.Connection[APIKey]{}, err
	}
	after, err := pg.At(window, 0, uuid.Parse)
	if err != nil {
		return pg.Connection[APIKey]{}, err
	}
	p.flush(ctx) // what this process has counted shows
	query := keysSQL
	if window.Descending {
		query = keysDescendingSQL
	}
	rows, err := p.DB.Query(ctx, query, ownOnly(actor), after, window.Fetch())
	if err != nil {
		return pg.Connection[APIKey]{}, fmt.Errorf("list API keys: %w", err)
	}
	keys, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (APIKey, error) { return scanKey(row) })
	if err != nil {
		return pg.Connection[APIKey]{}, fmt.Errorf("list API keys: %w", err)
	}
	return pg.Build(window, keys, func(k APIKey) []string { return []string{uuid.UUID(k.ID).String()} }), nil
}

const revokeKeySQL = `
update api_key
set revoked_at = now()
where id = $1
returning revoked_at`

// RevokeKey ends a key. To end one that is ended already changes nothing. A foreign key and an absent one look the
// same.
func (p *Partners) RevokeKey(ctx context.Context, actor access.Actor, key id.ApiKeyID) (APIKey, error) {
	var found APIKey
	err := pg.InTx(ctx, p.DB, func(tx pgx.Tx) (err error) {
		found, err = scanKey(tx.QueryRow(ctx, lockKeySQL, key, ownOnly(actor)))
		if errors.Is(err, pgx.ErrNoRows) || err == nil && !actor.Can("keys:write") {
			return fault.New(fault.NotFound, "NOT_FOUND", "There is no such API key.").At("input", "id")
		}
		if err != nil {
			return fmt.Errorf("lock an API key: %w", err)
		}
		if found.RevokedAt != nil {
			return nil
		}
		if err := tx.QueryRow(ctx, revokeKeySQL, key).Scan(&found.RevokedAt); err != nil {
			return fmt.Errorf("revoke an API key: %w", err)
		}
		_, err = p.Log.Append(ctx, tx, key, 1, actor.By(), "apiKeyRevoke", KeyRevoked{})
		return err
	})
	if err != nil {
		return APIKey{}, err
	}
	p.forget(key)
	return found, nil
}

func scanKey(row pgx.Row) (APIKey, error) {
	var k APIKey
	err := row.Scan(&k.ID, &k.PartnerID, &k.Name, &k.Prefix, &k.Scopes, &k.CreatedAt, &k.ExpiresAt, &k.RevokedAt, &k.LastUsedAt, &k.Uses)
	return k, err
}
