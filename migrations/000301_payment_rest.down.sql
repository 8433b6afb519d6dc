update payment_attempt set renew_at = expires_at where renew_at is null and expires_at is not null;

alter table payment_attempt
  drop constraint payment_attempt_renewal,
  add constraint payment_attempt_renewal check ((renew_at is null) = (expires_at is null) and renews <> id);

alter table payment drop column waits_for;
