package catalog

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
)

// MetafieldInput is a metafield of the thing that is written.
type MetafieldInput struct {
	Namespace *string
	Key       string
	Type      *string
	Value     string
}

// maxMetafields is how many metafields are written at once.
const maxMetafields = 250

// metafieldWish is a metafield to be written of a thing that is there and held.
type metafieldWish struct {
	owner     MetafieldOwner
	ownerID   [16]byte
	in        MetafieldInput
	path      []string // of the wish in the input
	ownerless bool     // the thing is not there, which is among the problems: the rest is looked at for what is wrong with it
}

// at is the path of one part of the wish, below the input.
func (w metafieldWish) at(part string) []string { return append(slices.Clone(w.path), part) }

// metafieldName tells one metafield from all others.
type metafieldName struct {
	owner          [16]byte
	namespace, key string
}

func (w metafieldWish) name() metafieldName {
	return metafieldName{w.ownerID, group(w.in.Namespace), w.in.Key}
}

var (
	namespaceForm = regexp.MustCompile(`^[A-Za-z0-9_-]{2,255}$`)
	keyForm       = regexp.MustCompile(`^[A-Za-z0-9_-]{2,64}$`)
)

// CheckMetafieldName refuses a name that no metafield can have; the path is that of the metafield below the input.
func CheckMetafieldName(namespace, key string, p *input.Problems, path ...string) {
	at := func(field string) []string { return append(under(path), field) }
	if !namespaceForm.MatchString(namespace) {
		p.Add(fault.New(fault.Invalid, "INVALID", "A namespace has 2 to 255 letters, digits, hyphens and underscores.").At(at("namespace")...))
	}
	if !keyForm.MatchString(key) {
		p.Add(fault.New(fault.Invalid, "INVALID", "A key has 2 to 64 letters, digits, hyphens and underscores.").At(at("key")...))
	}
}

// checkNames refuses names that are none, and those that come twice.
func checkNames(wishes []metafieldWish, p *input.Problems) {
	seen := map[metafieldName]bool{}
	for _, w := range wishes {
		CheckMetafieldName(group(w.in.Namespace), w.in.Key, p, w.path...)
		if w.ownerless {
			continue
		}
		if seen[w.name()] {
			p.Add(fault.New(fault.Invalid, "DUPLICATE", "The metafield is there twice.").At(under(w.path)...))
		}
		seen[w.name()] = true
	}
}

// under is a path below the input.
func under(path []string) []string { return append([]string{"input"}, path...) }

const metafieldsNamedSQL = `
select m.id, m.owner_kind, m.owner_id, m.namespace, m.key, m.type, m.value, m.created_at, m.updated_at
from metafield m
join unnest($1::uuid[], $2::text[], $3::text[]) n(owner_id, namespace, key)
  on n.owner_id = m.owner_id and n.namespace = m.namespace and n.key = m.key
order by m.id
for update of m`

// metafieldsNamed reads the metafields of these names and holds them until the transaction ends.
func metafieldsNamed(ctx context.Context, tx pgx.Tx, names []metafieldName) (map[metafieldName]Metafield, error) {
	owners, namespaces, keys := make([][16]byte, len(names)), make([]string, len(names)), make([]string, len(names))
	for i, name := range names {
		owners[i], namespaces[i], keys[i] = name.owner, name.namespace, name.key
	}
	rows, err := tx.Query(ctx, metafieldsNamedSQL, owners, namespaces, keys)
	if err != nil {
		return nil, fmt.Errorf("read metafields: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanMetafield)
	if err != nil {
		return nil, fmt.Errorf("read metafields: %w", err)
	}
	by := make(map[metafieldName]Metafield, len(found))
	for _, m := range found {
		by[metafieldName{m.OwnerID, m.Namespace, m.Key}] = m
	}
	return by, nil
}

const upsertMetafieldsSQL = `
insert into metafield (id, owner_kind, owner_id, namespace, key, type, value)
select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
on conflict (owner_id, namespace, key) do update set type = excluded.type, value = excluded.value, updated_at = now()
returning id, owner_kind, owner_id, namespace, key, type, value, created_at, updated_at`

// writeMetafields writes metafields and gives them as they are now, in the order of the wishes, and the owners of those
// that are not what they were. With problems nothing is written.
func writeMetafields(ctx context.Context, tx pgx.Tx, wishes []metafieldWish, p *input.Problems) (now []Metafield, changed [][16]byte, err error) {
	if len(wishes) == 0 {
		return nil, nil, nil
	}
	checkNames(wishes, p)
	names := make([]metafieldName, len(wishes))
	for i, w := range wishes {
		names[i] = w.name()
	}
	there, err := metafieldsNamed(ctx, tx, names)
	if err != nil {
		return nil, nil, err
	}
	var write []Metafield
	var leads []metafieldLead
	for i, w := range wishes {
		m, known := there[names[i]]
		if !known {
			m = Metafield{ID: id.NewMetafieldID(), Owner: w.owner, OwnerID: w.ownerID, Namespace: names[i].namespace, Key: w.in.Key}
		}
		was := m
		if !w.over(&m, known, p) {
			continue
		}
		for _, global := range m.References() {
			leads = append(leads, metafieldLead{global, w.at("value")})
		}
		there[names[i]] = m
		if m.Type != was.Type || m.Value != was.Value {
			write, changed = append(write, m), append(changed, m.OwnerID)
		}
	}
	if err := checkReferences(ctx, tx, leads, p); err != nil || p.Err() != nil {
		return nil, nil, err
	}
	if err := upsertMetafields(ctx, tx, write, there); err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		now = append(now, there[name])
	}
	return now, changed, nil
}

// over lays a wish over a metafield; false where it can't.
func (w metafieldWish) over(m *Metafield, known bool, p *input.Problems) bool {
	switch {
	case w.in.Type != nil:
		m.Type = *w.in.Type
	case w.ownerless:
		return false // what is there might have one
	case !known:
		p.Add(fault.New(fault.Invalid, "BLANK", "What is new needs a type.").At(under(w.at("type"))...))
		return false
	}
	if err := checkType(m.Type); err != nil {
		p.Add(placedAt(err, w.at("type")))
		return false
	}
	value, err := checkValue(m.Type, w.in.Value)
	if err != nil {
		p.Add(placedAt(err, w.at("value")))
		return false
	}
	m.Value = value
	return true
}

// placedAt gives a refusal its path.
func placedAt(err error, path []string) error {
	if f, ok := fault.As(err); ok {
		return f.At(under(path)...)
	}
	return err
}

const thingsKnownSQL = `
select 'Product', id from product where id = any($1::uuid[])
union all
select 'ProductVariant', id from product_variant where id = any($1::uuid[])
union all
select 'Collection', id from collection where id = any($1::uuid[])`

// metafieldLead is what a value leads to, and where it says so.
type metafieldLead struct {
	to   id.Global
	path []string
}

// checkReferences refuses references that lead nowhere.
func checkReferences(ctx context.Context, db pg.DB, leads []metafieldLead, p *input.Problems) error {
	if len(leads) == 0 {
		return nil
	}
	ids := make([][16]byte, len(leads))
	for i, lead := range leads {
		ids[i] = lead.to.UUID
	}
	rows, err := db.Query(ctx, thingsKnownSQL, ids)
	if err != nil {
		return fmt.Errorf("look for what metafields lead to: %w", err)
	}
	known := map[id.Global]bool{}
	var one id.Global
	if _, err := pgx.ForEachRow(rows, []any{&one.Kind, &one.UUID}, func() error {
		known[one] = true
		return nil
	}); err != nil {
		return fmt.Errorf("look for what metafields lead to: %w", err)
	}
	for _, lead := range leads {
		if !known[lead.to] {
			p.Add(fault.New(fault.NotFound, "NOT_FOUND", "There is nothing of this id.").At(under(lead.path)...))
		}
	}
	return nil
}

func upsertMetafields(ctx context.Context, tx pgx.Tx, write []Metafield, there map[metafieldName]Metafield) error {
	if len(write) == 0 {
		return nil
	}
	n := len(write)
	ids, kinds, owners := make([]id.MetafieldID, n), make([]string, n), make([][16]byte, n)
	namespaces, keys, types, values := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, m := range write {
		ids[i], kinds[i], owners[i] = m.ID, string(m.Owner), m.OwnerID
		namespaces[i], keys[i], types[i], values[i] = m.Namespace, m.Key, m.Type, m.Value
	}
	rows, err := tx.Query(ctx, upsertMetafieldsSQL, ids, kinds, owners, namespaces, keys, types, values)
	if err != nil {
		return fmt.Errorf("write metafields: %w", err)
	}
	written, err := pgx.CollectRows(rows, scanMetafield)
	if err != nil {
		return fmt.Errorf("write metafields: %w", err)
	}
	for _, m := range written {
		there[metafieldName{m.OwnerID, m.Namespace, m.Key}] = m
	}
	return nil
}
