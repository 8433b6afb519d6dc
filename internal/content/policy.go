package content

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
)

// ShopPolicyType is what a policy is about. A shop has at most one of each.
type ShopPolicyType string

// The policies of a shop.
const (
	ContactInformation ShopPolicyType = "CONTACT_INFORMATION"
	LegalNotice        ShopPolicyType = "LEGAL_NOTICE"
	PrivacyPolicy      ShopPolicyType = "PRIVACY_POLICY"
	RefundPolicy       ShopPolicyType = "REFUND_POLICY"
	ShippingPolicy     ShopPolicyType = "SHIPPING_POLICY"
	SubscriptionPolicy ShopPolicyType = "SUBSCRIPTION_POLICY"
	TermsOfSale        ShopPolicyType = "TERMS_OF_SALE"
	TermsOfService     ShopPolicyType = "TERMS_OF_SERVICE"
)

// Handle is the policy's name in addresses, such as refund-policy.
func (t ShopPolicyType) Handle() string {
	return strings.ToLower(strings.ReplaceAll(string(t), "_", "-"))
}

// title is what a policy is called where the shop gives it no other title.
func (t ShopPolicyType) title() string {
	words := strings.ToLower(strings.ReplaceAll(string(t), "_", " "))
	return strings.ToUpper(words[:1]) + words[1:]
}

// ShopPolicy is a text that the shop is bound by, such as its terms of service.
type ShopPolicy struct {
	ID        id.ShopPolicyID
	Type      ShopPolicyType
	Title     string
	Body      string // HTML, sanitized when it was written
	Version   int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// IsNode marks a ShopPolicy as a Node of the API.
func (ShopPolicy) IsNode() {}

// IsMenuItemResource says that a menu may lead to a ShopPolicy.
func (ShopPolicy) IsMenuItemResource() {}

// Handle is the policy's name in addresses.
func (p ShopPolicy) Handle() string { return p.Type.Handle() }

func (p *ShopPolicy) fields() []any {
	return []any{&p.ID, &p.Type, &p.Title, &p.Body, &p.Version, &p.CreatedAt, &p.UpdatedAt}
}

const policiesSQL = `
select id, type, title, body_html, version, created_at, updated_at
from shop_policy`

// Policies reads all policies that the shop has.
func Policies(ctx context.Context, db pg.DB) (map[ShopPolicyType]ShopPolicy, error) {
	return byKey(ctx, db, policiesSQL, (*ShopPolicy).fields, func(p ShopPolicy) ShopPolicyType { return p.Type })
}

// PolicySetInput writes a policy; an empty body takes it away.
type PolicySetInput struct {
	Type            ShopPolicyType
	Title           *string
	Body            string
	ExpectedVersion *int
}

const lockPolicySQL = `
select id, type, title, body_html, version, created_at, updated_at
from shop_policy
where type = $1
for update`

const putPolicySQL = `
insert into shop_policy (id, type, title, body_html)
values ($1, $2, $3, $4)
on conflict (type) do update
set title = excluded.title, body_html = excluded.body_html, version = shop_policy.version + 1, updated_at = now()
returning id, version, created_at, updated_at`

const deletePolicySQL = `
delete from shop_policy
where type = $1`

// SetPolicy writes a policy, or takes it away: then the answer is nil. A change that changes nothing leaves the
// version as it is.
func (c *Content) SetPolicy(ctx context.Context, in PolicySetInput) (policy *ShopPolicy, err error) {
	err = c.change(ctx, func(tx pgx.Tx) error {
		var p problems
		var was ShopPolicy
		policy = nil
		switch err := tx.QueryRow(ctx, lockPolicySQL, in.Type).Scan(was.fields()...); {
		case pg.IsNoRows(err) && in.ExpectedVersion != nil:
			return input.ErrAbsent.At("input", "expectedVersion")
		case err != nil && !pg.IsNoRows(err):
			return fmt.Errorf("lock a policy: %w", err)
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		now := was
		now.Type, now.Title = in.Type, p.Title(in.Title, was.Title, false)
		if now.Title == "" {
			now.Title = in.Type.title()
		}
		if body := p.HTML(&in.Body, "body"); body != nil {
			now.Body = *body
		}
		if now.Body == "" && strings.TrimSpace(in.Body) != "" && p.Err() == nil {
			p.Add(fault.New(fault.Invalid, "BLANK", "Nothing of the text may stand in a page.").At("input", "body"))
		}
		if err := p.Err(); err != nil {
			return err
		}
		if now.Body == "" {
			tag, err := tx.Exec(ctx, deletePolicySQL, in.Type)
			if err == nil && tag.RowsAffected() == 0 {
				return errUnchanged
			}
			return err
		}
		policy = &now
		if now == was {
			return errUnchanged
		}
		err := tx.QueryRow(ctx, putPolicySQL, id.NewShopPolicyID(), now.Type, now.Title, now.Body).
			Scan(&now.ID, &now.Version, &now.CreatedAt, &now.UpdatedAt)
		if err != nil {
			return fmt.Errorf("keep a policy: %w", err)
		}
		return nil
	})
	return policy, err
}
