package partners_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

type fixture struct {
	*partners.Partners
	pool      *pgxpool.Pool
	keys      *access.Keys
	clock     *clock.Fake
	passwords *access.Passwords
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	pool := pgtest.New(t)
	keys, err := access.LoadKeys(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{
		pool: pool, keys: keys, clock: clock.NewFake(time.Now()),
		passwords: access.NewPasswords(access.HashCost{Memory: 64, Time: 1, Threads: 1}),
	}
	f.Partners = f.process()
	return f
}

// process is one more process of the same shop.
func (f fixture) process() *partners.Partners {
	return partners.New(partners.Config{
		DB: f.pool, Log: event.New(), Passwords: f.passwords,
		Attempts: access.NewAttempts(f.pool, f.keys, false), Clock: f.clock, Environment: "test",
	})
}

func (f fixture) key(t *testing.T, by access.Actor, scopes ...string) (partners.APIKey, string) {
	t.Helper()
	key, text, err := f.CreateKey(t.Context(), by, partners.KeyCreateInput{Name: "Warehouse", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return key, text
}

// history lists what was appended about one thing as "kind by".
func (f fixture) history(t *testing.T, stream [16]byte) []string {
	t.Helper()
	rows, err := f.pool.Query(t.Context(), `select kind, by, data from event where stream = $1 order by version`, stream)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var kind, by string
		var data json.RawMessage
		if err := rows.Scan(&kind, &by, &data); err != nil {
			t.Fatal(err)
		}
		all = append(all, kind+" "+by)
	}
	return all
}

// codes lists what was refused as field=CODE.
func codes(err error) []string {
	var all []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			all = append(all, codes(one)...)
		}
		return all
	}
	var f *fault.Fault
	if errors.As(err, &f) {
		return []string{strings.Join(f.Field, ".") + "=" + f.Code}
	}
	return nil
}

func TestKeyIsShownOnceAndKeptAsItsHash(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	key, text := f.key(t, access.SystemActor, "orders:write", "catalog:read")
	if parts := strings.SplitN(text, "_", 4); len(parts) != 4 || parts[0] != "wharf" || parts[1] != "test" || len(parts[2]) != 12 || len(parts[3]) != 43 {
		t.Errorf("the key is %q, want wharf_test_<prefix>_<secret>", text)
	}
	if !strings.HasPrefix(text, key.Prefix+"_") || !slices.Equal(key.Scopes, access.Scopes{"catalog:read", "orders:write"}) {
		t.Errorf("the key is kept as %+v", key)
	}
	var dump string
	if err := f.pool.QueryRow(t.Context(), `select (select string_agg(k::text, '') from api_key k) || (select string_agg(e::text, '') from event e)`).Scan(&dump); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(dump, text[len(key.Prefix)+1:]) {
		t.Error("the key's secret is in the database")
	}
	actor, err := f.Authenticate(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	if actor.Kind != access.Partner || actor.KeyID != key.ID || id.PartnerID(actor.ID) != key.PartnerID || !actor.Can("orders:read") || actor.Can("keys:read") || !actor.ExpiresAt.IsZero() {
		t.Errorf("the key is of %+v", actor)
	}
	if got, want := f.history(t, key.ID), []string{"api_key.created system"}; !slices.Equal(got, want) {
		t.Errorf("the log says %v, want %v", got, want)
	}
}

func TestCreateKeyRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	past := f.clock.Now()
	manager := access.Actor{Kind: access.Staff, ID: uuid.New(), Scopes: access.Scopes{"keys:write", "orders:read"}}
	for name, c := range map[string]struct {
		actor access.Actor
		input partners.KeyCreateInput
		want  []string
	}{
		"nothing":          {access.SystemActor, partners.KeyCreateInput{}, []string{"input.name=INVALID", "input.scopes=INVALID"}},
		"long name":        {access.SystemActor, partners.KeyCreateInput{Name: strings.Repeat("é", 101), Scopes: []string{"orders:read"}}, []string{"input.name=INVALID"}},
		"unknown scope":    {access.SystemActor, partners.KeyCreateInput{Name: "k", Scopes: []string{"orders:read", "orders:delete"}}, []string{"input.scopes=INVALID"}},
		"past":             {access.SystemActor, partners.KeyCreateInput{Name: "k", Scopes: []string{"orders:read"}, ExpiresAt: &past}, []string{"input.expiresAt=INVALID"}},
		"more than held":   {manager, partners.KeyCreateInput{Name: "k", Scopes: []string{"orders:write", "orders:read"}}, []string{"input.scopes=SCOPE_NOT_HELD"}},
		"shopper's scopes": {access.Actor{Kind: access.Customer, Scopes: access.AllScopes()}, partners.KeyCreateInput{Name: "k", Scopes: []string{"orders:read"}}, []string{"input.scopes=SCOPE_NOT_HELD"}},
	} {
		if _, text, err := f.CreateKey(t.Context(), c.actor, c.input); text != "" || !slices.Equal(codes(err), c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	var n int
	if err := f.pool.QueryRow(t.Context(), `select (select count(*) from api_key) + (select count(*) from partner) + (select count(*) from event)`).Scan(&n); err != nil || n != 0 {
		t.Errorf("refused input left %d rows, %v", n, err)
	}
}

func TestWrongKeysAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, text := f.key(t, access.SystemActor, "orders:read")
	other, _ := f.key(t, access.SystemActor, "orders:read")
	for name, wrong := range map[string]string{
		"empty": "", "no key": "wharf", "prefix alone": text[:len(text)-44], "no secret": text[:len(text)-43],
		"cut": text[:len(text)-1], "longer": text + "x", "other prefix": other.Prefix + text[len(other.Prefix):],
		"other environment": strings.Replace(text, "_test_", "_live_", 1), "null": "wharf_test_\x00_x",
	} {
		if _, err := f.Authenticate(t.Context(), wrong); !fault.IsKind(err, fault.Unauthenticated) {
			t.Errorf("%s: %v, want UNAUTHENTICATED", name, err)
		}
	}
}

func TestRevokedKeyIsDead(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	elsewhere := f.process()
	key, text := f.key(t, access.SystemActor, "orders:read")
	actor, err := f.Authenticate(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := elsewhere.Authenticate(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	if err := f.Recheck(t.Context(), actor); err != nil {
		t.Fatal(err)
	}
	admin := access.Actor{Kind: access.Staff, ID: uuid.New(), Scopes: access.AllScopes()}
	revoked, err := f.RevokeKey(t.Context(), admin, key.ID)
	if err != nil || revoked.RevokedAt == nil {
		t.Fatalf("revoked %+v, %v", revoked, err)
	}
	if _, err := f.Authenticate(t.Context(), text); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("it works on in the process that revoked it: %v", err)
	}
	if err := elsewhere.Recheck(t.Context(), actor); !fault.IsKind(err, fault.Forbidden) {
		t.Errorf("its sockets live on: %v", err)
	}
	f.clock.Advance(time.Second)
	if _, err := elsewhere.Authenticate(t.Context(), text); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("it works on in another process after a second: %v", err)
	}
	again, err := f.RevokeKey(t.Context(), admin, key.ID)
	if err != nil || !again.RevokedAt.Equal(*revoked.RevokedAt) {
		t.Errorf("revoked again: %+v, %v", again, err)
	}
	if got, want := f.history(t, key.ID), []string{"api_key.created system", "api_key.revoked " + admin.By()}; !slices.Equal(got, want) {
		t.Errorf("the log says %v, want %v", got, want)
	}
}

func TestKeyEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	end := f.clock.Now().Add(time.Hour).Truncate(time.Microsecond)
	_, text, err := f.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "k", Scopes: []string{"orders:read"}, ExpiresAt: &end})
	if err != nil {
		t.Fatal(err)
	}
	actor, err := f.Authenticate(t.Context(), text)
	if err != nil || !actor.ExpiresAt.Equal(end) {
		t.Fatalf("the key ends at %s, %v; want %s", actor.ExpiresAt, err, end)
	}
	if _, err := f.pool.Exec(t.Context(), `update api_key set expires_at = now()`); err != nil {
		t.Fatal(err)
	}
	f.clock.Advance(time.Second)
	if _, err := f.Authenticate(t.Context(), text); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("an ended key works: %v", err)
	}
	if err := f.Recheck(t.Context(), actor); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("an ended key keeps sockets open: %v", err)
	}
}

func TestPartnerSeesAndEndsOnlyItsOwnKeys(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	mine, text := f.key(t, access.SystemActor, "keys:write", "orders:read")
	foreign, _ := f.key(t, access.SystemActor, "orders:read")
	me, err := f.Authenticate(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	sibling, _ := f.key(t, me, "orders:read")
	if sibling.PartnerID != mine.PartnerID {
		t.Error("a partner's key made a key of another partner")
	}
	first := 10
	list, err := f.Keys(t.Context(), me, pg.Page{First: &first})
	if err != nil || len(list.Nodes) != 2 || list.Nodes[0].ID != mine.ID || list.Nodes[1].ID != sibling.ID {
		t.Errorf("the partner's keys are %v, %v", list.Nodes, err)
	}
	absent := id.NewApiKeyID()
	_, foreignErr := f.RevokeKey(t.Context(), me, foreign.ID)
	_, absentErr := f.RevokeKey(t.Context(), me, absent)
	if !fault.IsKind(foreignErr, fault.NotFound) || foreignErr.Error() != absentErr.Error() {
		t.Errorf("a foreign key answers %v, an absent one %v", foreignErr, absentErr)
	}
	for _, key := range []id.ApiKeyID{foreign.ID, absent} {
		if got, err := f.Visible(t.Context(), me, key); got != nil || err != nil {
			t.Errorf("a partner sees %v, %v", got, err)
		}
	}
	staff := access.Actor{Kind: access.Staff, Scopes: access.Scopes{"keys:read"}}
	if got, err := f.Visible(t.Context(), staff, foreign.ID); err != nil || got == nil {
		t.Errorf("staff see %v, %v; want all keys", got, err)
	}
	if list, err := f.Keys(t.Context(), staff, pg.Page{First: &first}); err != nil || len(list.Nodes) != 3 {
		t.Errorf("staff see %d keys, %v; want 3", len(list.Nodes), err)
	}
	for _, nobody := range []access.Actor{{}, {Kind: access.Customer, Scopes: access.AllScopes()}, {Kind: access.Staff, Scopes: access.Scopes{"orders:write"}}} {
		if got, err := f.Visible(t.Context(), nobody, mine.ID); got != nil || err != nil {
			t.Errorf("%s without the scope sees %v, %v", nobody.Kind, got, err)
		}
		if list, err := f.Keys(t.Context(), nobody, pg.Page{First: &first}); err != nil || len(list.Nodes) != 0 {
			t.Errorf("%s without the scope lists %d keys, %v", nobody.Kind, len(list.Nodes), err)
		}
		if _, err := f.RevokeKey(t.Context(), nobody, mine.ID); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("%s without the scope ended a key: %v", nobody.Kind, err)
		}
	}
	if err := f.Recheck(t.Context(), me); err != nil {
		t.Errorf("the key was ended by somebody without the right: %v", err)
	}
}

func TestKeysArePaged(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var made []id.ApiKeyID
	for range 5 {
		key, _ := f.key(t, access.SystemActor, "orders:read")
		made = append(made, key.ID)
	}
	two := 2
	var seen []id.ApiKeyID
	page := pg.Page{First: &two}
	for {
		list, err := f.Keys(t.Context(), access.SystemActor, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range list.Nodes {
			seen = append(seen, key.ID)
		}
		if !list.PageInfo.HasNextPage {
			break
		}
		page.After = list.PageInfo.EndCursor
	}
	if !slices.Equal(seen, made) {
		t.Errorf("paging forward gave %v, want %v", seen, made)
	}
	last, err := f.Keys(t.Context(), access.SystemActor, pg.Page{Last: &two})
	if err != nil || len(last.Nodes) != 2 || last.Nodes[0].ID != made[3] || last.Nodes[1].ID != made[4] {
		t.Errorf("the last two are %v, %v", last.Nodes, err)
	}
	for _, cursor := range []string{"x", pg.EncodeCursor("x"), pg.EncodeCursor("a", "b")} {
		if _, err := f.Keys(t.Context(), access.SystemActor, pg.Page{First: &two, After: &cursor}); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("cursor %q gave %v", cursor, err)
		}
	}
}

func TestUsesAreCountedAcrossProcesses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	elsewhere := f.process()
	key, text := f.key(t, access.SystemActor, "orders:read")
	var all sync.WaitGroup
	for i := range 100 {
		process := f.Partners
		if i%2 == 0 {
			process = elsewhere
		}
		all.Go(func() {
			if _, err := process.Authenticate(t.Context(), text); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, process := range []*partners.Partners{f.Partners, elsewhere, f.Partners} {
		if err := process.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got, err := f.Visible(t.Context(), access.SystemActor, key.ID)
	if err != nil || got.Uses != 100 || got.LastUsedAt == nil {
		t.Errorf("the key was used %d times, last at %v, %v; want 100", got.Uses, got.LastUsedAt, err)
	}
}

func TestUsesThatCouldNotBeWrittenAreKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	key, text := f.key(t, access.SystemActor, "orders:read")
	for range 3 {
		if _, err := f.Authenticate(t.Context(), text); err != nil { // the first is written at once
			t.Fatal(err)
		}
	}
	gone, cancel := contextThatEnded(t)
	defer cancel()
	if err := f.Flush(gone); err == nil {
		t.Fatal("a flush that could not be done says nothing")
	}
	if err := f.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, _ := f.Visible(t.Context(), access.SystemActor, key.ID); got.Uses != 3 {
		t.Errorf("the key was used %d times, want 3", got.Uses)
	}
}
