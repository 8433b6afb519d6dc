-- What a cart is to be paid with and reduced by, in the shopper's order. Gift cards are kept by their ids, so that no
-- code stays in the cart; discount codes are no secret.
alter table cart
  add column gift_card_ids  uuid[] not null default '{}',
  add column discount_codes text[] not null default '{}',
  add constraint cart_codes_check check (cardinality(gift_card_ids) <= 25 and cardinality(discount_codes) <= 25);
