drop index concurrently if exists payment_attempt_saved_for;
