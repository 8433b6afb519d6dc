package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/promotions"
)

// GiftCard gives one card; null where there is none.
func (r queryResolver) GiftCard(ctx context.Context, text string) (*promotions.GiftCard, error) {
	card, err := id.ParseGiftCardID(text)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // what is no id of a card names none
	}
	return absent(r.shop.Promotions.GiftCard(ctx, access.From(ctx), card))
}

// GiftCards lists cards.
func (r queryResolver) GiftCards(ctx context.Context, after, before *string, first, last *int, lastCharacters *string, reverse *bool) (*promotions.GiftCardConnection, error) {
	list, err := r.shop.Promotions.GiftCards(ctx, access.From(ctx), lastCharacters, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	return &list, nil
}

type giftCardResolver struct{ *Resolver }

// GiftCard answers the fields of GiftCard that are not simply there.
func (r *Resolver) GiftCard() GiftCardResolver { return giftCardResolver{r} }

// Movements is the card's ledger.
func (r giftCardResolver) Movements(ctx context.Context, card *promotions.GiftCard, after, before *string, first, last *int, reverse *bool) (*promotions.GiftCardMovementConnection, error) {
	list, err := r.shop.Promotions.Movements(ctx, card.ID, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	return &list, nil
}

// GiftCardCreate issues a card.
func (r mutationResolver) GiftCardCreate(ctx context.Context, input promotions.GiftCardCreateInput) (*GiftCardCreatePayload, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	issued, err := r.shop.Promotions.Issue(ctx, access.From(ctx), shop.Currency, input)
	refused, err := userErrors(err, promotionUserError)
	if err != nil || len(refused) > 0 {
		return &GiftCardCreatePayload{UserErrors: refused}, err
	}
	return &GiftCardCreatePayload{Code: &issued.Code, GiftCard: &issued.Card, UserErrors: refused}, nil
}

// GiftCardDisable lets a card pay no more.
func (r mutationResolver) GiftCardDisable(ctx context.Context, input promotions.GiftCardDisableInput) (*GiftCardDisablePayload, error) {
	card, err := r.shop.Promotions.Disable(ctx, access.From(ctx), input)
	refused, err := userErrors(err, promotionUserError)
	if err != nil || len(refused) > 0 {
		return &GiftCardDisablePayload{UserErrors: refused}, err
	}
	return &GiftCardDisablePayload{GiftCard: &card, UserErrors: refused}, nil
}

// Promotions lists promotions.
func (r queryResolver) Promotions(ctx context.Context, after, before *string, first, last *int, reverse *bool) (*promotions.PromotionConnection, error) {
	list, err := r.shop.Promotions.List(ctx, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	return &list, nil
}

// PromotionSet makes a promotion, or replaces one.
func (r mutationResolver) PromotionSet(ctx context.Context, input promotions.PromotionSetInput) (*PromotionSetPayload, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	promotion, err := r.shop.Promotions.Set(ctx, access.From(ctx), shop.Currency, input)
	refused, err := userErrors(err, promotionUserError)
	if err != nil || len(refused) > 0 {
		return &PromotionSetPayload{UserErrors: refused}, err
	}
	return &PromotionSetPayload{Promotion: &promotion, UserErrors: refused}, nil
}

// PromotionDelete ends a promotion.
func (r mutationResolver) PromotionDelete(ctx context.Context, input promotions.PromotionDeleteInput) (*PromotionDeletePayload, error) {
	ended, err := r.shop.Promotions.Delete(ctx, access.From(ctx), input)
	refused, err := userErrors(err, promotionUserError)
	if err != nil || len(refused) > 0 {
		return &PromotionDeletePayload{UserErrors: refused}, err
	}
	return &PromotionDeletePayload{DeletedPromotionID: new(ended.String()), UserErrors: refused}, nil
}

// promotionUserError writes a refusal in the words of this API. A code that it does not list is INVALID.
func promotionUserError(f *fault.Fault) PromotionUserError {
	e := PromotionUserError{Code: PromotionErrorCode(f.Code), Field: f.Field, Message: f.Message}
	if !e.Code.IsValid() {
		e.Code = PromotionErrorCodeInvalid
	}
	if v, ok := f.Data["currentVersion"].(int); ok {
		e.CurrentVersion = &v
	}
	return e
}
