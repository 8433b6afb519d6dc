alter table cart
  drop column gift_card_ids,
  drop column discount_codes;
