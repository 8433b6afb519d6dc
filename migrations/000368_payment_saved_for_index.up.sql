-- Payments of which nothing is kept yet for a customer: whoever takes the account over, or leaves it, wants nothing of them kept.
create index concurrently if not exists payment_attempt_saved_for on payment_attempt (saved_for)
where saved_for is not null and stored_method_id is null;
-- A method that somebody has let its provider keep again is not forgotten: it is looked for by its reference, whosever it is.
create index concurrently if not exists payment_stored_method_ref on payment_stored_method (provider, ref) where deleted_at is null;
