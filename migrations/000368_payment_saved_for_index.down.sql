drop index concurrently if exists payment_attempt_saved_for;
drop index concurrently if exists payment_stored_method_ref;
