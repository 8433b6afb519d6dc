package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/settings"
)

type shopResolver struct{ *Resolver }

// Shop answers the fields of Shop that are not simply there.
func (r *Resolver) Shop() ShopResolver { return shopResolver{r} }

// Shop is the shop itself.
func (r queryResolver) Shop(ctx context.Context) (*settings.Shop, error) {
	shop, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	return &shop, nil
}

// Localization is the market that applies to the caller.
func (r queryResolver) Localization(ctx context.Context) (*settings.Localization, error) {
	shop, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	m := inContext(ctx)
	l := shop.Localization(m.country, m.language)
	return &l, nil
}

func (r shopResolver) Brand(_ context.Context, shop *settings.Shop) (*settings.Brand, error) {
	if shop.Brand.Empty() {
		return nil, nil
	}
	return &shop.Brand, nil
}

func (r shopResolver) CustomerAccountURL(ctx context.Context, _ *settings.Shop) (*string, error) {
	return r.storefront(ctx, "/account")
}

// policy is one of the shop's policies; null where it has not written it. All are read at once.
func (r shopResolver) policy(ctx context.Context, kind content.ShopPolicyType) (*content.ShopPolicy, error) {
	all, _, err := r.load(ctx).policies.load(ctx, struct{}{})
	if policy, ok := all[kind]; ok {
		return &policy, err
	}
	return nil, err
}

func (r shopResolver) ContactInformation(ctx context.Context, _ *settings.Shop) (*content.ShopPolicy, error) {
	return r.policy(ctx, content.ContactInformation)
}

func (r shopResolver) LegalNotice(ctx context.Context, _ *settings.Shop) (*content.ShopPolicy, error) {
	return r.policy(ctx, content.LegalNotice)
}

func (r shopResolver) PrivacyPolicy(ctx context.Context, _ *settings.Shop) (*content.ShopPolicy, error) {
	return r.policy(ctx, content.PrivacyPolicy)
}

func (r shopResolver) RefundPolicy(ctx context.Context, _ *settings.Shop) (*content.ShopPolicy, error) {
	return r.policy(ctx, content.RefundPolicy)
}

func (r shopResolver) ShippingPolicy(ctx context.Context, _ *settings.Shop) (*content.ShopPolicy, error) {
	return r.policy(ctx, content.ShippingPolicy)
}

func (r shopResolver) SubscriptionPolicy(ctx context.Context, _ *settings.Shop) (*content.ShopPolicy, error) {
	return r.policy(ctx, content.SubscriptionPolicy)
}

func (r shopResolver) TermsOfSale(ctx context.Context, _ *settings.Shop) (*content.ShopPolicy, error) {
	return r.policy(ctx, content.TermsOfSale)
}

func (r shopResolver) TermsOfService(ctx context.Context, _ *settings.Shop) (*content.ShopPolicy, error) {
	return r.policy(ctx, content.TermsOfService)
}

func (r mutationResolver) ShopUpdate(ctx context.Context, input settings.ShopUpdateInput) (*ShopUpdatePayload, error) {
	shop, err := r.shop.Settings.Update(ctx, access.From(ctx), input)
	refused, err := userErrors(err, func(f *fault.Fault) ShopUserError {
		return ShopUserError{Code: ShopErrorCodeInvalid, Field: f.Field, Message: f.Message}
	})
	if err != nil {
		return nil, err
	}
	if len(refused) > 0 {
		return &ShopUpdatePayload{UserErrors: refused}, nil
	}
	return &ShopUpdatePayload{Shop: &shop, Position: r.standing(ctx, false), UserErrors: refused}, nil
}
