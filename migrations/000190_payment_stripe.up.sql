-- What the shop remembers of the keys under which it has asked Stripe for money. An intent is named here before it is
-- confirmed, and a key is closed here before its intent is canceled: so nothing is confirmed under a closed key.
create table stripe_intent (
  key        text primary key check (char_length(key) between 1 and 255),
  -- Stripe's name of it; null until it is made
  intent     text unique check (char_length(intent) between 1 and 255),
  -- for which of Stripe's customers it is made; empty for none
  payer      text not null,
  closed_at  timestamptz,
  created_at timestamptz not null default clock_timestamp()
);

-- Under which name Stripe knows the customers who have saved a payment method.
create table stripe_customer (
  shopper    text primary key check (char_length(shopper) between 1 and 255),
  name       text not null check (char_length(name) between 1 and 255),
  created_at timestamptz not null default clock_timestamp()
);
