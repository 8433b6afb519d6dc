-- Payments of which nothing is kept yet for a customer: whoever takes the account over, or leaves it, wants nothing of them kept.
create index concurrently if not exists payment_attempt_saved_for on payment_attempt (saved_for)
where saved_for is not null and stored_method_id is null;
