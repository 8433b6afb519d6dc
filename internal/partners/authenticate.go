package partners

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// knownKey is a key that was good a moment ago.
type knownKey struct {
	actor access.Actor
	read  time.Time
}

// freshness is how long a key is taken for good without asking the database: the longest that a key revoked in
// another process lives on.
const freshness = time.Second

// flushEvery is how often the uses of keys are written.
const flushEvery = 10 * time.Second

var (
	errKey   = fault.New(fault.Unauthenticated, "KEY_INVALID", "The API key is not valid, was revoked or has ended.")
	errToken = fault.New(fault.Unauthenticated, "TOKEN_INVALID", "The access token is not valid or has ended.")
	errGone  = fault.New(fault.Forbidden, "RIGHT_GONE", "What you were allowed to do was taken back. Sign in again.")
)

// keyPrefix is the visible beginning of a key: what the database is asked for.
var keyPrefix = regexp.MustCompile(`^wharf_[a-z0-9]{1,16}_[0-9a-f]{12}_`)

// IsKey says whether a text looks like an API key.
func IsKey(text string) bool { return strings.HasPrefix(text, "wharf_") }

const authenticateKeySQL = `
select id, partner_id, key_hash, scopes, coalesce(expires_at, 'infinity') < 'infinity', coalesce(expires_at, now())
from api_key
where prefix = $1 and revoked_at is null and (expires_at is null or expires_at > now())`

// Authenticate says which partner a key belongs to and counts its use. A key that is not one, was revoked or has
// ended is UNAUTHENTICATED.
func (p *Partners) Authenticate(ctx context.Context, text string) (access.Actor, error) {
	name := sha256.Sum256([]byte(text))
	now := p.Clock.Now()
	if key, ok := p.known.Get(name); ok && now.Sub(key.read) < freshness && !now.Before(key.read) && !key.actor.Expired(now) {
		p.count(key.actor.KeyID)
		return key.actor, nil
	}
	actor, err := p.readKey(ctx, text)
	if err != nil {
		p.known.Remove(name)
		return access.Actor{}, err
	}
	p.known.Add(name, knownKey{actor: actor, read: now})
	if p.count(actor.KeyID) >= flushEvery {
		p.flush(ctx)
	}
	return actor, nil
}

func (p *Partners) readKey(ctx context.Context, text string) (access.Actor, error) {
	prefix := keyPrefix.FindString(text)
	if prefix == "" {
		return access.Actor{}, errKey
	}
	actor := access.Actor{Kind: access.Partner}
	var hash []byte
	var ends bool
	var end time.Time
	err := p.DB.QueryRow(ctx, authenticateKeySQL, strings.TrimSuffix(prefix, "_")).
		Scan(&actor.KeyID, &actor.ID, &hash, &actor.Scopes, &ends, &end)
	if errors.Is(err, pgx.ErrNoRows) {
		return access.Actor{}, errKey
	}
	if err != nil {
		return access.Actor{}, fmt.Errorf("read an API key: %w", err)
	}
	if !access.TokenMatches(text, hash) {
		return access.Actor{}, errKey
	}
	if ends {
		actor.ExpiresAt = end
	}
	return actor, nil
}

const recheckKeySQL = `
select revoked_at is null, coalesce(expires_at > now(), true)
from api_key
where id = $1`

// recheckKey asks whether a key is still good.
func (p *Partners) recheckKey(ctx context.Context, actor access.Actor) error {
	var held, lasts bool
	err := p.DB.QueryRow(ctx, recheckKeySQL, actor.KeyID).Scan(&held, &lasts)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errGone
	case err != nil:
		return fmt.Errorf("read an API key: %w", err)
	case !held:
		return errGone
	case !lasts:
		return errKey
	}
	return nil
}

// Recheck asks whether the actor of an open socket may still do what they might when they came: UNAUTHENTICATED when
// their key or token has ended, FORBIDDEN when it was revoked or may do something else now.
func (p *Partners) Recheck(ctx context.Context, actor access.Actor) error {
	if actor.Kind == access.Partner {
		return p.recheckKey(ctx, actor)
	}
	return p.recheckStaff(ctx, actor)
}

// forget drops a key from memory, so that it is dead at once in this process.
func (p *Partners) forget(key id.ApiKeyID) {
	for _, name := range p.known.Keys() {
		if known, ok := p.known.Peek(name); ok && known.actor.KeyID == key {
			p.known.Remove(name)
		}
	}
}
