alter table payment_attempt drop column saved_for;
