package catalog

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/richtext"
)

// CollectionSetInput makes a collection or changes the one that is named; what is nil stays as it is.
type CollectionSetInput struct {
	ID              *string
	ExternalID      *string
	Handle          *string
	Title           *string
	DescriptionHTML *string
	Image           *CollectionImageInput
	SEO             *richtext.SEOInput
	PublishedAt     *time.Time
	Published       *bool
	SortKey         *ProductCollectionSortKeys
	SortReverse     *bool
	ProductIDs      []string // the members, in their order
	RuleSet         *CollectionRuleSetInput
	ExpectedVersion *int
}

// CollectionImageInput is a collection's picture; an empty address takes it away.
type CollectionImageInput struct {
	URL     string
	AltText *string
}

// CollectionDeleteInput says what goes.
type CollectionDeleteInput struct {
	ID              string
	ExpectedVersion *int
}

// Database is what a write needs of the pool: reads and transactions.
type Database interface {
	pg.DB
	pg.Beginner
}

var errRuleBased = fault.New(fault.Conflict, "RULE_BASED", "The collection has rules, which decide about its products.")

const lockCollectionSQL = `
select ` + collectionColumns + `, c.external_id is null
from collection c
where case
    when $1::uuid is not null then c.id = $1
    when $3::text is not null then c.owner = $2::text and c.external_id = $3
    else c.handle = $4::text
end
for update`

const insertCollectionSQL = `
insert into collection (id, handle, title, description_html, description, image_url, image_alt, seo_title,
                        seo_description, published_at, sort_key, sort_reverse, rule_based, any_rule, owner, external_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
returning version, created_at, updated_at`

const updateCollectionSQL = `
update collection
set handle = $2, title = $3, description_html = $4, description = $5, image_url = $6, image_alt = $7, seo_title = $8,
    seo_description = $9, published_at = $10, sort_key = $11, sort_reverse = $12, rule_based = $13, any_rule = $14,
    owner = case when external_id is null then $15 else owner end, external_id = coalesce(external_id, $16),
    version = version + 1, updated_at = now()
where id = $1
returning version, created_at, updated_at`

// SetCollection makes a collection, or changes the one that is named. A change that changes nothing leaves the version
// as it is. Rules that are new are followed in the background; until then the members are what they were. currency is
// that of the prices in rules.
func SetCollection(ctx context.Context, db Database, actor access.Actor, currency money.Currency, in CollectionSetInput) (c Collection, err error) {
	err = input.Write(ctx, db, func(tx pgx.Tx) error {
		var p input.Problems
		who := input.Named(actor, "Collection", in.ID, in.ExternalID, in.Handle, &p)
		if p.Err() != nil { // the rest is told at once, as far as it does not depend on what is there
			var rest Collection
			in.over(&rest, false, time.Time{}, &p)
			w := collectionWrite{tx: tx, to: &rest}
			if err := w.read(ctx, in, false, currency, &p); err != nil {
				return err
			}
			return p.Err()
		}
		was, there, err := input.Locked(ctx, tx, lockCollectionSQL, (*Collection).fields, &who, in.ExpectedVersion)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		c = was
		var now time.Time
		if err := tx.QueryRow(ctx, importTimeSQL).Scan(&now); err != nil {
			return wrap(err, "ask for the time")
		}
		who.Rename(&c.Handle, !there, &p)
		in.over(&c, !there, now, &p)
		w := collectionWrite{tx: tx, to: &c}
		if err := w.read(ctx, in, there, currency, &p); err != nil {
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
		if there && !who.Names() && reflect.DeepEqual(c, was) && !w.changes() {
			return nil
		}
		statement := updateCollectionSQL
		if !there {
			statement, c.ID = insertCollectionSQL, id.NewCollectionID()
		}
		err = tx.QueryRow(ctx, statement, c.ID, c.Handle, c.Title, c.DescriptionHTML, c.Text, c.ImageURL, c.ImageAlt,
			c.SEOTitle, c.SEODescription, c.PublishedOn, c.SortKey, c.SortReverse, c.RuleBased, c.AnyRule, who.Owner(),
			who.External).Scan(&c.Version, &c.CreatedAt, &c.UpdatedAt)
		if err != nil {
			return fmt.Errorf("keep a collection: %w", err)
		}
		return w.write(ctx)
	})
	return c, err
}

// over lays what is given over a collection.
func (in CollectionSetInput) over(c *Collection, isNew bool, now time.Time, p *input.Problems) {
	c.Title = p.Title(in.Title, c.Title, isNew)
	if body := p.HTML(in.DescriptionHTML, "descriptionHtml"); body != nil {
		c.DescriptionHTML, c.Text = *body, richtext.Plain(*body)
	}
	p.SEO(in.SEO, &c.SEOTitle, &c.SEODescription)
	c.PublishedOn = p.Publication(c.PublishedOn, isNew, now, in.PublishedAt, in.Published)
	switch {
	case in.Image == nil:
	case in.Image.URL == "":
		c.ImageURL, c.ImageAlt = nil, nil
	default:
		p.Address(in.Image.URL, "image", "url")
		c.ImageURL = &in.Image.URL
		p.Short(in.Image.AltText, &c.ImageAlt, 2*input.MaxName, "image", "altText")
	}
	if isNew {
		c.SortKey = CollectionManual
	}
	if in.SortKey != nil {
		c.SortKey = *in.SortKey
		if own := []ProductCollectionSortKeys{CollectionDefault, CollectionRelevance}; slices.Contains(own, c.SortKey) {
			p.Add(fault.New(fault.Invalid, "INVALID", "A collection's own order is one of the others.").At("input", "sortKey"))
		}
	}
	if in.SortReverse != nil {
		c.SortReverse = *in.SortReverse
	}
}

const deleteCollectionSQL = `
delete from collection
where id = $1`

const deleteCollectionMetafieldsSQL = `
delete from metafield
where owner_kind = 'COLLECTION'
  and owner_id = $1`

// DeleteCollection takes a collection away; its products stay. Menus that led to it lead nowhere.
func DeleteCollection(ctx context.Context, db Database, in CollectionDeleteInput) (id.CollectionID, error) {
	collection, err := id.ParseCollectionID(in.ID)
	if err != nil {
		return collection, input.ErrAbsent.At("input", "id")
	}
	return collection, pg.InTx(ctx, db, func(tx pgx.Tx) error {
		_, members, err := lockMembers(ctx, tx, in.ID, in.ExpectedVersion, "id")
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, deleteCollectionSQL, collection); err != nil {
			return wrap(err, "delete a collection")
		}
		if _, err := tx.Exec(ctx, deleteCollectionMetafieldsSQL, collection); err != nil {
			return wrap(err, "delete a collection's metafields")
		}
		_, err = regrouped(ctx, tx, members)
		return err
	})
}
