package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// MetafieldOwner is a kind of thing that has metafields.
type MetafieldOwner string

// The kinds of things that have metafields.
const (
	OfProduct    MetafieldOwner = "PRODUCT"
	OfVariant    MetafieldOwner = "VARIANT"
	OfCollection MetafieldOwner = "COLLECTION"
)

// Metafield is a typed value that a shop keeps of a thing.
type Metafield struct {
	ID        id.MetafieldID
	Owner     MetafieldOwner
	OwnerID   [16]byte
	Namespace string
	Key       string
	Type      string
	Value     string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// IsNode marks a Metafield as a Node of the API.
func (Metafield) IsNode() {}

// List says whether the value is a list.
func (m Metafield) List() bool { return strings.HasPrefix(m.Type, listOf) }

// References are the ids that the value leads to, in their order; none where it is no reference.
func (m Metafield) References() []id.Global {
	var texts []string
	switch kind := strings.TrimPrefix(m.Type, listOf); {
	case referenceKinds[kind] == "":
		return nil
	case m.List():
		if json.Unmarshal([]byte(m.Value), &texts) != nil {
			return nil
		}
	default:
		texts = []string{m.Value}
	}
	ids := make([]id.Global, 0, len(texts))
	for _, text := range texts {
		if global, err := id.Parse(text); err == nil {
			ids = append(ids, global)
		}
	}
	return ids
}

// HasMetafieldsIdentifier is the name of a metafield.
type HasMetafieldsIdentifier struct {
	Namespace *string
	Key       string
}

// defaultNamespace is the group of a metafield of which none is named.
const defaultNamespace = "custom"

// group is the namespace that is meant.
func group(namespace *string) string {
	if namespace == nil {
		return defaultNamespace
	}
	return *namespace
}

func (m *Metafield) fields() []any {
	return []any{&m.ID, &m.Owner, &m.OwnerID, &m.Namespace, &m.Key, &m.Type, &m.Value, &m.CreatedAt, &m.UpdatedAt}
}

func scanMetafield(row pgx.CollectableRow) (Metafield, error) {
	var m Metafield
	err := row.Scan(m.fields()...)
	return m, err
}

const metafieldsByOwnerSQL = `
select m.id, m.owner_kind, m.owner_id, m.namespace, m.key, m.type, m.value, m.created_at, m.updated_at
from metafield m
join unnest($2::text[], $3::text[]) n(namespace, key) on n.namespace = m.namespace and n.key = m.key
where m.owner_id = any((select $1::uuid[])::uuid[])`

// MetafieldsByOwner reads the metafields of these names of many things: for each thing one per name, in the order of
// the names, nil where it has none.
func MetafieldsByOwner[K ~[16]byte](ctx context.Context, db pg.DB, owners []K, names []HasMetafieldsIdentifier) (map[K][]*Metafield, error) {
	plain := make([][16]byte, len(owners))
	for i, owner := range owners {
		plain[i] = owner
	}
	type name struct{ namespace, key string }
	places, asked := map[name][]int{}, []name{}
	for i, wanted := range names {
		n := name{group(wanted.Namespace), wanted.Key}
		if places[n] == nil {
			asked = append(asked, n)
		}
		places[n] = append(places[n], i)
	}
	namespaces, keys := make([]string, len(asked)), make([]string, len(asked))
	for i, n := range asked {
		namespaces[i], keys[i] = n.namespace, n.key
	}
	rows, err := db.Query(ctx, metafieldsByOwnerSQL, plain, namespaces, keys)
	if err != nil {
		return nil, fmt.Errorf("read metafields: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanMetafield)
	if err != nil {
		return nil, fmt.Errorf("read metafields: %w", err)
	}
	by := make(map[K][]*Metafield, len(owners))
	for _, owner := range owners {
		by[owner] = make([]*Metafield, len(names))
	}
	for _, m := range found {
		for _, place := range places[name{m.Namespace, m.Key}] {
			by[m.OwnerID][place] = &m
		}
	}
	return by, nil
}

const metafieldsByIDSQL = `
select m.id, m.owner_kind, m.owner_id, m.namespace, m.key, m.type, m.value, m.created_at, m.updated_at
from metafield m
where m.id = any((select $1::uuid[])::uuid[])
  and ($2 or exists (
      select
      from product p
      where (p.id = m.owner_id or p.id = (select v.product_id from product_variant v where v.id = m.owner_id))
        and p.status = 'ACTIVE'
        and p.published_at <= now()
  ) or exists (
      select
      from collection c
      where c.id = m.owner_id
        and c.published_at <= now()
  ))`

// MetafieldsByID reads metafields; one that is not there, or of a thing that is not the caller's to see, is absent from
// the answer.
func MetafieldsByID(ctx context.Context, db pg.DB, actor access.Actor, ids []id.MetafieldID) (map[id.MetafieldID]Metafield, error) {
	rows, err := db.Query(ctx, metafieldsByIDSQL, ids, SeesAll(actor))
	if err != nil {
		return nil, fmt.Errorf("read metafields: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanMetafield)
	if err != nil {
		return nil, fmt.Errorf("read metafields: %w", err)
	}
	by := make(map[id.MetafieldID]Metafield, len(found))
	for _, m := range found {
		by[m.ID] = m
	}
	return by, nil
}
