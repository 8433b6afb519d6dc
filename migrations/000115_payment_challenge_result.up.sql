-- What a shopper has brought back from the page of a challenge, for providers that want to hear it from the shop. The
-- newest counts. It is opaque, and useless once the provider has heard it.
create table payment_challenge_result (
  attempt_id uuid primary key references payment_attempt (id),
  result     text not null check (char_length(result) between 1 and 8192)
);
